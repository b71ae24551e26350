"""Change the code one spot at a time, and list what no test notices; see ``benchmarks/README.rst``.

``python benchmarks/mutation.py skcada/metrics --tests tests/metrics``

The changes are those of mutmut. Each is tried in a fork of a process that has loaded the libraries,
so that a change costs the time of its tests only, and decorated functions are changed, too.
"""

import argparse
import gc
import importlib
import importlib.machinery
import json
import math
import os
import random
import signal
import sys
import traceback
from collections import Counter, defaultdict
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from difflib import unified_diff
from itertools import islice
from pathlib import Path
from tempfile import TemporaryDirectory
from time import monotonic, sleep
from typing import Any, NamedTuple

import coverage
import hypothesis
import libcst as cst
import libcst.matchers as m
import numpy as np
import pytest
from _command_line import positive, say
from libcst.metadata import CodeRange, MetadataWrapper, PositionProvider
from mutmut.mutation.mutators import mutation_operators

# Loaded once, for all forks. None of them may start a thread here.
LIBRARIES = [
    "filelock",
    "joblib",
    "narwhals",
    "numpy",
    "pandas",
    "polars",
    "safetensors.torch",
    "scipy.stats",
    "sklearn.ensemble",
    "sklearn.model_selection",
    "sklearn.pipeline",
    "torch",
]
# Words for readers: tests look for the offender in a message, not for every letter of it.
MESSAGES = m.Raise() | m.Call(func=m.Name("warn_user") | m.Name("reading"))
# Where pytest rewrites assertions, it reads the modules whose doctests it runs from their files.
QUIET = ["-q", "-p", "no:cacheprovider", "-p", "no:cov", "--assert=plain"]
QUIET += ["--hypothesis-profile=mutation"]
# What the tests of a change may take without it. With it they may take five times as long, and a
# start takes a while.
SECONDS, START_SECONDS = 30, 20


class Mutant(NamedTuple):
    """A changed module."""

    path: str
    line: int
    code: str
    diff: str


class Baseline(NamedTuple):
    """What the tests do when nothing is changed: their seconds, and the lines that each runs."""

    seconds: dict[str, float]
    tests_per_line: dict[str, dict[int, list[str]]]


def main(argv: Sequence[str] | None = None) -> int:
    """Print the share of noticed changes and the others; return 1 if the share is too small."""
    settings = _parser().parse_args(argv)
    for name in LIBRARIES:
        importlib.import_module(name)
    gc.freeze()  # or each fork would walk through all objects of the libraries
    # The same examples each time, and no search for the simplest one that fails.
    hypothesis.settings.register_profile(
        "mutation",
        deadline=None,
        derandomize=True,
        phases=[hypothesis.Phase.explicit, hypothesis.Phase.generate],
    )
    mutants = [mutant for path in _modules(settings.paths) for mutant in find_mutants(path)]
    if not mutants:
        raise FileNotFoundError(f"There is nothing to change in {[*map(str, settings.paths)]}.")
    say(f"{len(mutants)} changes")
    if settings.n_changes is not None and settings.n_changes < len(mutants):
        drawn = random.Random(0).sample(range(len(mutants)), settings.n_changes)
        mutants = [mutants[i] for i in sorted(drawn)]
    baseline = _measure_baseline(settings.tests)
    say(f"{len(baseline.seconds)} tests take {sum(baseline.seconds.values()):.0f} s")
    known = _read_known(settings.log)
    outcomes = []
    with settings.log.open("a") as log:
        for mutant in mutants:
            key = f"{mutant.path}\n{mutant.diff}"
            if key not in known or (settings.retry and known[key] == "survived"):
                known[key] = _try(mutant, baseline)
                log.write(json.dumps({"key": key, "outcome": known[key]}) + "\n")
                log.flush()
            outcomes.append(known[key])
    counts = Counter(outcomes)
    score = 1 - counts["survived"] / max(len(outcomes), 1)
    for mutant, outcome in zip(mutants, outcomes, strict=True):
        if outcome == "survived":
            say(mutant.diff)
    say(f"{dict(counts)}, noticed {score:.1%}")
    return int(score < settings.share)


def find_mutants(path: Path) -> list[Mutant]:
    """Return all changes of a module, in order of its lines."""
    code = path.read_text()
    wrapper = MetadataWrapper(cst.parse_module(code))
    module = wrapper.module
    mutants = []
    for number, statement in enumerate(module.body):
        visitor = _MutationVisitor(wrapper.resolve(PositionProvider))
        statement.visit(visitor)
        # Only the statement is written anew: a module takes a hundred times as long.
        before = module.with_changes(body=module.body[:number], footer=()).code
        old = module.code_for_node(statement)
        for line, node, changed in visitor.changes:
            new = module.code_for_node(statement.deep_replace(node, changed))
            changed_code = before + new + code[len(before) + len(old) :]
            lines = unified_diff(old.splitlines(), new.splitlines(), lineterm="", n=0)
            diff = "\n".join(text for text in lines if not text.startswith(("---", "+++", "@@")))
            mutants.append(Mutant(str(path), line, changed_code, f"{path}:{line}\n{diff}"))
    return mutants


class _MutationVisitor(cst.CSTVisitor):
    """A walk through a module that collects what mutmut would change in its functions."""

    def __init__(self, positions: Mapping[cst.CSTNode, CodeRange]) -> None:
        super().__init__()
        self._positions = positions
        self.changes: list[tuple[int, cst.CSTNode, cst.CSTNode]] = []
        self._n_functions = 0
        self._n_messages = 0

    def on_visit(self, node: cst.CSTNode) -> bool:
        if isinstance(node, cst.Annotation | cst.Decorator):
            return False
        self._n_functions += isinstance(node, cst.FunctionDef)
        self._n_messages += m.matches(node, MESSAGES)
        is_message = self._n_messages and isinstance(node, cst.BaseString | cst.FormattedString)
        if self._n_functions and not is_message:
            for kind, operator in mutation_operators:
                if isinstance(node, kind):
                    # Of a string, the first change says all: the others turn its letters only.
                    end = 1 if isinstance(node, cst.BaseString) else None
                    line = self._positions[node].start.line
                    news = islice(operator(node), end)
                    self.changes += [(line, node, new) for new in news if _says_more(node, new)]
        return True

    def on_leave(self, original_node: cst.CSTNode) -> None:
        self._n_functions -= isinstance(original_node, cst.FunctionDef)
        self._n_messages -= m.matches(original_node, MESSAGES)


def _says_more(node: cst.CSTNode, new: cst.CSTNode) -> bool:
    """Return whether a change is no double of another one.

    Arguments are replaced by None, and left out. The former says more where they have no name,
    since without one the call rarely makes sense, and the latter where they have.
    """
    if not (isinstance(node, cst.Call) and isinstance(new, cst.Call)):
        return True
    if len(new.args) == len(node.args):
        pairs = zip(new.args, node.args, strict=True)
        return all(a.value is b.value or b.keyword is None for a, b in pairs)
    (left_out,) = (arg for arg in node.args if not any(arg is kept for kept in new.args))
    return left_out.keyword is not None


def _modules(paths: Sequence[Path]) -> list[Path]:
    """Return the modules among the paths and below them."""
    return [
        module
        for path in paths
        for module in ([path] if path.is_file() else sorted(path.rglob("*.py")))
    ]


def _measure_baseline(tests: Sequence[str]) -> Baseline:
    """Run the tests once, with coverage; raise if one fails."""
    with TemporaryDirectory() as folder:
        data_file = str(Path(folder, "coverage"))
        seconds_file = Path(folder, "seconds.json")
        arguments = [*tests, *QUIET]
        code = _in_fork(lambda: _record(arguments, data_file, seconds_file))
        if code:
            raise RuntimeError(
                f"The tests fail before anything is changed: pytest returned {code}."
            )
        seconds = json.loads(seconds_file.read_text())
        data = coverage.CoverageData(data_file)
        data.read()
        tests_per_line = {
            os.path.relpath(file): {
                line: [name for name in names if name]
                for line, names in data.contexts_by_lineno(file).items()
            }
            for file in data.measured_files()
        }
    return Baseline(seconds, tests_per_line)


def _record(arguments: list[str], data_file: str, seconds_file: Path) -> int:
    """Run tests and write down the seconds and the lines of each one."""
    measurement = coverage.Coverage(data_file=data_file, source=["skcada"], config_file=False)
    recorder = _Recorder(measurement)
    measurement.start()
    code = pytest.main(arguments, plugins=[recorder])
    measurement.stop()
    measurement.save()
    seconds_file.write_text(json.dumps(recorder.seconds))
    return int(code)


class _Recorder:
    """A plugin of pytest that tells coverage which test runs."""

    def __init__(self, measurement: coverage.Coverage) -> None:
        self._measurement = measurement
        self.seconds: dict[str, float] = defaultdict(float)

    def pytest_runtest_logstart(self, nodeid: str) -> None:
        self._measurement.switch_context(nodeid)

    def pytest_runtest_logfinish(self) -> None:
        self._measurement.switch_context("")

    def pytest_runtest_logreport(self, report: Any) -> None:
        self.seconds[report.nodeid] += report.duration


def _try(mutant: Mutant, baseline: Baseline) -> str:
    """Return whether a test notices the change: first those that run its line, quick ones first."""
    covering = set(baseline.tests_per_line.get(mutant.path, {}).get(mutant.line, []))
    # A fixture that several tests share counts for the first of them alone, so others follow.
    tests = sorted(
        baseline.seconds, key=lambda test: (test not in covering, baseline.seconds[test])
    )
    seconds = np.cumsum([baseline.seconds[test] for test in tests])
    n_tests = max(int(np.searchsorted(seconds, SECONDS)), 1)
    timeout = START_SECONDS + 5 * seconds[n_tests - 1]
    code = _in_fork(lambda: _run_changed(mutant, tests[:n_tests]), timeout)
    return {0: "survived", None: "too slow"}.get(code, "noticed")


def _run_changed(mutant: Mutant, tests: Sequence[str]) -> int:
    """Run tests on the changed module, up to the first that fails."""
    sys.meta_path.insert(0, _ChangedModuleFinder(Path(mutant.path).resolve(), mutant.code))
    return int(pytest.main([*tests, "-x", *QUIET]))


class _ChangedModuleFinder(importlib.machinery.PathFinder):
    """A finder of modules that compiles one of them from other code."""

    def __init__(self, path: Path, code: str) -> None:
        self._path, self._code = path, code

    def find_spec(self, fullname: str, path: Any = None, target: Any = None) -> Any:  # type: ignore[override]
        spec = importlib.machinery.PathFinder.find_spec(fullname, path, target)
        if spec is not None and spec.origin and Path(spec.origin) == self._path:
            spec.loader = _ChangedModuleLoader(fullname, spec.origin, self._code)
        return spec


class _ChangedModuleLoader(importlib.machinery.SourceFileLoader):
    """A loader that compiles given code instead of the file's."""

    def __init__(self, fullname: str, path: str, code: str) -> None:
        super().__init__(fullname, path)
        self._code = code

    def get_code(self, fullname: str) -> Any:
        return compile(self._code, self.path, "exec", dont_inherit=True)


def _in_fork(function: Callable[[], int], timeout: float = math.inf) -> int | None:
    """Return what a function returns in a silent fork, 99 if it raises, None if it is too slow."""
    child = os.fork()
    if child == 0:
        code = 99
        try:
            os.setsid()
            silence = os.open(os.devnull, os.O_RDWR)
            os.dup2(silence, 1)
            code = function()
        except BaseException:
            traceback.print_exc()
        finally:
            os._exit(code)
    end = monotonic() + timeout
    ended = None
    while not ended and monotonic() < end:
        ended = os.waitid(os.P_PID, child, os.WEXITED | os.WNOHANG | os.WNOWAIT)
        sleep(0.02)
    # With the processes that it may have started.
    with suppress(ProcessLookupError):
        os.killpg(child, signal.SIGKILL)
    code = os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
    return code if ended else None


def _read_known(log: Path) -> dict[str, str]:
    """Return the outcomes of an earlier run that was broken off."""
    if not log.exists():
        return {}
    entries = [json.loads(line) for line in log.read_text().splitlines()]
    return {entry["key"]: entry["outcome"] for entry in entries}


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("paths", nargs="+", type=Path, help="modules or folders to change")
    parser.add_argument("--tests", nargs="+", required=True, help="what pytest runs")
    parser.add_argument("--n-changes", type=positive, help="try so many, drawn at random")
    parser.add_argument("--share", type=float, default=0.9, help="of changes to be noticed")
    parser.add_argument("--log", type=Path, default=Path("mutation.jsonl"), help="outcomes, kept")
    parser.add_argument("--retry", action="store_true", help="try survivors of the log again")
    return parser


if __name__ == "__main__":
    sys.exit(main())
