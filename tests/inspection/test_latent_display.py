"""The display of the latent space."""

import numpy as np
import pandas as pd
import pytest
from matplotlib.colors import same_color, to_rgba
from matplotlib.patheffects import withStroke
from numpy.testing import assert_allclose, assert_array_equal
from sklearn.base import BaseEstimator, TransformerMixin, clone
from sklearn.decomposition import PCA
from sklearn.exceptions import NotFittedError
from sklearn.frozen import FrozenEstimator
from sklearn.manifold import TSNE
from sklearn.model_selection import GridSearchCV
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import FunctionTransformer, StandardScaler
from sklearn.utils._param_validation import InvalidParameterError

from skcada import CADAVAETransformer, GZSLClassifier, SoftmaxClassifier
from skcada.generation import CVAETransformer
from skcada.inspection import LatentSpaceDisplay


class FirstTwo(TransformerMixin, BaseEstimator):
    """Project on the first two dimensions, so that every place is known beforehand."""

    def fit(self, X, y=None):
        return self

    def transform(self, X):
        return np.asarray(X)[:, :2]


@pytest.fixture(scope="module")
def few(problem, transformer):
    """Return a transformer that was fitted with three classes, two of them seen, and its rows."""
    names = problem.class_embeddings.index[:3]
    seen = np.isin(problem.target, names[:2])
    embeddings = problem.class_embeddings.loc[names]
    fitted = clone(transformer).set_params(class_embeddings=embeddings)
    fitted.fit(problem.data[seen], problem.target[seen])
    rows = np.isin(problem.target, names)
    return fitted, problem.data[rows], problem.target[rows]


def draw(*args, **kwargs):
    return LatentSpaceDisplay.from_estimator(*args, projection=FirstTwo(), **kwargs)


def offsets(points):
    return np.concatenate([np.asarray(p.get_offsets()) for p in points.values()])


def test_features_and_embeddings_lie_where_their_latent_means_are(model, rows):
    X, y = rows
    display = draw(model, X, y)
    latents = model.transformer_.transform(X)[:, :2]
    is_seen = np.isin(y, model.seen_classes_)
    assert_allclose(display.feature_points_["seen"].get_offsets(), latents[is_seen])
    assert_allclose(display.feature_points_["unseen"].get_offsets(), latents[~is_seen])
    class_latents = model.transformer_.transform_embeddings().iloc[:, :2]
    for role, classes in (("seen", model.seen_classes_), ("unseen", model.unseen_classes_)):
        points = display.embedding_points_["class embeddings", role]
        assert_allclose(points.get_offsets(), class_latents.loc[classes])


@pytest.mark.parametrize(
    "wrap",
    [
        lambda model: FrozenEstimator(model),
        lambda model: make_pipeline(FunctionTransformer(), model),
        lambda model: make_pipeline(model.transformer_),
        lambda model: model.transformer_,
    ],
)
def test_estimators_are_looked_through(wrap, model, rows):
    display, expected = draw(wrap(model), *rows), draw(model, *rows)
    assert_allclose(display.features, expected.features)
    assert_allclose(display.embeddings, expected.embeddings)
    assert_array_equal(display.seen_classes, expected.seen_classes)


def test_steps_before_the_model_transform_the_rows(model, rows):
    X, y = rows
    halve = FunctionTransformer(lambda X: X / 2).fit(X)
    display = draw(make_pipeline(halve, model), X, y)
    assert_allclose(display.features, draw(model, X / 2, y).features)


def test_a_search_shows_its_best_estimator(few):
    transformer, X, y = few
    seen = np.isin(y, transformer.seen_classes_)
    search = GridSearchCV(
        clone(transformer), {"max_iter": [1]}, cv=[([0, 60], [1])], scoring=lambda *_: 0.0
    ).fit(X[seen], y[seen])
    assert_allclose(draw(search, X, y).features, draw(search.best_estimator_, X, y).features)


def test_principal_components_tell_their_share_of_the_variance(model, rows):
    X, y = rows
    display = LatentSpaceDisplay.from_estimator(model, X, y)
    stacked = np.concatenate(
        [model.transformer_.transform(X), model.transformer_.transform_embeddings()]
    )
    pca = PCA(2, svd_solver="full").fit(stacked)
    assert_allclose(display.features, pca.transform(stacked)[: len(X)], atol=1e-5)
    shares = pca.explained_variance_ratio_
    assert display.ax_.get_xlabel() == f"PCA component 1 ({shares[0]:.0%} of variance)"
    assert display.ax_.get_ylabel() == f"PCA component 2 ({shares[1]:.0%} of variance)"
    assert display.ax_.get_aspect() == 1


def test_a_projection_without_transform_maps_features_and_embeddings_together(few):
    transformer, X, y = few
    tsne = TSNE(perplexity=5, max_iter=250, random_state=0)
    display = LatentSpaceDisplay.from_estimator(transformer, X, y, projection=tsne)
    assert np.shape(display.features) == (len(X), 2)
    assert display.embeddings.shape == (3, 2)
    assert display.ax_.get_xlabel() == "TSNE component 1"
    assert not hasattr(tsne, "embedding_")


def test_a_pipeline_as_projection_names_its_last_step(few):
    projection = make_pipeline(StandardScaler(), PCA(2))
    display = LatentSpaceDisplay.from_estimator(*few, projection=projection)
    assert display.axis_names[0].startswith("PCA component 1 (")


def test_a_projection_into_space_is_refused(few):
    with pytest.raises(ValueError, match=r"PCA\(n_components=3\).*Set n_components=2"):
        LatentSpaceDisplay.from_estimator(*few, projection=PCA(3))


def test_the_default_projection_leaves_the_global_random_state_alone(problem, transformer):
    # Rows and dimensions for which PCA by itself chooses a solver that draws at random.
    X, y = problem.data[:520], problem.target[:520]
    fitted = clone(transformer).set_params(
        latent_size=64, class_embeddings=problem.class_embeddings, max_iter=1
    )
    fitted.fit(X, y)
    before = np.random.get_state()[1].copy()  # noqa: NPY002
    LatentSpaceDisplay.from_estimator(fitted, X, y)
    assert_array_equal(np.random.get_state()[1], before)  # noqa: NPY002


def test_few_classes_have_a_color_and_a_name_each(few):
    transformer, X, y = few
    display = draw(transformer, X, y)
    assert [name.get_text() for name in display.names_] == sorted(set(y))
    places = {name.get_text(): name.xy for name in display.names_}
    for label, place in display.embeddings.iterrows():
        assert_array_equal(places[label], place)
    class_colors = {}
    for role, points in display.feature_points_.items():
        labels = y[np.isin(y, transformer.seen_classes_) == (role == "seen")]
        for label, color in zip(labels, points.get_facecolors(), strict=True):
            class_colors.setdefault(label, set()).add(tuple(color[:3]))
    assert [len(colors) for colors in class_colors.values()] == [1, 1, 1]
    assert len(set.union(*class_colors.values())) == 3
    unseen = display.embedding_points_["class embeddings", "unseen"]
    (color,) = class_colors[(set(y) - set(transformer.seen_classes_)).pop()]
    assert same_color(unseen.get_facecolors()[0], color)


def test_many_classes_are_told_apart_as_seen_and_unseen_only(model, rows):
    display = draw(model, *rows)
    assert display.names_ == []
    points = [*display.feature_points_.values(), *display.embedding_points_.values()]
    colors = [np.unique(p.get_facecolors()[:, :3], axis=0) for p in points]
    assert [len(color) for color in colors] == [1, 1, 1, 1]
    assert len({tuple(color[0]) for color in colors}) == 4
    legend = display.ax_.get_legend()
    assert [text.get_text() for text in legend.get_texts()] == [
        "features, seen classes",
        "features, unseen classes",
        "class embeddings, seen classes",
        "class embeddings, unseen classes",
    ]
    for handle, color in zip(legend.legend_handles, colors, strict=True):
        assert same_color(handle.get_color(), to_rgba(color[0]))


@pytest.mark.parametrize(
    ("annotate", "expected"),
    [
        (["class 03", "class 14"], ["class 03", "class 14"]),
        (True, [f"class {i:02d}" for i in range(16)]),
        (False, []),
        ([], []),
    ],
)
def test_names_are_shown_on_request(annotate, expected, model, rows):
    display = draw(model, *rows, annotate=annotate)
    assert [name.get_text() for name in display.names_] == expected


class Untouched(FirstTwo):
    """Fail where it is fitted."""

    def fit_transform(self, X, y=None):
        raise AssertionError


def test_a_name_without_embedding_is_refused_before_latents_are_projected(model, rows):
    with pytest.raises(ValueError, match=r"lacks 1 of the 1 classes in annotate: 'yeti'"):
        LatentSpaceDisplay.from_estimator(model, *rows, annotate=["yeti"], projection=Untouched())


@pytest.mark.parametrize("annotate", ["all", "none", "class 12", None, 3])
def test_anything_but_auto_a_bool_or_a_list_of_classes_is_refused_at_once(annotate):
    message = (
        r"'annotate' parameter of LatentSpaceDisplay.from_estimator must be a str among {'auto'}, "
        r"an instance of 'bool' .* or an array-like. Got"
    )
    # Not even the estimator is looked at.
    with pytest.raises(InvalidParameterError, match=message):
        LatentSpaceDisplay.from_estimator(None, [[0]], [0], annotate=annotate)


@pytest.mark.parametrize("parameter", ["feature_kwargs", "embedding_kwargs"])
def test_styles_that_are_no_dicts_are_refused_at_once(parameter):
    with pytest.raises(InvalidParameterError, match=rf"'{parameter}' parameter of .*'red'"):
        LatentSpaceDisplay.from_estimator(None, [[0]], [0], **{parameter: "red"})


def test_each_modality_has_its_own_markers(problem, transformer):
    X, y = problem.data[problem.trainval], problem.target[problem.trainval]
    table = problem.class_embeddings
    fitted = clone(transformer).set_params(
        class_embeddings={"attributes": table, "words": table.iloc[:10] ** 2}, max_iter=1
    )
    display = draw(fitted.fit(X, y), X, y)
    assert len(offsets(display.embedding_points_)) == 26
    shapes = [p.get_paths()[0].vertices.tolist() for p in display.embedding_points_.values()]
    assert all(shapes.count(shape) == 1 for shape in shapes)
    labels = [text.get_text() for text in display.ax_.get_legend().get_texts()]
    assert "words, seen classes" in labels
    assert "attributes, unseen classes" in labels


def test_a_class_of_two_modalities_is_named_once_beside_its_first_embedding():
    index = pd.MultiIndex.from_tuples(
        [("attributes", "bat"), ("attributes", "owl"), ("words", "bat"), ("words", "yak")]
    )
    places = [[0.0, 0.0], [1.0, 0.0], [0.0, 1.0], [1.0, 1.0]]
    display = LatentSpaceDisplay(
        features=[[0.5, 0.5]],
        labels=["bat"],
        embeddings=pd.DataFrame(places, index=index),
        seen_classes=["bat", "owl"],
    ).plot()
    named = {name.get_text(): name.xy for name in display.names_}
    assert len(display.names_) == 3
    assert named == {"bat": (0.0, 0.0), "owl": (1.0, 0.0), "yak": (1.0, 1.0)}
    assert len(offsets(display.embedding_points_)) == 4


@pytest.mark.parametrize("zorder", [3, 20])
def test_names_lie_above_all_markers_and_have_a_white_outline(zorder, few):
    display = draw(*few, embedding_kwargs={"zorder": zorder})
    points = [*display.feature_points_.values(), *display.embedding_points_.values()]
    top = max(p.get_zorder() for p in points)
    for name in display.names_:
        assert name.get_zorder() > top
        (outline,) = name.get_path_effects()
        assert isinstance(outline, withStroke)


def in_a_row(n_classes, annotate=False):
    """Return the display of as many embeddings, of which the last is that of an unseen class."""
    places = np.column_stack([np.arange(n_classes), np.zeros(n_classes)])
    display = LatentSpaceDisplay(
        features=places,
        labels=range(n_classes),
        embeddings=pd.DataFrame(places),
        seen_classes=range(n_classes - 1),
    )
    return display.plot(annotate=annotate)


def sizes_of(display):
    points = display.embedding_points_["class embeddings", "seen"]
    sizes = np.broadcast_to(points.get_sizes(), len(points.get_offsets()))
    return sizes, np.broadcast_to(points.get_linewidths(), len(sizes))


def test_markers_of_embeddings_shrink_beyond_fifty_of_them():
    large, _ = sizes_of(in_a_row(50))
    assert_array_equal(large, large[0])
    assert large[0] == sizes_of(in_a_row(20))[0][0]
    small, rims = sizes_of(in_a_row(200))
    assert_allclose(small, large[0] / 4)
    assert_allclose(rims, sizes_of(in_a_row(20))[1][0] / 2)


def test_embeddings_of_the_named_few_of_many_classes_stay_large():
    (large, *_), _ = sizes_of(in_a_row(20))
    sizes, _ = sizes_of(in_a_row(200, annotate=[3, 50]))
    assert_array_equal(np.flatnonzero(sizes == large), [3, 50])
    # Not where all are named.
    assert_allclose(sizes_of(in_a_row(200, annotate=True))[0], large / 4)


def test_a_part_of_the_table_shows_a_few_classes_only(model, rows, problem):
    X, y = rows
    few = ["class 03", "class 14", "class 00"]
    display = draw(
        model,
        X[np.isin(y, few)],
        y[np.isin(y, few)],
        class_embeddings=problem.class_embeddings.loc[few],
    )
    assert [name.get_text() for name in display.names_] == few
    assert len(offsets(display.embedding_points_)) == 3
    with pytest.raises(ValueError, match="class_embeddings lacks 13 of the 16 classes in y"):
        draw(model, X, y, class_embeddings=problem.class_embeddings.loc[few])


@pytest.mark.parametrize("in_fit", [False, True])
def test_a_frozen_transformer_shows_the_classes_that_the_classifier_added(in_fit, few, problem):
    transformer, X, y = few
    seen = np.isin(y, transformer.seen_classes_)
    added = GZSLClassifier(FrozenEstimator(transformer))
    if in_fit:
        added.fit(X[seen], y[seen], class_embeddings=problem.class_embeddings)
    else:
        added.set_params(class_embeddings=problem.class_embeddings).fit(X[seen], y[seen])
    display = draw(added, X, y)
    assert_array_equal(display.embeddings.index, problem.class_embeddings.index)
    assert len(offsets(display.embedding_points_)) == 16


def test_new_classes_can_be_placed_in_the_latent_space(few, problem):
    transformer, X, y = few
    display = draw(transformer, X, y, class_embeddings=problem.class_embeddings)
    assert_array_equal(display.embeddings.index, problem.class_embeddings.index)


def test_a_class_without_embedding_is_named(few):
    transformer, X, y = few
    with pytest.raises(ValueError, match="class_embeddings lacks 1 of the 2 classes in y: 'yeti'"):
        draw(transformer, X, np.where(y == y[0], "yeti", y[-1]))


def test_rows_without_labels_are_an_error(few):
    transformer, X, y = few
    with pytest.raises(ValueError, match="inconsistent numbers of samples"):
        draw(transformer, X, y[:-1])


def test_markers_can_be_styled(few):
    display = draw(*few, feature_kwargs={"s": 3, "c": "black"}, embedding_kwargs={"alpha": 0.5})
    for points in display.feature_points_.values():
        assert_array_equal(points.get_sizes(), [3])
        assert same_color(points.get_facecolors()[0][:3], "black")
    assert {p.get_alpha() for p in display.embedding_points_.values()} == {0.5}


def test_an_unfitted_estimator_is_named(rows):
    with pytest.raises(NotFittedError, match="This CADAVAETransformer instance is not fitted"):
        draw(CADAVAETransformer(), *rows)


def test_an_estimator_without_latent_space_is_a_type_error(rows):
    message = "needs a fitted CADAVAETransformer.* SoftmaxClassifier has no seen_classes_"
    with pytest.raises(TypeError, match=message):
        draw(SoftmaxClassifier(max_iter=1).fit(*rows), *rows)


def test_labels_of_another_kind_are_an_error():
    display = LatentSpaceDisplay(
        features=[[0, 0]],
        labels=[1],
        embeddings=pd.DataFrame([[0, 0]], index=["1"]),
        seen_classes=["1"],
    )
    with pytest.raises(ValueError, match="class_embeddings holds strings but y holds numbers"):
        display.plot()


def test_classes_that_a_frozen_transformer_knows_nothing_of_are_named(few, problem):
    transformer, _, _ = few
    bare = clone(transformer).set_params(class_embeddings=None)
    known, others = problem.seen_classes[:2], problem.seen_classes[2:4]
    is_known, is_other = np.isin(problem.target, known), np.isin(problem.target, others)
    bare.fit(problem.data[is_known], problem.target[is_known])
    X, y = problem.data[is_other], problem.target[is_other]
    model = GZSLClassifier(FrozenEstimator(bare)).fit(X, y)
    with pytest.raises(ValueError, match="lacks 2 of the 2 classes in the estimator"):
        draw(model, X, y)


@pytest.fixture(scope="module")
def generator(problem):
    rows = problem.data[problem.trainval], problem.target[problem.trainval]
    cvae = CVAETransformer(4, encoder_layers=16, decoder_layers=16, max_iter=2, random_state=0)
    return cvae.fit(*rows, class_embeddings=problem.class_embeddings)


def test_generated_features_lie_among_real_ones(generator, problem):
    X, y = problem.data[:50], problem.target[:50]
    display = draw(generator, X, y, n_generated=7, random_state=3)
    is_seen = np.isin(y, problem.seen_classes)
    real = generator.transform(X)[:, :2]
    assert_allclose(offsets(display.feature_points_), np.vstack([real[is_seen], real[~is_seen]]))
    table = problem.class_embeddings
    drawn = generator.sample(class_embeddings=table, n_samples=7, random_state=3)
    generated = display.generated
    assert_array_equal(generated.index, np.repeat(table.index, 7))
    assert_allclose(generated, drawn[:, :2])
    means = drawn.reshape(len(table), 7, -1).mean(axis=1)[:, :2]
    assert_allclose(display.embeddings, means, atol=1e-6)
    is_seen = generated.index.isin(problem.seen_classes)
    assert_allclose(display.generated_points_["seen"].get_offsets(), generated[is_seen])
    assert_allclose(display.generated_points_["unseen"].get_offsets(), generated[~is_seen])
    labels = [text.get_text() for text in display.ax_.get_legend().get_texts()]
    assert "generated, unseen classes" in labels
    assert "means of generated features, seen classes" in labels


def test_only_the_classes_that_are_passed_are_generated(generator, problem):
    few = problem.unseen_classes[:2]
    rows = np.isin(problem.target, few)
    display = draw(
        generator,
        problem.data[rows],
        problem.target[rows],
        class_embeddings=problem.class_embeddings.loc[few],
    )
    assert set(display.generated.index) == set(few)
    assert [name.get_text() for name in display.names_] == list(few)


def test_many_generated_features_have_smaller_markers(generator, problem):
    rows = problem.data[:50], problem.target[:50]
    few, many = (draw(generator, *rows, n_generated=n, random_state=0) for n in (5, 125))
    for role, points in many.generated_points_.items():
        # 2000 in all.
        assert_allclose(points.get_sizes(), few.generated_points_[role].get_sizes() / 2)


def test_a_seed_determines_what_is_generated(generator, problem):
    rows = problem.data[:50], problem.target[:50]
    first, again, other = (draw(generator, *rows, random_state=s).generated for s in (4, 4, 5))
    assert_array_equal(first, again)
    assert not np.array_equal(first, other)


def test_generated_features_of_a_class_without_a_place_are_named():
    display = LatentSpaceDisplay(
        features=[[0, 0]],
        labels=["bat"],
        embeddings=pd.DataFrame([[0.0, 0.0]], index=["bat"]),
        seen_classes=["bat"],
        generated=pd.DataFrame([[1.0, 1.0]], index=["owl"]),
    )
    with pytest.raises(ValueError, match="lacks 1 of the 1 classes in generated: 'owl'"):
        display.plot()


def test_without_class_embeddings_nothing_can_be_generated(generator, problem):
    rows = problem.data[problem.trainval], problem.target[problem.trainval]
    bare = clone(generator).fit(*rows)
    with pytest.raises(ValueError, match="no features can be generated"):
        draw(bare, *rows)


def test_an_aligner_generates_nothing(few):
    display = draw(*few)
    assert display.generated is None
    assert display.generated_points_ == {}
