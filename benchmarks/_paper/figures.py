"""Figures of the frames that `campaign.summarize` makes."""

from collections.abc import Iterator
from typing import Any

import pandas as pd
from matplotlib.figure import Figure  # not pyplot, which would choose a backend for the caller

from _paper.runs import DYNAMIC_RATIO

COLORS = ["#0072B2", "#D55E00", "#009E73", "#CC79A7", "#E69F00", "#56B4E9"]  # Okabe and Ito's
STYLES = ["o-", "s--", "D-.", "^:", "v-", "P--"]
ACCURACIES = {"S": "S, seen classes", "U": "U, unseen classes", "H": "H, harmonic mean of S and U"}
PERCENT = "per-class accuracy (percent)"
HARMONIC = "harmonic mean H (percent)"
LATENTS = "latents of each seen class (number)"
SHOTS_LABEL = "shots of each unseen class (number)"


def _columns(frame: pd.DataFrame, x: str, labels: dict[str, str]) -> list[pd.DataFrame]:
    """Return means and deviations of some metrics."""
    parts = [frame.set_index(x)[[f"{name}{end}" for name in labels]] for end in ("", "_std")]
    return [part.set_axis(list(labels.values()), axis=1) for part in parts]


def _pivot(frame: pd.DataFrame, x: str, by: str, metric: str) -> list[pd.DataFrame]:
    """Return means and deviations of one metric, with a column per group of rows."""
    values = (metric, f"{metric}_std")
    return [frame.pivot_table(name, x, by, sort=False, dropna=False) for name in values]


def _panels(name: str, frame: pd.DataFrame) -> Iterator[tuple[Any, ...]]:
    """Yield means and deviations, with a column per line or group of bars, and the titles."""
    match name:
        case "figure_3":
            parts = dict(list(frame.groupby("panel")))
            labels = ("Kinds of side information", "side information of all classes", PERCENT)
            yield *_columns(parts["kinds"], "side", ACCURACIES), *labels
            title = "Attributes, and the second kind of some classes"
            labels = (title, "classes that have it (percent)", PERCENT)
            yield *_columns(parts["shares"], "share", ACCURACIES), *labels
        case "figure_4":
            labels = ("", "size of the latent space (dimensions)", PERCENT)
            yield *_columns(frame, "latent_size", ACCURACIES), *labels
        case "figure_5":
            labels = ("Static sets by the ratio of unseen to seen", LATENTS, HARMONIC)
            yield *_pivot(frame[frame["set"] == "static"], "per_seen", "ratio", "H"), *labels
            both = frame[frame["ratio"] == DYNAMIC_RATIO]
            labels = (f"Drawn once and in each epoch, {DYNAMIC_RATIO} : 1", LATENTS, HARMONIC)
            yield *_pivot(both, "per_seen", "set", "H"), *labels
        case "figure_6":
            for side, part in frame.groupby("side", sort=False):
                means, deviations = _pivot(part, "n_shots", "model", "H")
                if "H_published" in part and part["H_published"].notna().any():
                    published = part.pivot_table("H_published", "n_shots", "model", sort=False)
                    means = means.join(published.add_suffix(", published"))
                yield means, deviations, f"{side}, generalized", SHOTS_LABEL, HARMONIC
                labels = (f"{side}, unseen classes only", SHOTS_LABEL, "T1 (percent)")
                yield *_pivot(part, "n_shots", "model", "T1"), *labels
        case "figure_7":
            labels = ("", "unseen classes that compete with the seen ones", "Hit@1 (percent)")
            yield *_columns(frame, "split", {"Hit@1": "Hit@1"}), *labels


def draw(name: str, frame: pd.DataFrame, dataset: str, recipe: str) -> Figure:
    """Draw the figure of an experiment from its numbers; names are for its title."""
    panels = list(_panels(name, frame))
    n_columns = min(2, len(panels))
    n_rows = len(panels) // n_columns
    figure = Figure(figsize=(6.4 * n_columns, 4.6 * n_rows), layout="constrained")
    axes = figure.subplots(n_rows, n_columns, squeeze=False)
    for ax, (means, deviations, title, xlabel, ylabel) in zip(axes.flat, panels, strict=True):
        n, is_line = deviations.shape[1], means.index.dtype.kind in "if"
        for i, column in enumerate(means):
            look: dict[str, Any] = {"color": COLORS[i % n], "label": str(column), "capsize": 3}
            look["yerr"] = deviations.get(column)
            if is_line:
                # Published values, which have no deviations, as hollow markers without a line.
                style, fill = (STYLES[i], "full") if i < n else (STYLES[i % n][0], "none")
                ax.errorbar(means.index, means[column], fmt=style, fillstyle=fill, **look)
            else:
                places = [place + 0.8 * (i + 0.5) / n - 0.4 for place in range(len(means))]
                ax.bar(places, means[column], width=0.75 / n, **look)
        ax.set_xscale("log" if name == "figure_5" else "linear")
        ticks = means.index if is_line else range(len(means))
        ax.set_xticks(ticks, [str(x).replace("+", "\n+ ") for x in means.index])
        ax.minorticks_off()
        ax.grid(axis="y", color="0.9")
        # Markers may lie on zero, so the axis begins below it; it ends at 1 percent or above.
        top = max(ax.get_ylim()[1], 1)
        ax.set(title=title, xlabel=xlabel, ylabel=ylabel, ylim=(-0.025 * top, top))
        ax.legend(frameon=False, fontsize="small")
    seeds = " to ".join(str(n) for n in sorted({frame["n_seeds"].min(), frame["n_seeds"].max()}))
    title = f"{dataset}: {name.replace('_', ' ')}, {recipe} recipe"
    figure.suptitle(f"{title}\nmean ± one standard deviation of {seeds} seeds")
    return figure
