"""The parts of ``benchmarks/speed.py``; each module may import those before it.

``baselines`` has what skcada is compared with, ``measures`` takes times and memory, and ``parts``
compares.
"""
