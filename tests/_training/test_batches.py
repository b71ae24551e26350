import pytest
from hypothesis import given
from hypothesis import strategies as st

from skcada._training.batches import choose_batch_size, choose_max_iter, count_steps


@given(st.integers(1, 10**7), st.integers(1, 200))
def test_automatic_batches_stay_within_bounds_and_never_shrink_with_more_rows(n_samples, n_steps):
    size = choose_batch_size("auto", n_samples, steps_per_epoch=n_steps, largest=300)
    assert 32 <= size <= 300
    assert size <= choose_batch_size("auto", n_samples + 1, steps_per_epoch=n_steps, largest=300)


@pytest.mark.parametrize(("n_samples", "size"), [(100, 32), (5_000, 200), (50_000, 512)])
def test_automatic_batches_give_the_wanted_steps_within_the_bounds(n_samples, size):
    assert choose_batch_size("auto", n_samples, steps_per_epoch=25, largest=512) == size


def test_a_given_batch_size_and_number_of_epochs_are_kept():
    assert choose_max_iter(7, 10_000) == 7
    assert choose_batch_size(7, 10_000, steps_per_epoch=25, largest=300) == 7


@given(st.integers(1, 10**5), st.integers(1, 10**4))
def test_an_epoch_is_split_into_parts_no_larger_than_a_batch(n_samples, batch_size):
    n_steps = count_steps(n_samples, batch_size)
    assert -(-n_samples // n_steps) <= batch_size
    assert n_steps == 1 or -(-n_samples // (n_steps - 1)) > batch_size


@given(n_samples=st.integers(1, 10**6))
def test_automatic_epochs_stay_within_bounds_and_never_grow_with_more_rows(n_samples):
    epochs = choose_max_iter("auto", n_samples)
    assert 14 <= epochs <= 60
    assert epochs >= choose_max_iter("auto", n_samples + 1)


@pytest.mark.parametrize(("n_samples", "epochs"), [(100, 60), (4_000, 25), (50_000, 14)])
def test_automatic_epochs_visit_100_000_rows_within_the_bounds(n_samples, epochs):
    assert choose_max_iter("auto", n_samples) == epochs
