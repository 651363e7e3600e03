"""torch.utils.checkpoint: a part of forward() that is run again in backward instead of being remembered."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from twofold.torch._grad_mode import enable_grad
from twofold.torch._random import get_rng_state, set_rng_state
from twofold.torch._tensor import Tensor
from twofold.torch.autograd import backward
from twofold.torch.autograd.function import Function

__all__ = ["checkpoint"]


class _Again(Function):
    @staticmethod
    def forward(ctx: Any, function: Callable, kwargs: dict[str, Any], *args: Any) -> Any:
        ctx.function, ctx.kwargs, ctx.args, ctx.random = function, kwargs, args, get_rng_state()
        return function(*args, **kwargs)

    @staticmethod
    def backward(ctx: Any, *gradients: Any) -> Any:
        args = [a.detach().requires_grad_(a.requires_grad) if isinstance(a, Tensor) else a for a in ctx.args]
        after = get_rng_state()
        set_rng_state(ctx.random)
        with enable_grad():
            out = ctx.function(*args, **ctx.kwargs)
        set_rng_state(after)
        pairs = [(o, g) for o, g in zip(out if isinstance(out, tuple) else (out,), gradients) if isinstance(o, Tensor) and o.requires_grad]
        backward([o for o, _ in pairs], [g for _, g in pairs])
        return (None, None, *(a.grad if isinstance(a, Tensor) else None for a in args))


def checkpoint(function: Callable, *args: Any, use_reentrant: bool | None = None, preserve_rng_state: bool = True, **kwargs: Any) -> Any:
    """function(*args), whose intermediate values are forgotten and worked out again in backward."""
    return _Again.apply(function, kwargs, *args)
