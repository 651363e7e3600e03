"""torch.nn.Module: a function with parameters, and the modules inside it."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable, Iterator, Mapping
from typing import Any, NamedTuple

import numpy as np

from twofold import _core
from twofold.torch._creation import tensor
from twofold.torch._dtypes import bfloat16, checked_device, dtype, float16, float32, float64
from twofold.torch._tensor import Tensor, typename
from twofold.torch.nn.modules._hooks import RemovableHandle, call_with_backward_hooks
from twofold.torch.nn.parameter import Buffer, Parameter

_HOOKS = ("_forward_hooks", "_forward_pre_hooks", "_backward_hooks")


def indented(text: str) -> str:
    """The text, all lines but the first two spaces to the right."""
    return text.replace("\n", "\n  ")


class Module:
    """Base class of all networks: assign parameters and modules to attributes, write `forward`."""

    training: bool

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        for given in (*args, *kwargs):
            kind = "positional argument" if args else f"keyword argument '{given}'"
            raise TypeError(f"{type(self).__name__}.__init__() got an unexpected {kind}")
        for kind in ("_parameters", "_buffers", "_modules"):
            object.__setattr__(self, kind, OrderedDict())
        for kind in _HOOKS:
            object.__setattr__(self, kind, OrderedDict())
        object.__setattr__(self, "_transient", set())  # names of buffers that state_dict() leaves out
        object.__setattr__(self, "training", True)
        object.__setattr__(self, "_name", None)  # among its parent's modules

    def forward(self, *args: Any, **kwargs: Any) -> Any:
        raise NotImplementedError(f'Module [{type(self).__name__}] is missing the required "forward" function')

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        outer = next((a for a in args if isinstance(a, _core.Tensor) and not isinstance(a, Tensor)), None)
        if outer is not None:
            return _through_other_face(self, outer, args, kwargs)
        for hook, with_kwargs in self._forward_pre_hooks.values():
            changed = hook(self, args, kwargs) if with_kwargs else hook(self, args)
            if changed is not None and with_kwargs:
                args, kwargs = changed
            elif changed is not None:
                args = changed if isinstance(changed, tuple) else (changed,)
        out = call_with_backward_hooks(self, args, kwargs) if self._backward_hooks else self._forward(args, kwargs)
        for hook, with_kwargs in self._forward_hooks.values():
            changed = hook(self, args, kwargs, out) if with_kwargs else hook(self, args, out)
            out = out if changed is None else changed
        return out

    def _forward(self, args: tuple, kwargs: dict[str, Any]) -> Any:
        first = args[0] if args else None
        if isinstance(first, Tensor) and first._symbolic and self._name is not None:
            return _core.in_graph_of(first, self._name, lambda: self.forward(*args, **kwargs))
        return self.forward(*args, **kwargs)

    # --- attributes
    def __setattr__(self, name: str, value: Any) -> None:
        kinds = self.__dict__
        if "_parameters" not in kinds:
            if isinstance(value, (Parameter, Module)):
                kind = "parameters" if isinstance(value, Parameter) else "module"
                raise AttributeError(f"cannot assign {kind} before Module.__init__() call")
            return object.__setattr__(self, name, value)
        kind = (
            "_parameters" if isinstance(value, Parameter) else "_modules" if isinstance(value, Module) else
            "_buffers" if name in kinds["_buffers"] or isinstance(value, Buffer) else None
        )  # fmt: skip
        for other in ("_parameters", "_modules", "_buffers"):
            if kind is not None and other != kind:
                kinds[other].pop(name, None)
        if isinstance(value, Buffer) and not value.persistent:
            self._transient.add(name)
        if kind is not None:
            kinds.pop(name, None)
            kinds[kind][name] = value
            if kind == "_modules":
                object.__setattr__(value, "_name", name)
        elif value is None and (name in kinds["_parameters"] or name in kinds["_modules"]):
            kinds["_parameters" if name in kinds["_parameters"] else "_modules"][name] = None
        elif name in kinds["_parameters"]:
            raise TypeError(
                f"cannot assign '{typename(value)}' as parameter '{name}' (torch.nn.Parameter or None expected)"
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

    def register_forward_hook(self, hook: Callable, *, prepend: bool = False, with_kwargs: bool = False,
                              always_call: bool = False) -> RemovableHandle:  # fmt: skip
        """Calls hook(module, inputs, output) after forward(); what it gives takes the output's place."""
        return RemovableHandle(self._forward_hooks, (hook, with_kwargs), prepend)

    def register_forward_pre_hook(self, hook: Callable, *, prepend: bool = False, with_kwargs: bool = False) -> RemovableHandle:
        """Calls hook(module, inputs) before forward(); what it gives takes the inputs' place."""
        return RemovableHandle(self._forward_pre_hooks, (hook, with_kwargs), prepend)

    def register_full_backward_hook(self, hook: Callable, prepend: bool = False) -> RemovableHandle:
        """Calls hook(module, grad_input, grad_output) in backward; what it gives takes grad_input's place."""
        return self._add_backward_hook(hook, prepend, "full")

    def register_backward_hook(self, hook: Callable) -> RemovableHandle:
        """The old name of register_full_backward_hook(); a module has hooks of one of the two names."""
        return self._add_backward_hook(hook, False, "regular")

    def _add_backward_hook(self, hook: Callable, prepend: bool, kind: str) -> RemovableHandle:
        if getattr(self, "_backward_kind", kind) != kind:
            raise RuntimeError(
                "Cannot use both regular backward hooks and full backward hooks on a single Module. Please use only one of them."
            )
        self._backward_kind = kind
        return RemovableHandle(self._backward_hooks, hook, prepend)

    # --- by name
    def get_submodule(self, target: str) -> Module:
        found: Any = self
        for name in target.split(".") if target else ():
            if not hasattr(found, name):
                raise AttributeError(f"{found._get_name()} has no attribute `{name}`")
            found = getattr(found, name)
            if not isinstance(found, Module):
                raise AttributeError(f"`{name}` is not an nn.Module")
        return found

    def _held(self, target: str, kind: str, what: str) -> Any:
        path, _, name = target.rpartition(".")
        module = self.get_submodule(path)
        if not hasattr(module, name):
            raise AttributeError(f"{module._get_name()} has no attribute `{name}`")
        if name not in module.__dict__[kind]:
            raise AttributeError(f"`{name}` is not {what}")
        return getattr(module, name)

    def get_parameter(self, target: str) -> Parameter:
        return self._held(target, "_parameters", "an nn.Parameter")

    def get_buffer(self, target: str) -> Tensor:
        return self._held(target, "_buffers", "a buffer")

    # --- walking
    def _walk(self, kind: str, prefix: str, recurse: bool) -> Iterator[tuple[str, Any]]:
        for name, value in self.__dict__[kind].items():
            if value is not None:
                yield prefix + name, value
        for name, module in self._modules.items() if recurse else ():
            if module is not None:
                yield from module._walk(kind, f"{prefix}{name}.", True)

    def _once(self, kind: str, prefix: str, recurse: bool, once: bool) -> Iterator[tuple[str, Any]]:
        seen: set[int] = set()
        for name, value in self._walk(kind, prefix + "." if prefix else "", recurse):
            if not once or id(value) not in seen:
                seen.add(id(value))
                yield name, value

    def named_parameters(self, prefix: str = "", recurse: bool = True, remove_duplicate: bool = True) -> Iterator[tuple[str, Parameter]]:
        yield from self._once("_parameters", prefix, recurse, remove_duplicate)

    def parameters(self, recurse: bool = True) -> Iterator[Parameter]:
        for _, p in self.named_parameters(recurse=recurse):
            yield p

    def named_buffers(self, prefix: str = "", recurse: bool = True, remove_duplicate: bool = True) -> Iterator[tuple[str, Tensor]]:
        yield from self._once("_buffers", prefix, recurse, remove_duplicate)

    def buffers(self, recurse: bool = True) -> Iterator[Tensor]:
        for _, b in self.named_buffers(recurse=recurse):
            yield b

    def named_children(self) -> Iterator[tuple[str, Module]]:
        seen: set[int] = set()
        for name, module in self._modules.items():
            if module is not None and id(module) not in seen:
                seen.add(id(module))
                yield name, module

    def children(self) -> Iterator[Module]:
        for _, m in self.named_children():
            yield m

    def named_modules(self, memo: set | None = None, prefix: str = "", remove_duplicate: bool = True) -> Iterator[tuple[str, Module]]:
        memo = set() if memo is None else memo
        if id(self) in memo:
            return
        if remove_duplicate:
            memo.add(id(self))
        yield prefix, self
        for name, module in self._modules.items():
            if module is not None:
                yield from module.named_modules(memo, f"{prefix}.{name}" if prefix else name, remove_duplicate)

    def modules(self, remove_duplicate: bool = True) -> Iterator[Module]:
        for _, m in self.named_modules(remove_duplicate=remove_duplicate):
            yield m

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
            if not set_to_none and p.grad is not None:
                p.grad.detach().zero_()
            else:
                p.grad = None

    def to(self, *args: Any, **kwargs: Any) -> Module:
        for arg in (*args, *(v for k, v in kwargs.items() if k in ("dtype", "device"))):
            if isinstance(arg, Tensor):
                arg = arg.dtype
            if isinstance(arg, dtype):
                if not arg.is_floating_point:
                    raise TypeError(f"nn.Module.to only accepts floating point or complex dtypes, but got desired dtype={arg}")
                self._cast(arg)
            elif not isinstance(arg, bool) and arg is not None:
                checked_device(arg)
        return self

    def _apply(self, function: Callable[[Tensor], Tensor]) -> Module:
        """Every parameter and buffer becomes what the function makes of it."""
        for value in (*self.parameters(), *self.buffers()):
            value.data = function(value.detach())
            if value.grad is not None:
                value.grad = function(value.grad)
        return self

    def _cast(self, wanted: dtype) -> Module:
        return self._apply(lambda t: t.to(wanted) if t.is_floating_point() else t)

    def float(self) -> Module:
        return self._cast(float32)

    def double(self) -> Module:
        return self._cast(float64)

    def half(self) -> Module:
        return self._cast(float16)

    def bfloat16(self) -> Module:
        return self._cast(bfloat16)

    def type(self, dst_type: Any) -> Module:
        return self._apply(lambda t: t.type(dst_type))

    def share_memory(self) -> Module:
        return self

    def cuda(self, device: Any = None) -> Module:
        return self.to("cuda")

    def cpu(self) -> Module:
        return self

    # --- state
    def state_dict(self, *args: Any, destination: Any = None, prefix: str = "", keep_vars: bool = False) -> Any:
        """Parameters and persistent buffers by name, without their history. `args`: the three others, as before 1.10."""
        if args:
            destination, prefix, keep_vars = (*args, *(destination, prefix, keep_vars)[len(args) :])
        out = OrderedDict() if destination is None else destination
        out.update((n, v if keep_vars else v.detach()) for n, v in self._ordered(prefix))
        return out

    def _ordered(self, prefix: str) -> Iterator[tuple[str, Any]]:
        for kind in ("_parameters", "_buffers"):
            held = self.__dict__[kind].items()
            yield from ((prefix + n, v) for n, v in held if v is not None and n not in self._transient)
        for name, module in self.named_children():
            yield from module._ordered(f"{prefix}{name}.")

    def load_state_dict(self, state_dict: Mapping[str, Any], strict: bool = True, assign: bool = False) -> Any:
        """Copies into parameters and buffers what is kept under their names (`assign`: takes it in their place)."""
        if not isinstance(state_dict, Mapping):
            raise TypeError(f"Expected state_dict to be dict-like, got {type(state_dict)}.")
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
                given = tensor(given) if isinstance(given, np.ndarray) else given.detach()
                if assign:
                    value.data = given
                else:
                    value.detach().copy_(given)
        return _Loaded(missing, unexpected)

    # --- printing
    def extra_repr(self) -> str:
        return ""

    def _get_name(self) -> str:
        return type(self).__name__

    def __repr__(self) -> str:
        inner = [f"({name}): {indented(repr(m))}" for name, m in self._modules.items()]
        extra = self.extra_repr().split("\n") if self.extra_repr() else []
        if not inner and len(extra) <= 1:
            return f"{self._get_name()}({''.join(extra)})"
        return f"{self._get_name()}(\n  " + "\n  ".join([*extra, *inner]) + "\n)"

    def __dir__(self) -> list[str]:
        held = [name for kind in ("_parameters", "_modules", "_buffers") for name in self.__dict__.get(kind, {})]
        return sorted({*object.__dir__(self), *held})

    def __setstate__(self, state: dict[str, Any]) -> None:
        self.__dict__.update(state)


class _Loaded(NamedTuple):
    """What load_state_dict() found."""

    missing_keys: list[str]
    unexpected_keys: list[str]

    def __repr__(self) -> str:
        if not self.missing_keys and not self.unexpected_keys:
            return "<All keys matched successfully>"
        return f"_IncompatibleKeys(missing_keys={self.missing_keys}, unexpected_keys={self.unexpected_keys})"


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
