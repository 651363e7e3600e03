"""NumPy's names of arguments, which PyTorch's functions take beside their own."""

from __future__ import annotations

import functools
import inspect
from collections.abc import Callable
from typing import Any

_NAMES = {"axis": "dim", "keepdims": "keepdim", "x": "input", "a": "input", "x1": "input", "x2": "other"}


def numpy_names(function: Callable[..., Any]) -> dict[str, str]:
    """{NumPy's name: the function's own} of its arguments; rows know by themselves."""
    code = getattr(inspect.unwrap(function), "__code__", None)
    own = code.co_varnames[: code.co_argcount + code.co_kwonlyargcount] if code else ()
    return {name: same for name, same in _NAMES.items() if same in own and name not in own}


def with_numpy_names(method: Callable[..., Any]) -> Callable[..., Any]:
    """A method that takes NumPy's names too."""
    known = numpy_names(method)
    if not known.keys() & {"axis", "keepdims", "x2"}:
        return method

    @functools.wraps(method)
    def wrapped(*args: Any, **kwargs: Any) -> Any:
        if kwargs:
            kwargs = {known.get(name, name): value for name, value in kwargs.items()}
        return method(*args, **kwargs)

    return wrapped
