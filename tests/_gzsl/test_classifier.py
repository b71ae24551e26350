import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from numpy.testing import assert_allclose, assert_array_equal
from sklearn.base import clone
from sklearn.ensemble import RandomForestClassifier
from sklearn.frozen import FrozenEstimator
from sklearn.linear_model import LogisticRegression
from sklearn.neighbors import KNeighborsClassifier
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import MinMaxScaler
from sklearn.svm import SVC, LinearSVC

from skcada import CADAVAETransformer, GZSLClassifier, SoftmaxClassifier
from skcada._gzsl.latent_set import balanced_counts
from skcada.metrics import gzsl_scorer


@pytest.fixture
def X_test(problem):
    return problem.data[np.concatenate([problem.test_seen, problem.test_unseen])]


@pytest.fixture
def y_test(problem):
    return problem.target[np.concatenate([problem.test_seen, problem.test_unseen])]


@pytest.fixture
def classifier(small_transformer, problem):
    return GZSLClassifier(
        small_transformer,
        class_embeddings=problem.class_embeddings,
        samples_per_class=(20, 40),
        random_state=0,
    )


def test_seen_and_unseen_classes_are_recognised(problem, Xy, X_test, y_test):
    model = make_pipeline(
        MinMaxScaler(),
        GZSLClassifier(
            CADAVAETransformer(),
            class_embeddings=problem.class_embeddings,
            random_state=0,
        ),
    )
    scores = gzsl_scorer(model.fit(*Xy), X_test, y_test)
    # Chance is 1/16 for S and U, 1/4 for T1.
    assert scores["S"] > 0.5
    assert scores["U"] > 0.3
    assert scores["T1"] > 0.6


def test_embeddings_of_the_transformer_serve_where_the_classifier_has_none(
    classifier, small_transformer, problem, Xy, X_test
):
    expected = classifier.fit(*Xy).predict(X_test)
    small_transformer.set_params(class_embeddings=problem.class_embeddings)
    other = classifier.set_params(class_embeddings=None, transformer=small_transformer).fit(*Xy)
    assert_array_equal(other.predict(X_test), expected)


@pytest.mark.parametrize(
    "final",
    [
        LogisticRegression(),
        LinearSVC(),
        RandomForestClassifier(n_estimators=5),
        KNeighborsClassifier(3),
        SoftmaxClassifier(max_iter=2),
    ],
    ids=lambda c: type(c).__name__,
)
def test_any_classifier_may_come_last(classifier, final, Xy, X_test):
    classifier.set_params(classifier=final).fit(*Xy)
    scores = classifier.decision_function(X_test)
    assert scores.shape == (len(X_test), 16)
    assert_array_equal(classifier.predict(X_test), classifier.classes_[scores.argmax(axis=1)])
    latents = classifier.transformer_.transform(X_test)
    assert_array_equal(classifier.predict(X_test), classifier.classifier_.predict(latents))
    assert hasattr(classifier, "predict_proba") == hasattr(final, "predict_proba")
    if hasattr(final, "predict_proba"):
        assert_array_equal(
            classifier.predict_proba(X_test), classifier.classifier_.predict_proba(latents)
        )


def test_a_classifier_without_scores_is_refused(classifier, Xy):
    class OnlyPredicts(KNeighborsClassifier):
        predict_proba = property()

    with pytest.raises(ValueError, match="neither decision_function nor predict_proba"):
        classifier.set_params(classifier=OnlyPredicts()).fit(*Xy)


def test_scores_of_pairs_of_classes_are_not_taken_for_those_of_classes(classifier, Xy):
    classifier.set_params(classifier=SVC(decision_function_shape="ovo"))
    with pytest.raises(ValueError, match="scores pairs of classes"):
        classifier.fit(*Xy)


def test_a_frozen_classifier_of_other_classes_is_refused(classifier, problem, Xy):
    fitted = clone(classifier).fit(*Xy).classifier_
    renamed = problem.class_embeddings.rename(index={problem.unseen_classes[0]: "zebra"})
    classifier.set_params(classifier=FrozenEstimator(fitted), class_embeddings=renamed)
    with pytest.raises(ValueError, match=r"was fitted on the 16 classes .* those to tell apart"):
        classifier.fit(*Xy)


@pytest.mark.parametrize("resample", [True, False])
def test_a_frozen_classifier_is_left_as_it_is(classifier, Xy, small_parts, resample):
    classifier.set_params(classifier=SoftmaxClassifier(max_iter=2))
    soft = clone(classifier).fit(*Xy).classifier_
    before = soft.coef_.copy()
    # A set in several parts would train it by partial_fit.
    small_parts(50)
    classifier.set_params(classifier=FrozenEstimator(soft), resample=resample).fit(*Xy)
    assert classifier.classifier_.estimator is soft
    assert_array_equal(soft.coef_, before)
    assert soft.n_iter_ == 2


def test_a_penalty_divides_the_odds_of_seen_classes(classifier, Xy, X_test):
    proba = classifier.fit(*Xy).predict_proba(X_test)
    is_seen = np.isin(classifier.classes_, classifier.seen_classes_)
    odds = proba * np.where(is_seen, np.exp(-2), 1)
    penalised = classifier.set_params(seen_penalty=2.0).predict_proba(X_test)
    assert_allclose(penalised, odds / odds.sum(axis=1, keepdims=True), rtol=1e-4)
    assert_array_equal(classifier.predict(X_test), classifier.classes_[penalised.argmax(axis=1)])
    assert_allclose(np.log(penalised), classifier.predict_log_proba(X_test), rtol=1e-4, atol=1e-6)


def test_a_frozen_transformer_gets_new_classes_without_training(
    classifier, small_transformer, problem, Xy, X_test
):
    X = pd.DataFrame(Xy[0], columns=[f"f{i}" for i in range(Xy[0].shape[1])])
    table = problem.class_embeddings
    small_transformer.set_params(class_embeddings=table.loc[problem.seen_classes]).fit(X, Xy[1])
    frozen = FrozenEstimator(small_transformer)
    model = classifier.set_params(transformer=frozen).fit(X, Xy[1])
    assert model.transformer_ is frozen
    assert_array_equal(model.unseen_classes_, problem.unseen_classes)
    X_test = pd.DataFrame(X_test, columns=X.columns)
    assert np.isin(model.predict(X_test), problem.unseen_classes).any()
    with pytest.raises(ValueError, match=r"5 columns in .*, but the model was fitted with 6"):
        clone(model).set_params(class_embeddings=table.iloc[:, 1:]).fit(X, Xy[1])


def test_a_frozen_transformer_brings_the_embeddings_that_it_was_fitted_with(
    classifier, problem, Xy, X_test
):
    expected = classifier.fit(*Xy)
    bare = clone(classifier.transformer)
    bare.fit(*Xy, class_embeddings=problem.class_embeddings)
    model = clone(classifier).set_params(transformer=FrozenEstimator(bare), class_embeddings=None)
    assert_array_equal(model.fit(*Xy).unseen_classes_, expected.unseen_classes_)
    # Another one by the constructor, which fit overrode, plays no role.
    other = clone(bare).set_params(class_embeddings=problem.class_embeddings.iloc[:, ::-1])
    other.fit(*Xy, class_embeddings=problem.class_embeddings)
    model.set_params(transformer=FrozenEstimator(other)).fit(*Xy)
    assert_array_equal(model.decision_function(X_test), expected.decision_function(X_test))


@pytest.mark.parametrize("fit_on_frame", [False, True])
def test_a_frozen_transformer_gets_names_only_where_it_knows_some(
    classifier, problem, Xy, X_test, fit_on_frame
):
    X, y = Xy
    frame = pd.DataFrame(X).add_prefix("x")
    transformer = clone(classifier.transformer)
    transformer.fit(frame if fit_on_frame else X, y, class_embeddings=problem.class_embeddings)
    classifier.set_params(transformer=FrozenEstimator(transformer)).fit(frame, y)
    # Warnings of names that are absent or unknown are errors here.
    predicted = classifier.predict(pd.DataFrame(X_test, columns=frame.columns))
    nameless = clone(transformer).fit(X, y, class_embeddings=problem.class_embeddings)
    expected = classifier.set_params(transformer=FrozenEstimator(nameless)).fit(X, y)
    assert_array_equal(predicted, expected.predict(X_test))


def test_classes_of_several_descriptions_keep_their_labels(
    classifier, small_transformer, problem, Xy
):
    table = problem.class_embeddings
    # The first unseen class has the second description only, so that it comes last in the draws.
    embeddings = {"a": table.drop(index=problem.unseen_classes[0]), "b": table}
    drawn = []

    class Recorder(CADAVAETransformer):
        def sample(self, X=None, *, class_embeddings=None, n_samples=1, random_state=None):
            latents = super().sample(
                X, class_embeddings=class_embeddings, n_samples=n_samples, random_state=random_state
            )
            # Not the latents, seeded apart, by which a collapse is looked for.
            if class_embeddings is not None and not isinstance(random_state, int):
                drawn.append((class_embeddings, latents))
            return latents

    class Keeper(SoftmaxClassifier):
        def fit(self, X, y):
            self.training_set_ = (X, y)
            return super().fit(X, y)

    classifier.set_params(
        transformer=Recorder(**small_transformer.get_params(deep=False)),
        classifier=Keeper(max_iter=1),
        class_embeddings=embeddings,
    ).fit(*Xy)
    ((frames, latents),) = drawn
    assert isinstance(frames, dict)
    order = list(dict.fromkeys([*frames["a"].index, *frames["b"].index]))
    assert order[-1] == problem.unseen_classes[0]
    X, y = classifier.classifier_.training_set_
    assert_array_equal(X[-len(latents) :], latents)
    assert_array_equal(y[-len(latents) :], np.repeat(order, 40))


@given(
    arrays(np.intp, st.integers(1, 60), elements=st.integers(0, 5)),
    st.integers(1, 50),
    st.integers(0, 2**31),
)
def test_latents_are_shared_out_evenly_among_the_rows_of_a_class(codes, n_per_class, seed):
    counts = balanced_counts(codes, n_per_class, np.random.RandomState(seed))
    for code in np.unique(codes):
        class_counts = counts[codes == code]
        assert class_counts.sum() == n_per_class
        assert class_counts.max() - class_counts.min() <= 1


@pytest.mark.parametrize("bad", [(0, 400), (200, 0), (200,), (200, 4.5), (-1, 1)])
def test_samples_per_class_that_yield_no_rows_are_refused(classifier, Xy, bad):
    with pytest.raises(ValueError, match="samples_per_class must be two positive integers"):
        classifier.set_params(samples_per_class=bad).fit(*Xy)


def test_a_fit_that_fails_in_its_last_step_keeps_the_earlier_one(classifier, Xy, X_test):
    before = classifier.fit(*Xy).predict(X_test)
    classifier.set_params(classifier=SoftmaxClassifier(learning_rate=1e38))
    with pytest.raises(ValueError, match="'cross_entropy' became non-finite"):
        classifier.fit(Xy[0][:, :5], Xy[1])
    assert classifier.n_features_in_ == 20
    assert_array_equal(classifier.predict(X_test), before)


def test_probabilities_of_many_rows_are_those_of_few(classifier, Xy, X_test, small_chunks):
    classifier.fit(*Xy)
    methods = ("predict_proba", "predict_log_proba")
    whole = [getattr(classifier, method)(X_test) for method in methods]
    small_chunks(50)
    for method, expected in zip(methods, whole, strict=True):
        result = getattr(classifier, method)(X_test)
        assert result.dtype == expected.dtype
        assert_allclose(result, expected, rtol=1e-5, atol=1e-6)


@pytest.mark.parametrize(
    ("parameters", "message"),
    [
        ({"unseen_classes": {"class 01"}}, "must be a one-dimensional list of labels"),
        ({"unseen_classes": ["emu"]}, "no embedding: 'emu'"),
        ({"class_embeddings": np.eye(16)}, "labels in y are strings"),
        ({"classifier": SoftmaxClassifier(max_iter=0), "resample": True}, "'max_iter' parameter"),
        ({"classifier": SoftmaxClassifier(batch_size=0)}, "'batch_size' parameter"),
    ],
)
def test_bad_parameters_are_refused_before_training(
    classifier, Xy, monkeypatch, parameters, message
):
    monkeypatch.setattr(CADAVAETransformer, "_make_trainer", lambda *_: pytest.fail("trained"))
    with pytest.raises(ValueError, match=message):
        classifier.set_params(**parameters).fit(*Xy)


def test_latents_that_are_not_finite_are_blamed_on_their_class(classifier, problem, Xy):
    table = problem.class_embeddings.copy()
    table.loc[problem.unseen_classes[1]] *= 1e30
    with pytest.raises(
        ValueError,
        match=f"Latents of the class embeddings '{problem.unseen_classes[1]}' are not finite",
    ):
        classifier.set_params(class_embeddings=table).fit(*Xy)


def test_parameters_of_a_default_part_put_it_in_its_place():
    model = GZSLClassifier().set_params(transformer__gamma=2, classifier__max_iter=3, memory="here")
    assert model.transformer.get_params() == CADAVAETransformer(gamma=2).get_params()
    assert model.classifier.get_params() == SoftmaxClassifier(max_iter=3).get_params()
    assert model.memory == "here"
    model.set_params(transformer__delta=1)
    assert (model.transformer.gamma, model.transformer.delta) == (2, 1)
    model.set_params(transformer=None, transformer__delta=1)
    assert model.transformer.get_params() == CADAVAETransformer(delta=1).get_params()


def test_unknown_parameters_of_a_default_part_change_nothing():
    model = GZSLClassifier()
    with pytest.raises(ValueError, match=r"Invalid parameter 'gama' for estimator CADAVAETransf"):
        model.set_params(classifier__max_iter=3, transformer__gama=2)
    assert model.transformer is None
    assert model.classifier is None


@pytest.mark.parametrize("form", [lambda table: table, lambda table: table.T.to_dict("list")])
def test_embeddings_in_the_place_of_the_transformer_are_not_printed(problem, Xy, form):
    with pytest.raises(TypeError, match=r"Pass class embeddings by name") as caught:
        GZSLClassifier(form(problem.class_embeddings)).fit(*Xy)
    assert len(str(caught.value)) < 200


def test_lists_serve_as_pairs_and_sizes(classifier, Xy, X_test):
    expected = classifier.fit(*Xy).decision_function(X_test)
    classifier.set_params(
        samples_per_class=[20, 40],
        transformer__feature_encoder_layers=[32],
        transformer__gamma_warmup=[0.21, 0.75],
    )
    assert_array_equal(classifier.fit(*Xy).decision_function(X_test), expected)
