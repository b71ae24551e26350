"""The facts about the machine and the versions that a bug report needs."""

from __future__ import annotations

import os
import platform
import sys
from collections.abc import Mapping
from importlib.metadata import PackageNotFoundError, version

import torch
from threadpoolctl import threadpool_info

from skcada._base.version import __version__
from skcada._training import resolve_device, resolve_precision

# Required and optional dependencies.
DEPENDENCIES = (
    "filelock",
    "h5py",
    "joblib",
    "matplotlib",
    "narwhals",
    "numpy",
    "pandas",
    "rich",
    "safetensors",
    "scikit-learn",
    "scipy",
    "threadpoolctl",
    "torch",
)


def show_versions() -> None:
    """Print what a bug report should say of the machine and of all versions.

    Shows Python and the platform, the versions of skcada and its dependencies, the device and the
    precision that ``"auto"`` stands for on this machine, and the thread pools with their BLAS.

    See Also
    --------
    sklearn.show_versions : The same for scikit-learn alone.

    Examples
    --------
    >>> from skcada import show_versions
    >>> show_versions()
    System:
    ...
    Python dependencies:
              skcada: ...
    Torch:
              device: ...
    """
    _print_section("System", _system())
    _print_section("Python dependencies", _dependencies())
    _print_section("Torch", _torch())
    for pool in threadpool_info():
        _print_section("Thread pool", pool)


def _system() -> dict[str, str]:
    return {
        "python": sys.version.replace("\n", " "),
        "executable": sys.executable,
        "machine": platform.platform(),
        "CPU cores": str(os.cpu_count()),
    }


def _dependencies() -> dict[str, str]:
    # Not from the metadata, which an editable installation keeps from the day it was made.
    versions = {"skcada": __version__}
    for name in DEPENDENCIES:
        try:
            versions[name] = version(name)
        except PackageNotFoundError:
            versions[name] = "not installed"
    return versions


def _torch() -> dict[str, str]:
    device = resolve_device("auto")
    return {
        "device": str(device),
        "precision": str(resolve_precision("auto", device)).removeprefix("torch."),
        "CPU threads": str(torch.get_num_threads()),
        "CUDA or HIP": str(torch.version.cuda or torch.version.hip),
    }


def _print_section(title: str, facts: Mapping[str, object]) -> None:
    print(f"{title}:")
    for name, fact in facts.items():
        print(f"{name:>16}: {fact}")
    print()
