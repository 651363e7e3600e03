"""torch.autograd.Function: an operation whose derivative the user writes."""

from __future__ import annotations

import functools
from collections.abc import Callable, Iterator
from typing import Any

from twofold import _core
from twofold._owners import owned
from twofold.torch._creation import zeros_like
from twofold.torch._errors import broadcast
from twofold.torch._grad_mode import no_grad
from twofold.torch._tensor import FACE, Tensor


class FunctionCtx:
    """What forward() leaves for backward()."""

    def __init__(self, needs: tuple[bool, ...]) -> None:
        self.needs_input_grad = needs
        self.saved_tensors: tuple = ()
        self._constant: set[int] = set()
        self._dirty: set[int] = set()
        self._materialize = True

    def save_for_backward(self, *tensors: Tensor | None) -> None:
        """Keeps tensors; inputs keep their history, so that the derivative can be differentiated."""
        self.saved_tensors = tensors

    @property
    def saved_variables(self) -> tuple:
        return self.saved_tensors

    def mark_non_differentiable(self, *tensors: Tensor) -> None:
        self._constant = {id(t) for t in tensors}

    def mark_dirty(self, *tensors: Tensor) -> None:
        """These inputs were edited in place and are given as outputs."""
        self._dirty = {id(t) for t in tensors}

    def set_materialize_grads(self, value: bool) -> None:
        """False: a gradient that did not arrive is None in backward(), not zeros."""
        self._materialize = value


def _tuple(result: Any) -> tuple:
    return result if isinstance(result, tuple) else (result,)


def once_differentiable(backward: Callable) -> Callable:
    """For a backward() that is not itself differentiable."""

    @functools.wraps(backward)
    def wrapped(ctx: FunctionCtx, *gradients: Any) -> Any:
        with no_grad():
            return backward(ctx, *gradients)

    return wrapped


class Function:
    """Subclass it with static forward(ctx, ...) and backward(ctx, ...), then call MyFunction.apply(...)."""

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        raise RuntimeError(
            "Legacy autograd function with non-static forward method is deprecated. Please use new-style autograd function "
            "with static forward method. (Example: https://pytorch.org/docs/stable/autograd.html#torch.autograd.Function)"
        )

    @staticmethod
    def forward(*args: Any, **kwargs: Any) -> Any:
        raise NotImplementedError("You must implement the forward function for custom autograd.Function.")

    @staticmethod
    def setup_context(ctx: FunctionCtx, inputs: tuple, output: Any) -> None:
        raise NotImplementedError("setup_context is not implemented.")

    @staticmethod
    def backward(ctx: FunctionCtx, *grad_outputs: Any) -> Any:
        raise NotImplementedError(
            "You must implement either the backward or vjp method for your custom autograd.Function to use it with backward "
            "mode AD."
        )

    @classmethod
    def _forward(cls, ctx: FunctionCtx, args: tuple, kwargs: dict[str, Any]) -> Any:
        with no_grad():
            if cls.setup_context is Function.setup_context:
                return cls.forward(ctx, *args, **kwargs)
            result = cls.forward(*args, **kwargs)
            cls.setup_context(ctx, args, result)
            return result

    @classmethod
    def apply(cls, *args: Any, **kwargs: Any) -> Any:
        outer = next((type(a) for a in args if isinstance(a, _core.Tensor) and not isinstance(a, Tensor)), None)
        if outer is not None:  # TensorFlow's tensors go in as symbolic torch.Tensors; the results come back as theirs
            inside = [_core.as_class(a, Tensor) if isinstance(a, _core.Tensor) else a for a in args]
            out = cls.apply(*inside, **kwargs)
            back = [_core.as_class(o, outer) if isinstance(o, Tensor) and o._symbolic else o for o in _tuple(out)]
            return tuple(back) if isinstance(out, tuple) else back[0]
        given = (*args, *kwargs.values())
        inputs = [a for a in given if isinstance(a, _core.Tensor)]
        ctx = FunctionCtx(tuple(_differentiable(a) for a in given))
        result = cls._forward(ctx, args, kwargs)
        outputs = _tuple(result)
        if not any(ctx.needs_input_grad) or not _core.grad_enabled():
            return result
        recorded = [o for o in outputs if isinstance(o, _core.Tensor) and id(o) not in ctx._constant]
        call, kept = cls._backward(ctx, given, outputs)
        call = owned(call, next((i for i in inputs if i._symbolic), inputs[0]))
        made = iter(_core.record_function(inputs, recorded, call, f"{cls.__name__}Backward", kept, FACE))
        finished = [
            o if not any(o is r for r in recorded) else o._become(next(made)) if id(o) in ctx._dirty else next(made) for o in outputs
        ]
        return tuple(finished) if isinstance(result, tuple) else finished[0]

    @classmethod
    def _backward(cls, ctx: FunctionCtx, args: tuple, outputs: tuple) -> tuple[Callable[[tuple, tuple], list], list]:
        """What the engine calls, and the tensors that it keeps for it: an output kept here would keep itself alive."""
        shapes = [a.shape if isinstance(a, _core.Tensor) else None for a in args]
        sent = [isinstance(o, _core.Tensor) and id(o) not in ctx._constant for o in outputs]
        blanks = [_Blank(o) if isinstance(o, _core.Tensor) else None for o in outputs]
        saved, ctx.saved_tensors = ctx.saved_tensors, ()
        places = [t is not None for t in saved]

        def call(gradients: tuple, kept: tuple) -> list:
            come, back = iter(gradients), iter(kept)
            ctx.saved_tensors = tuple(next(back) if kept_there else None for kept_there in places)
            arrived = [next(come) if one_comes else None for one_comes in sent]
            if ctx._materialize:
                likes = [b and b.of(back) for b in blanks]
                arrived = [zeros_like(like) if g is None and like is not None else g for g, like in zip(arrived, likes)]
            try:
                given = _tuple(cls.backward(ctx, *arrived))
            finally:
                ctx.saved_tensors = ()
            if len(given) != len(shapes) and any(g is not None for g in given[len(shapes) :]) or len(given) < len(shapes):
                raise RuntimeError(
                    f"function {cls.__name__}Backward returned an incorrect number of gradients (expected {len(shapes)}, got "
                    f"{len(given)})"
                )
            for k, (g, shape) in enumerate(zip(given, shapes)):
                _check_gradient(cls.__name__, k, g, shape)
            return [g for g, shape in zip(given, shapes) if shape is not None]

        told_later = [o for o, b in zip(outputs, blanks) if b and b.symbolic]
        return call, [*(t for t in saved if t is not None), *told_later]


class _Blank:
    """What a gradient that did not arrive would look like: zeros of an output's shape, which a graph knows when it runs."""

    def __init__(self, output: Any) -> None:
        self.symbolic, self.shape, self.dtype = output._symbolic, output._shape, output.dtype

    def of(self, outputs: Iterator[Any]) -> Any:
        """A tensor of that shape and dtype: the next of `outputs` in a graph."""
        return next(outputs) if self.symbolic else _core.empty(self.shape, self.dtype, FACE)


def _differentiable(a: Any) -> bool:
    """Tensors of a graph may all be differentiated."""
    return isinstance(a, _core.Tensor) and (a._symbolic or a.requires_grad)


def _check_gradient(function: str, place: int, gradient: Any, shape: Any) -> None:
    if gradient is None:
        return
    if not isinstance(gradient, Tensor):
        raise RuntimeError(f"expected Variable or None (got {type(gradient).__name__})")
    if shape is not None and broadcast(list(gradient.shape), list(shape)) != list(gradient.shape):
        raise RuntimeError(
            f"Function {function}Backward returned an invalid gradient at index {place} - got {list(gradient.shape)} but "
            f"expected shape compatible with {list(shape)}"
        )
