"""Figures of the frames that `_tables` makes."""

from collections.abc import Callable
from typing import TYPE_CHECKING, Literal

import numpy as np
import pandas as pd

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

# Okabe and Ito's colours, which colour-blind readers tell apart. Markers and dashes tell lines
# apart in print and where they lie on each other.
COLORS = ("#0072B2", "#D55E00", "#009E73", "#CC79A7", "#E69F00", "#56B4E9")
MARKERS = "osD^vP"
LINES = ("-", "--", "-.", ":", (0, (5, 1)), (0, (1, 1)))
OF_ACCURACY = {
    "S": "S, seen classes",
    "U": "U, unseen classes",
    "H": "H, harmonic mean of S and U",
}
PERCENT = "per-class accuracy (percent)"


def _new_figure(
    n_rows: int, n_columns: int, width: float = 5.2, sharey: Literal["none", "col", "all"] = "none"
) -> tuple["Figure", np.ndarray]:
    from matplotlib.figure import Figure  # not pyplot, which would choose a backend for the caller

    figure = Figure(figsize=(width * n_columns, 4.1 * n_rows), layout="constrained")
    axes = figure.subplots(n_rows, n_columns, squeeze=False, sharey=sharey)
    for ax in axes.flat:
        ax.spines[["top", "right"]].set_visible(False)
        ax.grid(axis="y", color="0.9")
        ax.set_axisbelow(True)
    return figure, axes


def _line(
    ax: "Axes", x: pd.Series, part: pd.DataFrame, metric: str, number: int, label: str
) -> None:
    ax.errorbar(
        x,
        part[metric],
        yerr=_bars(part, metric),
        linestyle=LINES[number % len(LINES)],
        color=COLORS[number % len(COLORS)],
        marker=MARKERS[number % len(MARKERS)],
        markersize=5,
        capsize=3,
        label=label,
    )


def _bars(part: pd.DataFrame, metric: str) -> pd.Series | None:
    deviations = part[f"{metric}_std"]
    return deviations if deviations.notna().any() else None


def _accuracies(ax: "Axes", x: pd.Series, part: pd.DataFrame) -> None:
    for number, (metric, label) in enumerate(OF_ACCURACY.items()):
        _line(ax, x, part, metric, number, label)


def _finish(ax: "Axes", title: str, xlabel: str, ylabel: str) -> None:
    ax.set(title=title, xlabel=xlabel, ylabel=ylabel)
    # A little below zero, where markers may lie; and a whole percent where everything is zero.
    top = max(ax.get_ylim()[1], 1)
    ax.set_ylim(-0.025 * top, top)


def _legend_below(figure: "Figure", ax: "Axes", n_columns: int) -> None:
    handles, labels = ax.get_legend_handles_labels()
    figure.legend(handles, labels, loc="outside lower center", ncols=n_columns, frameon=False)


def _figure_3(frame: pd.DataFrame) -> "Figure":
    kinds, shares = (frame[frame.panel == panel] for panel in ("kinds", "shares"))
    figure, axes = _new_figure(1, 2 if len(shares) else 1, width=5.6)
    left, right = axes[0, 0], axes[0, -1]
    places = np.arange(len(kinds))
    for number, (metric, label) in enumerate(OF_ACCURACY.items()):
        left.bar(
            places + 0.27 * (number - 1),
            kinds[metric],
            width=0.25,
            yerr=_bars(kinds, metric),
            color=COLORS[number],
            capsize=3,
            label=label,
        )
    left.set_xticks(places, [side.replace("+", "\n+ ") for side in kinds.side])
    _finish(left, "Kinds of side information", "side information of all classes", PERCENT)
    if len(shares):
        second = shares.side.iloc[0].partition("+")[2]
        _accuracies(right, shares.share, shares)
        right.set_xticks(shares.share)
        title = f"Attributes, and {second} of some classes"
        _finish(right, title, f"classes that have {second} (percent)", PERCENT)
    _legend_below(figure, left, 3)
    return figure


def _figure_4(frame: pd.DataFrame) -> "Figure":
    figure, axes = _new_figure(1, 1, width=6.4)
    _accuracies(axes[0, 0], frame.latent_size, frame)
    axes[0, 0].set_xticks(_apart(frame.latent_size))
    _finish(axes[0, 0], "", "size of the latent space (dimensions)", PERCENT)
    _legend_below(figure, axes[0, 0], 3)
    return figure


def _apart(values: pd.Series) -> list[int]:
    """Leave out ticks whose labels would touch: 64 is too near to 50 where there are 250."""
    kept: list[int] = []
    for value in values:
        if not kept or value - kept[-1] > values.max() / 15:
            kept.append(int(value))
    return kept


def _figure_5(frame: pd.DataFrame) -> "Figure":
    is_static = frame.set == "static"
    dynamic = frame[~is_static]
    figure, axes = _new_figure(1, 2 if len(dynamic) else 1, sharey="all")
    for number, (ratio, part) in enumerate(frame[is_static].groupby("ratio")):
        _line(axes[0, 0], part.per_seen, part, "H", number, f"{ratio:g} : 1")
    axes[0, 0].legend(title="unseen : seen", frameon=False)
    titles = ["Static sets by the ratio of latents"]
    if len(dynamic):
        static = frame[is_static & (frame.ratio == dynamic.ratio.iloc[0])]
        _line(axes[0, 1], static.per_seen, static, "H", 0, "static, drawn once")
        _line(axes[0, 1], dynamic.per_seen, dynamic, "H", 1, "dynamic, drawn anew in each epoch")
        axes[0, 1].legend(frameon=False)
        titles.append(f"Static and dynamic sets, {dynamic.ratio.iloc[0]:g} : 1")
    for ax, title in zip(axes.flat, titles, strict=True):
        ax.set_xscale("log")
        ax.set_xticks(frame.per_seen.unique(), [str(n) for n in frame.per_seen.unique()])
        ax.minorticks_off()
        _finish(ax, title, "latents of each seen class (number)", "harmonic mean H (percent)")
    return figure


def _figure_6(frame: pd.DataFrame) -> "Figure":
    sides = frame.side.unique()
    figure, axes = _new_figure(len(sides), 2, sharey="col")
    panels = (
        ("H", "generalized", "harmonic mean H (percent)"),
        ("T1", "unseen classes only", "per-class accuracy T1 (percent)"),
    )
    for row, side in zip(axes, sides, strict=True):
        for ax, (metric, *_) in zip(row, panels, strict=True):
            models = frame[frame.side == side].groupby("model", sort=False)
            for number, (model, part) in enumerate(models):
                # Side by side, where the bars would hide each other.
                x = part.n_shots + 0.1 * (number - 1)
                _line(ax, x, part, metric, number, model)
                published = part.get("H_published")
                if metric == "H" and published is not None and published.notna().any():
                    # Not `plot`, which legends list apart from lines with bars.
                    ax.errorbar(
                        x,
                        published,
                        linestyle="none",
                        marker=MARKERS[number],
                        markersize=9,
                        markerfacecolor="none",
                        color=COLORS[number],
                        label=f"{model}, published",
                    )
    # Only now, when the axes that share a scale have all of their lines.
    for row, side in zip(axes, sides, strict=True):
        for ax, (_, title, ylabel) in zip(row, panels, strict=True):
            ax.set_xticks(frame.n_shots.unique())
            _finish(ax, f"{side}, {title}", "shots of each unseen class (number)", ylabel)
    _legend_below(figure, axes[0, 0], 3)
    return figure


def _figure_7(frame: pd.DataFrame) -> "Figure":
    figure, axes = _new_figure(1, 1, width=7.5)
    ax = axes[0, 0]
    ax.bar(frame.split, frame["Hit@1"], yerr=_bars(frame, "Hit@1"), capsize=3, color=COLORS[0])
    _finish(ax, "", "unseen classes that compete with the seen ones", "Hit@1 (percent)")
    return figure


FIGURES: dict[str, Callable[[pd.DataFrame], "Figure"]] = {
    "figure_3": _figure_3,
    "figure_4": _figure_4,
    "figure_5": _figure_5,
    "figure_6": _figure_6,
    "figure_7": _figure_7,
}
TITLES = {
    "figure_3": "CADA-VAE by side information",
    "figure_4": "CADA-VAE by size of the latent space",
    "figure_5": "CADA-VAE by number of latents to train the classifier on",
    "figure_6": "few shots of unseen classes",
    "figure_7": "CADA-VAE, Hit@1 on unseen classes",
}


def draw(experiment: str, frame: pd.DataFrame, dataset: str, recipe: str) -> "Figure":
    """Draw a figure.

    Parameters
    ----------
    experiment : str
        A key of `FIGURES`.
    frame : DataFrame
        Its numbers, of `_tables`.
    dataset, recipe : str
        Names for the title.

    Returns
    -------
    Figure
        Not shown yet.
    """
    figure = FIGURES[experiment](frame)
    least, most = frame.n_seeds.min(), frame.n_seeds.max()
    seeds = f"{most:.0f}" if least == most else f"{least:.0f} to {most:.0f}"
    bars = "one seed" if most == 1 else f"mean ± one standard deviation of {seeds} seeds"
    figure.suptitle(f"{dataset}: {TITLES[experiment]}\n{bars}, {recipe} recipe", fontsize="large")
    return figure
