from hypothesis import given
from hypothesis import strategies as st

from skcada._training.batches import choose_batch_size


@given(st.integers(1, 10**7))
def test_automatic_batches_stay_within_bounds_and_never_shrink_with_more_rows(n_samples):
    size = choose_batch_size("auto", n_samples)
    assert 32 <= size <= 512
    assert size <= choose_batch_size("auto", n_samples + 1)


def test_a_given_batch_size_is_kept():
    assert choose_batch_size(7, 10_000) == 7
