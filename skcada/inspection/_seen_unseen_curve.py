"""The display of the trade-off between seen and unseen classes."""

from collections.abc import Mapping, Sequence
from numbers import Real
from typing import TYPE_CHECKING, Any, Self

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike, NDArray
from sklearn.metrics import auc

from skcada._intervals import Interval
from skcada._sklearn import (
    HasMethods,
    _validate_style_kwargs,
    check_matplotlib_support,
    validate_params,
)
from skcada.inspection._cv_curves import FoldCurve, read_cv_results
from skcada.inspection._drawing import add_legend, draw_isolines, new_figure
from skcada.metrics import gzsl_scores, seen_unseen_auc_score, seen_unseen_curve
from skcada.metrics._scorer import find_gzsl_classifier, score_labelled_rows
from skcada.model_selection._penalty_choice import average

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.lines import Line2D

PLOT_PARAMETERS = {"name": [str, None], "curve_kwargs": [dict, None], "plot_isolines": ["boolean"]}


class SeenUnseenCurveDisplay:
    """Seen against unseen accuracy over a penalty on the scores of seen classes.

    Create it by :meth:`from_estimator`, :meth:`from_predictions` or :meth:`from_cv_results`. All
    parameters are stored as attributes.

    Parameters
    ----------
    seen_accuracy : ndarray of shape (n_penalties,)
        S, the per-class accuracy on rows of seen classes, for increasing penalties.

    unseen_accuracy : ndarray of shape (n_penalties,)
        U, the per-class accuracy on rows of unseen classes.

    seen_penalty : ndarray of shape (n_penalties,)
        The penalties, on top of what the scores hold already.

    harmonic_mean : ndarray of shape (n_penalties,)
        H at each penalty. Where the accuracies are means over folds, it is the mean of H, which is
        not the harmonic mean of the two.

    ausuc : float, list of float or None, default=None
        Area under the curve, or under that of each fold. None leaves it out of the legend.

    operating_point : tuple of three floats or None, default=None
        S, U and H of the estimator as it stands. None marks no such point.

    fold_curves : list of tuple of two ndarray, or None, default=None
        S and U of each fold, to be drawn faintly.

    name : str or None, default=None
        Name of the curve in the legend.

    Attributes
    ----------
    line_ : matplotlib Line2D
        The curve.

    fold_lines_ : list of matplotlib Line2D
        The curves of the folds.

    best_point_ : matplotlib Line2D
        The point of highest H.

    operating_point_ : matplotlib Line2D or None
        The point of the estimator as it stands.

    isolines_ : list of matplotlib Line2D
        The lines of constant H. It is empty where the axes have them already.

    ax_ : matplotlib Axes
        The axes.

    figure_ : matplotlib Figure
        The figure.

    See Also
    --------
    skcada.metrics.seen_unseen_curve : The numbers behind the curve.
    skcada.metrics.seen_unseen_auc_score : The area under it, AUSUC.
    skcada.model_selection.TunedSeenPenaltyClassifierCV : Find a penalty without unseen test data.

    Notes
    -----
    The best point is chosen by the rows that it is judged by, so its H is what a perfect choice of
    the penalty would give and no estimate. For a penalty that may be reported use
    :class:`~skcada.model_selection.TunedSeenPenaltyClassifierCV`.

    The curve joins neighbouring points by straight lines, as the area does.

    Examples
    --------
    >>> from skcada.inspection import SeenUnseenCurveDisplay
    >>> y_true = ["bat", "cat", "owl", "owl"]
    >>> y_score = [[9, 2, 1], [3, 6, 1], [9, 1, 3], [1, 1, 8]]
    >>> display = SeenUnseenCurveDisplay.from_predictions(
    ...     y_true, y_score, classes=["bat", "cat", "owl"], seen_classes=["bat", "cat"]
    ... )
    >>> display.line_.get_label()
    'AUSUC = 0.75'
    >>> display.operating_point_.get_label()
    'operating point, H = 0.67'
    """

    def __init__(
        self,
        *,
        seen_accuracy: NDArray[np.float64],
        unseen_accuracy: NDArray[np.float64],
        seen_penalty: NDArray[np.float64],
        harmonic_mean: NDArray[np.float64],
        ausuc: float | Sequence[float] | None = None,
        operating_point: tuple[float, float, float] | None = None,
        fold_curves: Sequence[FoldCurve] | None = None,
        name: str | None = None,
    ) -> None:
        self.seen_accuracy = seen_accuracy
        self.unseen_accuracy = unseen_accuracy
        self.seen_penalty = seen_penalty
        self.harmonic_mean = harmonic_mean
        self.ausuc = ausuc
        self.operating_point = operating_point
        self.fold_curves = fold_curves
        self.name = name

    @validate_params(PLOT_PARAMETERS, prefer_skip_nested_validation=True)
    def plot(
        self,
        ax: "Axes | None" = None,
        *,
        name: str | None = None,
        curve_kwargs: dict[str, Any] | None = None,
        plot_isolines: bool = True,
    ) -> Self:
        """Plot the curve.

        Parameters
        ----------
        ax : matplotlib Axes or None, default=None
            Where to plot, for instance the `ax_` of another display, to compare two curves. None
            makes a new figure.

        name : str or None, default=None
            Name of the curve in the legend. None is the `name` of the display.

        curve_kwargs : dict or None, default=None
            Keyword arguments of matplotlib's `plot` for the curve. The points take its color.

        plot_isolines : bool, default=True
            Whether to draw lines of constant H.

        Returns
        -------
        display : SeenUnseenCurveDisplay
            The display.
        """
        check_matplotlib_support(f"{type(self).__name__}.plot")
        if ax is None:
            _, ax = new_figure()
        label = self._legend_label(self.name if name is None else name)
        style = _validate_style_kwargs({"label": label}, curve_kwargs or {})

        self.isolines_ = draw_isolines(ax) if plot_isolines else []
        self.line_: Line2D
        (self.line_,) = ax.plot(self.unseen_accuracy, self.seen_accuracy, **style)
        color = self.line_.get_color()
        self.fold_lines_ = [
            ax.plot(unseen, seen, color=color, linewidth=0.8, alpha=0.4, zorder=1.9)[0]
            for seen, unseen in self.fold_curves or ()
        ]
        if self.fold_lines_:
            self.fold_lines_[0].set_label("single folds")
        self.operating_point_ = None
        if self.operating_point is not None:
            seen, unseen, mean = self.operating_point
            self.operating_point_ = _draw_point(
                ax, unseen, seen, f"operating point, H = {mean:.2f}", color, "o", 9
            )
        best = int(np.argmax(self.harmonic_mean))
        h, penalty = self.harmonic_mean[best], self.seen_penalty[best]
        self.best_point_ = _draw_point(
            ax,
            self.unseen_accuracy[best],
            self.seen_accuracy[best],
            f"best H = {h:.2f}, at penalty {penalty:+.2g}",
            color,
            "*",
            14,
        )
        ax.set(
            xlabel="U, per-class accuracy on unseen classes",
            ylabel="S, per-class accuracy on seen classes",
            xlim=(0, 1),
            ylim=(0, 1),
            aspect="equal",
        )
        add_legend(ax)
        self.ax_, self.figure_ = ax, ax.figure
        return self

    def _legend_label(self, name: str | None) -> str | None:
        if self.ausuc is None:
            return name
        areas = np.atleast_1d(self.ausuc)
        label = f"AUSUC = {areas.mean():.2f}"
        if len(areas) > 1:
            label += f" +/- {areas.std():.2f}"
        return label if name is None else f"{name} ({label})"

    @classmethod
    @validate_params(
        {
            "estimator": [HasMethods(["decision_function"]), HasMethods(["predict_proba"])],
            "y": ["array-like"],
            **PLOT_PARAMETERS,
        },
        prefer_skip_nested_validation=True,
    )
    def from_estimator(
        cls,
        estimator: Any,
        X: Any,
        y: ArrayLike,
        *,
        name: str | None = None,
        ax: "Axes | None" = None,
        curve_kwargs: dict[str, Any] | None = None,
        plot_isolines: bool = True,
    ) -> Self:
        """Plot the curve of a fitted classifier on some rows.

        Parameters
        ----------
        estimator : estimator
            A fitted classifier with `classes_`, `seen_classes_` and `decision_function` or
            `predict_proba`, such as `GZSLClassifier` or `TunedSeenPenaltyClassifierCV`; or a
            pipeline that ends in one, a search over one, or a frozen one.

        X : array-like of shape (n_samples, n_features)
            Features of rows of seen and of unseen classes.

        y : array-like of shape (n_samples,)
            Their labels.

        name : str or None, default=None
            Name of the curve in the legend. None is the class of the classifier.

        ax : matplotlib Axes or None, default=None
            Where to plot. None makes a new figure.

        curve_kwargs : dict or None, default=None
            Keyword arguments of matplotlib's `plot` for the curve.

        plot_isolines : bool, default=True
            Whether to draw lines of constant H.

        Returns
        -------
        display : SeenUnseenCurveDisplay
            The display. Its penalties are on top of the `seen_penalty` of the classifier.

        Raises
        ------
        ImportError
            If matplotlib is not installed.

        NotFittedError
            If the estimator is not fitted.

        TypeError
            If it has no `seen_classes_`.

        ValueError
            If `y` holds no row of a seen class, or none of an unseen class, or a class that the
            estimator does not know; or if the estimator tells unseen classes apart only.

        Examples
        --------
        >>> import numpy as np
        >>> from skcada import CADAVAETransformer, GZSLClassifier
        >>> from skcada.datasets import make_gzsl_classification
        >>> from skcada.inspection import SeenUnseenCurveDisplay
        >>> problem = make_gzsl_classification(random_state=0)
        >>> model = GZSLClassifier(
        ...     CADAVAETransformer(max_iter=1), class_embeddings=problem.class_embeddings
        ... )
        >>> model = model.fit(problem.data[problem.trainval], problem.target[problem.trainval])
        >>> test = np.concatenate([problem.test_seen, problem.test_unseen])
        >>> display = SeenUnseenCurveDisplay.from_estimator(
        ...     model, problem.data[test], problem.target[test]
        ... )
        >>> display.name
        'GZSLClassifier'
        """
        caller = f"{cls.__name__}.from_estimator"
        check_matplotlib_support(caller)
        classifier = find_gzsl_classifier(estimator, caller=caller)
        return cls.from_predictions(
            y,
            score_labelled_rows(estimator, X, y, classifier.classes_),
            classes=classifier.classes_,
            seen_classes=classifier.seen_classes_,
            name=type(classifier).__name__ if name is None else name,
            ax=ax,
            curve_kwargs=curve_kwargs,
            plot_isolines=plot_isolines,
        )

    @classmethod
    @validate_params(
        {
            "y_true": ["array-like"],
            "y_score": ["array-like"],
            "classes": ["array-like"],
            "seen_classes": ["array-like"],
            **PLOT_PARAMETERS,
        },
        prefer_skip_nested_validation=True,
    )
    def from_predictions(
        cls,
        y_true: ArrayLike,
        y_score: ArrayLike,
        *,
        classes: ArrayLike,
        seen_classes: ArrayLike,
        name: str | None = None,
        ax: "Axes | None" = None,
        curve_kwargs: dict[str, Any] | None = None,
        plot_isolines: bool = True,
    ) -> Self:
        """Plot the curve of given scores.

        Parameters
        ----------
        y_true : array-like of shape (n_samples,)
            True labels, of seen and of unseen classes.

        y_score : array-like of shape (n_samples, n_classes), or (n_samples,) with two classes
            Score of each class, as for :func:`skcada.metrics.seen_unseen_curve`.

        classes : array-like of shape (n_classes,)
            The label of each column of `y_score`.

        seen_classes : array-like of shape (n_seen_classes,)
            Those of `classes` with training rows. Every other class is unseen.

        name : str or None, default=None
            Name of the curve in the legend. None shows no name.

        ax : matplotlib Axes or None, default=None
            Where to plot. None makes a new figure.

        curve_kwargs : dict or None, default=None
            Keyword arguments of matplotlib's `plot` for the curve.

        plot_isolines : bool, default=True
            Whether to draw lines of constant H.

        Returns
        -------
        display : SeenUnseenCurveDisplay
            The display. Its operating point is that of the highest score in each row.

        Raises
        ------
        ValueError
            As :func:`skcada.metrics.seen_unseen_curve` does.
        """
        check_matplotlib_support(f"{cls.__name__}.from_predictions")
        labels = {"classes": classes, "seen_classes": seen_classes}
        # The average of one curve is the curve, at finite penalties: the middles of intervals.
        _, curve = average([seen_unseen_curve(y_true, y_score, **labels)])
        scores = gzsl_scores(y_true, y_score, **labels)
        display = cls(
            seen_accuracy=curve["mean_S"],
            unseen_accuracy=curve["mean_U"],
            seen_penalty=curve["seen_penalty"],
            harmonic_mean=curve["mean_H"],
            ausuc=seen_unseen_auc_score(y_true, y_score, **labels),
            operating_point=(scores["S"], scores["U"], scores["H"]),
            name=name,
        )
        return display.plot(ax, curve_kwargs=curve_kwargs, plot_isolines=plot_isolines)

    @classmethod
    @validate_params(
        {"seen_penalty": [Interval(Real, None, None, closed="neither"), None], **PLOT_PARAMETERS},
        prefer_skip_nested_validation=True,
    )
    def from_cv_results(
        cls,
        cv_results: Mapping[str, ArrayLike] | pd.DataFrame,
        *,
        seen_penalty: float | None = None,
        name: str | None = None,
        ax: "Axes | None" = None,
        curve_kwargs: dict[str, Any] | None = None,
        plot_isolines: bool = True,
    ) -> Self:
        """Plot the mean curve of a cross-validation, and faintly those of its folds.

        Parameters
        ----------
        cv_results : dict or DataFrame
            The `cv_results_` of a fitted `TunedSeenPenaltyClassifierCV`.

        seen_penalty : float or None, default=None
            The penalty that was chosen, `best_seen_penalty_`, to be marked as operating point. None
            marks none.

        name : str or None, default=None
            Name of the curve in the legend. None tells the number of folds.

        ax : matplotlib Axes or None, default=None
            Where to plot. None makes a new figure.

        curve_kwargs : dict or None, default=None
            Keyword arguments of matplotlib's `plot` for the mean curve.

        plot_isolines : bool, default=True
            Whether to draw lines of constant H.

        Returns
        -------
        display : SeenUnseenCurveDisplay
            The display. Its H is the mean over the folds, by which the penalty is chosen, and the
            area is the mean of the areas of the folds.

        Raises
        ------
        ValueError
            If `cv_results` holds no seen-unseen curves, or not the point of `seen_penalty`.

        Examples
        --------
        >>> from skcada import CADAVAETransformer, GZSLClassifier
        >>> from skcada.datasets import make_gzsl_classification
        >>> from skcada.inspection import SeenUnseenCurveDisplay
        >>> from skcada.model_selection import TunedSeenPenaltyClassifierCV
        >>> problem = make_gzsl_classification(random_state=0)
        >>> classifier = GZSLClassifier(
        ...     CADAVAETransformer(max_iter=5), class_embeddings=problem.class_embeddings
        ... )
        >>> model = TunedSeenPenaltyClassifierCV(classifier, random_state=0)
        >>> model = model.fit(problem.data[problem.trainval], problem.target[problem.trainval])
        >>> display = SeenUnseenCurveDisplay.from_cv_results(
        ...     model.cv_results_, seen_penalty=model.best_seen_penalty_
        ... )
        >>> display.operating_point[2] == model.best_score_
        True
        """
        check_matplotlib_support(f"{cls.__name__}.from_cv_results")
        curves = read_cv_results(cv_results)
        n_folds = len(curves.folds)
        if name is None and n_folds > 1:
            name = f"mean of {n_folds} folds"
        display = cls(
            seen_accuracy=curves.s,
            unseen_accuracy=curves.u,
            seen_penalty=curves.penalties,
            harmonic_mean=curves.h,
            ausuc=[auc(unseen, seen) for seen, unseen in curves.folds],
            operating_point=None if seen_penalty is None else curves.at(seen_penalty),
            # The curve of a single fold is the mean.
            fold_curves=curves.folds if n_folds > 1 else None,
            name=name,
        )
        return display.plot(ax, curve_kwargs=curve_kwargs, plot_isolines=plot_isolines)


def _draw_point(
    ax: "Axes", x: float, y: float, label: str, color: Any, marker: str, size: float
) -> "Line2D":
    # A star with a rim on top of a ring, so that both can be seen where they coincide.
    rim: dict[str, Any] = {"mec": "white", "mew": 0.8}
    ring: dict[str, Any] = {"mfc": "white", "mew": 1.8}
    style = {"color": color, "linestyle": "none", "marker": marker, "markersize": size}
    style |= rim if marker == "*" else ring
    # Accuracies of 0 and 1 lie on the frame.
    (point,) = ax.plot(x, y, label=label, clip_on=False, zorder=3, **style)
    return point
