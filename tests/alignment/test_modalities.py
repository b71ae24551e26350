"""Several kinds of class embedding at once, with gaps."""

import numpy as np
import pandas as pd
import pytest
import torch
from numpy.testing import assert_allclose, assert_array_equal
from sklearn.base import clone

from skcada import GZSLClassifier
from skcada._classes.embeddings import ClassEmbeddings
from skcada.metrics import gzsl_scorer


@pytest.fixture
def sentences(problem):
    """Another view of the same attributes, of another width."""
    mixing = np.random.default_rng(0).normal(size=(6, 9)) / 3
    table = problem.class_embeddings
    return pd.DataFrame(table.to_numpy() @ mixing, index=table.index)


@pytest.fixture
def classifier(small_transformer, problem):
    return GZSLClassifier(small_transformer, samples_per_class=(20, 40), random_state=0)


def test_a_modality_absent_for_every_class_changes_nothing(classifier, problem, sentences, Xy):
    table = problem.class_embeddings
    one = clone(classifier).set_params(class_embeddings={"attributes": table}).fit(*Xy)
    both = {"attributes": table, "sentences": sentences.iloc[:0]}
    two = clone(classifier).set_params(class_embeddings=both).fit(*Xy)
    assert_array_equal(two.decision_function(problem.data), one.decision_function(problem.data))


def test_the_order_of_the_classes_in_each_modality_does_not_matter(
    classifier, problem, sentences, Xy
):
    given = {"attributes": problem.class_embeddings, "sentences": sentences.iloc[::2]}
    shuffled = {name: table.sample(frac=1, random_state=0) for name, table in given.items()}
    one = clone(classifier).set_params(class_embeddings=given).fit(*Xy)
    two = clone(classifier).set_params(class_embeddings=shuffled).fit(*Xy)
    assert_array_equal(two.predict(problem.data), one.predict(problem.data))


def trainer_of(transformer, X, y, embeddings):
    aligned = ClassEmbeddings.for_training(embeddings, np.unique(y))
    transformer.set_params(gamma_warmup=(0, 0), delta_warmup=(0, 0), precision="float32")
    return transformer._make_trainer(X, y, aligned)


def gradient_norms(trainer, groups):
    """Return the norm of the gradient of each encoder and decoder."""
    objective = trainer.objective
    objective.begin_epoch(objective.max_iter)
    for parameter in objective.network.parameters():
        parameter.grad = None
    objective.loss(groups)[0].backward()
    norms = {}
    for kind in ("encoders", "decoders"):
        for name, module in zip(
            objective.network.modalities, getattr(objective.network, kind), strict=True
        ):
            gradients = [p.grad for p in module.parameters() if p.grad is not None]
            norms[kind, name] = sum(float(g.norm()) for g in gradients)
    return norms


def test_no_absent_pair_contributes_to_the_gradient(small_transformer, problem, sentences, Xy):
    X, y = Xy
    # Half of the seen classes lack sentences, one lacks attributes.
    with_sentences = problem.seen_classes[::2]
    embeddings = {
        "attributes": problem.class_embeddings.drop(index=with_sentences[0]),
        "sentences": sentences.loc[with_sentences],
    }
    trainer = trainer_of(small_transformer, X, y, embeddings)
    objective = trainer.objective
    groups = next(iter(objective.compose(trainer._draw_batches(), trainer.generator)))
    present = {tuple(inputs) for inputs, _ in groups}
    assert present == {(0, 1), (0, 2), (0, 1, 2)}
    for inputs, noise in groups:
        norms = gradient_norms(trainer, [(inputs, noise)])
        for m, name in enumerate(objective.network.modalities):
            for kind in ("encoders", "decoders"):
                assert (norms[kind, name] > 0) == (m in inputs)


def test_a_batch_in_groups_has_the_gradient_of_its_samples(
    small_transformer, problem, sentences, Xy
):
    X, y = Xy
    embeddings = {
        "attributes": problem.class_embeddings,
        "sentences": sentences.loc[problem.seen_classes[::2]],
    }
    trainer = trainer_of(small_transformer, X, y, embeddings)
    objective = trainer.objective
    groups = next(iter(objective.compose(trainer._draw_batches(), trainer.generator)))
    assert sum(len(inputs[0]) for inputs, _ in groups) >= 20
    one_by_one = [
        ({m: x[i : i + 1] for m, x in inputs.items()}, {m: e[i : i + 1] for m, e in noise.items()})
        for inputs, noise in groups
        for i in range(len(inputs[0]))
    ]
    gradient_norms(trainer, groups)
    expected = [p.grad.clone() for p in objective.network.parameters()]
    gradient_norms(trainer, one_by_one)
    for p, gradient in zip(objective.network.parameters(), expected, strict=True):
        torch.testing.assert_close(p.grad, gradient, rtol=1e-3, atol=1e-3)


def test_every_row_is_visited_once_an_epoch_with_its_own_embeddings(
    small_transformer, problem, sentences, Xy
):
    X, y = Xy
    embeddings = {"attributes": problem.class_embeddings, "sentences": sentences.iloc[::3]}
    trainer = trainer_of(small_transformer, X, y, embeddings)
    label_of = {row.tobytes(): label for row, label in zip(X, y, strict=True)}
    visited = []
    objective = trainer.objective
    for groups in objective.compose(trainer._draw_batches(), trainer.generator):
        for inputs, noise in groups:
            for i, row in enumerate(inputs[0].numpy()):
                label = label_of[row.tobytes()]
                visited.append(row.tobytes())
                attributes = problem.class_embeddings.loc[label]
                assert_allclose(inputs[1][i], attributes, rtol=1e-6)
                assert (2 in inputs) == (label in embeddings["sentences"].index)
                if 2 in inputs:
                    assert_allclose(inputs[2][i], sentences.loc[label], rtol=1e-6)
            assert all(len(e) == len(inputs[0]) for e in noise.values())
    assert sorted(visited) == sorted(label_of)


def test_latents_of_a_class_are_drawn_evenly_from_the_modalities_it_has(
    small_transformer, problem, sentences, Xy
):
    table = problem.class_embeddings
    embeddings = {"attributes": table, "sentences": sentences.iloc[1:]}
    transformer = small_transformer.set_params(class_embeddings=embeddings, max_iter=20).fit(*Xy)
    means = transformer.transform_embeddings()
    assert list(means.index.names) == ["modality", "class"]
    assert len(means) == 16 + 15
    drawn = transformer.sample(class_embeddings=embeddings, n_samples=20_000, random_state=0)
    drawn = drawn.reshape(16, 2, 10_000, 8).mean(axis=2)
    for i, label in enumerate(table.index):
        attribute_mean = means.loc[("attributes", label)]
        assert_allclose(drawn[i, 0], attribute_mean, atol=0.06)
        second = attribute_mean if i == 0 else means.loc[("sentences", label)]
        assert_allclose(drawn[i, 1], second, atol=0.06)


def test_a_modality_may_lack_all_unseen_classes(classifier, problem, sentences, Xy):
    embeddings = {
        "attributes": problem.class_embeddings,
        "sentences": sentences.loc[problem.seen_classes],
    }
    model = classifier.set_params(class_embeddings=embeddings).fit(*Xy)
    assert_array_equal(model.unseen_classes_, problem.unseen_classes)
    assert np.isin(problem.unseen_classes, model.classifier_.classes_).all()


def test_a_second_view_helps_where_the_first_is_noisy(small_transformer, problem, Xy):
    rng = np.random.default_rng(0)
    table = problem.class_embeddings
    views = {f"view {i}": table + rng.normal(scale=0.3, size=table.shape) for i in range(3)}
    test = np.concatenate([problem.test_seen, problem.test_unseen])
    small_transformer.set_params(max_iter=40, random_state=None, latent_size=16)

    def accuracy(embeddings):
        model = GZSLClassifier(small_transformer, class_embeddings=embeddings, random_state=0)
        return gzsl_scorer(model.fit(*Xy), problem.data[test], problem.target[test])["AUSUC"]

    alone = [accuracy({name: view}) for name, view in views.items()]
    assert accuracy(views) > np.mean(alone)


def test_a_class_needs_an_embedding_in_some_modality(classifier, problem, sentences, Xy):
    table = problem.class_embeddings.sort_index()
    embeddings = {"attributes": table.iloc[1:], "sentences": sentences.sort_index().iloc[2:]}
    lacking = table.index[0]
    with pytest.raises(ValueError, match=f"lacks 1 of the 12 classes in y: '{lacking}'"):
        classifier.set_params(class_embeddings=embeddings).fit(*Xy)
