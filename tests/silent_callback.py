"""A callback that does nothing, of which tests override what they watch."""


class SilentCallback:
    """Follow a fit, and say nothing."""

    max_propagation_depth = None

    def setup(self, estimator, context):
        pass

    def teardown(self, estimator, context):
        pass

    def on_fit_task_begin(self, estimator, context):
        pass

    def on_fit_task_end(self, estimator, context):
        pass
