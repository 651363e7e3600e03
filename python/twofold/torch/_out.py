"""What all functions take: out=tensor, for the result to be written into, and NumPy's names of arguments."""

from __future__ import annotations

import functools
import warnings
from collections.abc import Callable
from typing import Any

from twofold import _core
from twofold.torch._in_place import check_kind
from twofold.torch._numpy_names import numpy_names
from twofold.torch._tensor import Tensor


def _write(name: str, result: Tensor, out: Tensor) -> None:
    if not isinstance(out, Tensor):
        raise TypeError(f"{name}(): argument 'out' must be Tensor, not {type(out).__name__}")
    if _core.grad_enabled() and (result.requires_grad or out.requires_grad):
        raise RuntimeError(
            f"{name}(): functions with out=... arguments don't support automatic differentiation, but one of the arguments "
            "requires grad."
        )
    check_kind(out, result)
    if out._shape != result._shape:
        if out.numel():
            warnings.warn(
                "An output with one or more elements was resized since it had shape "
                f"{list(out._shape)}, which does not match the required output shape {list(result._shape)}. "
                "This behavior is deprecated, and in a future PyTorch release outputs will not be resized unless they have "
                "zero elements. You can explicitly reuse an out tensor t by resizing it, inplace, to zero elements with "
                "t.resize_(0).",
                UserWarning,
                stacklevel=4,
            )
        out.resize_(result._shape)
    out.copy_(result)


def write(name: str, result: Any, out: Any) -> Any:
    """`out`, or the tuple of them, holding the result."""
    if isinstance(result, Tensor):
        _write(name, result, out)
        return out
    for part, target in zip(result, out):
        _write(name, part, target)
    return type(result)(*out) if hasattr(result, "_fields") else tuple(out)


def with_out(function: Callable[..., Any]) -> Callable[..., Any]:
    """The function with a keyword `out`, and NumPy's names for its arguments."""
    known = numpy_names(function)

    @functools.wraps(function)
    def wrapped(*args: Any, out: Any = None, **kwargs: Any) -> Any:
        if kwargs:
            kwargs = {known.get(name, name): value for name, value in kwargs.items()}
        result = function(*args, **kwargs)
        return result if out is None else write(function.__name__, result, out)

    return wrapped


_core.set_writer(write)
