"""Figures of the frames that `campaign.summarize` makes."""

from collections.abc import Iterator, Mapping
from itertools import cycle
from typing import Any

import numpy as np
import pandas as pd
from _systems import COMPARISON, PUBLISHED_FEATURES
from matplotlib.axes import Axes
from matplotlib.figure import Figure  # not pyplot, which would choose a backend for the caller

from _paper.curves import Curve
from _paper.runs import DYNAMIC_RATIO

COLORS = ["#0072B2", "#D55E00", "#009E73", "#CC79A7", "#E69F00", "#56B4E9"]  # Okabe and Ito's
STYLES = ["o-", "s--", "D-.", "^:", "v-", "P--"]
# Thirteen lines are too many for colours and dashes alone. In grey, markers tell them apart.
MARKERS = "osD^v<>PXph*d"
DASHES = {"compatibility": "-", "learned space": "--", "generated features": ":"}
FAMILIES = "solid: compatibility, dashed: learned space, dotted: generated features"
PENALTIES = {"none": "without a penalty", "tuned": "with the tuned penalty"}
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
    figure.suptitle(_title(frame, name, dataset, recipe))
    return figure


def draw_systems(
    frame: pd.DataFrame, curves: Mapping[str, Curve], dataset: str, recipe: str
) -> Figure:
    """Draw the figure of Table 2: a bar of H per system and penalty, and all curves."""
    models = list(frame["model"].drop_duplicates())
    height = 2.2 + 0.4 * len(models)
    figure = Figure(figsize=(14, max(height, 4.8)), layout="constrained")
    bars, lines = figure.subplots(1, 2)
    _draw_harmonic_means(bars, frame.set_index("model"), models)
    looks = {
        model: {"color": color, "marker": marker, "linestyle": DASHES[COMPARISON[model].family]}
        for model, color, marker in zip(models, cycle([*COLORS, "black"]), MARKERS, strict=False)
    }
    _draw_curves(lines, curves, looks, frame.query("penalty == 'none'").set_index("model"))
    figure.suptitle(_title(frame, "table_2", dataset, recipe))
    return figure


def _draw_harmonic_means(ax: Axes, frame: pd.DataFrame, models: list[str]) -> None:
    # Sideways, so that names have room.
    places = np.arange(len(models))
    for (penalty, label), shift, color, hatch in zip(
        PENALTIES.items(), (-0.2, 0.2), (COLORS[0], COLORS[4]), ("", "///"), strict=True
    ):
        part = frame[frame["penalty"] == penalty].reindex(models)
        look: dict[str, Any] = {"color": color, "hatch": hatch, "edgecolor": "black", "capsize": 2}
        ax.barh(places + shift, part["H"], 0.38, xerr=part["H_std"], label=label, **look)
    if "H_published" in frame:
        values = frame[frame["penalty"] == "none"]["H_published"].reindex(models)
        label = f"published, for {PUBLISHED_FEATURES} features"
        look = {"marker": "D", "color": "white", "edgecolor": "black", "zorder": 3}
        ax.scatter(values, places - 0.2, label=label, **look)
    ax.set_yticks(places, models)
    ax.invert_yaxis()
    ax.grid(axis="x", color="0.9")
    ax.set_axisbelow(True)
    # Bars may be of no length.
    ax.set(title="H by system", xlabel=HARMONIC, xlim=(0, max(ax.get_xlim()[1], 1)))
    _place_legend(ax)


def _draw_curves(
    ax: Axes, curves: Mapping[str, Curve], looks: Mapping[str, Any], frame: pd.DataFrame
) -> None:
    # The larger the area, the further up in the legend.
    order = sorted(curves, key=lambda model: -frame["AUSUC"][model])
    for i, model in enumerate(order):
        # By length of the line, and not where those of another one are.
        look: dict[str, Any] = {"markevery": (0.017 * i, 0.22), "markerfacecolor": "none"}
        label = f"{model} ({frame['AUSUC'][model]:.1f})"
        curve = curves[model]
        ax.plot(100 * curve.unseen, 100 * curve.seen, label=label, **look, **looks[model])
    ax.grid(color="0.9")
    title = "Seen-unseen curves (area under them in percent)"
    xlabel, ylabel = (f"{ACCURACIES[key]} (percent)" for key in "US")
    ax.set(title=title, xlabel=xlabel, ylabel=ylabel)
    ax.set(xlim=(0, None), ylim=(0, None))
    if curves:
        _place_legend(ax, ncols=3, title=FAMILIES, title_fontsize="small")


def _place_legend(ax: Axes, **options: Any) -> None:
    """Put the legend below, where nothing is drawn."""
    look: dict[str, Any] = {"frameon": False, "fontsize": "small", "handlelength": 3.5}
    # Padding in units of the font, not of the axes, whose height depends on the systems.
    ax.legend(loc="upper center", bbox_to_anchor=(0.5, 0.0), borderaxespad=5, **look, **options)


def _title(frame: pd.DataFrame, name: str, dataset: str, recipe: str) -> str:
    title = f"{dataset}: {name.replace('_', ' ')}, {recipe} recipe"
    n = sorted({frame["n_seeds"].min(), frame["n_seeds"].max()})
    if n == [1]:
        return f"{title}\none seed"
    return f"{title}\nmean ± one standard deviation of {' to '.join(map(str, n))} seeds"
