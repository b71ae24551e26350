import pytest
from hypothesis import given
from hypothesis import strategies as st

from skcada._nn import Ramp


@pytest.mark.parametrize(
    ("ramp", "epoch", "expected"),
    [
        # beta, delta and gamma of the authors' code, in an epoch out of 100.
        (Ramp(0.25, 0.0, 0.93), 31, 0.25 * 31 / 93),
        (Ramp(8.13, 0.06, 0.22), 14, 8.13 / 2),
        (Ramp(2.37, 0.21, 0.75), 21, 0.0),
        (Ramp(2.37, 0.21, 0.75), 48, 2.37 / 2),
        (Ramp(2.37, 0.21, 0.75), 99, 2.37),
        # A ramp whose start is its stop jumps.
        (Ramp(1.0, 0.5, 0.5), 49, 0.0),
        (Ramp(1.0, 0.5, 0.5), 50, 1.0),
    ],
)
def test_ramp_values(ramp, epoch, expected):
    assert ramp.at(epoch / 100) == pytest.approx(expected)


fractions = st.floats(0, 1)


@given(st.tuples(fractions, fractions).map(sorted), st.tuples(fractions, fractions).map(sorted))
def test_ramp_never_falls_and_stays_within_its_factor(edges, moments):
    ramp = Ramp(3.0, *edges)
    earlier, later = (ramp.at(moment) for moment in moments)
    assert 0 <= earlier <= later <= 3.0
