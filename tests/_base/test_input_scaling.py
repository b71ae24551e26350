"""Features and class embeddings whose unit of measurement does not matter."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.testing import assert_allclose, assert_array_equal
from sklearn.base import clone

from skcada._base.scaling import (
    EMBEDDING_ERROR,
    FEATURE_LENGTH,
    constant_error,
    fit_embedding_scaling,
    fit_feature_scaling,
    scale_rows,
)

ROWS = np.random.default_rng(0).random((60, 80), dtype=np.float32)
factors = st.floats(-8, 8).map(lambda power: np.float32(10**power))


@given(factors)
def test_the_unit_of_features_does_not_matter(factor):
    expected = scale_rows(ROWS, *fit_feature_scaling(ROWS))
    rows = ROWS * factor + 3 * factor
    assert_allclose(scale_rows(rows, *fit_feature_scaling(rows)), expected, rtol=1e-4, atol=1e-4)


@given(factors, st.sampled_from(["l1", "l2"]))
def test_the_unit_of_embeddings_does_not_matter(factor, loss):
    vectors = ROWS * factor
    scaled = scale_rows(vectors, *fit_embedding_scaling(vectors, loss))
    assert constant_error(scaled, loss) == pytest.approx(EMBEDDING_ERROR, rel=1e-4)
    assert_allclose(scaled.mean(axis=0), 0, atol=1e-4)


@pytest.mark.parametrize(("n_features", "length"), [(80, FEATURE_LENGTH), (9, 3)])
def test_rows_of_features_have_one_length(n_features, length):
    scaled = scale_rows(ROWS[:, :n_features], *fit_feature_scaling(ROWS[:, :n_features]))
    assert np.square(scaled).sum(axis=1).mean() ** 0.5 == pytest.approx(length, rel=1e-5)


def test_features_that_vary_much_are_standardised_and_others_not_magnified():
    rows = ROWS.copy()
    rows[:, 0] *= 1000
    rows[:, 1] *= 1e-6
    rows[:, 2] = 5
    scaled = scale_rows(rows, *fit_feature_scaling(rows))
    deviations = scaled.std(axis=0) / np.median(scaled.std(axis=0))
    assert 1 < deviations[0] < 2
    assert deviations[1] < 1e-5
    assert_array_equal(scaled[:, 2], 0)


def test_rows_that_do_not_differ_are_scaled_to_zero():
    rows = np.full((4, 3), 7, dtype=np.float32)
    for scaling in (fit_feature_scaling(rows), fit_embedding_scaling(rows, "l1")):
        assert_array_equal(scale_rows(rows, *scaling), 0)


def test_latents_do_not_depend_on_units(small_transformer, problem, Xy):
    X, y = Xy
    table = problem.class_embeddings
    expected = clone(small_transformer).fit(X, y, class_embeddings=table)
    other = clone(small_transformer).fit(100 * X + 50, y, class_embeddings=0.01 * table)
    assert_allclose(other.transform(100 * X + 50), expected.transform(X), rtol=0.01, atol=1e-3)
    assert_allclose(
        other.transform_embeddings(0.01 * table), expected.transform_embeddings(table), atol=1e-2
    )


def test_decoded_features_have_the_unit_of_features(small_transformer, Xy):
    X, y = Xy
    small_transformer.set_params(max_iter=40).fit(100 * X + 50, y)
    decoded = small_transformer.inverse_transform(small_transformer.transform(100 * X + 50))
    error = np.abs(decoded - (100 * X + 50)).mean()
    assert error < 0.8 * np.abs(100 * X - 100 * X.mean(axis=0)).mean()


def test_each_modality_is_scaled_by_its_seen_classes(small_transformer, problem, Xy):
    table = problem.class_embeddings
    few = table.loc[problem.seen_classes[2:]]
    tables = {"attributes": table, "words": 1000 * few + 7}
    small_transformer.fit(*Xy, class_embeddings=tables)
    assert set(small_transformer.input_means_) == {"features", "attributes", "words"}
    for name, seen in (("attributes", problem.seen_classes), ("words", few.index)):
        vectors = tables[name].loc[seen].to_numpy(np.float32)
        assert_allclose(small_transformer.input_means_[name], vectors.mean(axis=0), rtol=1e-4)
        scaled = vectors / small_transformer.input_scales_[name]
        assert constant_error(scaled, "l1") == pytest.approx(EMBEDDING_ERROR, rel=1e-4)


def test_raw_inputs_are_taken_as_they_are(small_transformer, problem, Xy):
    small_transformer.set_params(feature_scaling="raw", embedding_scaling="raw")
    small_transformer.fit(*Xy, class_embeddings=problem.class_embeddings)
    for mean, scale in zip(
        small_transformer.input_means_.values(),
        small_transformer.input_scales_.values(),
        strict=True,
    ):
        assert not mean.any()
        assert (scale == 1).all()


@pytest.mark.parametrize(
    ("parameter", "factor"),
    [
        ("feature_scaling", 1e-3),
        ("feature_scaling", 50),
        ("embedding_scaling", 1e-3),
        ("embedding_scaling", 200),
    ],
)
def test_raw_inputs_of_another_size_than_the_recipe_is_made_for_are_warned_of(
    small_transformer, problem, Xy, parameter, factor
):
    X, table = Xy[0], problem.class_embeddings
    if parameter == "feature_scaling":
        X = X * factor
    else:
        table = table * factor
    small_transformer.set_params(max_iter=1, **{parameter: "raw"})
    with pytest.warns(UserWarning, match=f"The recipe does not suit .* {parameter}='auto'"):
        small_transformer.fit(X, Xy[1], class_embeddings=table)
    small_transformer.set_params(**{parameter: "auto"}).fit(X, Xy[1], class_embeddings=table)
