"""Stochastic gradient descent."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from twofold.torch._tensor import Tensor
from twofold.torch.optim.optimizer import Optimizer, check


class SGD(Optimizer):
    """v = momentum * v + (1 - dampening) * g;  p = p - lr * v  (Nesterov: lr * (g + momentum * v))."""

    def __init__(self, params: Iterable[Any], lr: Any = 1e-3, momentum: float = 0, dampening: float = 0, weight_decay: float = 0,
                 nesterov: bool = False, *, maximize: bool = False, foreach: bool | None = None, differentiable: bool = False,
                 fused: bool | None = None) -> None:  # fmt: skip
        for name, value in (("learning rate", lr), ("momentum value", momentum), ("weight_decay value", weight_decay)):
            check(name, value)
        settings = {"lr": lr, "momentum": momentum, "dampening": dampening, "weight_decay": weight_decay, "nesterov": nesterov,
                    "maximize": maximize, "foreach": foreach, "differentiable": differentiable, "fused": fused}  # fmt: skip
        if nesterov and (momentum <= 0 or dampening != 0):
            raise ValueError("Nesterov momentum requires a momentum and zero dampening")
        super().__init__(params, settings)

    def _update(self, p: Tensor, gradient: Tensor, group: dict[str, Any], state: dict[str, Any]) -> None:
        g = -gradient if group["maximize"] else gradient
        if group["weight_decay"] != 0:
            g = g + p * group["weight_decay"]
        if group["momentum"] != 0:
            g = self._with_momentum(g, group, state)
        p.add_(g, alpha=-float(group["lr"]))

    def _with_momentum(self, g: Tensor, group: dict[str, Any], state: dict[str, Any]) -> Tensor:
        velocity = state.get("momentum_buffer")
        if velocity is None:
            velocity = state["momentum_buffer"] = g.clone()
        else:
            velocity.mul_(group["momentum"]).add_(g, alpha=1 - group["dampening"])
        return g + velocity * group["momentum"] if group["nesterov"] else velocity
