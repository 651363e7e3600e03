"""Calling a row by its TensorFlow spelling, as a user of TensorFlow writes the call."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from oracle.samples import DTYPES, Sample
from oracle.tensorflow_side import Side
from twofold import _core
from twofold.tensorflow._op import Spelling

ROWS = {row["name"]: row for row in _core.rows()}
SEED = 7


class Unsayable(Exception):
    """TensorFlow's function has no argument for what the sample sets."""


def _require(sample: Sample, **wanted: Any) -> None:
    for name, value in wanted.items():
        if sample.attributes[name] != value:
            raise Unsayable(name)


def _slice(side: Side, x: list[Any], s: Sample) -> Any:
    a = s.attributes
    stop = None if a["stop"] == 2**63 - 1 else a["stop"]
    if a["axis"] < 0:
        raise Unsayable("axis")
    return x[0][(slice(None),) * a["axis"] + (slice(a["start"], stop, a["step"]),)]


def _pad(side: Side, x: list[Any], s: Sample) -> Any:
    a = s.attributes
    modes = {"constant": "CONSTANT", "reflect": "REFLECT"}
    if a["mode"] not in modes or min([*a["low"], *a["high"], 0]) < 0:
        raise Unsayable("mode")
    fill = bool(a["value"]) if s.operands[0].dtype == "bool" else a["value"]
    value = {"constant_values": fill} if a["mode"] == "constant" and a["value"] else {}
    return side.module.pad(x[0], np.array([a["low"], a["high"]], np.int32).T.reshape(-1, 2), modes[a["mode"]], **value)


def _variance(side: Side, x: list[Any], s: Sample) -> Any:
    _require(s, correction=0)
    axes = s.attributes["axes"] or list(range(s.operands[0].values.ndim))
    return side.module.nn.moments(x[0], axes, keep_dims=s.attributes["keepdims"])[1]


def _deviation(side: Side, x: list[Any], s: Sample) -> Any:
    _require(s, correction=0)
    return side.module.math.reduce_std(x[0], s.attributes["axes"] or None, s.attributes["keepdims"])


def _cross_entropy(side: Side, x: list[Any], s: Sample) -> Any:
    return side.module.nn.sparse_softmax_cross_entropy_with_logits(labels=x[1], logits=x[0])


def _drawn(name: str, **attributes: str) -> Callable[[Side, list[Any], Sample], Any]:
    def draw(side: Side, x: list[Any], s: Sample) -> Any:
        given = {argument: s.attributes[a] for argument, a in attributes.items()}
        return side.find(name)(s.attributes["shape"], dtype=side.find(DTYPES[s.attributes["dtype"]]), seed=SEED, **given)

    return draw


def _dropout(side: Side, x: list[Any], s: Sample) -> Any:
    _require(s, train=True)
    return side.module.nn.dropout(x[0], keep_prob=1 - s.attributes["p"], seed=SEED)


def _batch_gather(side: Side, x: list[Any], s: Sample) -> Any:
    if s.attributes["axis"] not in (-1, s.operands[0].values.ndim - 1):
        raise Unsayable("axis")
    return side.module.batch_gather(x[0], x[1])


def _in_dtype(path: str, *parameters: str) -> Callable[[Side, list[Any], Sample], Any]:
    """A function that makes a tensor from numbers: of the dtype in which they are given."""

    def make(side: Side, x: list[Any], s: Sample) -> Any:
        dtype = side.find(DTYPES[s.attributes["dtype"]])
        return side.find(path)(*(s.attributes[p] for p in parameters), dtype=dtype)

    return make


def _fill(side: Side, x: list[Any], s: Sample) -> Any:
    return side.module.fill(s.attributes["shape"], side.module.cast(s.attributes["value"], side.find(DTYPES[s.attributes["dtype"]])))


def _linspace(side: Side, x: list[Any], s: Sample) -> Any:
    a, m = s.attributes, side.module
    dtype = side.find(DTYPES[a["dtype"]])
    return m.linspace(m.constant(a["start"], dtype), m.constant(a["stop"], dtype), a["count"])


def _eye(side: Side, x: list[Any], s: Sample) -> Any:
    a = s.attributes
    return side.module.eye(a["rows"], None if a["columns"] < 0 else a["columns"], dtype=side.find(DTYPES[a["dtype"]]))


def _sorting(path: str) -> Callable[[Side, list[Any], Sample], Any]:
    def run(side: Side, x: list[Any], s: Sample) -> Any:
        direction = "DESCENDING" if s.attributes["descending"] else "ASCENDING"
        return side.find(path)(x[0], s.attributes["axis"], direction)

    return run


def _searchsorted(side: Side, x: list[Any], s: Sample) -> Any:
    return side.module.searchsorted(*x, side="right" if s.attributes["right"] else "left")


def _norm(side: Side, x: list[Any], s: Sample) -> Any:
    a = s.attributes
    order = {"2.0": "euclidean", "inf": float("inf")}.get(str(float(a["p"])), a["p"])
    axes = a["axes"][0] if len(a["axes"]) == 1 else a["axes"] or None
    return side.module.norm(x[0], order, axes, a["keepdims"])


def _roll(side: Side, x: list[Any], s: Sample) -> Any:
    if not s.attributes["axes"]:
        raise Unsayable("axes")
    return side.module.roll(x[0], s.attributes["shifts"], s.attributes["axes"])


def _transposed(side: Side, x: list[Any], s: Sample) -> Any:
    rank = s.operands[0].values.ndim
    if rank < 2 or {s.attributes["axis0"] % rank, s.attributes["axis1"] % rank} != {rank - 2, rank - 1}:
        raise Unsayable("axis0")
    return side.module.linalg.transpose(x[0])


def _one_hot(side: Side, x: list[Any], s: Sample) -> Any:
    a = s.attributes
    _require(s, strict=False)
    return side.module.one_hot(x[0], a["depth"], a["on"], a["off"], a["axis"], side.find(DTYPES[a["dtype"]]))


# Rows whose arguments TensorFlow takes in another form.
FORMS: dict[str, Callable[[Side, list[Any], Sample], Any]] = {
    "slice": _slice, "pad": _pad, "var": _variance, "std": _deviation, "cross_entropy": _cross_entropy, "dropout": _dropout,
    "uniform": _drawn("random_uniform"), "normal": _drawn("random_normal"), "truncated_normal": _drawn("truncated_normal"),
    "random_integers": _drawn("random_uniform", minval="low", maxval="high"), "gather": _batch_gather, "one_hot": _one_hot,
    "shuffle": lambda side, x, s: side.module.random_shuffle(x[0], seed=SEED), "full": _fill, "linspace": _linspace, "eye": _eye,
    "arange": _in_dtype("range", "start", "stop", "step"), "sort": _sorting("sort"), "argsort": _sorting("argsort"),
    "searchsorted": _searchsorted, "norm": _norm, "transpose": _transposed, "roll": _roll,
}  # fmt: skip


def call(side: Side, sample: Sample, operands: list[Any]) -> list[Any]:
    """The outputs."""
    form = FORMS.get(sample.row)
    made = form(side, operands, sample) if form else _by_keywords(side, sample, operands)
    return list(made) if isinstance(made, (tuple, list)) else [made]


def _by_keywords(side: Side, sample: Sample, operands: list[Any]) -> Any:
    spelling, row = Spelling(ROWS[sample.row]), ROWS[sample.row]
    _check_sayable(sample, spelling)
    variadic, defaults = {p[0] for p in row["parameters"] if p[2]}, {p[0]: p[4] for p in row["parameters"]}
    given: dict[str, Any] = {}
    for a in spelling.arguments:
        tensors = [t for o, t in zip(sample.operands, operands) if o.parameter == a.parameter]
        value = sample.attributes.get(a.parameter)
        if tensors:
            given[a.name] = tensors if a.parameter in variadic else tensors[0]
        elif a.parameter == "dtype":
            given[a.name] = side.find(DTYPES[value])
        elif value is not None and not _left_out(value, defaults[a.parameter]):
            given[a.name] = value
    return side.find(spelling.path)(**given)


def _left_out(value: Any, default: str | None) -> bool:
    """Users leave out what is so by default; a list of no axes means all."""
    if default is None:
        return False
    if isinstance(value, float):
        return value == float(default)
    return str(value).lower() == default.strip('"')


def _check_sayable(sample: Sample, spelling: Spelling) -> None:
    """What the function has no argument for must be as the row has it by default."""
    said = {a.parameter for a in spelling.arguments}
    for name, _, _, _, default in ROWS[sample.row]["parameters"]:
        value = sample.attributes.get(name)
        if name not in said and value is not None and not _left_out(value, default):
            raise Unsayable(name)
