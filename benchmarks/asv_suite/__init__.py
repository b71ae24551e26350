"""Benchmarks that airspeed velocity follows over the history: see ``asv.conf.json``."""

import os

# Times of several threads depend on what else the machine does. Set before numpy is imported.
os.environ |= dict.fromkeys(("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"), "1")
