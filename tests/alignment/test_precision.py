"""Matrix products in bfloat16."""

from types import SimpleNamespace

import numpy as np
import pytest
import torch
from numpy.testing import assert_array_equal
from sklearn.base import clone

from skcada._classes.embeddings import ClassEmbeddings
from skcada._training import resolve_precision


@pytest.fixture
def transformer(small_transformer, problem):
    return small_transformer.set_params(class_embeddings=problem.class_embeddings, max_iter=20)


def test_bfloat16_trains_to_nearly_the_same_model(transformer, Xy):
    X = Xy[0]
    single, half = (
        clone(transformer).set_params(precision=p).fit(*Xy) for p in ("float32", "bfloat16")
    )
    assert half.loss_curve_["loss"].iloc[-1] == pytest.approx(
        single.loss_curve_["loss"].iloc[-1], rel=0.02
    )
    correlation = np.corrcoef(single.transform(X).ravel(), half.transform(X).ravel())[0, 1]
    assert 0.98 < correlation < 1


def test_weights_and_outputs_are_float32_in_any_case(transformer, Xy):
    transformer.set_params(precision="bfloat16").fit(*Xy)
    assert {p.dtype for p in transformer.network_.parameters()} == {torch.float32}
    latents = transformer.transform(Xy[0])
    assert latents.dtype == transformer.inverse_transform(latents).dtype == np.float32
    # A row alone gets the latent that it gets in company, as in float32.
    assert_array_equal(transformer.transform(Xy[0][:1]), latents[:1])


def test_latent_gaussians_are_not_rounded_in_training(transformer, Xy):
    X, y = Xy
    embeddings = ClassEmbeddings.for_training(transformer.class_embeddings, np.unique(y))
    trainer = transformer.set_params(precision="bfloat16")._make_trainer(X, y, embeddings)
    seen = []
    trainer.objective.network.encoders[0].register_forward_hook(lambda *args: seen.extend(args[2]))
    trainer.run_epoch()
    assert {tensor.dtype for tensor in seen} == {torch.float32}
    # Of bfloat16 the last 16 bits would be zero.
    bits = torch.cat([tensor.detach().ravel() for tensor in seen]).view(torch.int32)
    assert ((bits & 0xFFFF) != 0).float().mean() > 0.9


@pytest.mark.parametrize(
    ("capabilities", "expected"),
    [
        ({"avx512_bf16": True, "amx_bf16": False}, torch.bfloat16),
        ({"avx512_bf16": False, "avx2": True}, torch.float32),
        ({}, torch.float32),
    ],
)
def test_automatic_precision_is_bfloat16_only_where_the_cpu_has_it(
    monkeypatch, capabilities, expected
):
    monkeypatch.setattr(torch.cpu, "get_capabilities", lambda: capabilities, raising=False)
    assert resolve_precision("auto", torch.device("cpu")) == expected


@pytest.mark.parametrize(
    ("module", "expected"),
    [
        (SimpleNamespace(is_bf16_supported=lambda including_emulation: True), torch.bfloat16),
        # Emulated on the way to float32, and slower than that.
        (
            SimpleNamespace(is_bf16_supported=lambda including_emulation: including_emulation),
            torch.float32,
        ),
        (SimpleNamespace(), torch.float32),
    ],
)
def test_automatic_precision_asks_an_accelerator_what_it_multiplies_natively(
    monkeypatch, module, expected
):
    monkeypatch.setattr(torch, "get_device_module", lambda device: module)
    assert resolve_precision("auto", torch.device("meta")) == expected
