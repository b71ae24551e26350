"""Read damaged and hostile files by all readers; see ``benchmarks/README.rst``.

``python benchmarks/hostile_files.py --seed 0 --n-files 20000``
"""

import argparse
import json
import os
import random
import re
import resource
import select
import shutil
import subprocess
import sys
import warnings
from collections import Counter
from collections.abc import Iterator, Sequence
from pathlib import Path
from tempfile import TemporaryDirectory
from time import monotonic
from typing import Any, NamedTuple

import numpy as np
from _command_line import format_rst_table, positive, say
from _hostile.mutants import flip_bit, mutate
from _hostile.targets import TARGETS, Target

SECONDS = 30
# A file may take this many times its size, and besides this many bytes.
RATIO, FLOOR = 10, 64 * 2**20
ALLOWED = ["read, same values", "read, other values", "refused"]
VIOLATIONS = ["other exception", "crash", "hang", "too much memory", "executed"]
# What Python reports when code is run or a connection made.
EXECUTION = re.compile(
    r"os\.(system|exec|fork|posix_spawn|spawn)|subprocess|pickle|socket\.connect"
)


class Job(NamedTuple):
    """A file: crafted, or the number of a mutant."""

    target: str
    file: str
    variant: str


class Outcome(NamedTuple):
    """What happened to a file."""

    number: int
    result: str
    message: str


def main(argv: Sequence[str] | None = None) -> int:
    """Print a table of what happened; return 1 if anything did that may not."""
    settings = _parser().parse_args(argv)
    if settings.child is not None:
        return _read_all(settings)
    jobs = list(make_jobs(settings))
    counts: Counter[tuple[str, str]] = Counter()
    start = monotonic()
    for outcome in _watch(settings, len(jobs)):
        job = jobs[outcome.number]
        counts[job.target, outcome.result] += 1
        if outcome.result in VIOLATIONS:
            say(f"{job.target}, {job.file}, {job.variant}: {outcome.result} {outcome.message}")
    columns = [*ALLOWED, *VIOLATIONS]
    targets = list(dict.fromkeys(job.target for job in jobs))
    lines = [[target, *(str(counts[target, column]) for column in columns)] for target in targets]
    lines.append(["all", *(str(sum(counts[t, column] for t in targets)) for column in columns)])
    print(format_rst_table([["reader", *columns], *lines]))
    say(f"{len(jobs)} files in {monotonic() - start:.0f} s, seed {settings.seed}")
    return int(any(counts[target, column] for target in targets for column in VIOLATIONS))


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--n-files", type=positive, default=20_000, help="over all readers")
    parser.add_argument("--readers", nargs="+", choices=TARGETS, default=list(TARGETS))
    parser.add_argument("--bits", action="store_true", help="flip every single bit instead")
    parser.add_argument("--keep", type=Path, help="a folder for files that did harm")
    parser.add_argument("--child", type=int, help=argparse.SUPPRESS)
    return parser


def make_jobs(settings: argparse.Namespace) -> Iterator[Job]:
    """List all files, those that are crafted first."""
    for name in settings.readers:
        target = TARGETS[name]
        if settings.bits:
            with TemporaryDirectory() as folder:
                target.write(Path(folder))
                sizes = {file: (Path(folder) / file).stat().st_size for file in target.files}
            yield from (Job(name, f, str(bit)) for f in sizes for bit in range(8 * sizes[f]))
            continue
        yield from (Job(name, target.files[0], variant) for variant in target.crafted)
        for i in range(-(-settings.n_files // len(settings.readers))):
            yield Job(name, target.files[i % len(target.files)], str(i))


def _watch(settings: argparse.Namespace, n_jobs: int) -> Iterator[Outcome]:
    """Read the files in a child process, and start another one after each that ends."""
    done = 0
    while done < n_jobs:
        command = [sys.executable, __file__, "--seed", str(settings.seed), "--child", str(done)]
        command += ["--n-files", str(settings.n_files), "--readers", *settings.readers]
        command += ["--bits"] * settings.bits
        command += ["--keep", str(settings.keep)] if settings.keep else []
        with subprocess.Popen(command, stdout=subprocess.PIPE) as child:
            is_started = False
            for line in _lines(child):
                if line is None:
                    child.kill()
                    yield Outcome(done, "hang", f"after {SECONDS} s")
                    break
                is_started = True
                outcome = Outcome(*json.loads(line))
                if outcome.number >= 0:
                    yield outcome
                    done = outcome.number + 1
            else:
                if child.wait() == 0:
                    continue
                if not is_started:
                    raise RuntimeError("the process that reads the files does not start")
                yield Outcome(done, "crash", f"with status {child.returncode}")
            done += 1


def _lines(child: Any) -> Iterator[bytes | None]:
    """Yield the lines that a process writes, and None if it writes none for too long."""
    rest = b""
    while True:
        if not select.select([child.stdout], [], [], SECONDS)[0]:
            yield None
            return
        piece = os.read(child.stdout.fileno(), 2**16)
        if not piece:
            return
        *lines, rest = (rest + piece).split(b"\n")
        yield from lines


# In the child


def _read_all(settings: argparse.Namespace) -> int:
    results = os.fdopen(os.dup(sys.stdout.fileno()), "w")
    os.dup2(sys.stderr.fileno(), sys.stdout.fileno())
    warnings.simplefilter("ignore")
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    events: list[str] = []
    sys.addaudithook(lambda event, args: events.append(event) if EXECUTION.match(event) else None)
    target_name, expected = "", None
    with TemporaryDirectory() as temporary:
        folder = Path(temporary) / "files"
        for index, job in enumerate(make_jobs(settings)):
            if index < settings.child:
                continue
            target = TARGETS[job.target]
            if job.target != target_name:
                shutil.rmtree(folder, ignore_errors=True)
                folder.mkdir()
                target.write(folder)
                target_name, expected = job.target, target.read(folder)
                print(json.dumps(Outcome(-1, "started", "")), file=results, flush=True)
            path = folder / job.file
            whole = path.read_bytes()
            path.write_bytes(_make(job, whole, settings))
            hostile = path.read_bytes()
            events.clear()
            result, message = _read_one(target, folder, len(hostile), expected)
            if any(events):
                result, message = "executed", str(events)
            path.write_bytes(whole)
            if settings.keep and result in VIOLATIONS:
                settings.keep.mkdir(exist_ok=True, parents=True)
                (settings.keep / f"{job.target} {job.variant} {job.file}").write_bytes(hostile)
            print(json.dumps(Outcome(index, result, message[:500])), file=results, flush=True)
            if result == "too much memory":
                return 0  # The peak of the memory stays, so that another process has to go on.
    return 0


def _make(job: Job, whole: bytes, settings: argparse.Namespace) -> bytes:
    target = TARGETS[job.target]
    if settings.bits:
        return flip_bit(whole, int(job.variant))
    if job.variant in target.crafted:
        return target.crafted[job.variant]()
    return mutate(whole, target, random.Random(f"{settings.seed} {job.target} {job.variant}"))


def _read_one(target: Target, folder: Path, size: int, expected: Any) -> tuple[str, str]:
    bound = RATIO * size + FLOOR
    before = _peak_memory()
    _limit_memory(bound)
    try:
        found = target.read(folder)
        result, message = "read, same values" if _is_same(found, expected) else ALLOWED[1], ""
    except (ValueError, OSError) as error:
        result, message = "refused", f"{type(error).__name__}: {error}"
        if re.search(r"MemoryError|(nable to|annot) allocate", message):
            result = "too much memory"
        elif str(folder) not in message:
            result = "other exception"
    except MemoryError as error:
        result, message = "too much memory", f"MemoryError: {error}"
    except Exception as error:
        result, message = "other exception", f"{type(error).__name__}: {error}"
    finally:
        _limit_memory(None)
    grown = _peak_memory() - before
    if grown > bound:
        result, message = "too much memory", f"{grown} bytes for a file of {size}"
    return result, message


def _is_same(found: Sequence[Any], expected: Sequence[Any]) -> bool:
    pairs = zip(found, expected, strict=False)
    return len(found) == len(expected) and all(
        np.array_equal(np.asarray(a), np.asarray(b)) for a, b in pairs
    )


def _peak_memory() -> int:
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return peak if sys.platform == "darwin" else peak * 1024


def _limit_memory(n_bytes: int | None) -> None:
    """Let no more than so many bytes be allocated from now on, also where they are never used."""
    if not sys.platform.startswith("linux"):
        return
    limit = resource.RLIM_INFINITY
    if n_bytes is not None:
        pages = int(Path("/proc/self/statm").read_text().split()[0])
        limit = pages * resource.getpagesize() + n_bytes
    resource.setrlimit(resource.RLIMIT_AS, (limit, resource.RLIM_INFINITY))


if __name__ == "__main__":
    sys.exit(main())
