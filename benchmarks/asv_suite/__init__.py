"""Benchmarks for airspeed velocity, which follows them over the history: see ``asv.conf.json``."""

import os

# Times of several threads depend on what else the machine does, by more than what a change of the
# code should be seen by. Must be set before numpy or torch is imported.
for _name in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"):
    os.environ.setdefault(_name, "1")
