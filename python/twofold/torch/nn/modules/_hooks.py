"""Hooks of modules: their handles, and gradients seen at a module's edges."""

from __future__ import annotations

import itertools
from collections import OrderedDict
from typing import Any

from twofold.torch._tensor import Tensor
from twofold.torch.autograd.function import Function

_numbers = itertools.count()


class RemovableHandle:
    """What registering a hook gives: remove() takes the hook away."""

    __module__ = "torch.utils.hooks"

    def __init__(self, hooks: OrderedDict, hook: Any, prepend: bool = False) -> None:
        self.hooks, self.id = hooks, next(_numbers)
        hooks[self.id] = hook
        if prepend:
            hooks.move_to_end(self.id, last=False)

    def remove(self) -> None:
        self.hooks.pop(self.id, None)

    def __enter__(self) -> RemovableHandle:
        return self

    def __exit__(self, *_: object) -> None:
        self.remove()


class _Edge(Function):
    """Hands tensors through; in backward, hands their gradients to `see` first."""

    @staticmethod
    def forward(ctx: Any, see: Any, *tensors: Tensor) -> Any:
        ctx.see = see
        return tuple(t.view_as(t) for t in tensors)

    @staticmethod
    def backward(ctx: Any, *gradients: Any) -> Any:
        return (None, *ctx.see(gradients))


def _through(values: tuple, see: Any) -> tuple:
    """The values, their tensors handed through an edge."""
    places = [k for k, v in enumerate(values) if isinstance(v, Tensor)]
    made = list(values)
    for k, t in zip(places, _Edge.apply(see, *(values[k] for k in places)) if places else ()):
        made[k] = t
    return tuple(made)


def call_with_backward_hooks(module: Any, args: tuple, kwargs: dict[str, Any]) -> Any:
    """forward() between two edges: the gradients at both are what the hooks are called with."""
    seen: dict[str, tuple] = {}

    def at_outputs(gradients: tuple) -> tuple:
        seen["outputs"] = gradients
        if not wants:
            at_inputs((None,) * len(args))
        return gradients

    def at_inputs(gradients: tuple) -> tuple:
        for hook in list(module._backward_hooks.values()):
            changed = hook(module, gradients, seen["outputs"])
            if changed is not None:
                gradients = changed if isinstance(changed, tuple) else (changed,)
        return gradients

    wants = any(isinstance(a, Tensor) and a.requires_grad for a in args)
    out = module._forward(_through(args, at_inputs) if wants else args, kwargs)
    outputs = _through(out if isinstance(out, tuple) else (out,), at_outputs)
    return outputs if isinstance(out, tuple) else outputs[0]
