"""scikit-learn's own checks, on every public estimator."""

import importlib
import pkgutil

import pytest
from sklearn.base import BaseEstimator
from sklearn.utils.estimator_checks import (
    check_dataframe_column_names_consistency,
    check_global_output_transform_pandas,
    check_param_validation,
    check_set_output_transform,
    check_set_output_transform_pandas,
    check_transformer_get_feature_names_out,
    check_transformer_get_feature_names_out_pandas,
    parametrize_with_checks,
)
from tenants import ESTIMATORS

import skcada

NAMES = [type(estimator).__name__ for estimator in ESTIMATORS]
TRANSFORMERS = [estimator for estimator in ESTIMATORS if hasattr(estimator, "fit_transform")]


def test_every_public_estimator_is_checked():
    modules = [
        importlib.import_module(f"skcada.{module.name}")
        for module in pkgutil.iter_modules(skcada.__path__)
        if not module.name.startswith("_")
    ]
    public = {
        name
        for module in (skcada, *modules)
        for name in module.__all__
        if isinstance(getattr(module, name), type)
        and issubclass(getattr(module, name), BaseEstimator)
    }
    assert public == set(NAMES)


@parametrize_with_checks(ESTIMATORS)
def test_scikit_learn_estimator_checks(estimator, check):
    check(estimator)


# The checks that parametrize_with_checks leaves out.
@pytest.mark.parametrize(
    "check", [check_param_validation, check_dataframe_column_names_consistency]
)
@pytest.mark.parametrize("estimator", ESTIMATORS, ids=NAMES)
def test_further_checks_of_all_estimators(estimator, check):
    check(type(estimator).__name__, estimator)


# These checks mix frames and arrays between fit and transform on purpose, which scikit-learn
# warns of.
@pytest.mark.filterwarnings("ignore:X .* feature names, but .* was fitted")
@pytest.mark.parametrize(
    "check",
    [
        check_set_output_transform,
        check_set_output_transform_pandas,
        check_global_output_transform_pandas,
        check_transformer_get_feature_names_out,
        check_transformer_get_feature_names_out_pandas,
    ],
)
@pytest.mark.parametrize("transformer", TRANSFORMERS, ids=lambda t: type(t).__name__)
def test_further_checks_of_transformers(transformer, check):
    check(type(transformer).__name__, transformer)
