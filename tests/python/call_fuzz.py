"""Random calls with random arguments over all public names: nothing may end the process.

    python tests/python/call_fuzz.py [CALLS] [SEED] [TRACE]

`./run sanitize calls` runs it under the address sanitizer. TRACE names a file that holds the call being made.
"""

from __future__ import annotations

import inspect
import io
import random
import sys
import types
import warnings
from collections.abc import Callable
from contextlib import redirect_stderr, redirect_stdout
from typing import Any

import numpy as np

import twofold
import twofold.tensorflow as tf
import twofold.torch as torch
import twofold.torch.utils.data
import twofold.torch.utils.dlpack

# What would wait, write files, replace modules, or leave the process by design.
LEFT_OUT = {"install", "run", "main", "load_ipython_extension", "exit", "set_num_threads", "__class__", "__new__",
            "__init_subclass__", "__reduce__", "__reduce_ex__", "__getattribute__", "__init__", "__del__", "__enter__"}  # fmt: skip
DTYPES = ["float32", "float32", "float32", "float64", "int64", "int64", "int32", "bool", "uint8", "int8", "int16", "float16"]
MODULES = [twofold, torch, torch.nn.functional, torch.nn, torch.autograd, torch.optim, torch.nn.init, torch.utils.data,
           torch.utils.dlpack, tf, tf.nn, tf.train, tf.sparse, tf.initializers]  # fmt: skip
RESULTS = 40  # results of earlier calls that serve as arguments of later ones


def functions() -> list[tuple[str, Callable[..., Any], str]]:
    """Public functions and classes of the modules, and methods of the classes: a name, what to call, whose method."""
    out: list[tuple[str, Callable[..., Any], str]] = []
    for module in MODULES:
        for name, value in list(vars(module).items()):
            if callable(value) and not name.startswith("_") and name not in LEFT_OUT and not inspect.ismodule(value):
                out.append((f"{module.__name__}.{name}", value, ""))
    for kind, make in INSTANCES.items():
        cls = type(make(Arguments(0)))
        for name in dir(cls):
            if callable(getattr(cls, name, None)) and name not in LEFT_OUT:
                out.append((f"{cls.__module__}.{cls.__name__}.{name}", getattr(cls, name), kind))
    return out


class Arguments:
    """A source of values of every kind, right and wrong; half of the tensors of one call have one shape and dtype."""

    def __init__(self, seed: int) -> None:
        self.random = random.Random(seed)
        self.results: list[Any] = []
        self.new_call()

    def new_call(self) -> None:
        self.common = ([self.random.choice((1, 2, 3, 3, 4)) for _ in range(self.random.randrange(4))], self.random.choice(DTYPES))

    def shape(self) -> tuple[list[int], str]:
        if self.random.random() < 0.6:
            return self.common
        return [self.random.choice((0, 1, 2, 3, 5)) for _ in range(self.random.randrange(4))], self.random.choice(DTYPES)

    def array(self) -> np.ndarray:
        sizes, kind = self.shape()
        made = (np.arange(float(np.prod(sizes))).reshape(sizes) % 3).astype(kind)
        return made[..., ::-1] if made.ndim and self.random.random() < 0.1 else made.T if self.random.random() < 0.2 else made

    def tensor(self) -> Any:
        sizes, kind = self.shape()
        made = torch.tensor(np.arange(float(np.prod(sizes))).reshape(sizes) % 3, dtype=getattr(torch, kind))
        if made.is_floating_point() and self.random.random() < 0.4:
            made.requires_grad_()
        if self.random.random() < 0.3 and made.dim() >= 2:
            made = made.transpose(0, 1)
        return made * 1 if self.random.random() < 0.3 and made.is_floating_point() else made

    def symbolic(self) -> Any:
        sizes, kind = self.shape()
        if self.random.random() < 0.3:
            return tf.placeholder(kind, self.random.choice([None, sizes, [None] * len(sizes)]))
        return tf.constant(np.ones(sizes), kind)

    def result(self) -> Any:
        return self.random.choice(self.results) if self.results else None

    def instance(self) -> Any:
        return self.random.choice(list(INSTANCES.values()))(self)

    def value(self, depth: int = 0) -> Any:
        r = self.random
        kinds = [
            lambda: r.choice([0, 1, -1, 2, 2, 3, -2]),
            lambda: r.choice([0, 1, -1, 7, 2**31, 2**62, -(2**63), 2**63, 10**30]),
            lambda: r.choice([0.0, 0.5, 1.0, -1.5, 1e300, float("nan"), float("inf")]),
            lambda: r.choice([True, False]),
            lambda: r.choice([None, Ellipsis, slice(None), slice(None, None, -1), slice(0, 2), b"bytes", object(), {}, 1j, np.ones(2, "complex64")]),
            lambda: r.choice(["", "x", "float32", "sum", "mean", "a b", "\0", "é" * 9]),
            lambda: r.choice([torch.float32, torch.int64, tf.float32, tf.int32, np.float32, torch.device("cpu"), int]),
            lambda: r.choice([lambda *a: a[0] if a else 1, lambda *a: a, lambda: tf.constant(1.0), torch.relu, tf.nn.relu]),
            self.tensor, self.tensor, self.tensor, self.array, self.symbolic, self.symbolic, self.result, self.result,
            self.instance,
            lambda: [self.value(depth + 1) for _ in range(r.randrange(4))],
            lambda: [r.choice((0, 1, 2, 3, -1)) for _ in range(r.randrange(4))],
            lambda: tuple(self.value(depth + 1) for _ in range(r.randrange(4))),
        ]  # fmt: skip
        return r.choice(kinds[: -3 if depth > 2 else None])()


# Objects whose methods are called.
INSTANCES: dict[str, Callable[[Arguments], Any]] = {
    "torch tensor": Arguments.tensor,
    "plain tensor": lambda a: twofold.tensor(a.array()),
    "graph tensor": Arguments.symbolic,
    "operation": lambda a: a.symbolic().op,
    "variable": lambda a: tf.Variable(np.ones(a.shape()[0], np.float32)),
    "sparse tensor": lambda a: tf.SparseTensor([[0, 0]], [1.0], [2, 2]),
    "shape": lambda a: tf.TensorShape(a.shape()[0]),
    "graph": lambda a: tf.Graph(),
    "session": lambda a: tf.Session(),
    "module": lambda a: torch.nn.Sequential(torch.nn.Linear(3, 2), torch.nn.ReLU()),
    "parameter": lambda a: torch.nn.Parameter(torch.ones(a.shape()[0])),
    "loss": lambda a: a.random.choice([torch.nn.MSELoss, torch.nn.CrossEntropyLoss, torch.nn.NLLLoss])(),
    "torch optimiser": lambda a: torch.optim.Adam([torch.ones(2, requires_grad=True)]),
    "graph optimiser": lambda a: tf.train.MomentumOptimizer(0.1, 0.9),
    "generator": lambda a: twofold.Generator(1),
    "dtype": lambda a: tf.float32,
    "size": lambda a: torch.Size(a.shape()[0]),
}


def number_of_arguments(function: Callable[..., Any], r: random.Random) -> int:
    """Mostly as many as the function takes."""
    try:
        parameters = inspect.signature(function).parameters.values()
    except (TypeError, ValueError):
        return r.randrange(5)
    required = sum(p.default is p.empty and p.kind in (p.POSITIONAL_ONLY, p.POSITIONAL_OR_KEYWORD) for p in parameters)
    return max(0, required + r.choice((0, 0, 0, 1, 1, 2, -1)))


def call(function: Callable[..., Any], owner: str, source: Arguments) -> None:
    source.new_call()
    r = source.random
    args = [source.value() for _ in range(number_of_arguments(function, r))]
    if owner and args and r.random() < 0.95:
        args[0] = INSTANCES[owner](source)
    keywords = {r.choice(["dim", "axis", "dtype", "name", "keepdim", "shape"]): source.value()} if r.random() < 0.1 else {}
    result = function(*args, **keywords)
    if isinstance(result, types.GeneratorType):
        result = [item for item, _ in zip(result, range(9))]
    if isinstance(result, tf.InteractiveSession):
        result.close()
    repr(result)
    if isinstance(result, tf.Tensor) and r.random() < 0.3:
        with tf.Session(graph=result.graph) as sess:
            sess.run(result)
    if isinstance(result, torch.Tensor) and result.requires_grad and r.random() < 0.3:
        result.sum().backward()
    source.results.append(result)
    if len(source.results) > RESULTS:
        source.results.pop(r.randrange(RESULTS))


def main() -> None:
    calls, seed = int(sys.argv[1]) if len(sys.argv) > 1 else 20000, int(sys.argv[2]) if len(sys.argv) > 2 else 1
    source, names, good = Arguments(seed), functions(), 0
    warnings.simplefilter("ignore")
    trace = open(sys.argv[3], "w") if len(sys.argv) > 3 else None  # noqa: SIM115
    for k in range(calls):
        if k % 500 == 0:
            tf.reset_default_graph()
            source.results.clear()
        name, function, owner = source.random.choice(names)
        if trace:
            trace.seek(0)
            trace.write(f"{k} {name}\n".ljust(120))
            trace.flush()
        try:
            with redirect_stdout(io.StringIO()), redirect_stderr(io.StringIO()):
                call(function, owner, source)
            good += 1
        except (Exception, SystemExit):
            pass
        torch.set_grad_enabled(True)
        torch.set_printoptions(profile="default")
    print(f"{len(names)} names, {calls} calls, {good} without an error")


if __name__ == "__main__":
    main()
