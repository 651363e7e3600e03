"""torch.autograd.Function: an operation whose derivative the user writes."""

from __future__ import annotations

from typing import Any

from twofold import _core
from twofold.torch._grad_mode import no_grad
from twofold.torch._tensor import Tensor


class FunctionCtx:
    """What forward() leaves for backward()."""

    def __init__(self, needs: tuple[bool, ...]) -> None:
        self.needs_input_grad = needs
        self.saved_tensors: tuple = ()

    def save_for_backward(self, *tensors: Tensor | None) -> None:
        """Keeps tensors; inputs keep their history, so that the derivative can be differentiated."""
        self.saved_tensors = tensors

    def mark_non_differentiable(self, *tensors: Tensor) -> None:
        self._constant = {id(t) for t in tensors}

    def set_materialize_grads(self, value: bool) -> None:
        self._materialize = value


def _outputs(result: Any) -> list:
    return list(result) if isinstance(result, tuple) else [result]


class Function:
    """Subclass it with static forward(ctx, ...) and backward(ctx, ...), then call MyFunction.apply(...)."""

    @staticmethod
    def forward(ctx: FunctionCtx, *args: Any) -> Any:
        raise NotImplementedError("You must implement the forward function for custom autograd.Function.")

    @staticmethod
    def backward(ctx: FunctionCtx, *grad_outputs: Any) -> Any:
        raise NotImplementedError("You must implement either the backward method for your custom autograd.Function.")

    @classmethod
    def apply(cls, *args: Any) -> Any:
        inputs = [a for a in args if isinstance(a, Tensor)]
        ctx = FunctionCtx(tuple(isinstance(a, Tensor) and a.requires_grad for a in args))
        with no_grad():
            result = cls.forward(ctx, *args)
        outputs = _outputs(result)
        # An output that the context keeps must not keep itself alive through its own history.
        ctx.saved_tensors = tuple(t.detach() if any(t is o for o in outputs) else t for t in ctx.saved_tensors)
        if not any(ctx.needs_input_grad) or not _core.grad_enabled():
            return result
        given = [o for o in outputs if isinstance(o, Tensor)]
        made = iter(_core.record_function(inputs, given, cls._backward(ctx, args), f"{cls.__name__}Backward"))
        finished = [next(made) if isinstance(o, Tensor) else o for o in outputs]
        return tuple(finished) if isinstance(result, tuple) else finished[0]

    @classmethod
    def _backward(cls, ctx: FunctionCtx, args: tuple) -> Any:
        places = [isinstance(a, Tensor) for a in args]

        def call(gradients: tuple) -> list:
            given = _outputs(cls.backward(ctx, *gradients))
            if len(given) < len(places):
                raise RuntimeError(
                    f"function {cls.__name__}Backward returned an incorrect number of gradients (expected "
                    f"{len(places)}, got {len(given)})"
                )
            return [g for g, is_tensor in zip(given, places) if is_tensor]

        return call
