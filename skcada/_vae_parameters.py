"""Parameters of the autoencoders that take more than a type to check."""

from numbers import Integral, Real

from skcada._nn import Ramp


def check_layers(name: str, layers: tuple) -> tuple[int, ...]:
    """Check the sizes of hidden layers.

    Parameters
    ----------
    name : str
        Of the parameter.
    layers : tuple

    Returns
    -------
    tuple of int

    Raises
    ------
    ValueError
        If one of them is not a positive integer.
    """
    if not all(isinstance(size, Integral) and int(size) > 0 for size in layers):
        raise ValueError(f"{name} must hold the sizes of hidden layers, got {layers!r}.")
    return layers


def check_ramp(name: str, factor: float, edges: tuple) -> Ramp:
    """Check where a loss weight rises.

    Parameters
    ----------
    name : str
        Of the parameter that holds the edges.
    factor : float
        The weight after the warm-up.
    edges : tuple

    Returns
    -------
    Ramp

    Raises
    ------
    ValueError
        If the edges are not two fractions in order.
    """
    is_pair = len(edges) == 2 and all(isinstance(edge, Real) for edge in edges)
    if not is_pair or not 0 <= edges[0] <= edges[1] <= 1:
        raise ValueError(
            f"{name} must be two fractions of max_iter in order, such as (0.2, 0.8), got {edges!r}."
        )
    return Ramp(factor, *edges)
