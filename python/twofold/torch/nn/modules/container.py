"""Modules and parameters in sequences and by name."""

from __future__ import annotations

import operator
from collections import OrderedDict
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from twofold.torch._tensor import Tensor
from twofold.torch.nn.modules.module import Module, indented
from twofold.torch.nn.parameter import Parameter


def _place(index: Any, length: int) -> int:
    i = operator.index(index)
    if not -length <= i < length:
        raise IndexError(f"index {i} is out of range")
    return i % length


class _Numbered(Module):
    """Modules under the names "0", "1", ..., as a list."""

    def _values(self) -> list[Module]:
        return list(self._modules.values())

    def _set_all(self, modules: Iterable[Module]) -> None:
        self._modules.clear()
        for k, module in enumerate(modules):
            self.add_module(str(k), module)

    def __len__(self) -> int:
        return len(self._modules)

    def __iter__(self) -> Iterator[Module]:
        return iter(self._modules.values())

    def __setitem__(self, index: int, module: Module) -> None:
        setattr(self, list(self._modules)[_place(index, len(self))], module)

    def append(self, module: Module) -> Any:
        self.add_module(str(len(self)), module)
        return self

    def extend(self, modules: Iterable[Module]) -> Any:
        for module in list(modules):
            self.append(module)
        return self

    def insert(self, index: int, module: Module) -> Any:
        values = self._values()
        values.insert(index, module)
        self._set_all(values)
        return self

    def pop(self, key: Any) -> Module:
        found = self[key]  # type: ignore[index]
        del self[key]
        return found

    def __delitem__(self, key: Any) -> None:
        values = self._values()
        del values[key if isinstance(key, slice) else _place(key, len(self))]
        self._set_all(values)

    def __iadd__(self, other: Iterable[Module]) -> Any:
        return self.extend(other)


class Sequential(_Numbered):
    """One module after the other; also a list of them."""

    def __init__(self, *args: Any) -> None:
        super().__init__()
        named = args[0].items() if len(args) == 1 and isinstance(args[0], OrderedDict) else enumerate(args)
        for name, module in named:
            self.add_module(str(name), module)

    def forward(self, input: Any) -> Any:
        for module in self:
            input = module(input)
        return input

    def __getitem__(self, key: Any) -> Any:
        if isinstance(key, slice):
            return type(self)(OrderedDict(list(self._modules.items())[key]))
        return self._values()[_place(key, len(self))]

    def __add__(self, other: Sequential) -> Sequential:
        return Sequential(*self, *other)

    def insert(self, index: int, module: Module) -> Sequential:
        super().insert(index, module)
        return self


class ModuleList(_Numbered):
    """A list of modules whose parameters belong to the module that holds it."""

    def __init__(self, modules: Iterable[Module] | None = None) -> None:
        super().__init__()
        self.extend(modules or ())

    def __getitem__(self, key: Any) -> Any:
        if isinstance(key, slice):
            return type(self)(self._values()[key])
        return self._values()[_place(key, len(self))]

    def __add__(self, other: Iterable[Module]) -> ModuleList:
        return ModuleList([*self, *other])

    def insert(self, index: int, module: Module) -> None:
        super().insert(index, module)

    def __repr__(self) -> str:
        if not len(self):
            return f"{self._get_name()}()"
        lines = []
        for first, last, text in _runs([repr(m) for m in self]):
            label = f"({first}): {text}" if first == last else f"({first}-{last}): {last - first + 1} x {text}"
            lines.append(indented(label))
        return f"{self._get_name()}(\n  " + "\n  ".join(lines) + "\n)"


def _runs(texts: list[str]) -> list[tuple[int, int, str]]:
    """(first, last, text) for each stretch of equal texts."""
    out: list[tuple[int, int, str]] = []
    for k, text in enumerate(texts):
        if out and out[-1][2] == text:
            out[-1] = (out[-1][0], k, text)
        else:
            out.append((k, k, text))
    return out


class ModuleDict(Module):
    """Modules by name, in the order in which they came."""

    def __init__(self, modules: Mapping[str, Module] | Iterable[tuple[str, Module]] | None = None) -> None:
        super().__init__()
        self.update(modules or {})

    def update(self, modules: Any) -> None:
        for name, module in modules.items() if hasattr(modules, "items") else modules:
            self[name] = module

    def __getitem__(self, key: str) -> Module:
        return self._modules[key]

    def __setitem__(self, key: str, module: Module) -> None:
        self.add_module(key, module)

    def __delitem__(self, key: str) -> None:
        del self._modules[key]

    def __len__(self) -> int:
        return len(self._modules)

    def __iter__(self) -> Iterator[str]:
        return iter(self._modules)

    def __contains__(self, key: object) -> bool:
        return key in self._modules

    def clear(self) -> None:
        self._modules.clear()

    def pop(self, key: str) -> Module:
        return self._modules.pop(key)

    def keys(self) -> Any:
        return self._modules.keys()

    def items(self) -> Any:
        return self._modules.items()

    def values(self) -> Any:
        return self._modules.values()


def _described(value: Tensor, kind: str) -> str:
    size = f" of size {'x'.join(map(str, value.shape))}" if value.shape else ""
    name = "Parameter containing" if isinstance(value, Parameter) else "Tensor containing"
    return f"{name}: [{kind}{size}]"


class ParameterList(Module):
    """A list of parameters."""

    def __init__(self, values: Iterable[Any] | None = None) -> None:
        super().__init__()
        self._count = 0
        self.extend(values or ())

    def append(self, value: Any) -> ParameterList:
        self._count += 1
        self[self._count - 1] = value
        return self

    def extend(self, values: Iterable[Any]) -> ParameterList:
        for value in values:
            self.append(value)
        return self

    def __getitem__(self, key: Any) -> Any:
        if isinstance(key, slice):
            return type(self)(list(self)[key])
        return getattr(self, str(_place(key, len(self))))

    def __setitem__(self, key: int, value: Any) -> None:
        held = value if isinstance(value, Parameter) or not isinstance(value, Tensor) else Parameter(value)
        setattr(self, str(_place(key, len(self))), held)

    def __len__(self) -> int:
        return self._count

    def __iter__(self) -> Iterator[Any]:
        return (self[k] for k in range(len(self)))

    def __iadd__(self, values: Iterable[Any]) -> ParameterList:
        return self.extend(values)

    def extra_repr(self) -> str:
        return "\n".join(f"  ({k}): {_described(p, str(p.dtype))}" for k, p in enumerate(self))


class ParameterDict(Module):
    """Parameters by name."""

    def __init__(self, parameters: Any = None) -> None:
        super().__init__()
        self._names: dict[str, None] = {}
        self.update(parameters or {})

    def update(self, parameters: Any) -> None:
        for name, value in parameters.items() if hasattr(parameters, "items") else parameters:
            self[name] = value

    def __getitem__(self, key: str) -> Any:
        if key not in self._names:
            raise KeyError(key)
        return getattr(self, key)

    def __setitem__(self, key: str, value: Any) -> None:
        self._names[key] = None
        setattr(self, key, value if isinstance(value, Parameter) or not isinstance(value, Tensor) else Parameter(value))

    def __delitem__(self, key: str) -> None:
        del self._names[key]
        delattr(self, key)

    def __len__(self) -> int:
        return len(self._names)

    def __iter__(self) -> Iterator[str]:
        return iter(self._names)

    def __contains__(self, key: object) -> bool:
        return key in self._names

    def keys(self) -> Any:
        return self._names.keys()

    def items(self) -> Any:
        return [(name, self[name]) for name in self]

    def values(self) -> Any:
        return [self[name] for name in self]

    def extra_repr(self) -> str:
        return "\n".join(f"  ({k}): {_described(p, f'torch.{p.dtype._legacy}Tensor')}" for k, p in self.items())
