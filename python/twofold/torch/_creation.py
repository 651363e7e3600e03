"""Making tensors: torch.tensor, zeros, arange, from_numpy, ..."""

from __future__ import annotations

import math
import warnings
from types import SimpleNamespace
from typing import Any

import numpy as np

from twofold import _core
from twofold.torch import _dtypes
from twofold.torch._dtypes import DTYPES, checked_device, dtype
from twofold.torch._tensor import FACE, Tensor, _sizes, row

_default = _dtypes.float32
_linspace, _eye = row("linspace"), row("eye")


def get_default_dtype() -> dtype:
    return _default


def set_default_dtype(d: dtype) -> None:
    global _default
    if not d.is_floating_point:
        raise TypeError("only floating-point types are supported as the default type")
    _default = d


def _finish(made: Tensor, requires_grad: bool, device: Any) -> Tensor:
    if device is not None:
        checked_device(device)
    return made.requires_grad_() if requires_grad else made


def _is_array(data: Any) -> bool:
    """Has `data` a dtype of its own, or do Python's numbers decide?"""
    for _ in range(64):  # the most dimensions that NumPy knows: a list may hold itself
        if not isinstance(data, (list, tuple)) or not data:
            break
        data = data[0]
    return isinstance(data, (np.ndarray, np.generic, Tensor))


def tensor(
    data: Any, dtype: dtype | None = None, device: Any = None, requires_grad: bool = False, pin_memory: bool = False
) -> Tensor:
    """A tensor with values of its own. Python floats become the default dtype, integers int64, arrays keep theirs."""
    if isinstance(data, Tensor):
        return _finish(data.detach().clone() if dtype is None else data.detach().to(dtype, copy=True),
                       requires_grad, device)  # fmt: skip
    if dtype is None and not _is_array(data):
        values = np.asarray(data)
        if values.dtype == np.float64 or values.size == 0:
            dtype = _default
        return _finish(_core.tensor(values, dtype, FACE), requires_grad, device)
    return _finish(_core.tensor(data, dtype, FACE), requires_grad, device)


def from_dlpack(ext_tensor: Any) -> Tensor:
    """A tensor over the memory of any object with __dlpack__, or of a capsule."""
    return _core.from_dlpack(ext_tensor, FACE)


def from_numpy(array: np.ndarray) -> Tensor:
    """A tensor over the array's memory: writing to either is seen by both."""
    if not isinstance(array, np.ndarray):
        raise TypeError(f"expected np.ndarray (got {type(array).__name__})")
    if any(step < 0 for step in array.strides):
        raise ValueError(
            "At least one stride in the given numpy array is negative, and tensors with negative strides are not "
            "currently supported. (You can probably work around this by making a copy of your array with "
            "array.copy().)"
        )
    if not array.flags.writeable:
        warnings.warn(
            "The given NumPy array is not writable, and PyTorch does not support non-writable tensors. Twofold shares "
            "the memory and refuses in-place operations on it.",
            UserWarning,
            stacklevel=2,
        )
    return _core.share(array, FACE)


def as_tensor(data: Any, dtype: dtype | None = None, device: Any = None) -> Tensor:
    """The tensor itself, the array's memory, or a new tensor, whichever copies least."""
    if isinstance(data, Tensor):
        return data if dtype is None else data.to(dtype)
    if isinstance(data, np.ndarray):
        shared = from_numpy(data)
        return shared if dtype is None else shared.to(dtype)
    return tensor(data, dtype, device)


def empty(*size: Any, dtype: dtype | None = None, device: Any = None, requires_grad: bool = False, **_: Any) -> Tensor:
    """A tensor of this size; the values are whatever they are."""
    return _finish(_core.empty(list(_sizes(size)), dtype or _default, FACE), requires_grad, device)


def full(size: Any, fill_value: Any, dtype: dtype | None = None, device: Any = None, requires_grad: bool = False,
         **_: Any) -> Tensor:  # fmt: skip
    if dtype is None:
        dtype = {bool: _dtypes.bool_, int: _dtypes.int64}.get(type(fill_value), _default)
    return _finish(_core.empty(list(size), dtype, FACE).copy_(fill_value), requires_grad, device)


def zeros(*size: Any, dtype: dtype | None = None, device: Any = None, requires_grad: bool = False, **_: Any) -> Tensor:
    return full(_sizes(size), 0, dtype or _default, device, requires_grad)


def ones(*size: Any, dtype: dtype | None = None, device: Any = None, requires_grad: bool = False, **_: Any) -> Tensor:
    return full(_sizes(size), 1, dtype or _default, device, requires_grad)


def _like(input: Tensor, value: Any, dtype: dtype | None, requires_grad: bool) -> Tensor:
    return full(input._shape, value, dtype or input.dtype, None, requires_grad)


def zeros_like(input: Tensor, dtype: dtype | None = None, requires_grad: bool = False, **_: Any) -> Tensor:
    return _like(input, 0, dtype, requires_grad)


def ones_like(input: Tensor, dtype: dtype | None = None, requires_grad: bool = False, **_: Any) -> Tensor:
    return _like(input, 1, dtype, requires_grad)


def full_like(input: Tensor, fill_value: Any, dtype: dtype | None = None, requires_grad: bool = False, **_: Any) -> Tensor:
    return _like(input, fill_value, dtype, requires_grad)


def empty_like(input: Tensor, dtype: dtype | None = None, requires_grad: bool = False, **_: Any) -> Tensor:
    return empty(input._shape, dtype=dtype or input.dtype, requires_grad=requires_grad)


def arange(start: Any, end: Any = None, step: Any = 1, dtype: dtype | None = None, device: Any = None,
           requires_grad: bool = False) -> Tensor:  # fmt: skip
    """start, start + step, ... before end: int64 for integers, the default dtype otherwise."""
    if end is None:
        start, end = 0, start
    if step == 0:
        raise RuntimeError("step must be nonzero")
    if (end - start) * step < 0:
        raise RuntimeError("upper bound and lower bound inconsistent with step sign")
    floating = any(isinstance(v, float) for v in (start, end, step))
    count = max(0, math.ceil((end - start) / step))
    values = start + np.arange(count, dtype=np.float64 if floating else np.int64) * step
    return _finish(_core.tensor(values, dtype or (_default if floating else _dtypes.int64), FACE), requires_grad, device)


def linspace(start: Any, end: Any, steps: int, dtype: dtype | None = None, device: Any = None,
             requires_grad: bool = False) -> Tensor:  # fmt: skip
    """`steps` numbers from start to end at equal distances, both included."""
    if steps < 0:
        raise RuntimeError("number of steps must be non-negative")
    return _finish(_linspace(float(start), float(end), steps, dtype=dtype or _default), requires_grad, device)


def eye(n: int, m: int | None = None, dtype: dtype | None = None, device: Any = None, requires_grad: bool = False, **_: Any) -> Tensor:
    """A matrix with ones on the main diagonal."""
    for name, size in (("n", n), ("m", n if m is None else m)):
        if size < 0:
            raise RuntimeError(f"{name} must be greater or equal to 0, got {size}")
    return _finish(_eye(n, n if m is None else m, dtype=dtype or _default), requires_grad, device)


def is_tensor(o: object) -> bool:
    return isinstance(o, Tensor)


def result_type(a: Tensor, b: Tensor) -> dtype:
    return (_core.empty([0], a.dtype, FACE) + _core.empty([0], b.dtype, FACE)).dtype


# NumPy has no such type.
_BFLOAT16 = SimpleNamespace(bits=16, eps=2.0**-7, max=2.0**127 * (2 - 2.0**-7), min=-(2.0**127) * (2 - 2.0**-7), tiny=2.0**-126,
                            smallest_normal=2.0**-126, resolution=0.01, dtype="bfloat16")  # fmt: skip


def finfo(d: dtype) -> Any:
    """The limits of a floating dtype: max, min, eps, tiny, bits."""
    return _BFLOAT16 if d is _dtypes.bfloat16 else np.finfo(d._name)


def iinfo(d: dtype) -> np.iinfo:
    return np.iinfo(d._name)


def dtype_named(name: str) -> dtype:
    return DTYPES[_core.dtype_number(name)]
