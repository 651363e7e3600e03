"""Optimizer: parameters in groups with their settings, and a state for each."""

from __future__ import annotations

import copy
from collections import OrderedDict, defaultdict
from collections.abc import Callable, Iterable
from typing import Any

from twofold.torch._grad_mode import enable_grad, no_grad
from twofold.torch._tensor import Tensor
from twofold.torch.nn.modules._hooks import RemovableHandle


def check(name: str, value: float) -> None:
    if value < 0:
        raise ValueError(f"Invalid {name}: {value}")


class Optimizer:
    """Updates parameters from their gradients; `param_groups` holds the settings, `state` what is kept between steps."""

    def __init__(self, params: Iterable[Any], defaults: dict[str, Any]) -> None:
        if isinstance(params, Tensor):
            raise TypeError(
                "params argument given to the optimizer should be an iterable of Tensors or dicts, but got " + params.type()
            )
        self.defaults = defaults
        self.state: defaultdict[Tensor, dict[str, Any]] = defaultdict(dict)
        self.param_groups: list[dict[str, Any]] = []
        self._pre_hooks: OrderedDict = OrderedDict()
        self._post_hooks: OrderedDict = OrderedDict()
        listed = list(params)
        if not listed:
            raise ValueError("optimizer got an empty parameter list")
        for group in listed if isinstance(listed[0], dict) else [{"params": listed}]:
            self.add_param_group(group)

    def add_param_group(self, param_group: dict[str, Any]) -> None:
        """More parameters, with settings of their own where they differ."""
        if not isinstance(param_group, dict):
            raise TypeError(f"param_group must be a dict, but got {type(param_group)}")
        given = param_group["params"]
        if isinstance(given, set):
            raise TypeError("optimizer parameters need to be organized in ordered collections, but the ordering of tensors in sets "
                            "will change between runs. Please use a list instead.")  # fmt: skip
        group = {**param_group, "params": [given] if isinstance(given, Tensor) else list(given)}
        if group["params"] and isinstance(group["params"][0], tuple):
            group["param_names"], group["params"] = (list(part) for part in zip(*group["params"]))
        held = {id(p) for g in self.param_groups for p in g["params"]}
        for p in group["params"]:
            if not isinstance(p, Tensor):
                raise TypeError(f"optimizer can only optimize Tensors, but one of the params is {type(p).__name__}")
            if not p.is_leaf:
                raise ValueError("can't optimize a non-leaf Tensor")
            if id(p) in held:
                raise ValueError("some parameters appear in more than one parameter group")
        self.param_groups.append({**group, **{k: v for k, v in self.defaults.items() if k not in group}})

    def step(self, closure: Callable[[], Any] | None = None) -> Any:
        """One update of every parameter that has a gradient; `closure` recomputes the loss first, and is what it gives."""
        for hook in list(self._pre_hooks.values()):
            hook(self, (closure,), {})
        loss = None
        if closure is not None:
            with enable_grad():
                loss = closure()
        with no_grad():
            for group in self.param_groups:
                for p in group["params"]:
                    if p.grad is not None:
                        self._update(p, p.grad, group, self.state[p])
        for hook in list(self._post_hooks.values()):
            hook(self, (closure,), {})
        return loss

    def _update(self, p: Tensor, gradient: Tensor, group: dict[str, Any], state: dict[str, Any]) -> None:
        raise NotImplementedError

    def register_step_pre_hook(self, hook: Callable) -> RemovableHandle:
        """Calls hook(optimizer, args, kwargs) before each step."""
        return RemovableHandle(self._pre_hooks, hook)

    def register_step_post_hook(self, hook: Callable) -> RemovableHandle:
        """Calls hook(optimizer, args, kwargs) after each step."""
        return RemovableHandle(self._post_hooks, hook)

    def zero_grad(self, set_to_none: bool = True) -> None:
        for group in self.param_groups:
            for p in group["params"]:
                if set_to_none or p.grad is None:
                    p.grad = None
                else:
                    p.grad.detach().zero_()

    # --- state
    def _numbered(self) -> dict[int, Tensor]:
        return dict(enumerate(p for group in self.param_groups for p in group["params"]))

    def state_dict(self) -> dict[str, Any]:
        """Settings and state, parameters by their number."""
        number = {id(p): k for k, p in self._numbered().items()}
        groups = [{**{k: v for k, v in g.items() if k != "params"}, "params": [number[id(p)] for p in g["params"]]}
                  for g in self.param_groups]  # fmt: skip
        return {"state": {number[id(p)]: kept for p, kept in self.state.items() if kept}, "param_groups": groups}

    def load_state_dict(self, state_dict: dict[str, Any]) -> None:
        """What state_dict() gave, of an optimiser over parameters of the same number and sizes."""
        groups = copy.deepcopy(state_dict["param_groups"])
        if len(groups) != len(self.param_groups):
            raise ValueError("loaded state dict has a different number of parameter groups")
        if any(len(g["params"]) != len(own["params"]) for g, own in zip(groups, self.param_groups)):
            raise ValueError("loaded state dict contains a parameter group that doesn't match the size of optimizer's group")
        theirs = [k for g in groups for k in g["params"]]
        place = dict(zip(theirs, self._numbered().values()))
        self.state = defaultdict(dict)
        for k, kept in state_dict["state"].items():
            self.state[place[k]] = {name: _copied(name, value, place[k]) for name, value in kept.items()}
        for own, g in zip(self.param_groups, groups):
            own.update({k: v for k, v in g.items() if k != "params"})

    def __repr__(self) -> str:
        lines = [f"{type(self).__name__} ("]
        for k, group in enumerate(self.param_groups):
            lines.append(f"Parameter Group {k}")
            lines += [f"    {key}: {group[key]}" for key in sorted(group) if key != "params"]
        return "\n".join(lines) + "\n)"


def _copied(name: str, value: Any, p: Tensor) -> Any:
    if not isinstance(value, Tensor):
        return copy.deepcopy(value)
    return value.detach().clone() if name == "step" or not p.is_floating_point() else value.detach().to(p.dtype, copy=True)
