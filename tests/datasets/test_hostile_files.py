"""The command that reads damaged and hostile files, on a few hundred of them."""

import subprocess
import sys
from pathlib import Path

import pytest

pytest.importorskip("resource", reason="the command limits the memory of a process")

COMMAND = Path(__file__).parents[2] / "benchmarks" / "hostile_files.py"


def test_no_file_does_harm():
    # In a process of its own: HDF5 is a library that a file might make crash.
    command = [sys.executable, str(COMMAND), "--n-files", "400", "--seed", "0"]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    *_, total, _ = done.stdout.splitlines()
    same, other, refused, *harm = map(int, total.removeprefix("all").split())
    assert same + other + refused >= 400
    assert harm == [0] * 5
    # Most mutants are damaged, and the unchanged parts of others are still read.
    assert refused > same > 0
