"""torch.optim: the engine's optimisers under PyTorch's names."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

from twofold import _core
from twofold.torch._tensor import Tensor


class Optimizer:
    """Updates parameters from their gradients; `param_groups` holds the settings, each group its own."""

    def __init__(self, params: Iterable[Any], defaults: dict[str, Any]) -> None:
        if isinstance(params, Tensor):
            raise TypeError(
                "params argument given to the optimizer should be an iterable of Tensors or dicts, but got torch.FloatTensor"
            )
        listed = list(params)
        if not listed:
            raise ValueError("optimizer got an empty parameter list")
        self.defaults = defaults
        self.param_groups: list[dict[str, Any]] = []
        self._engines: list[Any] = []
        for group in listed if isinstance(listed[0], dict) else [{"params": listed}]:
            self.add_param_group(group)

    def add_param_group(self, param_group: dict[str, Any]) -> None:
        group = {**self.defaults, **param_group}
        group["params"] = [group["params"]] if isinstance(group["params"], Tensor) else list(group["params"])
        for p in group["params"]:
            if not isinstance(p, Tensor):
                raise TypeError(f"optimizer can only optimize Tensors, but one of the params is {type(p).__name__}")
            if not p.is_leaf:
                raise ValueError("can't optimize a non-leaf Tensor")
        self.param_groups.append(group)
        self._engines.append(self._engine(group))

    def _engine(self, group: dict[str, Any]) -> Any:
        raise NotImplementedError

    def step(self, closure: Callable[[], Any] | None = None) -> Any:
        """One update of every parameter that has a gradient; `closure` recomputes the loss first."""
        loss = closure() if closure is not None else None
        for group, engine in zip(self.param_groups, self._engines):
            engine.set_learning_rate(group["lr"])
            engine.step()
        return loss

    def zero_grad(self, set_to_none: bool = True) -> None:
        for group in self.param_groups:
            for p in group["params"]:
                if set_to_none or p.grad is None:
                    p.grad = None
                else:
                    p.grad.zero_()

    def __repr__(self) -> str:
        lines = [f"{type(self).__name__} ("]
        for k, group in enumerate(self.param_groups):
            lines.append(f"Parameter Group {k}")
            lines += [f"    {key}: {group[key]}" for key in sorted(group) if key != "params"]
        return "\n".join(lines) + "\n)"


def _check(name: str, value: float) -> None:
    if value < 0:
        raise ValueError(f"Invalid {name}: {value}")


class SGD(Optimizer):
    """v = momentum * v + g;  p = p - lr * v  (Nesterov: lr * (g + momentum * v))."""

    def __init__(self, params: Iterable[Any], lr: float = 1e-3, momentum: float = 0, dampening: float = 0,
                 weight_decay: float = 0, nesterov: bool = False, **_: Any) -> None:  # fmt: skip
        for name, value in (("learning rate", lr), ("momentum value", momentum), ("weight_decay value", weight_decay)):
            _check(name, value)
        if nesterov and (momentum <= 0 or dampening != 0):
            raise ValueError("Nesterov momentum requires a momentum and zero dampening")
        if dampening != 0:
            raise NotImplementedError("SGD with dampening is not supported yet")
        settings = {"lr": lr, "momentum": momentum, "dampening": 0, "weight_decay": weight_decay, "nesterov": nesterov}
        super().__init__(params, settings)

    def _engine(self, group: dict[str, Any]) -> Any:
        return _core.SGD(group["params"], group["lr"], group["momentum"], group["weight_decay"], group["nesterov"])


class Adam(Optimizer):
    """Kingma and Ba, ICLR 2015, as PyTorch computes it: m̂ / (√v̂ + eps)."""

    def __init__(self, params: Iterable[Any], lr: float = 1e-3, betas: tuple[float, float] = (0.9, 0.999),
                 eps: float = 1e-8, weight_decay: float = 0, amsgrad: bool = False, **_: Any) -> None:  # fmt: skip
        for name, value in (("learning rate", lr), ("epsilon value", eps), ("weight_decay value", weight_decay)):
            _check(name, value)
        for k, beta in enumerate(betas):
            if not 0 <= beta < 1:
                raise ValueError(f"Invalid beta parameter at index {k}: {beta}")
        if amsgrad:
            raise NotImplementedError("Adam with amsgrad is not supported yet")
        super().__init__(params, {"lr": lr, "betas": betas, "eps": eps, "weight_decay": weight_decay, "amsgrad": False})

    def _engine(self, group: dict[str, Any]) -> Any:
        return _core.Adam(group["params"], group["lr"], *group["betas"], group["eps"], group["weight_decay"])


__all__ = ["Adam", "Optimizer", "SGD"]
