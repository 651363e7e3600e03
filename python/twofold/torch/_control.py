"""torch.cond and torch.while_loop: one differentiable step each, whatever the functions do."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from twofold import _core
from twofold.torch._creation import tensor
from twofold.torch._tensor import Tensor


def _flat(values: Any) -> list[Tensor]:
    if isinstance(values, dict):
        return [t for v in values.values() for t in _flat(v)]
    if isinstance(values, (list, tuple)):
        return [t for v in values for t in _flat(v)]
    return [values if isinstance(values, Tensor) else tensor(values)]


def _packed(like: Any, flat: list[Tensor]) -> Any:
    """The tensors in the structure of `like`; takes them from the front of the list."""
    if isinstance(like, dict):
        return {k: _packed(v, flat) for k, v in like.items()}
    if isinstance(like, (list, tuple)):
        return type(like)([_packed(v, flat) for v in like])
    return flat.pop(0)


class _Traced:
    """The user's function as the engine calls it, with flat lists; remembers the structure of what it gave."""

    def __init__(self, function: Callable[..., Any], like: Sequence[Any]) -> None:
        self.function, self.like, self.result = function, like, None

    def __call__(self, variables: tuple) -> list[Tensor]:
        self.result = self.function(*_packed(self.like, list(variables)))
        return _flat(self.result)


def cond(pred: Any, true_fn: Callable[..., Any], false_fn: Callable[..., Any], operands: Any = ()) -> Any:
    """true_fn(*operands) if `pred` holds, else false_fn(*operands)."""
    if not callable(true_fn) or not callable(false_fn):
        raise RuntimeError("Expect both branches to be callable.")
    if isinstance(pred, (bool, int)):
        return (true_fn if pred else false_fn)(*operands)
    if not isinstance(pred, Tensor) or pred.numel() != 1:
        raise RuntimeError(f"Expected pred to be bool or single-element tensor, but got {pred}.")
    branches = [_Traced(lambda f=f: f(*operands), ()) for f in (true_fn, false_fn)]
    results = _core.cond(pred.reshape(()), *branches)
    return _packed(branches[0].result, results)


def while_loop(cond_fn: Callable[..., Any], body_fn: Callable[..., Any], carried_inputs: Sequence[Any]) -> Any:
    """While cond_fn(*carried) holds: carried = body_fn(*carried)."""
    if not callable(cond_fn) or not callable(body_fn):
        raise RuntimeError("Expect cond_fn and body_fn to be callable.")
    condition, body = _Traced(cond_fn, carried_inputs), _Traced(body_fn, carried_inputs)
    return _packed(carried_inputs, _core.while_loop(condition, body, _flat(carried_inputs)))
