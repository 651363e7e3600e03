"""Jacobians and Hessians of functions."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from twofold import _missing
from twofold.torch._creation import zeros_like
from twofold.torch._functions import stack
from twofold.torch._tensor import Tensor


def _leaves(inputs: Any) -> tuple[Tensor, ...]:
    given = inputs if isinstance(inputs, tuple) else (inputs,)
    return tuple(t.detach().clone().requires_grad_() for t in given)


def _like_inputs(inputs: Any, values: list) -> Any:
    return tuple(values) if isinstance(inputs, tuple) else values[0]


def _gradients(outputs: Tensor, leaves: tuple, seed: Tensor | None, create_graph: bool) -> list[Tensor]:
    from twofold.torch.autograd import grad

    found = grad(outputs, leaves, seed, retain_graph=True, create_graph=create_graph, allow_unused=True)
    return [zeros_like(leaf) if g is None else g for g, leaf in zip(found, leaves)]


def _rows(out: Tensor, leaves: tuple, create_graph: bool) -> list[Tensor]:
    """d(out)/d(leaf) for each leaf, of shape out.shape + leaf.shape."""
    flat = out.reshape(-1)
    rows = [_gradients(flat[k], leaves, None, create_graph) for k in range(flat.numel())]
    return [stack([row[i] for row in rows]).reshape(*out.shape, *leaf.shape) for i, leaf in enumerate(leaves)]


def jacobian(func: Callable[..., Tensor], inputs: Any, create_graph: bool = False, strict: bool = False, vectorize: bool = False,
             strategy: str = "reverse-mode") -> Any:  # fmt: skip
    """First derivatives of a function; `vectorize` and `strategy`, which choose PyTorch's way to them, change nothing here."""
    leaves = _leaves(inputs)
    return _like_inputs(inputs, _rows(func(*leaves), leaves, create_graph))


def hessian(func: Callable[..., Tensor], inputs: Any, create_graph: bool = False, strict: bool = False, vectorize: bool = False,
            outer_jacobian_strategy: str = "reverse-mode") -> Any:  # fmt: skip
    """Second derivatives of a function with a single number as its result."""
    leaves = _leaves(inputs)
    first = _gradients(func(*leaves), leaves, None, True)
    blocks = [_like_inputs(inputs, _rows(g, leaves, create_graph)) for g in first]
    return _like_inputs(inputs, blocks)


def vjp(func: Callable[..., Tensor], inputs: Any, v: Tensor | None = None, create_graph: bool = False, strict: bool = False) -> tuple:
    """(func(inputs), v @ jacobian)."""
    leaves = _leaves(inputs)
    out = func(*leaves)
    return out.detach(), _like_inputs(inputs, _gradients(out, leaves, v, create_graph))


_missing.explain(__name__)
