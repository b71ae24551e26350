import pytest
import torch

from skcada._nn import draw_noise, reparameterize


def seeded(seed):
    return torch.Generator().manual_seed(seed)


@pytest.mark.parametrize(
    ("kind", "width", "scale"),
    [("official", 1, 4.0), ("shared", 1, 2.0), ("independent", 3, 2.0)],
)
def test_noise_kinds_differ_in_shape_and_scale(kind, width, scale):
    generator = torch.Generator().manual_seed(0)
    noise = draw_noise(5, 3, kind=kind, generator=generator)
    assert noise.shape == (5, width)
    mean = torch.arange(15.0).reshape(5, 3)
    log_var = torch.full((5, 3), 4.0).log()
    latents = reparameterize(mean, log_var, noise, kind=kind)
    torch.testing.assert_close(latents - mean, scale * noise.expand(5, 3))


def test_noise_comes_from_the_generator_alone():
    def draw(seed):
        return draw_noise(5, 3, kind="independent", generator=seeded(seed))

    assert torch.equal(draw(0), draw(0))
    assert not torch.equal(draw(0), draw(1))
