"""The display of the loss terms, and of their weights, over the epochs."""

from itertools import combinations, cycle
from typing import TYPE_CHECKING, Any, Self

import numpy as np
import pandas as pd
from sklearn.utils._optional_dependencies import check_matplotlib_support
from sklearn.utils._param_validation import validate_params
from sklearn.utils._plotting import _validate_style_kwargs

from skcada._unwrap import find_layer
from skcada.inspection._drawing import (
    BLACK,
    BLUE,
    GREEN,
    ORANGE,
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
# One for each modality, or pair of modalities, in one kind of term.
DASHES = ("-", "--", ":", "-.")


class TrainingHistoryDisplay:
    """Loss terms and their weights over the epochs of a training.

    Create it by :meth:`from_estimator`. All parameters are stored as attributes.

    The terms are shown as they are before they are weighted, on a logarithmic scale; the weights
    stand below. Cross-reconstruction and Wasserstein terms are missing in epochs in which their
    weight is zero.

    Parameters
    ----------
    loss_curve : DataFrame of shape (n_epochs, n_terms)
        As the `loss_curve_` of `CADAVAETransformer`.

    weights : DataFrame of shape (n_epochs, 3)
        The weights "beta", "gamma" and "delta" in each epoch, as the `loss_weights_` of
        `CADAVAETransformer`.

    Attributes
    ----------
    loss_lines_ : dict of str to matplotlib Line2D
        The line of each column of `loss_curve`.

    weight_lines_ : dict of str to matplotlib Line2D
        The line of each weight.

    axes_ : ndarray of two matplotlib Axes
        The axes of the terms and those of the weights.

    figure_ : matplotlib Figure
        The figure.

    See Also
    --------
    skcada.CADAVAETransformer : Explains the terms and weights.
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

    def __init__(self, *, loss_curve: pd.DataFrame, weights: pd.DataFrame) -> None:
        self.loss_curve = loss_curve
        self.weights = weights

    @validate_params({"curve_kwargs": [dict, None]}, prefer_skip_nested_validation=True)
    def plot(self, ax: Any = None, *, curve_kwargs: dict[str, Any] | None = None) -> Self:
        """Plot the history.

        Parameters
        ----------
        ax : array-like of two matplotlib Axes or None, default=None
            Where to plot the terms and the weights, such as the axes of
            ``plt.subplots(2, sharex=True)``. None makes a new figure.

        curve_kwargs : dict or None, default=None
            Keyword arguments of matplotlib's `plot` for all lines.

        Returns
        -------
        display : TrainingHistoryDisplay
            The display.

        Raises
        ------
        ValueError
            If `ax` is not two axes.
        """
        check_matplotlib_support(f"{type(self).__name__}.plot")
        from matplotlib.ticker import MaxNLocator

        if ax is None:
            _, ax = new_figure(2, sharex=True, height_ratios=(2.2, 1))
        self.axes_ = np.asarray(ax, dtype=object).ravel()
        if len(self.axes_) != 2:
            raise ValueError(
                "ax must be two axes, one for the loss terms and one for the weights, such as "
                f"those of plt.subplots(2, sharex=True), got {ax!r}."
            )
        top, bottom = self.axes_
        epochs = np.arange(1, len(self.loss_curve) + 1)
        # Terms that were never computed are left out of the legend.
        terms = self.loss_curve.dropna(axis=1, how="all")
        styles = _term_styles(list(terms.columns))
        self.loss_lines_ = {
            column: _draw(top, epochs, terms[column], style, curve_kwargs)
            for column, style in styles.items()
        }
        kinds = {prefix: (name, color, marker) for prefix, name, color, marker in KINDS}
        self.weight_lines_ = {}
        for weight, prefix in WEIGHTED.items():
            name, color, marker = kinds[prefix]
            values = self.weights[weight]
            label = f"{weight}, of {name}" if (values > 0).any() else f"{weight} = 0"
            style = {"color": color, "marker": marker, "label": label}
            self.weight_lines_[weight] = _draw(bottom, epochs, values, style, curve_kwargs)
        for axes, frame in ((top, self.loss_curve), (bottom, self.weights)):
            # The largest is many times the smallest, but zeros alone have no logarithmic scale.
            if (frame > 0).any(axis=None):
                axes.set_yscale("log", nonpositive="mask")
            axes.xaxis.set_major_locator(MaxNLocator(integer=True))
            axes.grid(axis="y", color="0.9")
            axes.set_axisbelow(True)
            add_legend(axes)
        top.set(xlabel="epoch", ylabel="loss, mean over samples")
        bottom.set(xlabel="epoch", ylabel="weight")
        if top.get_shared_x_axes().joined(top, bottom):
            top.xaxis.label.set_visible(False)
        self.figure_ = top.figure
        return self

    @classmethod
    def from_estimator(
        cls, estimator: Any, *, ax: Any = None, curve_kwargs: dict[str, Any] | None = None
    ) -> Self:
        """Plot the history of a fitted estimator.

        Parameters
        ----------
        estimator : estimator
            A fitted `CADAVAETransformer` or `GZSLClassifier`; or a pipeline that ends in one, a
            search over one, a `TunedSeenPenaltyClassifierCV` around one, or a frozen one.

        ax : array-like of two matplotlib Axes or None, default=None
            Where to plot the terms and the weights. None makes a new figure.

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
            If it has no `CADAVAETransformer` in it.

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
        """
        caller = f"{cls.__name__}.from_estimator"
        check_matplotlib_support(caller)
        transformer = find_layer(
            estimator, "loss_curve_", "loss_weights_", caller=caller, example="CADAVAETransformer"
        )
        display = cls(loss_curve=transformer.loss_curve_, weights=transformer.loss_weights_)
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
    return {
        column: styles.get(column, total if column == "loss" else {"label": column})
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
