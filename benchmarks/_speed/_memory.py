"""Peak memory of one call, measured in a process of its own.

``python -m _speed._memory predict full 20000 1`` predicts 20,000 rows of the full size by one
thread and prints a Peak as JSON.
"""

import contextlib
import json
import os
import subprocess
import sys
from collections.abc import Callable
from dataclasses import asdict, dataclass
from pathlib import Path

import skcada
from _speed._fit import make_classifier
from _speed._sizes import SIZES, Sizes, generate, generate_sized
from _speed._timing import threads

STATUS = Path("/proc/self/status")


class MeasurementError(RuntimeError):
    """A process that was to measure something failed."""


@dataclass(frozen=True)
class Peak:
    """Bytes of memory.

    Parameters
    ----------
    n_input_bytes : int
        Of the input, float32.
    above : int
        By which the peak during the call was above that with the input in memory.
    total : int
        Peak of the whole process during the call.
    """

    n_input_bytes: int
    above: int
    total: int


def peak_in_subprocess(call: str, sizes: Sizes, n_rows: int, n_threads: int) -> Peak:
    """Measure one call in a new process.

    Parameters
    ----------
    call : {"predict", "fit"}
        What to call.
    sizes : Sizes
        Of the data and the networks, one of :data:`~_speed._sizes.SIZES`.
    n_rows : int
        Rows of the input.
    n_threads : int
        As in :func:`~_speed._timing.threads`.

    Returns
    -------
    Peak
        What was measured.

    Raises
    ------
    MeasurementError
        If the process failed, for instance for lack of memory.
    """
    folders = [Path(__file__).parents[1], Path(skcada.__file__).parents[1]]
    path = os.pathsep.join([*map(str, folders), *filter(None, [os.environ.get("PYTHONPATH")])])
    done = subprocess.run(
        [sys.executable, "-m", "_speed._memory", call, sizes.name, str(n_rows), str(n_threads)],
        env={**os.environ, "PYTHONPATH": path},
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode:
        last = (done.stderr.strip().splitlines() or ["killed"])[-1]
        raise MeasurementError(
            f"The process that measures the memory of {call} on {n_rows} rows failed: {last}"
        )
    return Peak(**json.loads(done.stdout))


def _peak_bytes() -> int:
    """Return the peak memory of this process."""
    if STATUS.exists():
        # Linux starts a process with the ru_maxrss of its parent, which would hide what it takes.
        lines = dict(line.split(":", 1) for line in STATUS.read_text().splitlines() if ":" in line)
        if "VmHWM" in lines:
            return 1024 * int(lines["VmHWM"].split()[0])
    import resource  # which Windows lacks

    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return peak if sys.platform == "darwin" else 1024 * peak


def _forget_peak() -> None:
    """Let the peak start anew from what is in use, where the system can do so."""
    with contextlib.suppress(OSError):
        Path("/proc/self/clear_refs").write_text("5")


def _prepare(call: str, sizes: Sizes, n_rows: int) -> tuple[int, Callable[[], object]]:
    """Return the size of the input, in memory from now on, and the call."""
    if call == "fit":
        problem = generate_sized(sizes, n_rows)
        model = make_classifier(sizes, problem, max_iter=2)
        return problem.X.nbytes, lambda: model.fit(problem.X, problem.y)
    few = generate_sized(sizes, 2 * sizes.n_seen)
    model = make_classifier(sizes, few, max_iter=1).fit(few.X, few.y)
    X = generate(n_rows, sizes.n_features, 1, 0, 1).X
    return X.nbytes, lambda: model.predict(X)


def _main(call: str, sizes: str, n_rows: str, n_threads: str) -> None:
    with threads(int(n_threads)):
        n_input_bytes, function = _prepare(call, SIZES[sizes], int(n_rows))
        _forget_peak()
        before = _peak_bytes()
        function()
        after = _peak_bytes()
    print(json.dumps(asdict(Peak(n_input_bytes, after - before, after))))


if __name__ == "__main__":
    _main(*sys.argv[1:])
