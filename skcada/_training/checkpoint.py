"""Checkpoints, files from which a training that was cut off goes on."""

from __future__ import annotations

import json
import os
import time
import zlib
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import numpy as np
from filelock import FileLock
from safetensors import SafetensorError, safe_open
from safetensors.numpy import save_file

# Writing takes at most one part in so many of the time of a training.
LEAST_RATIO = 20


class Checkpoint:
    """The states of the stages of a training, in one file.

    A file is written as a whole or not at all, however the process ends, and runs no code when it
    is read. `identity` describes the training, by a text per thing that it depends on. A file of
    another one is refused.
    """

    def __init__(self, path: str | os.PathLike[str], identity: Mapping[str, str]) -> None:
        self.path = Path(path)
        self.identity = dict(identity)
        self.states: dict[str, Any] = {}
        self.next_time = 0.0
        if self.path.exists():
            self.states = self._read()
        if not self.states:
            self._try_to_write()

    def state(self, stage: str) -> Any:
        """Return the latest state of a stage, or None where it has not begun."""
        return self.states.get(stage)

    def keep(self, stage: str, make_state: Callable[[], Any], *, is_final: bool) -> None:
        """Write the state of a stage, unless it is not final and the last one was written lately.

        A state is made of arrays, numbers, texts, None, and lists and dicts of them.
        """
        begin = time.monotonic()
        if begin < self.next_time and not is_final:
            return
        self.states[stage] = make_state()
        self._write()
        end = time.monotonic()
        self.next_time = end + LEAST_RATIO * (end - begin)

    def _try_to_write(self) -> None:
        """Find out before any training whether the file can be written."""
        try:
            self.path.parent.mkdir(parents=True, exist_ok=True)
            self._write()
        except OSError as error:
            raise OSError(
                f"checkpoint='{self.path}' cannot be written ({error}). Pass the path of a file in "
                "a folder that can be written to."
            ) from error

    def _read(self) -> dict[str, Any]:
        try:
            with safe_open(self.path, framework="numpy") as file:
                metadata = file.metadata() or {}
                arrays = {name: file.get_tensor(name) for name in file.keys()}  # noqa: SIM118
            if int(metadata["crc32"]) != _checksum(metadata["content"], arrays):
                raise ValueError("its checksum is wrong")
            content = json.loads(metadata["content"])
            identity = dict(content["identity"])
            states = _join(content["states"], arrays)
        except (OSError, SafetensorError, KeyError, ValueError, TypeError, IndexError) as error:
            raise ValueError(
                f"checkpoint='{self.path}' is no checkpoint of skcada, or a damaged one "
                f"({type(error).__name__}: {error}). Pass another path, or remove the file."
            ) from error
        differing = [
            name
            for name in {**identity, **self.identity}
            if identity.get(name) != self.identity.get(name)
        ]
        # A fit that ended before its first epoch did leaves nothing to go on from.
        if states and differing:
            raise ValueError(
                f"checkpoint='{self.path}' is of another fit, which differs in "
                f"{', '.join(differing)}. Fit with what it was begun with to go on, remove the "
                "file to begin anew, or pass another path."
            )
        return states

    def _write(self) -> None:
        arrays: dict[str, np.ndarray] = {}
        content = json.dumps({"identity": self.identity, "states": _split(self.states, arrays)})
        metadata = {"content": content, "crc32": str(_checksum(content, arrays))}
        unfinished = self.path.with_name(f".{self.path.name}.unfinished")
        # One name for all writers, so that no file is left over by each one that is killed.
        with FileLock(self.path.with_name(f".{self.path.name}.lock")):
            save_file(arrays, unfinished, metadata=metadata)
            with unfinished.open("rb") as file:
                # Otherwise a power failure could leave the new name on an empty file.
                os.fsync(file.fileno())
            unfinished.replace(self.path)


def _checksum(content: str, arrays: Mapping[str, np.ndarray]) -> int:
    """Return a checksum, which safetensors lack, so that no flipped bit becomes a model."""
    crc = zlib.crc32(content.encode())
    for name in sorted(arrays):
        crc = zlib.crc32(np.ascontiguousarray(arrays[name]).reshape(-1).view(np.uint8).data, crc)
    return crc


def _split(value: Any, arrays: dict[str, np.ndarray]) -> Any:
    """Put arrays aside, and return the rest in a form that JSON can say."""
    if isinstance(value, np.ndarray):
        name = str(len(arrays))
        arrays[name] = np.ascontiguousarray(value).reshape(value.shape)
        return {"array": name}
    if isinstance(value, Mapping):
        # Keys may be numbers, which JSON would make texts.
        return {"items": [[key, _split(each, arrays)] for key, each in value.items()]}
    return [_split(each, arrays) for each in value] if isinstance(value, list) else value


def _join(value: Any, arrays: Mapping[str, np.ndarray]) -> Any:
    if isinstance(value, list):
        return [_join(each, arrays) for each in value]
    if isinstance(value, dict):
        if "array" in value:
            return arrays[value["array"]]
        return {key: _join(each, arrays) for key, each in value["items"]}
    return value
