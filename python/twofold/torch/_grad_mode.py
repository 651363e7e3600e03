"""no_grad(), enable_grad(), inference_mode(), set_grad_enabled(): context managers and decorators."""

from __future__ import annotations

import functools
from collections.abc import Callable
from typing import Any

from twofold import _core


class _GradMode:
    """Recording is on or off while it lives; also a decorator, with or without parentheses."""

    wanted = True

    def __new__(cls, orig_func: Callable | None = None) -> Any:
        made = super().__new__(cls)
        made.before = []
        return made(orig_func) if callable(orig_func) else made

    def __enter__(self) -> None:
        self.before.append(_core.set_grad_enabled(self.wanted))

    def __exit__(self, *_: object) -> None:
        _core.set_grad_enabled(self.before.pop())

    def __call__(self, function: Callable) -> Callable:
        @functools.wraps(function)
        def wrapped(*args: Any, **kwargs: Any) -> Any:
            with type(self)():
                return function(*args, **kwargs)

        return wrapped


class no_grad(_GradMode):
    wanted = False


class enable_grad(_GradMode):
    wanted = True


class inference_mode(_GradMode):
    def __new__(cls, mode: Any = True) -> Any:
        made = super().__new__(cls)
        if callable(mode):
            return made(mode)
        made.wanted = not mode
        return made

    wanted = False


class set_grad_enabled:
    """Sets it at once; as a context manager it is undone at the end."""

    def __init__(self, mode: bool) -> None:
        self.mode = bool(mode)
        self.before = _core.set_grad_enabled(bool(mode))

    def __enter__(self) -> None:
        pass

    def __exit__(self, *_: object) -> None:
        _core.set_grad_enabled(self.before)

    def __repr__(self) -> str:
        return f"torch.autograd.grad_mode.set_grad_enabled(mode={self.mode})"


def is_inference_mode_enabled() -> bool:
    """Inference mode is no_grad() here, with nothing else to be in."""
    return not _core.grad_enabled()


def is_grad_enabled() -> bool:
    return _core.grad_enabled()
