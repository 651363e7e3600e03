"""torch.nn.Module: a function with parameters, and the modules inside it."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable, Iterator
from typing import Any

import numpy as np

from twofold import _core
from twofold.torch._creation import tensor
from twofold.torch._dtypes import checked_device, dtype, float32, float64
from twofold.torch._tensor import Tensor, typename
from twofold.torch.nn.parameter import Parameter


class Module:
    """Base class of all networks: assign parameters and modules to attributes, write `forward`."""

    training: bool

    def __init__(self) -> None:
        for kind in ("_parameters", "_buffers", "_modules"):
            object.__setattr__(self, kind, OrderedDict())
        object.__setattr__(self, "_forward_hooks", OrderedDict())
        object.__setattr__(self, "_transient", set())  # names of buffers that state_dict() leaves out
        object.__setattr__(self, "training", True)
        object.__setattr__(self, "_name", None)  # among its parent's modules

    def forward(self, *args: Any, **kwargs: Any) -> Any:
        raise NotImplementedError(f'Module [{type(self).__name__}] is missing the required "forward" function')

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        outer = next((a for a in args if isinstance(a, _core.Tensor) and not isinstance(a, Tensor)), None)
        if outer is not None:
            return _through_other_face(self, outer, args, kwargs)
        first = args[0] if args else None
        if isinstance(first, Tensor) and first._symbolic and self._name is not None:
            out = _core.in_graph_of(first, self._name, lambda: self.forward(*args, **kwargs))
        else:
            out = self.forward(*args, **kwargs)
        for hook in self._forward_hooks.values():
            changed = hook(self, args, out)
            out = out if changed is None else changed
        return out

    # --- attributes
    def __setattr__(self, name: str, value: Any) -> None:
        kinds = self.__dict__
        if "_parameters" not in kinds:
            raise AttributeError("cannot assign module before Module.__init__() call")
        kind = (
            "_parameters" if isinstance(value, Parameter) else "_modules" if isinstance(value, Module) else
            "_buffers" if name in kinds["_buffers"] else None
        )  # fmt: skip
        for other in ("_parameters", "_modules", "_buffers"):
            if kind is not None and other != kind:
                kinds[other].pop(name, None)
        if kind is not None:
            kinds.pop(name, None)
            kinds[kind][name] = value
            if kind == "_modules":
                object.__setattr__(value, "_name", name)
        elif value is None and (name in kinds["_parameters"] or name in kinds["_modules"]):
            kinds["_parameters" if name in kinds["_parameters"] else "_modules"][name] = None
        elif name in kinds["_parameters"]:
            raise TypeError(
                f"cannot assign '{type(value).__name__}' as parameter '{name}' (torch.nn.Parameter or None expected)"
            )
        else:
            object.__setattr__(self, name, value)

    def __getattr__(self, name: str) -> Any:
        for kind in ("_parameters", "_buffers", "_modules"):
            held = self.__dict__.get(kind, {})
            if name in held:
                return held[name]
        raise AttributeError(f"'{type(self).__name__}' object has no attribute '{name}'")

    def __delattr__(self, name: str) -> None:
        for kind in ("_parameters", "_buffers", "_modules"):
            if name in self.__dict__[kind]:
                del self.__dict__[kind][name]
                return
        object.__delattr__(self, name)

    def _check_name(self, kind: str, name: Any, held: dict[str, Any]) -> None:
        if not isinstance(name, str):
            raise TypeError(f"{kind} name should be a string. Got {typename(name)}")
        if "." in name:
            raise KeyError(f'{kind} name can\'t contain "."' + (f", got: {name}" if kind == "module" else ""))
        if name == "":
            raise KeyError(f'{kind} name can\'t be empty string ""')
        if hasattr(self, name) and name not in held:
            raise KeyError(f"attribute '{name}' already exists")

    def register_parameter(self, name: str, param: Parameter | None) -> None:
        """Adds a parameter, reachable as an attribute of this name; TypeError and KeyError say what does not fit."""
        self._check_name("parameter", name, self._parameters)
        if param is not None and not isinstance(param, Parameter):
            raise TypeError(
                f"cannot assign '{typename(param)}' object to parameter '{name}' (torch.nn.Parameter or None required)"
            )
        self._parameters[name] = param

    def register_buffer(self, name: str, tensor: Tensor | None, persistent: bool = True) -> None:
        """Adds a tensor that is no parameter; one that is not persistent stays out of state_dict()."""
        self._check_name("buffer", name, self._buffers)
        if tensor is not None and not isinstance(tensor, Tensor):
            raise TypeError(
                f"cannot assign '{typename(tensor)}' object to buffer '{name}' (torch Tensor or None required)"
            )
        self._buffers[name] = tensor
        (self._transient.discard if persistent else self._transient.add)(name)

    def add_module(self, name: str, module: Module | None) -> None:
        """Adds a module inside this one, reachable as an attribute of this name."""
        if module is not None and not isinstance(module, Module):
            raise TypeError(f"{typename(module)} is not a Module subclass")
        self._check_name("module", name, self._modules)
        self._modules[name] = module
        if module is not None:
            object.__setattr__(module, "_name", name)

    register_module = add_module

    def register_forward_hook(self, hook: Callable) -> Callable[[], None]:
        self._forward_hooks[id(hook)] = hook
        return lambda: self._forward_hooks.pop(id(hook), None)

    # --- walking
    def _walk(self, kind: str, prefix: str, recurse: bool) -> Iterator[tuple[str, Any]]:
        for name, value in self.__dict__[kind].items():
            if value is not None:
                yield prefix + name, value
        for name, module in self._modules.items() if recurse else ():
            if module is not None:
                yield from module._walk(kind, f"{prefix}{name}.", True)

    def _once(self, kind: str, prefix: str, recurse: bool) -> Iterator[tuple[str, Any]]:
        seen: set[int] = set()
        for name, value in self._walk(kind, prefix + "." if prefix else "", recurse):
            if id(value) not in seen:
                seen.add(id(value))
                yield name, value

    def named_parameters(self, prefix: str = "", recurse: bool = True) -> Iterator[tuple[str, Parameter]]:
        return self._once("_parameters", prefix, recurse)

    def parameters(self, recurse: bool = True) -> Iterator[Parameter]:
        return (p for _, p in self.named_parameters(recurse=recurse))

    def named_buffers(self, prefix: str = "", recurse: bool = True) -> Iterator[tuple[str, Tensor]]:
        return self._once("_buffers", prefix, recurse)

    def buffers(self, recurse: bool = True) -> Iterator[Tensor]:
        return (b for _, b in self.named_buffers(recurse=recurse))

    def named_children(self) -> Iterator[tuple[str, Module]]:
        return ((n, m) for n, m in self._modules.items() if m is not None)

    def children(self) -> Iterator[Module]:
        return (m for _, m in self.named_children())

    def named_modules(self, memo: set | None = None, prefix: str = "") -> Iterator[tuple[str, Module]]:
        memo = set() if memo is None else memo
        if id(self) in memo:
            return
        memo.add(id(self))
        yield prefix, self
        for name, module in self.named_children():
            yield from module.named_modules(memo, f"{prefix}.{name}" if prefix else name)

    def modules(self) -> Iterator[Module]:
        return (m for _, m in self.named_modules())

    def apply(self, fn: Callable[[Module], None]) -> Module:
        for module in self.children():
            module.apply(fn)
        fn(self)
        return self

    # --- modes and places
    def train(self, mode: bool = True) -> Module:
        for module in self.modules():
            object.__setattr__(module, "training", mode)
        return self

    def eval(self) -> Module:
        return self.train(False)

    def requires_grad_(self, requires_grad: bool = True) -> Module:
        for p in self.parameters():
            p.requires_grad_(requires_grad)
        return self

    def zero_grad(self, set_to_none: bool = True) -> None:
        for p in self.parameters():
            p.grad = None

    def to(self, *args: Any, **kwargs: Any) -> Module:
        for arg in (*args, *kwargs.values()):
            if isinstance(arg, dtype):
                self._cast(arg)
            elif not isinstance(arg, bool) and arg is not None:
                checked_device(arg)
        return self

    def _cast(self, wanted: dtype) -> Module:
        for value in (*self.parameters(), *self.buffers()):
            if value.is_floating_point():
                value.data = value.detach().to(wanted)
        return self

    def float(self) -> Module:
        return self._cast(float32)

    def double(self) -> Module:
        return self._cast(float64)

    def cuda(self, device: Any = None) -> Module:
        return self.to("cuda")

    def cpu(self) -> Module:
        return self

    # --- state
    def state_dict(self, prefix: str = "") -> OrderedDict[str, Tensor]:
        """Parameters and persistent buffers by name, without their history."""
        return OrderedDict((n, v.detach()) for n, v in self._ordered(prefix))

    def _ordered(self, prefix: str) -> Iterator[tuple[str, Any]]:
        for kind in ("_parameters", "_buffers"):
            held = self.__dict__[kind].items()
            yield from ((prefix + n, v) for n, v in held if v is not None and n not in self._transient)
        for name, module in self.named_children():
            yield from module._ordered(f"{prefix}{name}.")

    def load_state_dict(self, state_dict: dict[str, Any], strict: bool = True) -> Any:
        own = dict(self._ordered(""))
        missing, unexpected = [k for k in own if k not in state_dict], [k for k in state_dict if k not in own]
        wrong = [
            f"size mismatch for {k}: copying a param with shape {state_dict[k].shape} from checkpoint, the shape in "
            f"current model is {own[k].shape}."
            for k in own
            if k in state_dict and tuple(state_dict[k].shape) != tuple(own[k].shape)
        ]
        problems = list(wrong)
        if strict and unexpected:
            problems.insert(0, "Unexpected key(s) in state_dict: " + ", ".join(f'"{k}"' for k in unexpected) + ". ")
        if strict and missing:
            problems.insert(0, "Missing key(s) in state_dict: " + ", ".join(f'"{k}"' for k in missing) + ". ")
        if problems:
            lines = "\n\t".join(problems)
            raise RuntimeError(f"Error(s) in loading state_dict for {type(self).__name__}:\n\t{lines}")
        for name, value in own.items():
            if name in state_dict:
                given = state_dict[name]
                value.detach().copy_(tensor(given) if isinstance(given, np.ndarray) else given)
        return _Loaded(missing, unexpected)

    # --- printing
    def extra_repr(self) -> str:
        return ""

    def __repr__(self) -> str:
        lines = [f"({name}): " + repr(m).replace("\n", "\n  ") for name, m in self.named_children()]
        extra = self.extra_repr()
        if not lines:
            return f"{type(self).__name__}({extra})"
        return f"{type(self).__name__}({extra}\n  " + "\n  ".join(lines) + "\n)"


class _Loaded:
    """What load_state_dict() found: missing_keys, unexpected_keys."""

    def __init__(self, missing: list[str], unexpected: list[str]) -> None:
        self.missing_keys, self.unexpected_keys = missing, unexpected

    def __repr__(self) -> str:
        return "<All keys matched successfully>" if not (self.missing_keys or self.unexpected_keys) else repr(vars(self))


def _through_other_face(module: Module, outer: Any, args: tuple, kwargs: dict) -> Any:
    """A TensorFlow tensor goes in as a symbolic torch.Tensor of the same node; the results come back as its class."""
    from twofold.tensorflow._one_world import adopt_parameters

    inside = [_core.as_class(a, Tensor) if isinstance(a, _core.Tensor) else a for a in args]
    scope = type(module).__name__ if module._name is None else module._name
    out = _core.in_graph_of(outer, scope, lambda: module.forward(*inside, **kwargs))
    adopt_parameters(outer, module, module._name or "")
    back = type(outer)
    if isinstance(out, (tuple, list)):
        return type(out)(_core.as_class(o, back) if isinstance(o, Tensor) else o for o in out)
    return _core.as_class(out, back) if isinstance(out, Tensor) else out
