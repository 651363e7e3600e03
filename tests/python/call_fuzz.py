"""Random calls with random arguments over all public names: nothing may end the process.

    python tests/python/call_fuzz.py [CALLS] [SEED]
"""

from __future__ import annotations

import inspect
import io
import random
import sys
import warnings
from contextlib import redirect_stderr, redirect_stdout
from typing import Any

import numpy as np

import twofold
import twofold.tensorflow as tf
import twofold.torch as torch

# What would wait, write files or leave the process by design.
LEFT_OUT = {"install", "run", "main", "load_ipython_extension", "exit", "annotations", "set_num_threads"}
SIZES = (0, 1, 2, 3, 5)


def callables() -> list[tuple[str, Any]]:
    """Functions of the modules, and methods of their classes, called with an instance."""
    out: list[tuple[str, Any]] = []
    modules = (twofold, torch, torch.nn.functional, torch.nn, torch.autograd, torch.optim, torch.nn.init, tf, tf.nn, tf.train)
    for module in modules:
        for name, value in list(vars(module).items()):
            if callable(value) and not name.startswith("_") and name not in LEFT_OUT and not inspect.ismodule(value):
                out.append((f"{module.__name__}.{name}", value))
    for cls in (torch.Tensor, twofold.Tensor, tf.Tensor):
        for name in dir(cls):
            if callable(getattr(cls, name, None)) and name not in LEFT_OUT | {"__class__", "__init_subclass__", "__new__"}:
                out.append((f"{cls.__module__}.{cls.__name__}.{name}", getattr(cls, name)))
    return out


class Arguments:
    """A source of values of every kind, right and wrong."""

    def __init__(self, seed: int) -> None:
        self.random = random.Random(seed)

    def shape(self) -> list[int]:
        return [self.random.choice(SIZES) for _ in range(self.random.randrange(4))]

    def array(self) -> np.ndarray:
        kind = self.random.choice(["float32", "float64", "int64", "int32", "bool", "uint8", "float16", "int8", "complex64", "U3"])
        made = np.ones(self.shape()).astype(kind)
        return made.T if self.random.random() < 0.3 else made

    def tensor(self) -> Any:
        made = torch.ones(*self.shape(), dtype=self.random.choice([torch.float32, torch.float64, torch.int64, torch.bool, torch.float16, torch.bfloat16, torch.uint8]))
        if made.is_floating_point() and self.random.random() < 0.4:
            made.requires_grad_()
        if self.random.random() < 0.3 and made.dim() >= 2:
            made = made.transpose(0, 1)
        return made * 1 if self.random.random() < 0.2 and made.is_floating_point() else made

    def symbolic(self) -> Any:
        return tf.placeholder(self.random.choice([tf.float32, tf.int32, tf.bool]), self.random.choice([None, self.shape(), [None, 2]]))

    def value(self, depth: int = 0) -> Any:
        pick = self.random.randrange(13 if depth < 2 else 11)
        r = self.random
        return [
            lambda: r.choice([0, 1, -1, 2, 7, -3, 2**31, 2**62, -(2**63), 2**63, 10**30]),
            lambda: r.choice([0.0, 0.5, -1.5, 1e300, float("nan"), float("inf")]),
            lambda: r.choice([True, False]),
            lambda: None,
            lambda: r.choice(["", "x", "float32", "sum", "a b", "\0", "é" * 9]),
            self.tensor, self.tensor, self.array, self.symbolic,
            lambda: r.choice([torch.float32, tf.float32, np.float32, torch.device("cpu"), int, slice(None, None, -1), Ellipsis]),
            lambda: r.choice([b"bytes", object(), {}, lambda *a: None, 1j]),
            lambda: [self.value(depth + 1) for _ in range(r.randrange(4))],
            lambda: tuple(self.value(depth + 1) for _ in range(r.randrange(4))),
        ][pick]()  # fmt: skip


def main() -> None:
    calls, seed = int(sys.argv[1]) if len(sys.argv) > 1 else 20000, int(sys.argv[2]) if len(sys.argv) > 2 else 1
    source, functions, good = Arguments(seed), callables(), 0
    warnings.simplefilter("ignore")
    trace = open(sys.argv[3], "w") if len(sys.argv) > 3 else None  # noqa: SIM115
    for k in range(calls):
        if k % 500 == 0:
            tf.reset_default_graph()
        name, function = source.random.choice(functions)
        args = [source.value() for _ in range(source.random.randrange(5))]
        keywords = {source.random.choice(["dim", "axis", "dtype", "name", "keepdim", "shape"]): source.value()} if source.random.random() < 0.2 else {}
        if trace:
            trace.seek(0)
            trace.write(f"{k} {name}\n".ljust(120))
            trace.flush()
        try:
            with redirect_stdout(io.StringIO()), redirect_stderr(io.StringIO()):
                repr(function(*args, **keywords))
            good += 1
        except (Exception, SystemExit):
            pass
        torch.set_grad_enabled(True)
        torch.set_printoptions(profile="default")
    print(f"{len(functions)} names, {calls} calls, {good} without an error")


if __name__ == "__main__":
    main()
