import pytest
import torch

from skcada._nn.networks import NARROW, linear


@pytest.mark.parametrize("n_outputs", [2, 7, NARROW - 1, NARROW])
def test_a_narrow_layer_computes_what_any_linear_layer_does(n_outputs):
    layer = linear(40, n_outputs, torch.Generator().manual_seed(0))
    x = torch.randn(30, 40, generator=torch.Generator().manual_seed(1), requires_grad=True)
    weight = torch.randn(30, n_outputs, generator=torch.Generator().manual_seed(2))
    expected = torch.nn.functional.linear(x, layer.weight, layer.bias)
    parameters = [x, layer.weight, layer.bias]
    gradients = torch.autograd.grad((layer(x) * weight).sum(), parameters)
    torch.testing.assert_close(layer(x), expected)
    for got, want in zip(
        gradients, torch.autograd.grad((expected * weight).sum(), parameters), strict=True
    ):
        torch.testing.assert_close(got, want)
