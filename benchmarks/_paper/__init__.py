"""The parts of ``benchmarks/paper.py``: runs, data, campaign, figures, in the order of imports."""
