"""Making tensors: torch.tensor, zeros, arange, from_numpy, ..."""

from __future__ import annotations

import math
import warnings
from typing import Any

import numpy as np

from twofold import _core
from twofold.torch import _dtypes
from twofold.torch._dtypes import checked_device, dtype, dtype_of
from twofold.torch._tensor import FACE, Tensor, _sizes, row

_default = _dtypes.float32
_linspace, _eye, _full, _zeros_like = row("linspace"), row("eye"), row("full", "full(size, fill_value, dtype)"), row("zeros_like", "zeros_like(input)")


def default_float() -> dtype:
    """What Python's floats become."""
    return _default


get_default_dtype = default_float


def set_default_dtype(d: dtype) -> None:
    """Python's floats, quotients of integers and new tensors are of this dtype from now on."""
    global _default
    if not d.is_floating_point:
        raise TypeError("only floating-point types are supported as the default type")
    _default = d
    _core.set_default_float(d)


# --- what all of these functions take -----------------------------------------------------------------------------
_OPTIONS = {"device", "requires_grad", "layout", "pin_memory", "memory_format", "out", "names"}


def filled(made: Tensor, function: str, options: dict[str, Any]) -> Tensor:
    """The tensor as the keywords that every function of this file takes want it."""
    unknown = next((name for name in options if name not in _OPTIONS), None)
    if unknown is not None:
        raise TypeError(f"{function}() received an invalid combination of arguments: unexpected keyword '{unknown}'")
    if options.get("device") is not None:
        checked_device(options["device"])
    if options.get("out") is not None:
        return options["out"].copy_(made)
    _core.as_new(made)
    if options.get("requires_grad") and not made.is_floating_point():
        raise RuntimeError("Only Tensors of floating point and complex dtype can require gradients")
    return made.requires_grad_() if options.get("requires_grad") else made


def size_of(function: str, size: tuple, options: dict[str, Any]) -> tuple:
    """(2, 3) from f(2, 3), f((2, 3)) or f(size=(2, 3))."""
    if not size and "size" not in options:
        raise TypeError(f'{function}() missing 1 required positional arguments: "size"')
    sizes = _sizes(size) if size else tuple(options.pop("size"))
    for n in sizes:
        if isinstance(n, (float, str)):
            raise TypeError(f"{function}(): argument 'size' (position 1) must be tuple of ints, not {type(n).__name__}")
        if isinstance(n, int) and n < 0:
            raise RuntimeError(f"{function}: Dimension size must be non-negative.")
    return sizes


# --- from values --------------------------------------------------------------------------------------------------
def _first(data: Any) -> Any:
    for _ in range(64):  # the most dimensions that NumPy knows: a list may hold itself
        if not isinstance(data, (list, tuple)) or not data:
            break
        data = data[0]
    return data


def _refuse_values(data: Any, depth: int = 0) -> None:
    """PyTorch's words for what no array can be made of."""
    if isinstance(data, (list, tuple)):
        length = next((len(d) for d in data if isinstance(d, (list, tuple))), None)
        for item in data:
            if length is not None and not (isinstance(item, (list, tuple)) and len(item) == length):
                got = f"(got {len(item)})" if isinstance(item, (list, tuple)) else f"(got {type(item).__name__})"
                raise ValueError(f"expected sequence of length {length} at dim {depth + 1} {got}")
            _refuse_values(item, depth + 1)
    elif isinstance(data, str):
        raise TypeError(f"new(): invalid data type '{type(data).__name__}'")
    elif isinstance(data, int):
        if not -(2**63) <= data < 2**63:
            raise ValueError("Overflow when unpacking long long")
    elif not isinstance(data, (float, np.generic, np.ndarray, Tensor)):
        raise RuntimeError(f"Could not infer dtype of {type(data).__name__}")


def _array_of(data: Any) -> np.ndarray:
    """Numbers and nested lists of them, of arrays or of single-element tensors."""
    if isinstance(_first(data), Tensor):
        data = _numbers(data)
    try:
        values = np.asarray(data)
    except ValueError:
        _refuse_values(data)
        raise
    if values.dtype.kind in "OUSu" and not isinstance(data, (np.ndarray, np.generic)):
        _refuse_values(data)
    return values


def _numbers(data: Any) -> Any:
    if isinstance(data, Tensor):
        if data.numel() != 1:
            raise ValueError("only one element tensors can be converted to Python scalars")
        return data.item()
    return [_numbers(d) for d in data] if isinstance(data, (list, tuple)) else data


def _check_fits(values: np.ndarray, d: dtype) -> None:
    if d.is_floating_point or d is _dtypes.bool_ or values.dtype.kind not in "iu" or not values.size:
        return
    limits = np.iinfo(d._name)
    if values.min() < limits.min or values.max() > limits.max:
        raise RuntimeError(f"value cannot be converted to type {d._name} without overflow")


def tensor(data: Any, dtype: Any = None, device: Any = None, requires_grad: bool = False, pin_memory: bool = False) -> Tensor:
    """A tensor with values of its own. Python floats become the default dtype, integers int64, arrays keep theirs."""
    d = None if dtype is None else dtype_of(dtype)
    options = {"device": device, "requires_grad": requires_grad}
    if isinstance(data, Tensor):
        plain = data.detach()
        return filled(plain.clone() if d is None else plain.to(d, copy=True), "tensor", options)
    values = _array_of(data)
    if isinstance(_first(data), (np.ndarray, np.generic)):
        return filled(_core.tensor(values, d, FACE), "tensor", options)
    if d is None and (values.dtype == np.float64 or values.size == 0):
        d = _default
    elif d is not None:
        _check_fits(values, d)
    return filled(_core.tensor(values, d, FACE), "tensor", options)


def scalar_tensor(s: Any, *, dtype: Any = None, **options: Any) -> Tensor:
    return filled(tensor(s, dtype=_default if dtype is None else dtype), "scalar_tensor", options)


def from_dlpack(ext_tensor: Any, *, device: Any = None, copy: bool | None = None) -> Tensor:
    """A tensor over the memory of any object with __dlpack__, or of a capsule; over memory of its own with copy=True."""
    if device is not None:
        checked_device(device)
    made = _core.from_dlpack(ext_tensor, FACE)
    return made.clone() if copy else made


def from_numpy(array: np.ndarray) -> Tensor:
    """A tensor over the array's memory: writing to either is seen by both."""
    if not isinstance(array, np.ndarray):
        raise TypeError(f"expected np.ndarray (got {type(array).__name__})")
    if any(step < 0 for step in array.strides):
        raise ValueError(
            "At least one stride in the given numpy array is negative, and tensors with negative strides are not "
            "currently supported. (You can probably work around this by making a copy of your array  with "
            "array.copy().) "
        )
    if not array.flags.writeable:
        warnings.warn(
            "The given NumPy array is not writable, and PyTorch does not support non-writable tensors. Twofold shares "
            "the memory and refuses in-place operations on it.",
            UserWarning,
            stacklevel=2,
        )
    return _core.share(array, FACE)


def as_tensor(data: Any, dtype: Any = None, device: Any = None) -> Tensor:
    """The tensor itself, the array's memory, or a new tensor, whichever copies least."""
    if isinstance(data, (Tensor, np.ndarray)):
        checked_device("cpu" if device is None else device)
        shared = data if isinstance(data, Tensor) else from_numpy(data)
        return shared if dtype is None else shared.to(dtype_of(dtype))
    return tensor(data, dtype, device)


asarray = as_tensor


# --- of a size ----------------------------------------------------------------------------------------------------
def empty(*size: Any, dtype: Any = None, **options: Any) -> Tensor:
    """A tensor of this size; the values are whatever they are."""
    shape = size_of("empty", size, options)
    return filled(_core.empty(list(shape), _default if dtype is None else dtype_of(dtype), FACE), "empty", options)


def full(size: Any, fill_value: Any, *, dtype: Any = None, **options: Any) -> Tensor:
    if isinstance(size, int):
        raise TypeError("full(): argument 'size' (position 1) must be tuple of ints, not int")
    value = fill_value.item() if isinstance(fill_value, Tensor) else fill_value
    d = {bool: _dtypes.bool_, int: _dtypes.int64}.get(type(value), _default) if dtype is None else dtype_of(dtype)
    if _core.graph_is_open():
        return filled(_full(list(size), value, d), "full", options)
    return filled(_core.empty(list(size), d, FACE).copy_(value), "full", options)


def zeros(*size: Any, dtype: Any = None, **options: Any) -> Tensor:
    return full(size_of("zeros", size, options), 0, dtype=_default if dtype is None else dtype, **options)


def ones(*size: Any, dtype: Any = None, **options: Any) -> Tensor:
    return full(size_of("ones", size, options), 1, dtype=_default if dtype is None else dtype, **options)


def _like(function: str, input: Tensor, value: Any, d: Any, options: dict[str, Any]) -> Tensor:
    if not isinstance(input, Tensor):
        raise TypeError(f"{function}(): argument 'input' (position 1) must be Tensor, not {type(input).__name__}")
    wanted = input.dtype if d is None else dtype_of(d)
    if input._symbolic:  # its sizes may be known only when the graph runs
        return filled(_zeros_like(input).to(wanted) + value, function, options)
    return full(input._shape, value, dtype=wanted, **options)


def zeros_like(input: Tensor, *, dtype: Any = None, **options: Any) -> Tensor:
    return _like("zeros_like", input, 0, dtype, options)


def ones_like(input: Tensor, *, dtype: Any = None, **options: Any) -> Tensor:
    return _like("ones_like", input, 1, dtype, options)


def full_like(input: Tensor, fill_value: Any, *, dtype: Any = None, **options: Any) -> Tensor:
    return _like("full_like", input, fill_value, dtype, options)


def empty_like(input: Tensor, *, dtype: Any = None, **options: Any) -> Tensor:
    return empty(input._shape, dtype=input.dtype if dtype is None else dtype, **options)


# --- sequences ----------------------------------------------------------------------------------------------------
def arange(*limits: Any, start: Any = 0, end: Any = None, step: Any = 1, dtype: Any = None, **options: Any) -> Tensor:
    """start, start + step, ... before end: int64 for integers, the default dtype otherwise."""
    given = [v.item() if isinstance(v, Tensor) else v for v in limits]
    if len(given) == 1 and end is None:
        end = given[0]
    elif given:
        start, end, step = [*given, *(v for v in (end,) if v is not None), step][:3]
    if step == 0:
        raise RuntimeError("step must be nonzero")
    if (end - start) * step < 0:
        raise RuntimeError("upper bound and lower bound inconsistent with step sign")
    floating = any(isinstance(v, float) for v in (start, end, step))
    count = max(0, math.ceil((end - start) / step))
    values = start + np.arange(count, dtype=np.float64 if floating else np.int64) * step
    d = (_default if floating else _dtypes.int64) if dtype is None else dtype_of(dtype)
    return filled(_core.tensor(values, d, FACE), "arange", options)


def linspace(start: Any, end: Any, steps: int, *, dtype: Any = None, **options: Any) -> Tensor:
    """`steps` numbers from start to end at equal distances, both included."""
    if steps < 0:
        raise RuntimeError("number of steps must be non-negative")
    d = _default if dtype is None else dtype_of(dtype)
    return filled(_linspace(float(start), float(end), steps, dtype=d), "linspace", options)


def eye(n: int, m: int | None = None, *, dtype: Any = None, **options: Any) -> Tensor:
    """A matrix with ones on the main diagonal."""
    for name, size in (("n", n), ("m", n if m is None else m)):
        if size < 0:
            raise RuntimeError(f"{name} must be greater or equal to 0, got {size}")
    made = _eye(n, n if m is None else m, dtype=_default if dtype is None else dtype_of(dtype))
    return filled(made, "eye", options)


# --- about dtypes -------------------------------------------------------------------------------------------------
def is_tensor(obj: object) -> bool:
    return isinstance(obj, Tensor)


def result_type(tensor1: Any, tensor2: Any) -> dtype:
    """The dtype of tensor1 + tensor2."""
    a, b = (full(t._shape, 0, dtype=t.dtype) if isinstance(t, Tensor) else t for t in (tensor1, tensor2))
    return (a + b if isinstance(a, Tensor) or isinstance(b, Tensor) else tensor(a) + tensor(b)).dtype


def promote_types(type1: dtype, type2: dtype) -> dtype:
    return (_core.empty([0], type1, FACE) + _core.empty([0], type2, FACE)).dtype


def _category(d: dtype) -> int:
    return 0 if d is _dtypes.bool_ else 1 if not d.is_floating_point else 2


def can_cast(from_: dtype, to: dtype) -> bool:
    return _category(from_) <= _category(to)


class _Limits:
    """What an element type can hold: torch.finfo(torch.float32).eps and the like."""

    def __init__(self, d: dtype | None = None) -> None:
        wanted = _default if d is None else d
        self.dtype, self.bits = wanted._name, wanted.itemsize * 8
        self._set(wanted)

    def _set(self, d: dtype) -> None:
        raise NotImplementedError


class finfo(_Limits):
    __module__ = "torch"

    def _set(self, d: dtype) -> None:
        if not d.is_floating_point:
            raise TypeError("torch.finfo() requires a floating point input type. Use torch.iinfo to handle 'torch.finfo'")
        digits, exponents = {"float16": (10, 15), "bfloat16": (7, 127), "float32": (23, 127), "float64": (52, 1023)}[d._name]
        self.eps = 2.0**-digits
        self.max = (2 - self.eps) * 2.0**exponents
        self.min = -self.max
        self.tiny = self.smallest_normal = 2.0 ** (1 - exponents)
        self.resolution = 10.0 ** -math.floor(digits * math.log10(2))

    def __repr__(self) -> str:
        numbers = ("resolution", "min", "max", "eps", "smallest_normal", "tiny")
        return f"finfo({', '.join(f'{n}={getattr(self, n):g}' for n in numbers)}, dtype={self.dtype})"


class iinfo(_Limits):
    __module__ = "torch"

    def _set(self, d: dtype) -> None:
        if d.is_floating_point or d is _dtypes.bool_:
            raise TypeError("torch.iinfo() requires an integer input type. Use torch.finfo to handle 'torch.iinfo'")
        limits = np.iinfo(d._name)
        self.min, self.max = int(limits.min), int(limits.max)

    def __repr__(self) -> str:
        return f"iinfo(min={self.min:g}, max={self.max:g}, dtype={self.dtype})"
