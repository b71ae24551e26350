"""README, CI and settings agree: the README has the command of the tests, and CI runs just that."""

import os
import re
import shutil
import subprocess
import tomllib
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
README = ROOT / "README.rst"
CI = ROOT / ".ci" / "run"
# What .ci/run looks for.
COMMAND = re.compile(r"python3 -m venv .*pytest.*")

# Stands for every program that .ci/run calls: it notes the call, and `-m venv` makes an environment
# of its copies.
STUB = """#!/bin/sh
echo "$(basename "$0") $*" >> "$CALLS"
if [ "$1 $2" = "-m venv" ]; then
    mkdir -p "$3/bin"
    for name in python pip pre-commit; do cp "$0" "$3/bin/$name"; done
fi
"""


def test_the_readme_holds_one_command_that_runs_the_tests():
    lines = README.read_text(encoding="utf-8").splitlines()
    (line,) = [line for line in lines if "pytest" in line]
    assert COMMAND.fullmatch(line.strip())


@pytest.fixture
def run_ci(tmp_path):
    """Return a function that runs .ci/run with another README and stubs of all programs."""
    if not CI.is_file():
        pytest.skip("an sdist has no .ci/run")
    checkout, programs, calls = tmp_path / "checkout", tmp_path / "programs", tmp_path / "calls"
    (checkout / ".ci").mkdir(parents=True)
    programs.mkdir()
    shutil.copy(CI, checkout / ".ci" / "run")
    stub = programs / "python3"
    stub.write_text(STUB)
    stub.chmod(0o755)

    def run_ci(readme):
        (checkout / "README.rst").write_text(readme)
        env = {**os.environ, "PATH": f"{programs}:{os.environ['PATH']}", "CALLS": str(calls)}
        script = checkout / ".ci" / "run"
        result = subprocess.run([script], env=env, capture_output=True, check=False)
        return result.returncode, calls.read_text().splitlines()

    return run_ci


def test_ci_runs_the_command_of_the_readme(run_ci):
    assert f"'{COMMAND.pattern}' README.rst" in CI.read_text(encoding="utf-8")
    status, calls = run_ci(README.read_text(encoding="utf-8"))
    assert status == 0
    (tests,) = [call for call in calls if call.startswith("python -m pytest -n 2")]
    assert "--cov-fail-under=97" in tests
    assert calls[calls.index(tests) - 1] == "pip install .[test]"


@pytest.mark.parametrize(
    "reword",
    [
        lambda text: text.replace("python3 -m venv", "python -m venv"),
        lambda text: text.replace("-m pytest", "-m unittest"),
        lambda text: "",
    ],
    ids=["another interpreter", "another runner", "empty"],
)
def test_ci_fails_when_the_readme_has_the_command_no_more(run_ci, reword):
    status, calls = run_ci(reword(README.read_text(encoding="utf-8")))
    assert status != 0
    assert not any("pytest" in call for call in calls)
    assert not any("sphinx" in call for call in calls)


def test_ci_fails_when_the_tests_fail(run_ci):
    text = README.read_text(encoding="utf-8")
    status, calls = run_ci(text.replace("-m pytest -n 2", "-m pytest -n 2 && false"))
    assert status != 0
    assert not any("sphinx" in call for call in calls)


def test_filters_of_warnings_name_no_category_of_the_package():
    """It would be imported to read the filters, before any coverage is measured."""
    options = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    filters = options["tool"]["pytest"]["ini_options"]["filterwarnings"]
    # action:message:category:module:line
    categories = [(entry.split(":") + [""] * 2)[2] for entry in filters]
    assert not [category for category in categories if "skcada" in category]
