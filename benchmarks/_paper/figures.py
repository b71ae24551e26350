"""Figures of the frames that `campaign.summarize` makes."""

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

import pandas as pd

if TYPE_CHECKING:
    from matplotlib.figure import Figure

# Okabe and Ito's colours, which colour-blind readers tell apart. Markers and dashes tell lines
# apart in print and where they lie on each other.
COLORS = ["#0072B2", "#D55E00", "#009E73", "#CC79A7", "#E69F00", "#56B4E9"]
STYLES = ["o-", "s--", "D-.", "^:", "v-", "P--"]
ACCURACIES = {"S": "S, seen classes", "U": "U, unseen classes", "H": "H, harmonic mean of S and U"}
PERCENT = "per-class accuracy (percent)"
HARMONIC = "harmonic mean H (percent)"
TITLES = {
    "figure_3": "CADA-VAE by side information",
    "figure_4": "CADA-VAE by size of the latent space",
    "figure_5": "CADA-VAE by number of latents to train the classifier on",
    "figure_6": "few shots of unseen classes",
    "figure_7": "CADA-VAE, Hit@1 on unseen classes",
}
# Means and deviations, with a line or group of bars per column; then title and labels of the axes.
Panel = tuple[Any, ...]


def _columns(frame: pd.DataFrame, x: str, labels: dict[str, str]) -> list[pd.DataFrame]:
    """Return means and deviations of some metrics."""
    indexed = frame.set_index(x)
    parts = [indexed[[f"{name}{suffix}" for name in labels]] for suffix in ("", "_std")]
    return [part.set_axis(list(labels.values()), axis=1) for part in parts]


def _pivot(frame: pd.DataFrame, x: str, by: str, metric: str) -> list[pd.DataFrame]:
    """Return means and deviations of one metric, with a column per group of rows."""
    values = (metric, f"{metric}_std")
    return [frame.pivot_table(name, x, by, sort=False, dropna=False) for name in values]


def _panels(name: str, frame: pd.DataFrame) -> Iterator[Panel]:
    if name == "figure_3":
        kinds, shares = (frame[frame["panel"] == panel] for panel in ("kinds", "shares"))
        labels = ("Kinds of side information", "side information of all classes", PERCENT)
        yield *_columns(kinds, "side", ACCURACIES), *labels
        for side, part in shares.groupby("side"):
            second = str(side).partition("+")[2]
            labels = (
                f"Attributes, and {second} of some",
                f"classes with {second} (percent)",
                PERCENT,
            )
            yield *_columns(part, "share", ACCURACIES), *labels
    elif name == "figure_4":
        labels = ("", "size of the latent space (dimensions)", PERCENT)
        yield *_columns(frame, "latent_size", ACCURACIES), *labels
    elif name == "figure_5":
        static, dynamic = (frame[frame["set"] == kind] for kind in ("static", "dynamic"))
        xlabel = "latents of each seen class (number)"
        title = "Static sets by the ratio of unseen to seen"
        yield *_pivot(static, "per_seen", "ratio", "H"), title, xlabel, HARMONIC
        for ratio, part in dynamic.groupby("ratio"):
            both = pd.concat([static[static["ratio"] == ratio], part])
            title = f"Drawn once and in each epoch, {ratio:g} : 1"
            yield *_pivot(both, "per_seen", "set", "H"), title, xlabel, HARMONIC
    elif name == "figure_6":
        xlabel = "shots of each unseen class (number)"
        for side, part in frame.groupby("side", sort=False):
            generalized, deviations = _pivot(part, "n_shots", "model", "H")
            if part.get("H_published", pd.Series(dtype=float)).notna().any():
                published = part.pivot_table("H_published", "n_shots", "model", sort=False)
                generalized = generalized.join(published.add_suffix(", published"))
            yield generalized, deviations, f"{side}, generalized", xlabel, HARMONIC
            labels = (f"{side}, unseen classes only", xlabel, "per-class accuracy T1 (percent)")
            yield *_pivot(part, "n_shots", "model", "T1"), *labels
    else:
        labels = ("", "unseen classes that compete with the seen ones", "Hit@1 (percent)")
        yield *_columns(frame, "split", {"Hit@1": "Hit@1"}), *labels


def draw(name: str, frame: pd.DataFrame, dataset: str, recipe: str) -> "Figure":
    """Draw the figure of an experiment from its numbers; names are for its title."""
    from matplotlib.figure import Figure  # not pyplot, which would choose a backend for the caller

    panels = list(_panels(name, frame))
    n_columns = min(2, len(panels))
    n_rows = len(panels) // n_columns
    figure = Figure(figsize=(6.4 * n_columns, 4.6 * n_rows), layout="constrained")
    axes = figure.subplots(n_rows, n_columns, squeeze=False)
    for ax, (means, deviations, title, xlabel, ylabel) in zip(axes.flat, panels, strict=True):
        n = deviations.shape[1]
        for i, column in enumerate(means):
            look: dict[str, Any] = {"color": COLORS[i % n], "label": str(column), "capsize": 3}
            look["yerr"] = deviations.get(column)
            if means.index.dtype.kind not in "if":
                places = [place + 0.8 * (i + 0.5) / n - 0.4 for place in range(len(means))]
                ax.bar(places, means[column], width=0.75 / n, **look)
            else:
                # Published values, which have no deviations, as hollow markers without a line.
                style, fill = (STYLES[i], "full") if i < n else (STYLES[i % n][0], "none")
                ax.errorbar(means.index, means[column], fmt=style, fillstyle=fill, **look)
        if means.index.dtype.kind not in "if":
            ax.set_xticks(range(len(means)), [x.replace("+", "\n+ ") for x in means.index])
        else:
            ax.set_xscale("log" if name == "figure_5" else "linear")
            ax.set_xticks(means.index, [f"{x:g}" for x in means.index])
            ax.minorticks_off()
        ax.spines[["top", "right"]].set_visible(False)
        ax.grid(axis="y", color="0.9")
        ax.set_axisbelow(True)
        # A little below zero, where markers may lie; and a whole percent where everything is zero.
        top = max(ax.get_ylim()[1], 1)
        ax.set(title=title, xlabel=xlabel, ylabel=ylabel, ylim=(-0.025 * top, top))
        ax.legend(frameon=False, fontsize="small")
    fewest, most = frame["n_seeds"].min(), frame["n_seeds"].max()
    seeds = f"{most}" if fewest == most else f"{fewest} to {most}"
    bars = "one seed" if most == 1 else f"mean ± one standard deviation of {seeds} seeds"
    figure.suptitle(f"{dataset}: {TITLES[name]}\n{bars}, {recipe} recipe", fontsize="large")
    return figure
