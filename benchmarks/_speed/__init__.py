"""The parts of ``benchmarks/speed.py``, one idea a module.

``_sizes`` says how large the problems are and generates them; ``_plain`` is the training that
skcada is compared with and ``_floor`` the work that no training can avoid; ``_timing`` measures
time and ``_memory`` memory, in a process of its own; ``_results`` keeps and shows what was
measured. ``_steps``, ``_fit``, ``_predict``, ``_search``, ``_growth`` and ``_accuracy`` are the
parts of the benchmark.
"""
