"""DLPack: memory shared with other libraries, both ways, lifetimes included."""

from __future__ import annotations

import ctypes
import gc
import sys
from typing import Any

import numpy as np
import pytest

import twofold
import twofold.tensorflow as tf
import twofold.torch as torch

DTYPES = ["bool", "uint8", "int8", "int16", "int32", "int64", "float16", "float32", "float64"]


@pytest.mark.parametrize("dtype", DTYPES)
def test_both_ways_keep_the_memory(dtype: str) -> None:
    array = np.arange(12).reshape(3, 4).astype(dtype)
    for view in (array, array.T, array[::2, 1:3], array[1, 2:3].reshape(()), array[:0]):
        ours = torch.from_dlpack(view)
        assert ours.tolist() == view.tolist() and str(ours.dtype) == f"torch.{dtype}"
        back = np.from_dlpack(ours)
        assert back.tolist() == view.tolist() and back.strides == ours.numpy().strides
        assert view.size == 0 or (np.shares_memory(back, array) and np.shares_memory(ours.numpy(), array))


def test_writes_are_seen_by_both() -> None:
    array = np.zeros(3, np.float32)
    ours = torch.from_dlpack(array)
    ours.add_(1)
    array[0] = 5
    assert array.tolist() == [5, 1, 1] == ours.tolist()


def test_each_side_keeps_the_memory_alive() -> None:
    array = np.ones(1000)
    before = sys.getrefcount(array)
    ours = twofold.from_dlpack(array)
    assert sys.getrefcount(array) > before
    del ours
    gc.collect()
    assert sys.getrefcount(array) == before
    theirs = np.from_dlpack(torch.full([1000], 7.0))  # the tensor's only other owner is gone
    gc.collect()
    assert theirs.tolist() == [7.0] * 1000
    torch.ones(3).__dlpack__()  # a capsule that nobody consumes lets go as well


def test_read_only_memory_stays_so() -> None:
    array = np.ones(3, np.float32)
    array.flags.writeable = False
    ours = torch.from_dlpack(array)
    with pytest.raises(RuntimeError, match="read-only"):
        ours.add_(1)
    assert not np.from_dlpack(ours).flags.writeable
    with pytest.raises(BufferError, match="DLPack 1.0"):
        ours.__dlpack__()


def test_devices_copies_and_versions() -> None:
    x = torch.ones(2)
    assert x.__dlpack_device__() == (1, 0)
    assert "dltensor_versioned" in repr(x.__dlpack__(max_version=(1, 1))) and '"dltensor"' in repr(x.__dlpack__())
    copied = np.from_dlpack(x, copy=True)
    copied[0] = 9
    assert x.tolist() == [1, 1]
    with pytest.raises(BufferError, match="no other device"):
        x.__dlpack__(dl_device=(2, 0))


def test_a_capsule_is_used_once() -> None:
    capsule = torch.utils.dlpack.to_dlpack(torch.ones(2))
    assert torch.utils.dlpack.from_dlpack(capsule).tolist() == [1, 1]
    with pytest.raises(ValueError, match="used before"):
        torch.from_dlpack(capsule)


REFUSED: list[tuple[Any, type, str]] = [
    (lambda: np.from_dlpack(torch.ones(2, requires_grad=True)), BufferError, "tensors that require gradient"),
    (lambda: np.from_dlpack(tf.placeholder(tf.float32)), BufferError, "a tensor of a graph"),
    (lambda: torch.from_dlpack([1, 2]), TypeError, "list has no __dlpack__"),
    (lambda: torch.from_dlpack(np.zeros(2, np.complex64)), BufferError, "dtype that no tensor has"),
    (lambda: torch.from_dlpack(np.zeros([1] * 9)), ValueError, "at most 8 dimensions"),
    (lambda: torch.from_dlpack(np.zeros(2, np.uint32)), BufferError, "dtype that no tensor has"),
]


@pytest.mark.parametrize("make, error, words", REFUSED, ids=[r[2] for r in REFUSED])
def test_what_cannot_be_shared(make: Any, error: type, words: str) -> None:
    with pytest.raises(error, match=words):
        make()


def test_an_older_producer() -> None:
    """One that knows no max_version still serves."""

    class Old:
        def __init__(self, array: np.ndarray) -> None:
            self.array = array

        def __dlpack__(self, stream: Any = None) -> Any:
            return self.array.__dlpack__()

    assert torch.from_dlpack(Old(np.arange(3))).tolist() == [0, 1, 2]
    capsule_new = ctypes.pythonapi.PyCapsule_New
    capsule_new.restype, capsule_new.argtypes = ctypes.py_object, [ctypes.c_void_p, ctypes.c_char_p, ctypes.c_void_p]
    with pytest.raises(ValueError, match="no DLPack capsule"):
        torch.from_dlpack(capsule_new(1, b"other", None))
