"""gradcheck: a function's gradients against differences."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from twofold.torch._grad_mode import no_grad
from twofold.torch._tensor import Tensor


class GradcheckError(RuntimeError):
    """The derivatives differ."""


def _differences(func: Callable[..., Any], inputs: tuple, k: int, j: int, seed: Tensor, eps: float) -> float:
    """d(sum of func * seed)/d(element j of input k), from both sides."""
    values = []
    with no_grad():
        flat = inputs[k].detach().reshape(-1)
        for step in (eps, -eps):
            moved = flat.clone()
            moved[j] += step
            values.append((func(*inputs[:k], moved.view(inputs[k].shape), *inputs[k + 1 :]) * seed).sum().item())
    return (values[0] - values[1]) / (2 * eps)


def gradcheck(func: Callable[..., Any], inputs: Any, *, eps: float = 1e-6, atol: float = 1e-5, rtol: float = 1e-3,
              raise_exception: bool = True, **_: Any) -> bool:  # fmt: skip
    """Do the gradients of func, for each element of its result, agree with differences? Meant for float64."""
    from twofold.torch.autograd import grad

    given = inputs if isinstance(inputs, tuple) else (inputs,)
    places = [k for k, t in enumerate(given) if isinstance(t, Tensor) and t.requires_grad]
    if not places:
        raise ValueError("gradcheck expects at least one input tensor to require gradient, but none of the them have requires_grad=True.")
    out = func(*given)
    for i in range(out.numel()):
        seed = out.detach().clone().zero_()
        seed.view(-1)[i] = 1
        found = grad(out, [given[k] for k in places], seed, retain_graph=True, allow_unused=True)
        for k, g in zip(places, found):
            for j in range(given[k].numel()):
                analytical = 0.0 if g is None else g.reshape(-1)[j].item()
                numerical = _differences(func, given, k, j, seed, eps)
                if abs(analytical - numerical) > atol + rtol * abs(numerical):
                    if raise_exception:
                        raise GradcheckError(
                            f"Jacobian mismatch for output 0 with respect to input {k},\nnumerical:{numerical}\nanalytical:{analytical}"
                        )
                    return False
    return True
