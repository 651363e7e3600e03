"""Adam."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from twofold.torch._creation import tensor, zeros_like
from twofold.torch._tensor import Tensor, row
from twofold.torch.optim.optimizer import Optimizer, check

_maximum = row("maximum")


class Adam(Optimizer):
    """Kingma and Ba, ICLR 2015, as PyTorch computes it: p = p - lr / (1 - β1^t) · m / (√v / √(1 - β2^t) + eps)."""

    def __init__(self, params: Iterable[Any], lr: Any = 1e-3, betas: tuple[float, float] = (0.9, 0.999), eps: float = 1e-8,
                 weight_decay: float = 0, amsgrad: bool = False, *, foreach: bool | None = None, maximize: bool = False,
                 capturable: bool = False, differentiable: bool = False, fused: bool | None = None,
                 decoupled_weight_decay: bool = False) -> None:  # fmt: skip
        check("learning rate", lr)
        check("epsilon value", eps)
        for k, beta in enumerate(betas):
            if not 0 <= beta < 1:
                raise ValueError(f"Invalid beta parameter at index {k}: {beta}")
        check("weight_decay value", weight_decay)
        super().__init__(params, {
            "lr": lr, "betas": betas, "eps": eps, "weight_decay": weight_decay, "amsgrad": amsgrad, "maximize": maximize,
            "foreach": foreach, "capturable": capturable, "differentiable": differentiable, "fused": fused,
            "decoupled_weight_decay": decoupled_weight_decay,
        })  # fmt: skip

    def _update(self, p: Tensor, gradient: Tensor, group: dict[str, Any], state: dict[str, Any]) -> None:
        if not state:
            state.update(step=tensor(0.0), exp_avg=zeros_like(p), exp_avg_sq=zeros_like(p))
            if group["amsgrad"]:
                state["max_exp_avg_sq"] = zeros_like(p)
        lr, (beta1, beta2) = float(group["lr"]), group["betas"]
        state["step"].add_(1)
        count = state["step"].item()
        g = -gradient if group["maximize"] else gradient
        if group["weight_decay"] != 0 and group["decoupled_weight_decay"]:
            p.mul_(1 - lr * group["weight_decay"])
        elif group["weight_decay"] != 0:
            g = g + p * group["weight_decay"]
        first, second = state["exp_avg"], state["exp_avg_sq"]
        first.add_((g - first) * (1 - beta1))
        second.mul_(beta2).add_(g * g, alpha=1 - beta2)
        if group["amsgrad"]:
            second = state["max_exp_avg_sq"].copy_(_maximum(state["max_exp_avg_sq"], second))
        scale = second.sqrt() / (1 - beta2**count) ** 0.5 + group["eps"]
        p.add_(first / scale, alpha=-lr / (1 - beta1**count))
