"""torch.nn.Parameter."""

from __future__ import annotations

from typing import Any

from twofold import _core
from twofold.torch._creation import empty
from twofold.torch._tensor import Tensor


class Parameter(Tensor):
    """A tensor that a Module trains: assigned to an attribute, it becomes one of its parameters."""

    __module__ = "torch.nn.parameter"
    _is_param = True

    def __new__(cls, data: Any = None, requires_grad: bool = True) -> Parameter:
        source = empty(0) if data is None else data
        made = _core.as_class(source.detach(), cls)
        if requires_grad:
            made.requires_grad = True
        return made

    def __repr__(self) -> str:
        return "Parameter containing:\n" + super().__repr__()

    __str__ = __repr__
