import numpy as np
import pytest
import torch

from skcada._nn.networks import linear
from skcada._training import apply_in_chunks, as_tensor, resolve_device
from skcada._training.inference import CHUNK_SIZE

CPU = torch.device("cpu")


@pytest.mark.parametrize("n_rows", [1, 7, 31, 32, 100, CHUNK_SIZE + 1])
def test_a_row_gets_the_same_output_alone_and_in_company(n_rows):
    layer = linear(300, 40, torch.Generator().manual_seed(0))
    X = np.random.default_rng(0).random((n_rows, 300), dtype=np.float32)
    (together,) = apply_in_chunks(lambda x: (layer(x),), X, CPU)
    assert together.shape == (n_rows, 40)
    for row in (0, n_rows - 1):
        (alone,) = apply_in_chunks(lambda x: (layer(x),), X[row : row + 1], CPU)
        np.testing.assert_array_equal(alone[0], together[row])


def test_as_tensor_shares_memory_where_it_can_and_copies_read_only_arrays():
    array = np.ones((3, 2), dtype=np.float32)
    assert as_tensor(array, CPU).data_ptr() == array.ctypes.data
    array.flags.writeable = False
    tensor = as_tensor(array, CPU)
    assert tensor.data_ptr() != array.ctypes.data
    assert torch.equal(tensor, torch.ones(3, 2))
    assert as_tensor(np.ones((2, 3)).T[::-1], CPU).shape == (3, 2)


@pytest.mark.parametrize("device", ["no such device", "cuda:99"])
def test_devices_that_are_absent_are_refused_with_the_way_out(device):
    with pytest.raises(ValueError, match=rf"device='{device}' is not available.*'auto'"):
        resolve_device(device)


def test_auto_takes_what_the_machine_has():
    is_there = torch.accelerator.is_available()
    expected = torch.accelerator.current_accelerator() if is_there else CPU
    assert resolve_device("auto") == expected
