"""The parts of ``benchmarks/paper.py``, in the order of imports.

Runs, curves, data, campaign, figures, readme.
"""
