"""torch.autograd: gradients, and the switches that turn recording on and off."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from twofold import _core
from twofold.torch._grad_mode import enable_grad, inference_mode, no_grad, set_grad_enabled
from twofold.torch._tensor import FACE, Tensor, variable
from twofold.torch.autograd.function import Function


class _VariableMeta(type):
    def __instancecheck__(cls, instance: object) -> bool:
        return isinstance(instance, Tensor)

    def __call__(cls, data: Tensor, requires_grad: bool = False, volatile: bool = False) -> Tensor:
        return variable(data, requires_grad, volatile)


class Variable(metaclass=_VariableMeta):
    """A tensor, since PyTorch 0.4: Variable(t, requires_grad=True) is t, detached, wanting a gradient."""

    __module__ = "torch.autograd"


def _list(values: Any) -> list:
    return [values] if isinstance(values, Tensor) else list(values)


def grad(
    outputs: Tensor | Sequence[Tensor],
    inputs: Tensor | Sequence[Tensor],
    grad_outputs: Any = None,
    retain_graph: bool | None = None,
    create_graph: bool = False,
    allow_unused: bool | None = None,
) -> tuple[Tensor | None, ...]:
    """d(sum of outputs)/d(inputs), without touching .grad."""
    given = None if grad_outputs is None else _list(grad_outputs)
    retain = create_graph if retain_graph is None else retain_graph
    return _core.grad(_list(outputs), _list(inputs), given, retain, create_graph, bool(allow_unused), FACE)


def backward(
    tensors: Tensor | Sequence[Tensor],
    grad_tensors: Any = None,
    retain_graph: bool | None = None,
    create_graph: bool = False,
) -> None:
    """Accumulates the gradients of several tensors into their leaves."""
    roots = _list(tensors)
    gradients = [None] * len(roots) if grad_tensors is None else _list(grad_tensors)
    for k, (root, gradient) in enumerate(zip(roots, gradients)):
        last = k + 1 == len(roots)
        root.backward(gradient, retain_graph if last else True, create_graph)


__all__ = ["Function", "Variable", "backward", "enable_grad", "grad", "inference_mode", "no_grad", "set_grad_enabled"]
