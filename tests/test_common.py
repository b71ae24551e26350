"""scikit-learn's own checks, on every public estimator."""

import pytest
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

from skcada import CADAVAETransformer, GZSLClassifier, SoftmaxClassifier

ESTIMATORS = [
    CADAVAETransformer(),
    GZSLClassifier(),
    GZSLClassifier(resample=True),
    SoftmaxClassifier(),
]


@parametrize_with_checks(ESTIMATORS)
def test_scikit_learn_estimator_checks(estimator, check):
    check(estimator)


# The checks that parametrize_with_checks leaves out.
@pytest.mark.parametrize(
    "check", [check_param_validation, check_dataframe_column_names_consistency]
)
@pytest.mark.parametrize("estimator", ESTIMATORS, ids=lambda e: type(e).__name__)
def test_further_checks_of_all_estimators(estimator, check):
    check(type(estimator).__name__, estimator)


# These checks mix frames and arrays between fit and transform on purpose, which scikit-learn
# warns of.
@pytest.mark.filterwarnings("ignore:X .* feature names, but CADAVAETransformer was fitted")
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
def test_further_checks_of_the_transformer(check):
    check("CADAVAETransformer", CADAVAETransformer())
