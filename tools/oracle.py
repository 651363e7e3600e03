#!/usr/bin/env python3
"""Compares the torch face with PyTorch itself, live: `./run oracle`. Prints a report; exit status 1 for a difference.

Every row with a PyTorch spelling on samples of every dtype it takes (values, dtype, shape, gradients), random streams
bit for bit, and training programs against a float64 run of PyTorch's.
"""

from __future__ import annotations

import sys
from collections.abc import Callable
from typing import Any

import numpy as np
import oracle_expressions
import torch as theirs

import twofold.torch as ours
from twofold import _core

# PyTorch's own tolerances (torch.testing.assert_close).
TOLERANCES = {"float16": (1e-3, 1e-5), "bfloat16": (1.6e-2, 1e-5), "float32": (1.3e-6, 1e-5), "float64": (1e-7, 1e-7)}
INTEGERS, FLOATS = ("uint8", "int8", "int16", "int32", "int64"), ("float16", "bfloat16", "float32", "float64")
KINDS = {"any": ("bool", *INTEGERS, *FLOATS), "number": (*INTEGERS, *FLOATS), "float": FLOATS, "integer": INTEGERS,
         "boolean": ("bool",)}  # fmt: skip
# Arguments beside the operands, and rows whose operands a generic sample does not fit.
ATTRIBUTES: dict[str, list[Any]] = {
    "sum": [(), (1,), (0, True)], "mean": [(), (1,), (0, True)], "amax": [(1,), (0, True)], "amin": [(1,)],
    "softmax": [(1,), (0,)], "log_softmax": [(1,)], "unsqueeze": [(0,), (-1,)], "transpose": [(0, 1)], "select": [(1, 2)],
    "reshape": [((3, 2),), ((-1,),)], "argmax": [(), (1,)], "all": [(), (1,)], "any": [(), (0,)], "std": [(), (1,)],
    "var": [(), (0,)], "permute": [((1, 0),)], "clamp": [(0.25, 0.75)], "flatten": [()], "norm": [(), (2, 1)],
    "nn.functional.dropout": [(0.0,)], "squeeze": [()], "logsumexp": [(1,)], "repeat": [(2, 1)], "max": [(), (1,)],
    "min": [(), (1,)], "narrow": [(1, 0, 2)], "t": [()],
}  # fmt: skip
EXTRA = ["clamp", "max", "min", "argmax", "std", "var", "norm", "flatten", "squeeze", "permute", "reshape", "t",
         "nn.functional.gelu", "nn.functional.silu", "nn.functional.softplus", "nn.functional.leaky_relu", "sum", "all", "any"]  # fmt: skip
# Only named here: what needs indices, sequences or generators of its own.
LEFT_OUT = {"cond", "while_loop", "cat", "index_select", "index_add", "scatter_add", "gather", "bernoulli", "rand",
            "rand_like", "randn", "randn_like", "randint", "where", "nn.functional.cross_entropy", "arange", "full", "nonzero"}  # fmt: skip


def find(module: Any, path: str) -> Callable[..., Any] | None:
    for part in path.split("."):
        module = getattr(module, part, None)
    return module


def sample(dtype: str, seed: int) -> np.ndarray:
    random = np.random.RandomState(seed)
    if dtype == "bool":
        return random.rand(2, 3) > 0.5
    if dtype in INTEGERS:
        return random.randint(1, 5, (2, 3)).astype(dtype)
    return (random.rand(2, 3) * 0.8 + 0.1).astype("float64")


def both(dtype: str, seed: int) -> tuple[Any, Any]:
    values = sample(dtype, seed)
    pair = []
    for module in (theirs, ours):
        made = module.tensor(values.tolist(), dtype=getattr(module, dtype))
        pair.append(made.requires_grad_() if dtype in FLOATS else made)
    return pair[0], pair[1]


def array(t: Any) -> np.ndarray:
    detached = t.detach()
    return np.array(detached.to(detached.dtype if str(detached.dtype) != "torch.bfloat16" else (theirs if isinstance(t, theirs.Tensor) else ours).float32).tolist())


class Report:
    def __init__(self) -> None:
        self.compared, self.problems = 0, []

    def check(self, where: str, a: Any, b: Any) -> None:
        """`a` is PyTorch's, `b` ours."""
        self.compared += 1
        if isinstance(a, tuple):
            for k, (x, y) in enumerate(zip(a, b)):
                self.check(f"{where}[{k}]", x, y)
            return
        if str(a.dtype) != str(b.dtype) or tuple(a.shape) != tuple(b.shape):
            self.problems.append(f"{where}: {a.dtype}{tuple(a.shape)} there, {b.dtype}{tuple(b.shape)} here")
            return
        rtol, atol = TOLERANCES.get(str(a.dtype).removeprefix("torch."), (0, 0))
        if not np.allclose(array(b), array(a), rtol=rtol, atol=atol, equal_nan=True):
            self.problems.append(f"{where}: {array(a).tolist()} there, {array(b).tolist()} here")

    def compare(self, name: str, operands: list[str], attributes: tuple) -> None:
        where = f"{name}({', '.join(operands)}{', ' if attributes else ''}{', '.join(map(str, attributes))})"
        pairs = [both(d, 7 + k) for k, d in enumerate(operands)]
        results = []
        for side, module in enumerate((theirs, ours)):
            try:
                results.append(find(module, name)(*[p[side] for p in pairs], *attributes))
            except Exception as e:
                results.append(e)
        a, b = results
        if isinstance(a, Exception) or isinstance(b, Exception):
            if isinstance(b, Exception) and not isinstance(a, Exception):
                self.problems.append(f"{where}: a value there, {type(b).__name__} here: {str(b).splitlines()[0]}")
            return
        self.check(where, a, b)
        if isinstance(a, tuple) or not a.requires_grad:
            return
        a.sum().backward()
        b.sum().backward()
        for k, (x, y) in enumerate(pairs):
            if x.grad is None:
                continue
            if operands[k] in ("float16", "bfloat16"):
                self.check_half(f"gradient {k} of {where}", x.grad, y.grad, exact_gradient(name, pairs, attributes, k))
            else:
                self.check(f"gradient {k} of {where}", x.grad, y.grad)

    def check_half(self, where: str, a: Any, b: Any, exact: np.ndarray) -> None:
        """Sums that cancel leave a half few digits, in PyTorch too: ours may err by twice as much as theirs."""
        self.compared += 1
        rtol, atol = TOLERANCES[str(a.dtype).removeprefix("torch.")]
        allowed = 2 * np.abs(array(a) - exact).max() + atol + rtol * np.abs(exact).max()
        if np.abs(array(b) - exact).max() > allowed:
            self.problems.append(f"{where}: {array(a).tolist()} there, {array(b).tolist()} here, {exact.tolist()} exactly")


def exact_gradient(name: str, pairs: list[tuple[Any, Any]], attributes: tuple, k: int) -> np.ndarray:
    """The gradient in float64, of the values that the half tensors hold."""
    wide = [p[0].detach().double().requires_grad_() for p in pairs]
    find(theirs, name)(*wide, *attributes).sum().backward()
    return array(wide[k].grad)


def compare_rows(report: Report) -> None:
    for row in _core.rows():
        name = row["torch"].partition("(")[0]
        kinds = [p[1] for p in row["parameters"] if p[1] in KINDS]
        if not name or name.startswith("Tensor.") or name in LEFT_OUT or find(theirs, name) is None:
            continue
        if name not in ATTRIBUTES and oracle_expressions.calls(name.rpartition(".")[2]):
            continue
        for dtype in KINDS[kinds[0]]:
            for attributes in ATTRIBUTES.get(name, [()]):
                report.compare(name, [dtype] * len(kinds), attributes)
    for name in EXTRA:
        for attributes in ATTRIBUTES.get(name, [()]):
            for dtype in FLOATS:
                report.compare(name, [dtype], attributes)
    for name in ("add", "sub", "mul", "div", "eq", "lt", "maximum"):
        for x in KINDS["any"]:
            for y in KINDS["any"]:
                if x != y:
                    report.compare(name, [x, y], ())


def compare_expressions(report: Report) -> None:
    for expression in oracle_expressions.expressions():
        for dtype in KINDS["any"]:
            compare_expression(report, expression, dtype)


def compare_expression(report: Report, expression: str, dtype: str) -> None:
    where = f"{expression} of {dtype}"
    a, theirs_gradients = oracle_expressions.evaluated(theirs, expression, dtype)
    b, ours_gradients = oracle_expressions.evaluated(ours, expression, dtype)
    if isinstance(a, Exception) or isinstance(b, Exception):
        return compare_errors(report, where, a, b)
    if expression in oracle_expressions.OPEN:
        return report.check(where, *(r[0] if isinstance(r, tuple) else r for r in (a, b)))
    report.check(where, a, b)
    if theirs_gradients is None:
        return
    if dtype in ("float16", "bfloat16"):
        _, exact = oracle_expressions.evaluated(theirs, expression, "float64")
        for k, (x, y, z) in enumerate(zip(theirs_gradients, ours_gradients, exact)):
            report.check_half(f"gradient {k} of {where}", x, y, array(z))
    elif len(theirs_gradients) == len(ours_gradients):
        for k, (x, y) in enumerate(zip(theirs_gradients, ours_gradients)):
            report.check(f"gradient {k} of {where}", x, y)
    elif "norm" not in where:
        report.problems.append(f"{where}: {len(theirs_gradients)} gradients there, {len(ours_gradients)} here")


def compare_errors(report: Report, where: str, a: Any, b: Any) -> None:
    """What PyTorch refuses for want of a kernel we may compute; anything else must be refused alike."""
    report.compared += 1
    if isinstance(a, Exception) and oracle_expressions.lacks_kernel(a):
        return
    if type(a) is not type(b) and not (isinstance(a, Exception) and isinstance(b, type(a))):
        told = [f"{type(r).__name__}: {str(r).splitlines()[0]}" if isinstance(r, Exception) else "a value" for r in (a, b)]
        report.problems.append(f"{where}: {told[0]} there, {told[1]} here")


def compare_streams(report: Report) -> None:
    for seed in (0, 42, 2**40 + 7):
        for n in (1, 15, 16, 17, 1000):
            draws = []
            for module in (theirs, ours):
                module.manual_seed(seed)
                draws.append([module.rand(n), module.randint(0, 10, (n,)), module.randperm(n), module.nn.Linear(n, 3).weight])
            for kind, a, b in zip(("rand", "randint", "randperm", "Linear"), *draws):
                report.compared += 1
                if array(a).tolist() != array(b).tolist():
                    report.problems.append(f"{kind}({n}) after manual_seed({seed}) differs")


def train(module: Any, program: int, dtype: Any = None) -> list[float]:
    """200 steps of one of ten programs: a network, an optimiser, a loss."""
    module.manual_seed(program)
    width = 4 + program
    nn, optim = module.nn, module.optim
    hidden = [nn.Tanh(), nn.ReLU(), nn.Sigmoid()][program % 3]
    net = nn.Sequential(nn.Linear(3, width), hidden, nn.Linear(width, 2))
    x = module.randn(32, 3)
    y = (x[:, 0] > 0).long()
    if dtype is not None:
        net, x = net.to(dtype), x.to(dtype)
    make = [lambda p: optim.SGD(p, lr=0.1), lambda p: optim.SGD(p, lr=0.05, momentum=0.9), lambda p: optim.Adam(p, lr=0.01),
            lambda p: optim.SGD(p, lr=0.05, momentum=0.9, nesterov=True, weight_decay=1e-3)][program % 4]  # fmt: skip
    optimizer, losses = make(net.parameters()), []
    for _ in range(200):
        optimizer.zero_grad()
        loss = nn.functional.cross_entropy(net(x), y) if program % 2 else nn.functional.mse_loss(net(x)[:, 0], x[:, 1])
        loss.backward()
        optimizer.step()
        losses.append(loss.item())
    return losses


def compare_training(report: Report) -> None:
    for program in range(10):
        exact = np.array(train(theirs, program, theirs.float64))
        a, b = np.array(train(theirs, program)), np.array(train(ours, program))
        report.compared += 1
        worst = float(np.max(np.abs(b - exact) - 2 * np.abs(a - exact)))
        # Single steps cross zero error now and then: the bound is on the largest error of the run so far.
        bound = 2 * np.maximum.accumulate(np.abs(a - exact)) + 1e-6
        if (np.maximum.accumulate(np.abs(b - exact)) > bound).any():
            report.problems.append(f"training program {program}: {worst:.3g} beyond twice PyTorch's own error")


def main() -> None:
    report = Report()
    for compare in (compare_rows, compare_expressions, compare_streams, compare_training):
        compare(report)
    print(f"# The torch face against PyTorch {theirs.__version__}\n")
    for problem in report.problems:
        print(f"- {problem}")
    print(f"\n{report.compared} comparisons, {len(report.problems)} differences")
    sys.exit(1 if report.problems else 0)


if __name__ == "__main__":
    main()
