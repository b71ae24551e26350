"""The display of features, and of class embeddings or generated features, in one plane."""

from collections.abc import Sequence
from itertools import cycle
from numbers import Integral
from typing import TYPE_CHECKING, Any, Literal, Self

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike, NDArray
from sklearn.base import clone
from sklearn.decomposition import PCA
from sklearn.pipeline import Pipeline

from skcada._classes.embeddings import ClassEmbeddings
from skcada._classes.labels import check_known, check_labels, check_lengths
from skcada._intervals import Interval
from skcada._sklearn import (
    HasMethods,
    StrOptions,
    _validate_style_kwargs,
    check_matplotlib_support,
    validate_params,
)
from skcada._unwrap import find_layer, layers
from skcada.inspection._drawing import (
    BLACK,
    MAX_COLORS,
    ClassColors,
    add_legend,
    new_figure,
    write_names,
)

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.lines import Line2D

# Shapes for seen and for unseen classes, whose colors may be alike: one pair for the features, and
# one for each modality of class embeddings.
FEATURE_MARKERS = ("o", "x")
GENERATED_MARKERS = ("1", "2")
EMBEDDING_MARKERS = (("s", "*"), ("D", "P"), ("p", "X"))
ROLES = ("seen", "unseen")
# Where there are more embeddings, their markers are smaller.
MAX_LARGE_EMBEDDINGS = 50

PLOT_PARAMETERS = {
    "annotate": [StrOptions({"auto"}), "boolean", "array-like"],
    "feature_kwargs": [dict, None],
    "embedding_kwargs": [dict, None],
}


class LatentSpaceDisplay:
    """Latent means of features and of class embeddings in one plane.

    Create it by :meth:`from_estimator`. All parameters are stored as attributes.

    A model that generates features has no latents of class embeddings. Its generated features are
    shown in their place, with a marker at the mean of those of each class. They are drawn as
    tripods, so that they can be told from real ones without their color.

    Up to ten classes have a color each and their names beside the embeddings. Where there are
    more, color tells seen from unseen classes only. Where there are more than fifty embeddings,
    their markers are smaller, except those of the classes that `annotate` lists.

    Parameters
    ----------
    features : ndarray of shape (n_samples, 2)
        The positions of the rows.

    labels : array-like of shape (n_samples,)
        The classes of the rows.

    embeddings : DataFrame of shape (n_embeddings, 2)
        The positions of the class embeddings, indexed by class, or by modality and class; of a
        model that generates features, the means of what is generated for each class.

    seen_classes : array-like of shape (n_seen_classes,)
        The classes that trained the model. Every other one is unseen.

    axis_names : tuple of two str, default=("dimension 1", "dimension 2")
        The labels of the two axes.

    generated : DataFrame of shape (n_generated, 2) or None, default=None
        The positions of generated features, indexed by class; each class must be in `embeddings`.

    Attributes
    ----------
    feature_points_ : dict of str to matplotlib PathCollection
        The rows of "seen" and of "unseen" classes, as far as there are any.

    embedding_points_ : dict of tuple of two str to matplotlib PathCollection
        The class embeddings of each modality, its name the first part of the key, and of "seen"
        and "unseen" classes, the second.

    generated_points_ : dict of str to matplotlib PathCollection
        The generated features of "seen" and of "unseen" classes, as far as there are any.

    names_ : list of matplotlib Annotation
        The names of classes, each beside the embedding of the class; where there are several, of
        the first modality that describes it.

    ax_ : matplotlib Axes
        The axes.

    figure_ : matplotlib Figure
        The figure.

    See Also
    --------
    skcada.CADAVAETransformer : Trains the latent space.
    skcada.generation.CVAETransformer : Generates features.
    TrainingHistoryDisplay : Loss terms and weights of its training.

    Examples
    --------
    >>> import pandas as pd
    >>> from skcada.inspection import LatentSpaceDisplay
    >>> display = LatentSpaceDisplay(
    ...     features=[[0.1, 0.9], [0.8, 0.2]],
    ...     labels=["bat", "owl"],
    ...     embeddings=pd.DataFrame([[0.0, 1.0], [1.0, 0.0]], index=["bat", "owl"]),
    ...     seen_classes=["bat"],
    ... )
    >>> [name.get_text() for name in display.plot().names_]
    ['bat', 'owl']
    """

    def __init__(
        self,
        *,
        features: ArrayLike,
        labels: ArrayLike,
        embeddings: pd.DataFrame,
        seen_classes: ArrayLike,
        axis_names: tuple[str, str] = ("dimension 1", "dimension 2"),
        generated: pd.DataFrame | None = None,
    ) -> None:
        self.features = features
        self.labels = labels
        self.embeddings = embeddings
        self.seen_classes = seen_classes
        self.axis_names = axis_names
        self.generated = generated

    @validate_params(PLOT_PARAMETERS, prefer_skip_nested_validation=True)
    def plot(
        self,
        ax: "Axes | None" = None,
        *,
        annotate: Literal["auto"] | bool | ArrayLike = "auto",
        feature_kwargs: dict[str, Any] | None = None,
        embedding_kwargs: dict[str, Any] | None = None,
    ) -> Self:
        """Plot the plane.

        Parameters
        ----------
        ax : matplotlib Axes or None, default=None
            Where to plot. None makes a new figure.

        annotate : "auto", bool or array-like of class labels, default="auto"
            Which classes to name beside their embeddings: all, none or those listed. "auto" names
            all if there are at most ten.

        feature_kwargs, embedding_kwargs : dict or None, default=None
            Keyword arguments of matplotlib's `scatter` for the features and for the embeddings.

        Returns
        -------
        display : LatentSpaceDisplay
            The display.

        Raises
        ------
        ValueError
            If `annotate` or `generated` has a class that has no embedding.
        """
        check_matplotlib_support(f"{type(self).__name__}.plot")
        features = np.asarray(self.features)
        positions = self.embeddings.to_numpy()
        is_generated = self.generated is not None
        kind = "means of generated features" if is_generated else "class embeddings"
        modality, classes = _split_index(self.embeddings.index, kind)
        labels, classes, seen = check_labels(
            y=self.labels, class_embeddings=classes, seen_classes=self.seen_classes
        )
        named = _classes_to_name(annotate, classes)
        is_seen = np.asarray(classes.isin(seen))
        # Unseen classes first: the first colors of the palette differ most.
        colors = ClassColors(pd.Index([*classes[~is_seen].unique(), *classes[is_seen].unique()]))
        if ax is None:
            _, ax = new_figure()

        self.feature_points_ = {}
        self.embedding_points_ = {}
        handles: list[Line2D] = []
        # Many rows have smaller markers, so that a cloud keeps its structure.
        size = 16 * min(1.0, np.sqrt(500 / len(features)))
        for role, marker in zip(ROLES, FEATURE_MARKERS, strict=True):
            rows = np.asarray(labels.isin(seen)) == (role == "seen")
            if not rows.any():
                continue
            style = {
                "c": colors(labels[rows], role, is_embedding=False),
                "marker": marker,
                "s": size,
                "linewidths": 0 if marker == "o" else 0.8,
                "alpha": 0.6,
                # The smaller group lies above, so that the larger one does not hide it.
                "zorder": 2 if 2 * rows.sum() > len(rows) else 2.1,
            }
            self.feature_points_[role] = _scatter(ax, features[rows], style, feature_kwargs)
            handles.append(colors.handle(f"features, {role} classes", marker, role, False))
        self.generated_points_ = {}
        if self.generated is not None:
            origins = pd.Index(self.generated.index)
            _check_covered(classes, origins, "generated")
            # Many are smaller, like many rows, which they would hide.
            shrink = min(1.0, np.sqrt(500 / len(origins)))
            for role, marker in zip(ROLES, GENERATED_MARKERS, strict=True):
                rows = np.asarray(origins.isin(seen)) == (role == "seen")
                if not rows.any():
                    continue
                style = {
                    "c": colors(origins[rows], role, is_embedding=False),
                    "marker": marker,
                    "s": 36 * shrink,
                    "linewidths": 0.8 * np.sqrt(shrink),
                    "alpha": 0.8,
                    "zorder": 2.2,
                }
                points = _scatter(ax, self.generated.to_numpy()[rows], style, feature_kwargs)
                self.generated_points_[role] = points
                handles.append(colors.handle(f"generated, {role} classes", marker, role, False))
        # Many markers are smaller, so that they do not hide the rows, except for a few that are
        # named.
        scale = np.full(len(positions), min(1.0, MAX_LARGE_EMBEDDINGS / len(positions)))
        is_named = np.asarray(classes.isin(named))
        if is_named.sum() <= MAX_LARGE_EMBEDDINGS:
            scale[is_named] = 1.0
        pairs = dict(zip(pd.unique(modality), cycle(EMBEDDING_MARKERS)))
        for name, markers in pairs.items():
            for role, marker in zip(ROLES, markers, strict=True):
                rows = (modality == name) & (is_seen == (role == "seen"))
                if not rows.any():
                    continue
                style = {
                    "c": colors(classes[rows], role, is_embedding=True),
                    "marker": marker,
                    "s": (45 if marker in "sD" else 110)
                    * (1 if colors.by_class else 0.6)
                    * scale[rows],
                    "edgecolor": BLACK,
                    "linewidths": 0.8 * np.sqrt(scale[rows]),
                    "zorder": 3,
                }
                points = _scatter(ax, positions[rows], style, embedding_kwargs)
                self.embedding_points_[name, role] = points
                handles.append(colors.handle(f"{name}, {role} classes", marker, role, True))
        ax.set(xlabel=self.axis_names[0], ylabel=self.axis_names[1])
        # Distances are the same in every direction.
        ax.set_aspect("equal")
        # Once per class, even if several modalities describe it.
        rows = is_named & ~classes.duplicated()
        self.names_ = write_names(
            ax,
            classes[rows],
            positions[rows],
            is_seen=is_seen[rows],
            fontsize=None if colors.by_class else "small",
            zorder=1 + max(points.get_zorder() for points in self.embedding_points_.values()),
        )
        add_legend(ax, handles=handles)
        self.ax_, self.figure_ = ax, ax.figure
        return self

    @classmethod
    @validate_params(
        {
            "y": ["array-like"],
            "class_embeddings": ["array-like", "sparse matrix", dict, None],
            "projection": [HasMethods(["fit_transform"]), None],
            "n_generated": [Interval(Integral, 1, None, closed="left")],
            "random_state": ["random_state"],
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
        class_embeddings: Any = None,
        projection: Any = None,
        n_generated: int = 20,
        random_state: int | np.random.RandomState | None = None,
        annotate: Literal["auto"] | bool | ArrayLike = "auto",
        ax: "Axes | None" = None,
        feature_kwargs: dict[str, Any] | None = None,
        embedding_kwargs: dict[str, Any] | None = None,
    ) -> Self:
        """Plot the latent space of a fitted estimator, or what it generates among real rows.

        Parameters
        ----------
        estimator : estimator
            A fitted `CADAVAETransformer`, another aligner, a transformer that generates features,
            or a `GZSLClassifier` with one of these; or a pipeline that ends in one, a
            search over one, a `TunedSeenPenaltyClassifierCV` around one, or a frozen one.

        X : array-like of shape (n_samples, n_features)
            Features of rows of any class.

        y : array-like of shape (n_samples,)
            Their labels. Each class must have an embedding.

        class_embeddings : DataFrame, array-like, sparse matrix, dict or None, default=None
            The class embeddings to plot, or to generate features of, in a form that the estimator
            accepts. None takes those that it was fitted with, of unseen classes and of seen ones,
            whose features show whether a generator has learned what it was trained on. To show only
            a few classes, pass their part of the table, `class_embeddings=table.loc[few]`, and of
            `X` and `y` the rows of these classes.

        projection : transformer or None, default=None
            Maps latents to the plane. A clone of it is fitted on the latent means of features and
            embeddings, or on real and generated features, together, by `fit_transform`; it must
            return two columns. None is the first two principal components.

        n_generated : int, default=20
            Number of features to generate for each class, by a model that generates them. No other
            model uses it.

        random_state : int, RandomState instance or None, default=None
            Determines the generated features.

        annotate : "auto", bool or array-like of class labels, default="auto"
            Which classes to name beside their embeddings: all, none or those listed. "auto" names
            all if there are at most ten.

        ax : matplotlib Axes or None, default=None
            Where to plot. None makes a new figure.

        feature_kwargs, embedding_kwargs : dict or None, default=None
            Keyword arguments of matplotlib's `scatter` for the features, real and generated, and
            for the embeddings.

        Returns
        -------
        display : LatentSpaceDisplay
            The display.

        Raises
        ------
        ImportError
            If matplotlib is not installed.

        NotFittedError
            If the estimator is not fitted.

        TypeError
            If it neither has a latent space that features and class embeddings share nor
            generates features.

        ValueError
            If a class in `y` or `annotate`, or one that the estimator knows, has no embedding; if
            the estimator generates features and has no class embeddings; if the projection does not
            return two columns.

        Examples
        --------
        >>> import numpy as np
        >>> from sklearn.manifold import TSNE
        >>> from skcada import CADAVAETransformer
        >>> from skcada.datasets import make_gzsl_classification
        >>> from skcada.inspection import LatentSpaceDisplay
        >>> problem = make_gzsl_classification(random_state=0)
        >>> transformer = CADAVAETransformer(
        ...     class_embeddings=problem.class_embeddings, max_iter=1
        ... )
        >>> X, y = problem.data[problem.trainval], problem.target[problem.trainval]
        >>> display = LatentSpaceDisplay.from_estimator(transformer.fit(X, y), X, y)
        >>> display.axis_names
        ('PCA component 1 (...% of variance)', 'PCA component 2 (...% of variance)')
        >>> display = LatentSpaceDisplay.from_estimator(
        ...     transformer, X[:50], y[:50], projection=TSNE(max_iter=250)
        ... )
        >>> display.axis_names
        ('TSNE component 1', 'TSNE component 2')

        Three of the classes:

        >>> few = [1, 4, 6]
        >>> display = LatentSpaceDisplay.from_estimator(
        ...     transformer,
        ...     X[np.isin(y, few)],
        ...     y[np.isin(y, few)],
        ...     class_embeddings=problem.class_embeddings.loc[few],
        ... )
        >>> [name.get_text() for name in display.names_]
        ['1', '4', '6']

        Features that are generated for the same three, five of each:

        >>> from skcada.generation import CVAETransformer
        >>> generator = CVAETransformer(
        ...     class_embeddings=problem.class_embeddings,
        ...     encoder_layers=16,
        ...     decoder_layers=16,
        ...     max_iter=2,
        ... )
        >>> display = LatentSpaceDisplay.from_estimator(
        ...     generator.fit(X, y),
        ...     X[np.isin(y, few)],
        ...     y[np.isin(y, few)],
        ...     class_embeddings=problem.class_embeddings.loc[few],
        ...     n_generated=5,
        ...     random_state=0,
        ... )
        >>> display.generated.index.value_counts(sort=False).to_dict()
        {1: 5, 4: 5, 6: 5}
        """
        caller = f"{cls.__name__}.from_estimator"
        check_matplotlib_support(caller)
        model = find_layer(estimator, "seen_classes_", caller=caller, example="CADAVAETransformer")
        transformer = find_layer(
            estimator, "transform", "sample", caller=caller, example="CADAVAETransformer"
        )
        is_aligner = hasattr(transformer, "transform_embeddings")
        shown = _fitted_embeddings(estimator) if class_embeddings is None else class_embeddings
        if is_aligner:
            class_latents = transformer.transform_embeddings(shown)
        else:
            class_latents = _generate(transformer, shown, n_generated, random_state)
        _, classes = _split_index(class_latents.index)
        # Raise the errors of `plot` before the features are encoded.
        _classes_to_name(annotate, classes)
        if class_embeddings is None:
            known = [*model.seen_classes_, *getattr(model, "unseen_classes_", ())]
            _check_covered(classes, known, "the estimator")
        _check_covered(classes, y, "y")
        for layer in layers(estimator):
            if isinstance(layer, Pipeline) and len(layer) > 1:
                X = layer[:-1].transform(X)
        # The transformer returns a DataFrame after set_output.
        latents = np.asarray(transformer.transform(X))
        check_lengths(X=latents, y=y)

        # The other solvers draw from NumPy's global random state.
        projection = PCA(2, svd_solver="full") if projection is None else clone(projection)
        # Squares of single precision overflow early.
        stacked = np.concatenate([latents, class_latents.to_numpy()], dtype=np.float64)
        plane = np.asarray(projection.fit_transform(stacked))
        if plane.shape != (len(stacked), 2):
            raise ValueError(
                f"projection={projection!r} returns an array of shape {plane.shape}, but the plane "
                f"has two dimensions, which is shape ({len(stacked)}, 2). Set n_components=2."
            )
        positions = pd.DataFrame(plane[len(latents) :], index=class_latents.index)
        display = cls(
            features=plane[: len(latents)],
            labels=np.asarray(y),
            embeddings=positions if is_aligner else positions.groupby(level=0, sort=False).mean(),
            seen_classes=model.seen_classes_,
            axis_names=_axis_names(projection),
            generated=None if is_aligner else positions,
        )
        return display.plot(
            ax,
            annotate=annotate,
            feature_kwargs=feature_kwargs,
            embedding_kwargs=embedding_kwargs,
        )


def _scatter(
    ax: "Axes", points: NDArray, style: dict[str, Any], user_style: dict[str, Any] | None
) -> Any:
    style = _validate_style_kwargs({"color": style.pop("c"), **style}, user_style or {})
    return ax.scatter(points[:, 0], points[:, 1], **style)


def _split_index(index: pd.Index, kind: str = "class embeddings") -> tuple[NDArray, pd.Index]:
    """Return the modality, `kind` where there is one, and the class of each class embedding."""
    if index.nlevels == 2:
        return np.asarray(index.get_level_values(0)), index.get_level_values(1)
    return np.full(len(index), kind), index


def _generate(transformer: Any, class_embeddings: Any, n_generated: int, seed: Any) -> pd.DataFrame:
    """Return features that are generated for classes, indexed by class."""
    if class_embeddings is None:
        raise ValueError(
            "The estimator was fitted without class embeddings, so that no features can be "
            "generated. Pass class_embeddings."
        )
    embeddings = ClassEmbeddings.parse(class_embeddings)
    drawn = transformer.sample(
        class_embeddings=embeddings.frames(), n_samples=n_generated, random_state=seed
    )
    return pd.DataFrame(np.asarray(drawn), index=np.repeat(embeddings.classes, n_generated))


def _fitted_embeddings(estimator: Any) -> Any:
    """Return the class embeddings that the estimator was fitted with, or None without any."""
    # The outermost, because a classifier may add classes to those of a frozen transformer.
    found = (getattr(layer, "class_embeddings_", None) for layer in layers(estimator))
    return next((embeddings for embeddings in found if embeddings is not None), None)


def _classes_to_name(annotate: Any, classes: pd.Index) -> pd.Index:
    """Return the classes whose names are wanted, all of which must have an embedding."""
    if isinstance(annotate, str):  # "auto"
        annotate = classes.nunique() <= MAX_COLORS
    if isinstance(annotate, bool | np.bool_):
        return classes if annotate else classes[:0]
    if not len(annotate):
        return classes[:0]
    classes, listed = check_labels(class_embeddings=classes, annotate=annotate)
    check_known(
        listed,
        classes,
        "annotate",
        "class_embeddings",
        advice="Leave them out, or add rows to class_embeddings.",
    )
    return listed


def _check_covered(classes: pd.Index, labels: ArrayLike, name: str) -> None:
    classes, present = check_labels(**{"class_embeddings": classes, name: labels})
    check_known(
        present,
        classes,
        name,
        "class_embeddings",
        advice="Pass class_embeddings that has a row for each, or drop their samples.",
    )


def _axis_names(projection: Any) -> tuple[str, str]:
    """Name the axes after the projection, with the share of the variance where it is known."""
    *_, last = layers(projection)
    names = [f"{type(last).__name__} component {i}" for i in (1, 2)]
    shares: Sequence[float] | None = getattr(last, "explained_variance_ratio_", None)
    if shares is not None:
        names = [
            f"{name} ({share:.0%} of variance)" for name, share in zip(names, shares, strict=True)
        ]
    return names[0], names[1]
