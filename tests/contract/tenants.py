"""The lists that every property is checked over: a new system is entered here."""

from minimal_source import RidgeSource

from skcada import CADAVAETransformer, GZSLClassifier, SoftmaxClassifier
from skcada.compatibility import ESZSLClassifier
from skcada.model_selection import TunedSeenPenaltyClassifierCV

SMALL = {
    "latent_size": 8,
    "feature_encoder_layers": 32,
    "feature_decoder_layers": 32,
    "embedding_encoder_layers": 32,
    "embedding_decoder_layers": 32,
}
# Weights that suit networks of this size and training as short as this.
QUICK = {"feature_weight": 1.0, "beta": 0.01, "delta": 0.1, "max_iter": 3, "precision": "float32"}


def classifier_on(transformer, **settings):
    """Return a GZSLClassifier that is trained in a moment."""
    return GZSLClassifier(
        transformer,
        classifier=SoftmaxClassifier(max_iter=2),
        samples_per_class=(10, 20),
        random_state=0,
        **settings,
    )


# All make estimators that are not fitted and know no class embeddings.
LATENT_SOURCES = {
    "CADAVAETransformer": lambda: CADAVAETransformer(**SMALL, **QUICK, random_state=0),
    "RidgeSource": RidgeSource,
}
GZSL_CLASSIFIERS = {
    "GZSLClassifier": lambda: classifier_on(CADAVAETransformer(**SMALL, **QUICK)),
    "GZSLClassifier(RidgeSource)": lambda: classifier_on(RidgeSource()),
    "ESZSLClassifier": lambda: ESZSLClassifier(random_state=0),
}
# Of every public estimator, one that learns enough for scikit-learn's checks.
LEARNER = GZSLClassifier(CADAVAETransformer(**SMALL, max_iter=15))
ESTIMATORS = [
    CADAVAETransformer(**SMALL, max_iter=15),
    LEARNER,
    GZSLClassifier(CADAVAETransformer(**SMALL, max_iter=15), resample=True),
    SoftmaxClassifier(),
    ESZSLClassifier(),
    TunedSeenPenaltyClassifierCV(LEARNER),
    TunedSeenPenaltyClassifierCV(ESZSLClassifier()),
]
