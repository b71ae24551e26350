"""Results of runs in a CSV file that survives interruptions."""

import csv
import io
from dataclasses import fields
from math import isnan, nan
from pathlib import Path

from _paper._runs import Run

HITS = (1, 2, 5, 10, 20)
METRICS = ("S", "U", "H", "T1", "AUSUC", *(f"Hit@{k}" for k in HITS))
# Seconds of the VAE, which several runs share, and of the run besides it.
TIMES = ("vae_seconds", "seconds")
FINGERPRINT = "data"
COLUMNS = (*(field.name for field in fields(Run)), *METRICS, *TIMES, FINGERPRINT)

# Accuracies between 0 and 1, and times; what a run does not have is left out.
Scores = dict[str, float]


class Store:
    """The file ``runs.csv`` of one data set.

    Parameters
    ----------
    path : Path
        The file, which need not exist.
    fingerprint : str or None, default=None
        That of the data; None takes the results of whatever data.

    Raises
    ------
    ValueError
        If the file holds anything else, or results of other data.
    OSError
        If it cannot be read.
    """

    def __init__(self, path: Path, fingerprint: str | None = None) -> None:
        self.path = path
        self.fingerprint = fingerprint
        self.results: dict[Run, Scores] = {}
        content = path.read_bytes() if path.exists() else b""
        # A line without an end was interrupted: its last number may lack digits.
        self._n_whole_bytes = content.rfind(b"\n") + 1
        self._read(content[: self._n_whole_bytes].decode(errors="replace"))

    def _read(self, text: str) -> None:
        lines = csv.DictReader(io.StringIO(text))
        if lines.fieldnames and tuple(lines.fieldnames) != COLUMNS:
            raise ValueError(
                f"'{self.path}' has other columns than this version writes. Move it away, or pass "
                "another --output."
            )
        for line in lines:
            try:
                run = Run.from_texts(line)
                scores = {key: float(line[key] or nan) for key in (*METRICS, *TIMES)}
            except (TypeError, ValueError, KeyError) as error:
                raise ValueError(
                    f"Line {lines.line_num} of '{self.path}' is no result ({error}). Remove it, or "
                    "pass another --output."
                ) from error
            if self.fingerprint not in (None, line[FINGERPRINT]):
                raise ValueError(
                    f"'{self.path}' holds results of other data than those of this name now. Move "
                    "it away, or pass another --output."
                )
            self.results[run] = {key: value for key, value in scores.items() if not isnan(value)}

    def prepare(self) -> None:
        """Make the file ready to be appended to: drop an interrupted line, write the header."""
        self.path.parent.mkdir(parents=True, exist_ok=True)
        with self.path.open("ab") as file:
            file.truncate(self._n_whole_bytes)
        if not self._n_whole_bytes:
            self._append(dict(zip(COLUMNS, COLUMNS, strict=True)))

    def add(self, run: Run, scores: Scores) -> None:
        """Append the result of a run.

        Parameters
        ----------
        run : Run
            The run.
        scores : dict of str to float
            Some of `METRICS` and `TIMES`.
        """
        # All digits, so that reading gives the very numbers.
        numbers = {key: repr(float(value)) for key, value in scores.items()}
        self._append(run.to_texts() | numbers | {FINGERPRINT: self.fingerprint or ""})
        self.results[run] = scores

    def _append(self, line: dict[str, str]) -> None:
        text = io.StringIO()
        csv.DictWriter(text, COLUMNS, restval="", lineterminator="\n").writerow(line)
        with self.path.open("ab") as file:
            file.write(text.getvalue().encode())
