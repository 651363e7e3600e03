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
        if requires_grad and not made.is_floating_point():
            raise RuntimeError("Only Tensors of floating point and complex dtype can require gradients")
        if requires_grad:
            made.requires_grad = True
        return made

    def __deepcopy__(self, memo: dict) -> Parameter:
        made = memo[id(self)] = type(self)(self.detach().clone(), self.requires_grad)
        return made

    def __repr__(self) -> str:
        return "Parameter containing:\n" + super().__repr__()

    __str__ = __repr__


class _AnyBuffer(type(Tensor)):
    def __instancecheck__(cls, value: Any) -> bool:
        return isinstance(value, Tensor) and getattr(value, "_is_buffer", False)


class Buffer(Tensor, metaclass=_AnyBuffer):
    """A tensor that a Module keeps without training it; its type is Tensor."""

    __module__ = "torch.nn.parameter"

    def __new__(cls, data: Any = None, *, persistent: bool = True) -> Tensor:
        made = empty(0) if data is None else data.detach()
        made._is_buffer, made.persistent = True, persistent
        return made
