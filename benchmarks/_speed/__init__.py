"""The parts of ``benchmarks/speed.py``: baselines, measures, parts, in the order of imports."""
