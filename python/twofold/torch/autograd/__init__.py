"""torch.autograd: gradients, and the switches that turn recording on and off."""

from __future__ import annotations

import warnings
from collections.abc import Sequence
from typing import Any

from twofold import _core, _missing
from twofold.torch._creation import ones_like, zeros_like
from twofold.torch._functions import stack
from twofold.torch._grad_mode import enable_grad, inference_mode, no_grad, set_grad_enabled
from twofold.torch._tensor import FACE, Tensor, variable
from twofold.torch.autograd.function import Function


class _VariableMeta(type):
    def __instancecheck__(cls, instance: object) -> bool:
        return isinstance(instance, Tensor)


class Variable(metaclass=_VariableMeta):
    """A tensor, since PyTorch 0.4: Variable(t, requires_grad=True) is t, detached, wanting a gradient."""

    __module__ = "torch.autograd"

    def __new__(cls, data: Any = None, requires_grad: bool = False, volatile: bool = False) -> Tensor:
        return variable(data, requires_grad, volatile)


def _list(values: Any) -> list:
    return [values] if isinstance(values, Tensor) else list(values)


def _checked(gradients: Any) -> list:
    listed = _list(gradients)
    for g in listed:
        if g is not None and not isinstance(g, Tensor):
            raise TypeError(f"gradients can be either Tensors or None, but got {type(g).__name__}")
    return listed


def _each_seed(roots: list, leaves: list, seeds: list, retain: bool, **options: Any) -> tuple[Tensor | None, ...]:
    """The gradients for each slice of the seeds, stacked."""
    slices = list(zip(*seeds))
    if not slices:
        raise ValueError("is_grads_batched: expected grad_outputs of at least one slice")
    last = len(slices) - 1
    each = [grad(roots, leaves, list(of), retain or k < last, **options) for k, of in enumerate(slices)]
    return tuple(None if parts[0] is None else stack(parts) for parts in zip(*each))


def grad(
    outputs: Tensor | Sequence[Tensor],
    inputs: Tensor | Sequence[Tensor],
    grad_outputs: Any = None,
    retain_graph: bool | None = None,
    create_graph: bool = False,
    only_inputs: bool = True,
    allow_unused: bool | None = None,
    is_grads_batched: bool = False,
    materialize_grads: bool = False,
) -> tuple[Tensor | None, ...]:
    """d(sum of outputs)/d(inputs), without touching .grad."""
    if not only_inputs:
        warnings.warn("only_inputs argument is deprecated and is ignored now (defaults to True).", FutureWarning, stacklevel=2)
    roots, leaves = _list(outputs), _list(inputs)
    given = None if grad_outputs is None else _checked(grad_outputs)
    retain = create_graph if retain_graph is None else retain_graph
    if is_grads_batched:
        return _each_seed(roots, leaves, given or [], retain, create_graph=create_graph, allow_unused=allow_unused,
                          materialize_grads=materialize_grads)  # fmt: skip
    found = _core.grad(roots, leaves, given, retain, create_graph, bool(allow_unused) or materialize_grads, FACE)
    if not materialize_grads:
        return found
    return tuple(zeros_like(leaf) if g is None else g for g, leaf in zip(found, leaves))


def backward(
    tensors: Tensor | Sequence[Tensor],
    grad_tensors: Any = None,
    retain_graph: bool | None = None,
    create_graph: bool = False,
    grad_variables: Any = None,
    inputs: Tensor | Sequence[Tensor] | None = None,
) -> None:
    """Accumulates the gradients of several tensors into their leaves, or only into `inputs`."""
    roots = _list(tensors)
    gradients = [None] * len(roots) if grad_tensors is None else _checked(grad_tensors)
    if inputs is not None:
        targets = _list(inputs)
        if not targets:
            raise RuntimeError("`inputs` argument to `backward()` cannot be empty.")
        seeds = [ones_like(r) if g is None and r.numel() == 1 else g for r, g in zip(roots, gradients)]
        for t, g in zip(targets, grad(roots, targets, seeds, retain_graph, create_graph, allow_unused=True)):
            if g is not None:
                t.grad = g if t.grad is None else t.grad + g
        return
    for k, (root, gradient) in enumerate(zip(roots, gradients)):
        last = k + 1 == len(roots)
        _backward(root, gradient, retain_graph if last else True, create_graph)


_backward = _core.Tensor.backward


def _tensor_backward(self: Tensor, gradient: Any = None, retain_graph: bool | None = None, create_graph: bool = False,
                     inputs: Any = None) -> None:  # fmt: skip
    """Accumulates d(self)/d(leaf) into every leaf that requires a gradient, or only into `inputs`."""
    if inputs is None and (gradient is None or isinstance(gradient, Tensor)):
        return _backward(self, gradient, retain_graph, create_graph)
    return backward(self, gradient, retain_graph, create_graph, inputs=inputs)


Tensor.backward = _tensor_backward


class set_detect_anomaly:
    """Nothing to switch on: every error of backward() names the line in forward() already. NaNs are not looked for."""

    def __init__(self, mode: bool, check_nan: bool = True) -> None:
        pass

    def __enter__(self) -> None:
        pass

    def __exit__(self, *_: object) -> None:
        pass


class detect_anomaly(set_detect_anomaly):
    def __init__(self, check_nan: bool = True) -> None:
        super().__init__(True, check_nan)


from twofold.torch.autograd import functional  # noqa: E402
from twofold.torch.autograd.gradcheck import gradcheck  # noqa: E402

__all__ = ["Function", "Variable", "backward", "detect_anomaly", "enable_grad", "functional", "grad", "gradcheck",
           "inference_mode", "no_grad", "set_detect_anomaly", "set_grad_enabled"]  # fmt: skip


_missing.explain(__name__)
