"""Calling a row by its PyTorch spelling: the spelling's names are the keywords of PyTorch's own function."""

from __future__ import annotations

from typing import Any

from oracle.samples import DTYPES, Sample
from oracle.torch_known import SETTLED
from oracle.torch_side import THEIRS, Side
from twofold import _core

ROWS = {row["name"]: row for row in _core.rows()}


class Unsayable(Exception):
    """The sample sets what the spelling has no word for."""


def is_default(value: Any, default: str) -> bool:
    return value == float(default) if isinstance(value, float) else str(value).lower() == default


def pad_attributes(attributes: dict[str, Any]) -> dict[str, Any]:
    """PyTorch counts from the last axis: its low end, its high end, those of the one before."""
    pairs = list(zip(attributes["low"], attributes["high"]))
    return {**{k: v for k, v in attributes.items() if k != "high"}, "low": [n for pair in reversed(pairs) for n in pair]}


def prod_attributes(attributes: dict[str, Any]) -> dict[str, Any]:
    if len(attributes["axes"]) > 1:
        raise Unsayable("several axes")
    return {**attributes, "axes": attributes["axes"][0] if attributes["axes"] else None}


ADAPTED = {"pad": pad_attributes, "prod": prod_attributes}  # rows whose function takes something else than the row


class Call:
    """A sample's call in one of the ways that PyTorch's users write it."""

    def __init__(self, sample: Sample) -> None:
        self.row = ROWS[sample.row]
        self.path = self.row["torch"].partition("(")[0]
        spelled = _core.row_function(sample.row, self.row["torch"], 1).arguments
        self.keyword_only = {a.partition("=")[0].strip() for a in self.row["torch"].split(",") if "=" in a}
        self.arguments = [(name.lstrip("*"), parameter) for name, parameter in spelled]
        self.rest = {name.lstrip("*") for name, _ in spelled if name.startswith("*")}
        self.sample = sample
        self.attributes = ADAPTED.get(sample.row, dict)(sample.attributes)
        self.defaults = {p[0]: p[4] for p in self.row["parameters"]}
        self._check()

    def _check(self) -> None:
        """The rest of what the sample sets must be what the row does by default."""
        if self.sample.row == "slice":
            return
        said = {parameter for _, parameter in self.arguments} | {"dtype"} | SETTLED.get(self.sample.row, set())
        for name, value in self.attributes.items():
            if name not in said and value is not None and not is_default(value, self.defaults[name]):
                raise Unsayable(name)

    @property
    def is_method(self) -> bool:
        return self.path.startswith("Tensor.")

    def ways(self) -> list[str]:
        if self.is_method:
            return ["method"]
        has = THEIRS.module.Tensor if "." not in self.path and self.sample.operands else object
        methods = ["method"] * hasattr(has, self.path) + ["in place"] * hasattr(has, f"{self.path}_")
        return ["keywords", "positions", *methods]

    def _variadic(self) -> bool:
        return any(p[2] for p in self.row["parameters"])

    def _given(self, side: Side, operands: list[Any]) -> list[tuple[str, Any]]:
        """(argument, value) in the spelling's order; what was left out is not there."""
        tensors: dict[str, list[Any]] = {}
        for o, t in zip(self.sample.operands, operands):
            tensors.setdefault(o.parameter, []).append(t)
        out = []
        for name, parameter in self.arguments:
            if parameter in tensors:
                out.append((name, tensors[parameter] if self._variadic() else tensors[parameter][0]))
            elif not self._left_out(parameter):
                out.append((name, self._attribute(side, parameter)))
        if "dtype" in self.attributes and not {"dtype"} & ({p for _, p in self.arguments} | SETTLED.get(self.sample.row, set())):
            out.append(("dtype", self._attribute(side, "dtype")))
        return out

    def _left_out(self, parameter: str) -> bool:
        """PyTorch's users leave out the flags that they do not set, and lists of no axes."""
        value = self.attributes.get(parameter)
        unset = isinstance(value, bool) and is_default(value, self.defaults[parameter])
        return value is None or unset or (value == [] and parameter != "shape")

    def _attribute(self, side: Side, parameter: str) -> Any:
        value = self.attributes[parameter]
        return side.dtype(DTYPES[value]) if parameter == "dtype" else value

    def run(self, side: Side, operands: list[Any], way: str) -> Any:
        if self.sample.row == "slice":
            return operands[0][self._subscript()]
        given = self._given(side, operands)
        if way == "method":
            first = given.pop(0)[1]
            function = getattr(first, self.path.rpartition(".")[2])
            return function(*given[0][1]) if self.rest else function(**dict(given))
        if way == "in place":
            copy = given.pop(0)[1].clone()
            getattr(copy, f"{self.path}_")(**dict(given))
            return copy
        function = side.find(self.path)
        if way == "keywords":
            return function(**dict(given))
        positional = []
        while given and given[0][0] not in self.keyword_only | {"dtype"} and self._in_order(given[0][0], len(positional)):
            positional.append(given.pop(0)[1])
        return function(*positional, **dict(given))

    def _in_order(self, name: str, position: int) -> bool:
        return self.arguments[position][0] == name

    def _subscript(self) -> tuple:
        a = self.attributes
        return (slice(None),) * a["axis"] + (slice(a["start"], a["stop"], a["step"]),)
