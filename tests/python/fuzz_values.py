"""What the call fuzzer calls with: values of every kind, right, wrong and malicious."""

from __future__ import annotations

import collections
import decimal
import random
import re
from collections.abc import Callable
from typing import Any

import numpy as np

import twofold
import twofold.tensorflow as tf
import twofold.torch as torch
from twofold import _core

DTYPES = ["float32"] * 3 + ["float64", "int64", "int64", "int32", "bool", "uint8", "int8", "int16", "float16", "bfloat16"]
ODD_ARRAYS: list[Callable[[], Any]] = [
    lambda: np.ones(2, "complex64"), lambda: np.array(["a", "b"]), lambda: np.array([None, 1], object), lambda: np.ones(2, ">f4"),
    lambda: np.zeros(2, [("a", "i1"), ("b", "f4")])["b"], lambda: np.zeros([1] * 9), lambda: np.zeros(9, np.uint8)[1:].view(np.float32),
    lambda: np.broadcast_to(np.float32(1), (3, 4)), lambda: np.frombuffer(bytes(12), np.float32), lambda: np.ma.masked_array([1.0, 2.0], [0, 1]),
    lambda: np.array("2020-01-01", "M8[D]"), lambda: np.float32(2), lambda: np.int64(-1), lambda: np.bool_(True), lambda: np.asmatrix([[1.0, 2.0]]),
    lambda: np.zeros((0, 3)), lambda: np.array(3), lambda: np.lib.stride_tricks.as_strided(np.ones(4), (3, 2), (8, 8)),
]  # fmt: skip
ODD_OBJECTS: list[Callable[[], Any]] = [
    object, dict, lambda: 1j, lambda: b"bytes", lambda: bytearray(4), lambda: memoryview(b"abcd"), lambda: range(3), set, lambda: iter([1, 2]),
    lambda: decimal.Decimal(2), lambda: collections.OrderedDict(a=1), lambda: (x for x in (1, 2)), lambda: type, lambda: print, lambda: Exception("x"),
    lambda: "\ud800", lambda: "x" * 300, lambda: np, lambda: [[[[[[[[[1.0]]]]]]]]], lambda: Malice("__index__"), lambda: Malice("__iter__"),
    lambda: Malice("__array__"), lambda: Malice("__len__"), lambda: Malice("__twofold_tensor__"), lambda: Malice("__bool__"), lambda: Malice("__float__"),
    lambda: Malice("__dlpack__"), lambda: Malice("__eq__"), lambda: Malice("__getitem__"), lambda: Malice("__str__"), lambda: Malice("__hash__"),
]  # fmt: skip
FUNCTIONS: list[Callable[..., Any]] = [
    lambda *a: a[0] if a else 1, lambda *a: a, lambda *a: list(a), lambda *a: tf.constant(1.0), lambda *a: a[0] < 3, lambda *a: a[0] * 2.0, lambda *a: None,
    lambda *a: 1 / 0, lambda a: a.add_(1), lambda *a: np.ones(3, np.float32), torch.relu, tf.nn.relu, torch.exp, str, len,
]  # fmt: skip


class Malice:
    """An object one of whose methods lies, raises, or changes what is being read."""

    def __init__(self, method: str) -> None:
        r = random.random()
        self.answer = 2**70 if r < 0.2 else -1 if r < 0.4 else None if r < 0.5 else "x" if r < 0.6 else torch.ones(2) if r < 0.8 else [1, self]
        self.rest = 3
        self.__class__ = type("Malice", (Malice,), {method: Malice.answered})

    def answered(self, *_: Any, **__: Any) -> Any:
        self.rest -= 1
        if self.rest < 0:
            raise ValueError("malice")
        return self.answer


class Arguments:
    """A source of values; half of the tensors of one call have one shape and dtype."""

    def __init__(self, seed: str) -> None:
        self.random = random.Random(seed)
        random.seed(seed)
        self.results: list[Any] = []
        self.new_call()

    def new_call(self) -> None:
        self.common = ([self.random.choice((1, 2, 3, 3, 4)) for _ in range(self.random.randrange(4))], self.random.choice(DTYPES))

    def chance(self, p: float) -> bool:
        return self.random.random() < p

    def shape(self) -> tuple[list[int], str]:
        if self.chance(0.6):
            return self.common
        return [self.random.choice((0, 1, 2, 3, 5)) for _ in range(self.random.randrange(4))], self.random.choice(DTYPES)

    def array(self) -> np.ndarray:
        if self.chance(0.1):
            return self.random.choice(ODD_ARRAYS)()
        sizes, kind = self.shape()
        made = (np.arange(float(np.prod(sizes))).reshape(sizes) % 3).astype(kind.removeprefix("b") if kind == "bfloat16" else kind)
        return made[..., ::-1] if made.ndim and self.chance(0.1) else made.T if self.chance(0.2) else made

    def tensor(self) -> Any:
        sizes, kind = self.shape()
        made = torch.tensor(np.arange(float(np.prod(sizes))).reshape(sizes) % 3, dtype=getattr(torch, kind))
        return self.layout(made.requires_grad_() if made.is_floating_point() and self.chance(0.4) else made)

    def layout(self, made: Any) -> Any:
        """The same elements as a view, a result with history, or an expansion."""
        if made.dim() >= 2 and self.chance(0.3):
            made = made.transpose(0, 1)
        if made.is_floating_point() and self.chance(0.3):
            made = made * 1
        if made.dim() and self.chance(0.1):
            made = made[: self.random.randrange(3)]
        return made.unsqueeze(0).expand(2, *made.shape) if self.chance(0.05) else made

    def symbolic(self) -> Any:
        sizes, kind = self.shape()
        if self.chance(0.3):
            return tf.placeholder(kind, self.random.choice([None, sizes, [None] * len(sizes)]))
        if self.chance(0.1):
            return tf.get_default_graph().get_tensor_by_name(self.random.choice(["Const:0", "Placeholder:0", "x:0"]))
        return tf.constant(np.ones(sizes), kind) if kind != "bfloat16" else tf.cast(np.ones(sizes), kind)

    def integer(self) -> int:
        if self.chance(0.8):
            return self.random.choice((0, 0, 1, -1, 2, 2, 3, -2, 4, 7))
        return self.random.choice((63, 64, 65, 2**31, -(2**31), 2**40, 2**62, -(2**63), 2**63 - 1, 2**63, 10**30))

    def real(self) -> float:
        return self.random.choice([0.0, 0.5, 1.0, -1.5, 1e300, 1e-320, float("nan"), float("inf")])

    def subscript(self, depth: int = 0) -> Any:
        r = self.random
        ends = lambda: r.choice([None, None, self.integer()])  # noqa: E731
        kinds: list[Callable[[], Any]] = [
            self.integer, self.integer, lambda: slice(ends(), ends(), ends()), lambda: slice(ends(), ends()), lambda: None, lambda: Ellipsis,
            lambda: r.choice((True, False)), lambda: [self.integer() for _ in range(r.randrange(3))], self.tensor, self.array,
            lambda: torch.tensor([r.randrange(-2, 2) for _ in range(r.randrange(3))]), lambda: torch.tensor([True, False, True][: r.randrange(4)]),
            lambda: self.value(2), lambda: tuple(self.subscript(1) for _ in range(r.randrange(4))),
        ]  # fmt: skip
        return r.choice(kinds[: -1 if depth else None])()

    def result(self) -> Any:
        return self.random.choice(self.results) if self.results else None

    def instance(self) -> Any:
        return self.random.choice(list(INSTANCES.values()))(self)

    def value(self, depth: int = 0) -> Any:
        r = self.random
        kinds: list[Callable[[], Any]] = [
            self.integer, self.integer, self.real, lambda: r.choice([True, False]), lambda: None,
            lambda: r.choice(["", "x", "float32", "sum", "mean", "a b", "\0", "é" * 9, "Const:0", "none"]),
            lambda: r.choice([torch.float32, torch.int64, twofold.f32, tf.float32, tf.int32, np.float32, torch.device("cpu"), int]),
            lambda: r.choice(FUNCTIONS), lambda: r.choice(ODD_OBJECTS)(), self.subscript,
            self.tensor, self.tensor, self.tensor, self.array, self.array, self.symbolic, self.symbolic, self.result, self.result, self.instance,
            lambda: [self.value(depth + 1) for _ in range(r.randrange(4))],
            lambda: [self.integer() for _ in range(r.randrange(4))],
            lambda: tuple(self.value(depth + 1) for _ in range(r.randrange(4))),
            lambda: {self.result() if r.random() < 0.5 else "k": self.value(depth + 1)},
        ]  # fmt: skip
        try:
            return r.choice(kinds[: -4 if depth > 2 else None])()
        except (TypeError, KeyError, ValueError, RuntimeError):  # unhashable keys, names that nothing has, a closed graph
            return None

    def keep(self, result: Any) -> None:
        """For later calls."""
        self.results.append(result)
        if len(self.results) > 40:
            self.results.pop(self.random.randrange(40))


def engine_operation(a: Arguments) -> Any:
    graph = tf.get_default_graph()._core if a.chance(0.7) else _core.Graph()
    made = [graph.constant(torch.ones(3), f"c{k}") for k in range(a.random.randrange(1, 4))]
    return graph.maker(a.random.choice(made))


def plain_graph(a: Arguments) -> tuple[Any, Any]:
    graph = twofold.Graph()
    with graph:
        x = twofold.placeholder(twofold.f32, a.random.choice([None, [3], [None]]), "x")
        y = twofold.cond(twofold.sum(x) < 1, lambda: x * 2, lambda: x) if a.chance(0.3) else x * 2
    return graph, y


def plain_module(a: Arguments) -> Any:
    made = [twofold.nn.Linear(3, 2), twofold.nn.Dropout(0.5), twofold.nn.ReLU(), twofold.nn.Module(), FuzzedModule(a)]
    return twofold.nn.Sequential(*made[:3]) if a.chance(0.3) else a.random.choice(made)


class FuzzedModule(twofold.nn.Module):
    def __init__(self, a: Arguments) -> None:
        super().__init__()
        self.me, self.f = self, a.random.choice(FUNCTIONS)
        self.part = self.register_module("part", twofold.nn.Linear(3, 2))

    def forward(self, x: Any) -> Any:
        return self.f(x)


class FuzzedOptimizer(twofold.optim.Optimizer):
    def __init__(self, a: Arguments) -> None:
        super().__init__([twofold.parameter(twofold.ones([3]))], 0.1)
        self.f = a.random.choice(FUNCTIONS)

    def update(self, index: int, gradient: Any) -> None:
        self.f(index, gradient)


# Objects whose methods are called.
INSTANCES: dict[str, Callable[[Arguments], Any]] = {
    "torch tensor": Arguments.tensor,
    "plain tensor": lambda a: twofold.tensor(a.array()),
    "graph tensor": Arguments.symbolic,
    "operation": lambda a: a.symbolic().op,
    "variable": lambda a: tf.Variable(np.ones(a.shape()[0], np.float32)),
    "sparse tensor": lambda a: tf.SparseTensor([[0, 0]], [1.0], [2, 2]),
    "shape": lambda a: tf.TensorShape(a.random.choice([None, a.shape()[0], [None, 2]])),
    "graph": lambda a: tf.Graph() if a.chance(0.5) else tf.get_default_graph(),
    "session": lambda a: tf.Session(),
    "module": lambda a: torch.nn.Sequential(torch.nn.Linear(3, 2), torch.nn.ReLU()),
    "layer": lambda a: a.random.choice([torch.nn.Linear(3, 2), torch.nn.Dropout(0.5), torch.nn.Flatten(), torch.nn.Module()]),
    "parameter": lambda a: torch.nn.Parameter(torch.ones(a.shape()[0])),
    "loss": lambda a: a.random.choice([torch.nn.MSELoss, torch.nn.CrossEntropyLoss, torch.nn.NLLLoss])(),
    "torch optimiser": lambda a: torch.optim.Adam([torch.ones(2, requires_grad=True)]),
    "graph optimiser": lambda a: tf.train.MomentumOptimizer(0.1, 0.9),
    "generator": lambda a: twofold.Generator(1),
    "dtype": lambda a: a.random.choice([tf.float32, tf.int32]),
    "torch dtype": lambda a: torch.float32,
    "size": lambda a: torch.Size(a.shape()[0]),
    "row": lambda a: torch.exp,
    "grad_fn": lambda a: (torch.ones(2, requires_grad=True) * 2).grad_fn,
    "hook": lambda a: torch.ones(2, requires_grad=True).register_hook(a.random.choice(FUNCTIONS)),
    "dataset": lambda a: torch.utils.data.TensorDataset(torch.ones(3, 2), torch.zeros(3)),
    "loader": lambda a: torch.utils.data.DataLoader(torch.utils.data.TensorDataset(torch.ones(3, 2)), batch_size=2),
    "plain graph": lambda a: plain_graph(a)[0],
    "plain node": lambda a: plain_graph(a)[1],
    "plain session": lambda a: twofold.Session(plain_graph(a)[0]),
    "plain callable": lambda a: twofold.Session(plain_graph(a)[0]).make_callable([]),
    "plain samples": lambda a: twofold.SampleValues(plain_graph(a)[0], {}, a.random.choice([None, *FUNCTIONS])),
    "plain module": lambda a: plain_module(a),
    "plain optimiser": lambda a: a.random.choice([twofold.optim.SGD, twofold.optim.Adam])([twofold.parameter(twofold.ones([3]))], 0.1),
    "own optimiser": lambda a: FuzzedOptimizer(a),
    "plain scope": lambda a: a.random.choice([twofold.NoGrad, twofold.StrictDtypes, twofold.CollectionScope, lambda: twofold.NameScope("n")])(),
    "plain loader": lambda a: twofold.data.DataLoader([twofold.ones([3, 2])], batch_size=2),
    "plain batches": lambda a: iter(twofold.data.DataLoader([twofold.ones([3, 2])], batch_size=2)),
    "plain dataset": lambda a: twofold.data.Dataset("d", twofold.ones([5, 2, 2], twofold.u8), twofold.zeros([5], twofold.i64)),
    "plain dtype": lambda a: a.random.choice(list(twofold.Dtype)),
    "generator state": lambda a: twofold.Generator(1).state,
    "print options": lambda a: twofold.print_options(),
    "engine graph": lambda a: a.random.choice([_core.Graph, lambda: tf.get_default_graph()._core])(),
    "engine session": lambda a: _core.Session(tf.get_default_graph()._core),
    "engine operation": lambda a: engine_operation(a),
    "engine callable": lambda a: tf.Session()._core.callable([tf.constant(1.0)], []),
}

_OPERAND = re.compile(r"(\w+)\[([\d,]*)\](?::([a-z]+)(\d*)(?:\(([-\d,]*)\))?)?")
_ATTRIBUTE = re.compile(r"(\w+)=(\[[^\]]*\]|[^,\s]+)")
_NAMES = {"f32": "float32", "f64": "float64", "f16": "float16", "i64": "int64", "i32": "int32", "i16": "int16", "i8": "int8", "u8": "uint8"}


def _elements(match: re.Match) -> Any:
    """The array of an operand of a sample: "i64[3,2]:below4"."""
    kind, sizes, range_, limit, listed = match.groups()
    shape = [int(n) for n in sizes.split(",") if n]
    count = int(np.prod(shape))
    if listed:
        return np.resize(np.array([int(n) for n in listed.split(",")], _NAMES[kind]), shape)
    values = np.arange(float(count)).reshape(shape)
    values = values % int(limit or 3) if range_ == "below" else (values % 5) / 5 + 0.1 if range_ in ("unit", "positive") else values % 5 - 2
    return torch.tensor(values, dtype=torch.bfloat16) if kind == "bf16" else values.astype(_NAMES.get(kind, kind))


def _attribute(text: str) -> Any:
    if text.startswith("["):
        return [int(n) for n in text[1:-1].split(",") if n]
    if text in ("true", "false"):
        return text == "true"
    try:
        return float(text) if "." in text or "e" in text else int(text)
    except ValueError:
        return text.strip('"')


def samples() -> list[tuple[str, list[Any], dict[str, Any]]]:
    """Valid (and refused) calls of every row, from the samples that it is tested on: name, operands, attributes."""
    found = []
    for row in _core.rows():
        for text in row["samples"].split("|"):
            operands, _, attributes = text.partition("->")[0].partition(";")
            matches = list(_OPERAND.finditer(operands))
            found.append((row["name"], [_elements(m) for m in matches], {k: _attribute(v) for k, v in _ATTRIBUTE.findall(attributes)}))
    return found
