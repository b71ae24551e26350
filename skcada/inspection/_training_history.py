"""The display of the loss terms, and of their weights, over the epochs."""

from itertools import combinations, cycle
from typing import TYPE_CHECKING, Any, Self

import numpy as np
import pandas as pd

from skcada._sklearn import _validate_style_kwargs, check_matplotlib_support, validate_params
from skcada._unwrap import find_layer
from skcada.inspection._drawing import (
    BLACK,
    BLUE,
    GREEN,
    ORANGE,
    SKY,
    VERMILLION,
    add_legend,
    new_figure,
)

if TYPE_CHECKING:
    from matplotlib.axes import Axes

# Each kind of term: the prefix of its columns, its name, its color and marker.
KINDS = (
    ("reconstruction", "reconstruction", BLUE, "o"),
    ("kl", "KL divergence", ORANGE, "s"),
    ("cross_reconstruction", "cross-reconstruction", GREEN, "^"),
    ("wasserstein", "Wasserstein distance", VERMILLION, "D"),
)
# The terms that each weight multiplies, whose color and marker it shares.
WEIGHTED = {"beta": "kl", "gamma": "cross_reconstruction", "delta": "wasserstein"}
# Colors and markers of terms of no such kind.
OTHER_LOOKS = (*((color, marker) for *_, color, marker in KINDS), (SKY, "v"))
# One for each modality, or pair of modalities, in one kind of term.
DASHES = ("-", "--", ":", "-.")


class TrainingHistoryDisplay:
    """Loss terms and their weights over the epochs of a training.

    Create it by :meth:`from_estimator`. All parameters are stored as attributes.

    The terms are shown as they are before they are weighted, on a logarithmic scale, or on a linear
    one if any of them falls below zero, as those of `CLSWGANTransformer` do. The weights stand
    below, where they change. Cross-reconstruction and Wasserstein terms of `CADAVAETransformer` are
    missing in epochs in which their weight is zero.

    Parameters
    ----------
    loss_curve : DataFrame of shape (n_epochs, n_terms)
        As the `loss_curve_` of `CADAVAETransformer`, or of another transformer, whose terms are
        called by the names of their columns. The column "loss" is their weighted total.

    weights : DataFrame of shape (n_epochs, 3) or None, default=None
        The weights "beta", "gamma" and "delta" in each epoch, as the `loss_weights_` of
        `CADAVAETransformer`. None where they do not change: then the terms are all there is.

    Attributes
    ----------
    loss_lines_ : dict of str to matplotlib Line2D
        The line of each column of `loss_curve`.

    weight_lines_ : dict of str to matplotlib Line2D
        The line of each weight.

    axes_ : ndarray of one or two matplotlib Axes
        The axes of the terms and those of the weights, if there are any.

    figure_ : matplotlib Figure
        The figure.

    See Also
    --------
    skcada.CADAVAETransformer : Explains the terms and weights.
    skcada.generation.CLSWGANTransformer : Has terms and no weights that change.
    LatentSpaceDisplay : The latent space that the training led to.

    Notes
    -----
    The final classifier of a `GZSLClassifier` is trained later and by epochs of its own, few of
    them and on purpose not until its loss stays the same, so its loss is not shown. A
    `SoftmaxClassifier` has it as `loss_curve_`.

    Examples
    --------
    >>> import pandas as pd
    >>> from skcada.inspection import TrainingHistoryDisplay
    >>> display = TrainingHistoryDisplay(
    ...     loss_curve=pd.DataFrame({"loss": [9.0, 8.0], "kl_features": [0.5, 0.6]}),
    ...     weights=pd.DataFrame({"beta": [0.0, 0.2], "gamma": [1.0, 1.0], "delta": [0.0, 0.0]}),
    ... )
    >>> [ax.get_ylabel() for ax in display.plot().axes_]
    ['loss, mean over samples', 'weight']
    """

    def __init__(self, *, loss_curve: pd.DataFrame, weights: pd.DataFrame | None = None) -> None:
        self.loss_curve = loss_curve
        self.weights = weights

    @validate_params({"curve_kwargs": [dict, None]}, prefer_skip_nested_validation=True)
    def plot(self, ax: Any = None, *, curve_kwargs: dict[str, Any] | None = None) -> Self:
        """Plot the history.

        Parameters
        ----------
        ax : matplotlib Axes, array-like of two of them or None, default=None
            Where to plot the terms and the weights, such as the axes of
            ``plt.subplots(2, sharex=True)``; one where there are no weights. None makes a new
            figure.

        curve_kwargs : dict or None, default=None
            Keyword arguments of matplotlib's `plot` for all lines.

        Returns
        -------
        display : TrainingHistoryDisplay
            The display.

        Raises
        ------
        ValueError
            If `ax` is not two axes, or not one where there are no weights.
        """
        check_matplotlib_support(f"{type(self).__name__}.plot")
        from matplotlib.ticker import MaxNLocator

        has_weights = self.weights is not None
        if ax is None:
            two: dict[str, Any] = {"n_rows": 2, "sharex": True, "height_ratios": (2.2, 1)}
            _, ax = new_figure(**two if has_weights else {})
        self.axes_ = np.asarray(ax, dtype=object).ravel()
        if len(self.axes_) != 1 + has_weights:
            if not has_weights:
                raise ValueError(f"ax must be one axes: there are no weights. Got {ax!r}.")
            raise ValueError(
                "ax must be two axes, one for the loss terms and one for the weights, such as "
                f"those of plt.subplots(2, sharex=True), got {ax!r}."
            )
        top = self.axes_[0]
        epochs = np.arange(1, len(self.loss_curve) + 1)
        # Terms that were never computed are left out of the legend.
        terms = self.loss_curve.dropna(axis=1, how="all")
        styles = _term_styles(list(terms.columns))
        self.loss_lines_ = {
            column: _draw(top, epochs, terms[column], style, curve_kwargs)
            for column, style in styles.items()
        }
        self.weight_lines_: dict[str, Any] = {}
        frames = [(top, self.loss_curve)]
        if self.weights is not None:
            self._plot_weights(self.axes_[1], epochs, curve_kwargs)
            frames.append((self.axes_[1], self.weights))
        for axes, frame in frames:
            # The largest is many times the smallest, but neither zeros alone nor what is below zero
            # has a logarithmic scale.
            if (frame > 0).any(axis=None) and not (frame < 0).any(axis=None):
                axes.set_yscale("log", nonpositive="mask")
            axes.xaxis.set_major_locator(MaxNLocator(integer=True))
            axes.grid(axis="y", color="0.9")
            axes.set_axisbelow(True)
            add_legend(axes)
        top.set(xlabel="epoch", ylabel="loss, mean over samples")
        if has_weights:
            bottom = self.axes_[1]
            bottom.set(xlabel="epoch", ylabel="weight")
            if top.get_shared_x_axes().joined(top, bottom):
                top.xaxis.label.set_visible(False)
        self.figure_ = top.figure
        return self

    def _plot_weights(self, ax: Any, epochs: Any, curve_kwargs: dict[str, Any] | None) -> None:
        kinds = {prefix: (name, color, marker) for prefix, name, color, marker in KINDS}
        assert self.weights is not None
        for weight, prefix in WEIGHTED.items():
            name, color, marker = kinds[prefix]
            values = self.weights[weight]
            label = f"{weight}, of {name}" if (values > 0).any() else f"{weight} = 0"
            style = {"color": color, "marker": marker, "label": label}
            self.weight_lines_[weight] = _draw(ax, epochs, values, style, curve_kwargs)

    @classmethod
    def from_estimator(
        cls, estimator: Any, *, ax: Any = None, curve_kwargs: dict[str, Any] | None = None
    ) -> Self:
        """Plot the history of a fitted estimator.

        Parameters
        ----------
        estimator : estimator
            A fitted `CADAVAETransformer`, `ReViSETransformer` or transformer that generates
            features, or a `GZSLClassifier` with one of these; or a pipeline that ends in one, a
            search over one, a `TunedSeenPenaltyClassifierCV` around one, or a frozen one.

        ax : matplotlib Axes, array-like of two of them or None, default=None
            Where to plot the terms and the weights; one where there are no weights. None makes a
            new figure.

        curve_kwargs : dict or None, default=None
            Keyword arguments of matplotlib's `plot` for all lines.

        Returns
        -------
        display : TrainingHistoryDisplay
            The display.

        Raises
        ------
        ImportError
            If matplotlib is not installed.

        NotFittedError
            If the estimator is not fitted.

        TypeError
            If it has no transformer with a `loss_curve_` in it.

        ValueError
            If `ax` is not two axes, or not one where there are no weights.

        Examples
        --------
        >>> import numpy as np
        >>> from skcada import CADAVAETransformer
        >>> from skcada.inspection import TrainingHistoryDisplay
        >>> X, y = np.random.default_rng(0).random((20, 6)), np.arange(20) % 2
        >>> transformer = CADAVAETransformer(max_iter=4, random_state=0).fit(X, y)
        >>> display = TrainingHistoryDisplay.from_estimator(transformer)
        >>> display.weights["gamma"].round(2).tolist()
        [0.0, 0.18, 1.27, 2.37]

        A generator has terms only:

        >>> from skcada.generation import CVAETransformer
        >>> generator = CVAETransformer(encoder_layers=16, decoder_layers=16, max_iter=2).fit(X, y)
        >>> display = TrainingHistoryDisplay.from_estimator(generator)
        >>> list(display.loss_lines_), len(display.axes_)
        (['loss', 'reconstruction', 'kl'], 1)
        """
        caller = f"{cls.__name__}.from_estimator"
        check_matplotlib_support(caller)
        transformer = find_layer(
            estimator,
            "loss_curve_",
            "transform",
            "sample",
            caller=caller,
            example="CADAVAETransformer",
        )
        display = cls(
            loss_curve=transformer.loss_curve_,
            weights=getattr(transformer, "loss_weights_", None),
        )
        return display.plot(ax, curve_kwargs=curve_kwargs)


def _term_styles(columns: list[str]) -> dict[str, dict[str, Any]]:
    """Give each kind of term a color and a marker, and each modality a dash, in legend order."""
    styles: dict[str, dict[str, Any]] = {}
    modalities = [
        column.removeprefix(f"{kind}_")
        for column in columns
        for kind, *_ in KINDS[:2]
        if column.startswith(f"{kind}_")
    ]
    modalities = list(dict.fromkeys(modalities))
    pairs = {f"{a}_{b}": f"{a} and {b}" for a, b in combinations(modalities, 2)}
    names = {m: m for m in modalities}
    for prefix, kind, color, marker in KINDS:
        suffixes = pairs if prefix == "wasserstein" else names
        for (suffix, label), dash in zip(suffixes.items(), cycle(DASHES)):
            styles[f"{prefix}_{suffix}"] = {
                "color": color,
                "marker": marker,
                "linestyle": dash,
                "label": f"{kind}, {label}",
            }
    total = {"color": BLACK, "linewidth": 2.2, "marker": ".", "label": "weighted total"}
    others = [column for column in columns if column not in styles and column != "loss"]
    taken = {styles[column]["color"] for column in columns if column in styles}
    free = [look for look in OTHER_LOOKS if look[0] not in taken]
    looks = cycle((look, dash) for dash in DASHES for look in free)
    for column, ((color, marker), dash) in zip(others, looks, strict=False):
        style = {"color": color, "marker": marker, "linestyle": dash}
        styles[column] = {**style, "label": column.replace("_", " ")}
    return {
        column: styles.get(column, total)
        for column in sorted(columns, key=lambda c: list(styles).index(c) if c in styles else -1)
    }


def _draw(
    ax: "Axes",
    epochs: Any,
    values: pd.Series,
    style: dict[str, Any],
    user_style: dict[str, Any] | None,
) -> Any:
    # A few markers: one on every epoch would hide the line, and a single epoch needs one.
    default = {"markevery": max(len(values) // 8, 1), "markersize": 4}
    (line,) = ax.plot(epochs, values, **_validate_style_kwargs(default | style, user_style or {}))
    return line
