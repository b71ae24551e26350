"""The parts of ``benchmarks/paper.py``, one idea a module.

``_sources`` finds data sets, ``_xlsa17`` and ``_imagenet`` read them and test models on them;
``_runs`` says what a run is and which runs an experiment needs; ``_execute`` fits and scores them;
``_store`` keeps their results; ``_tables``, ``_figures`` and ``_report`` show these.
"""
