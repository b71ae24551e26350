"""What was measured, as a table to read and as a file."""

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd

RATIOS = ("plain/this", "floor/this", "this/bound", "this/linear")


@dataclass(frozen=True)
class Result:
    """One thing that was measured.

    Parameters
    ----------
    part : str
        The part of the benchmark it belongs to.
    case : str
        What was measured.
    unit : str
        Unit of the numbers.
    numbers : sequence of float
        One a round.
    plain : float
        Time of the plain loop for the same work over this one: how many times faster this is.
    floor : float
        Time of the unavoidable work over this one: 1 if nothing is lost.
    bound : float
        This one over what it should stay below.
    linear : float
        This one over what growth in proportion would give, starting at the smallest size.
    note : str
        What a reader has to know to judge the number.
    """

    part: str
    case: str
    unit: str
    numbers: Sequence[float]
    plain: float = math.nan
    floor: float = math.nan
    bound: float = math.nan
    linear: float = math.nan
    note: str = ""


def to_frame(results: Iterable[Result]) -> pd.DataFrame:
    """Tabulate results.

    Parameters
    ----------
    results : iterable of Result
        In the order of the rows.

    Returns
    -------
    DataFrame
        One row a result: minimum and median over the rounds, ratios, which are of minima, and under
        "numbers" the raw numbers of all rounds.
    """
    return pd.DataFrame(
        [
            {
                "part": r.part,
                "case": r.case,
                "unit": r.unit,
                "minimum": min(r.numbers),
                "median": float(np.median(r.numbers)),
                **dict(zip(RATIOS, (r.plain, r.floor, r.bound, r.linear), strict=True)),
                "note": r.note,
                "numbers": " ".join(f"{number:.6g}" for number in r.numbers),
            }
            for r in results
        ]
    )


def format_part(results: Sequence[Result]) -> str:
    """Lay out the results of one part for reading.

    Parameters
    ----------
    results : sequence of Result
        At least one.

    Returns
    -------
    str
        A table without the ratios that the part does not have, then its notes.
    """
    frame = to_frame(results)
    table = frame.drop(columns=["part", "note", "numbers"]).dropna(axis="columns", how="all")
    lines = [table.to_string(index=False, float_format=lambda x: f"{x:.4g}", na_rep="")]
    lines += [f"{r.case}: {r.note}" for r in results if r.note]
    return "\n".join(lines)


def save(results: Iterable[Result], path: Path) -> None:
    """Write all results to a CSV file.

    Parameters
    ----------
    results : iterable of Result
        What to write.
    path : Path
        The file, which is replaced.
    """
    to_frame(results).to_csv(path, index=False)
