import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from scipy.linalg import sqrtm
from torch.distributions import Normal
from torch.distributions import kl_divergence as torch_kl

from skcada._nn import RECONSTRUCTION_ERRORS, cross_alignment, kl_divergence, wasserstein_distance

gaussians = arrays(np.float64, (3, 4), elements=st.floats(-3, 3))


def tensors(*values):
    return [torch.tensor(value) for value in values]


@given(gaussians, gaussians)
def test_kl_divergence_is_that_of_torch_distributions(mean, log_var):
    mean, log_var = tensors(mean, log_var)
    expected = torch_kl(Normal(mean, (0.5 * log_var).exp()), Normal(0.0, 1.0)).sum()
    torch.testing.assert_close(kl_divergence(mean, log_var), expected)


@given(gaussians, gaussians, gaussians, gaussians)
def test_wasserstein_distance_is_the_general_formula_of_equation_4(m_a, v_a, m_b, v_b):
    distance = wasserstein_distance(*tensors(m_a, v_a, m_b, v_b)).numpy()
    for row in range(3):
        cov_a, cov_b = np.diag(np.exp(v_a[row])), np.diag(np.exp(v_b[row]))
        cross = sqrtm(sqrtm(cov_a) @ cov_b @ sqrtm(cov_a))
        squared = ((m_a[row] - m_b[row]) ** 2).sum() + np.trace(cov_a + cov_b - 2 * cross)
        # If both covariances are nearly equal, the trace is nothing but rounding errors.
        assert distance[row] ** 2 == pytest.approx(squared, rel=1e-6, abs=1e-6)


def test_wasserstein_distance_of_equal_gaussians_has_gradient_zero():
    mean = torch.zeros(2, 3, requires_grad=True)
    log_var = torch.zeros(2, 3, requires_grad=True)
    wasserstein_distance(mean, log_var, torch.zeros(2, 3), torch.zeros(2, 3)).sum().backward()
    assert torch.equal(mean.grad, torch.zeros(2, 3))
    assert torch.equal(log_var.grad, torch.zeros(2, 3))


def test_reconstruction_errors_are_sums():
    a, b = torch.tensor([[1.0, 2.0], [3.0, 4.0]]), torch.tensor([[0.0, 4.0], [3.0, 1.0]])
    assert RECONSTRUCTION_ERRORS["l1"](a, b) == 1 + 2 + 3
    assert RECONSTRUCTION_ERRORS["l2"](a, b) == 1 + 4 + 9


def test_cross_alignment_leaves_out_the_own_latent():
    target = torch.zeros(1, 2)
    decoded = [torch.full((1, 2), value) for value in (1.0, 10.0, 100.0)]
    assert cross_alignment(decoded, target, modality=1) == 2 * (1 + 100)
