"""Random calls with random arguments over all public names: nothing may end the process.

    python tests/python/call_fuzz.py [CALLS] [SEED] [--from BLOCK] [--jobs N]

Calls come in blocks of 200, each in a process of its own, forked from one that has made none: so nothing that a call leaves
behind is there in the next block, and block B of seed S makes the same calls whenever it is run. When a block dies, the last
call is named, with the command that repeats it. `./run sanitize calls` runs this under the address and undefined-behaviour
sanitizers.
"""

from __future__ import annotations

import argparse
import contextlib
import copy
import faulthandler
import gc
import importlib
import inspect
import io
import math
import operator
import os
import pickle
import pkgutil
import re
import resource
import shutil
import signal
import sys
import tempfile
import time
import types
import warnings
import weakref
from collections.abc import Callable
from contextlib import redirect_stderr, redirect_stdout
from typing import Any

import numpy as np

import twofold
import twofold.tensorflow as tf
import twofold.torch as torch
from fuzz_values import FUNCTIONS, INSTANCES, Arguments, samples
from twofold import _core

BLOCK = 200
SECONDS_PER_CALL = 5  # then it is interrupted, as by a key
# What would wait, replace modules or parts of the faces, or leave the process by design.
LEFT_OUT = {"install", "run", "main", "load_ipython_extension", "exit", "set_num_threads", "end", "set_face_type", "set_package_folder",
            "set_translator", "__class__", "__init_subclass__", "__getattribute__", "__enter__", "read_data_sets", "warn", "sleep"}  # fmt: skip
SHARED, CHANGES = {"dtype", "torch dtype", "plain dtype", "row"}, {"__init__", "__setattr__", "__delattr__", "__setstate__"}  # one for all calls
HIDDEN_ROWS = ["overwrite", "replace", "substitute", "call", "cond", "while_loop", "concat_part", "sum_to", "expand_as", "spread", "detach"]

Step = Callable[[Arguments], tuple[str, Callable[[], Any]]]


# --- what is called -------------------------------------------------------------------------------------------------
def public_modules() -> list[Any]:
    found = [twofold, _core]
    for info in pkgutil.walk_packages(twofold.__path__, "twofold."):
        if not any(part.startswith("_") for part in info.name.split(".")):
            found.append(importlib.import_module(info.name))
    return found


def functions() -> list[tuple[str, Callable[..., Any], str]]:
    """Public functions and classes of the modules, and methods of the classes: a name, what to call, whose method."""
    out: list[tuple[str, Callable[..., Any], str]] = []
    for module in public_modules():
        for name, value in list(vars(module).items()):
            if callable(value) and not name.startswith("_") and name not in LEFT_OUT and not inspect.ismodule(value):
                out.append((f"{module.__name__}.{name}", value, ""))
    for kind, make in INSTANCES.items():
        cls = type(make(Arguments("names")))
        for name in dir(cls):
            if callable(getattr(cls, name, None)) and name not in LEFT_OUT and not (kind in SHARED and name in CHANGES):
                out.append((f"{cls.__module__}.{cls.__name__}.{name}", getattr(cls, name), kind))
    return out


NAMED, SAMPLES = functions(), samples()


def number_of_arguments(function: Callable[..., Any], a: Arguments) -> int:
    """Mostly as many as the function takes."""
    try:
        parameters = inspect.signature(function).parameters.values()
    except (TypeError, ValueError):
        return a.random.randrange(5)
    required = sum(p.default is p.empty and p.kind in (p.POSITIONAL_ONLY, p.POSITIONAL_OR_KEYWORD) for p in parameters)
    return max(0, required + a.random.choice((0, 0, 0, 1, 1, 2, -1)))


def named_call(a: Arguments) -> tuple[str, Callable[[], Any]]:
    name, function, owner = a.random.choice(NAMED)
    args = [a.value() for _ in range(number_of_arguments(function, a))]
    if owner and args and a.chance(0.95):
        args[0] = INSTANCES[owner](a)
    words = ["dim", "axis", "dtype", "name", "keepdim", "shape", "out", "requires_grad", "seed", "reduction"]
    keywords = {a.random.choice(words): a.value()} if a.chance(0.1) else {}
    return name, lambda: function(*args, **keywords)


def mutated(a: Arguments, operand: Any) -> Any:
    """An operand of a sample, mostly as it is, as some face's tensor or an array."""
    if a.chance(0.12):
        return a.value()
    if isinstance(operand, np.ndarray) and a.chance(0.1):
        operand = operand[..., : a.random.randrange(3)] if a.chance(0.5) and operand.ndim else operand.astype(a.array().dtype)
    face = a.random.randrange(5)
    if face == 0 or not isinstance(operand, np.ndarray):
        return operand
    if face == 1:
        p = tf.placeholder(str(operand.dtype), [None] * operand.ndim if a.chance(0.5) else None)
        return p if a.chance(0.5) else tf.constant(operand)
    made = torch.tensor(operand)
    return a.layout(made.requires_grad_() if made.is_floating_point() and a.chance(0.5) else made)


def row_call(a: Arguments) -> tuple[str, Callable[[], Any]]:
    row, operands, attributes = a.random.choice(SAMPLES)
    given = [mutated(a, o) for o in operands]
    attributes = {k: v if a.chance(0.8) else a.random.choice((a.integer(), [a.integer() for _ in range(3)], a.value())) for k, v in attributes.items()}
    if given and a.chance(0.05):
        given.append(a.value()) if a.chance(0.5) else given.pop()
    function = _core.row_function(row, "", a.random.randrange(3))
    if row in ("concat", "custom") and len(given) > 1:
        given = [given]
    if a.chance(0.05):
        graph, name = tf.get_default_graph()._core, a.random.choice([row, *HIDDEN_ROWS])
        return f"record {name}", lambda: graph.record(name, given, attributes, "n")
    return f"row {row}", lambda: function(*given, **attributes)


OPERATORS = [operator.add, operator.sub, operator.mul, operator.truediv, operator.floordiv, operator.mod, operator.pow, operator.matmul,
             operator.and_, operator.or_, operator.xor, operator.lshift, operator.lt, operator.le, operator.eq, operator.ne, operator.gt,
             operator.ge, operator.iadd, operator.isub, operator.imul, operator.itruediv, operator.imatmul, operator.ipow, operator.iand,
             operator.contains, operator.concat, divmod, np.add, np.matmul, np.dot, isinstance, np.asarray, round]  # fmt: skip
PROTOCOLS: list[Callable[[Any], Any]] = [
    len, list, bool, float, int, complex, hash, repr, str, operator.index, operator.neg, operator.pos, operator.abs, operator.invert, reversed,
    copy.copy, copy.deepcopy, lambda o: pickle.loads(pickle.dumps(o)), lambda o: memoryview(o).tolist(), bytes, np.asarray, np.from_dlpack,
    lambda o: f"{o:.3f}", lambda o: f"{o:>20}", dir, vars, sys.getsizeof, weakref.ref, sum, max, math.floor, np.sum, np.array, sorted, iter, tuple,
    lambda o: np.frombuffer(o, np.float32), lambda o: io.BytesIO(bytes(99)).readinto(o), lambda o: [*zip(o, range(3))], torch.from_dlpack,
    lambda o: o.numpy(), lambda o: o.tolist(), lambda o: o.backward(), lambda o: o.eval(), gc.get_referents, type(None).__eq__, pickle.dumps,
]  # fmt: skip
TENSORS = ["torch tensor", "torch tensor", "plain tensor", "graph tensor", "variable", "parameter", "sparse tensor", "size", "shape"]


def protocol_call(a: Arguments) -> tuple[str, Callable[[], Any]]:
    left = INSTANCES[a.random.choice(TENSORS)](a)
    if a.chance(0.35):
        function = a.random.choice(PROTOCOLS)
        return f"{function} of {type(left)}", lambda: function(left)
    if a.chance(0.5):
        key, value = a.subscript(), a.value()
        if a.chance(0.5):
            return f"{type(left)}[...]", lambda: left[key]
        return f"{type(left)}[...] =", lambda: operator.setitem(left, key, value)
    function, right = a.random.choice(OPERATORS), a.value()
    if a.chance(0.3):
        left, right = right, left
    return f"{function} of {type(left)}", lambda: function(left, right)


def attribute_call(a: Arguments) -> tuple[str, Callable[[], Any]]:
    kind = a.random.choice(list(INSTANCES))
    owner = INSTANCES[kind](a)
    name = a.random.choice(dir(owner))
    if name in LEFT_OUT or kind in SHARED:
        return "nothing", lambda: None
    how = a.random.randrange(4)
    if how == 0:
        value = a.value()
        return f"{type(owner)}.{name} =", lambda: setattr(owner, name, value)
    if how == 1:
        return f"del {type(owner)}.{name}", lambda: delattr(owner, name)
    return f"{type(owner)}.{name}", lambda: getattr(owner, name)


# --- graphs and sessions --------------------------------------------------------------------------------------------
def nodes(a: Arguments, count: int) -> list[Any]:
    """A few nodes, each made of earlier ones."""
    made = [a.symbolic() for _ in range(2)]
    unary = [tf.nn.relu, tf.square, tf.reduce_sum, tf.transpose, tf.identity, tf.zeros_like, tf.shape, lambda t: t[..., :1], lambda t: tf.reshape(t, [-1])]
    binary = [tf.add, tf.multiply, tf.matmul, tf.maximum, tf.equal, lambda x, y: tf.concat([x, y], 0), lambda x, y: tf.gather(x, tf.cast(y, "int32"))]
    for _ in range(count):
        x, y = a.random.choice(made), a.random.choice(made)
        try:
            made.append(a.random.choice(unary)(x) if a.chance(0.5) else a.random.choice(binary)(x, y))
        except (ValueError, TypeError, RuntimeError, tf.errors.OpError):
            pass
    return made


def fetches(a: Arguments, made: list[Any], depth: int = 0) -> Any:
    kinds = [lambda: a.random.choice(made), lambda: a.random.choice(made).op, lambda: a.random.choice(made).name, lambda: a.value(2)]
    if depth < 2:
        kinds += [lambda: [fetches(a, made, depth + 1) for _ in range(a.random.randrange(3))], lambda: {"k": fetches(a, made, depth + 1)}]
    return a.random.choice(kinds)()


def fed(a: Arguments, made: list[Any]) -> Any:
    out = {}
    for t in made:
        if t.op.type == "Placeholder" and a.chance(0.9):
            shape = t._shape
            sizes = a.shape()[0] if shape is None else [2 if n is None else n for n in shape]
            out[t] = np.ones(sizes, t.dtype.name) if a.chance(0.8) else a.value()
        elif a.chance(0.1):
            out[t if a.chance(0.8) else t.name] = a.value()
    return out if a.chance(0.95) else a.value()


def session_call(a: Arguments) -> tuple[str, Callable[[], Any]]:
    made = nodes(a, 5)
    wanted, feeds = fetches(a, made), fed(a, made)

    def run() -> Any:
        with tf.Session() as sess:
            if a.chance(0.3):
                sess.run(tf.global_variables_initializer())
            if a.chance(0.2):
                return sess.make_callable(wanted, list(feeds))(*feeds.values())
            first = sess.run(wanted, feeds)
            return sess.run(wanted, feeds) if a.chance(0.5) else first

    return "Session.run", run


def flow_call(a: Arguments) -> tuple[str, Callable[[], Any]]:
    """Control flow, host functions, gradients and effects, with functions of every kind."""
    made = nodes(a, 2)
    x, y = a.random.choice(made), a.random.choice(made)
    f, g = a.random.choice(FUNCTIONS), a.random.choice(FUNCTIONS)
    v = tf.Variable(np.ones(3, np.float32))
    kinds: list[Callable[[], Any]] = [
        lambda: tf.cond(tf.reduce_sum(tf.cast(x, "float32")) < 1.0, lambda: f(x), lambda: g(x)),
        lambda: tf.while_loop(lambda i, t: i < 3, lambda i, t: [i + 1, f(t)], [tf.constant(0), x]),
        lambda: tf.while_loop(f, g, [x, y], maximum_iterations=a.random.choice((0, 1, 5, -1))),
        lambda: tf.py_func(f, [x, y], a.random.choice(["float32", ["float32", "int32"], []])),
        lambda: tf.py_func(lambda *t: tf.get_default_session().run(x), [], tf.float32),
        lambda: tf.gradients(tf.reduce_sum(x * y), [x, y, v]),
        lambda: tf.gradients(f(x), a.value(), a.value()),
        lambda: tf.group(v.assign(x), v.assign_add(y)),
        lambda: tf.train.AdamOptimizer(0.1).minimize(tf.reduce_sum(f(v) * x)),
        lambda: torch.nn.Linear(3, 2)(x),
        lambda: tf.gather_nd(x, a.value()),
        lambda: tf.scatter_update(v, a.value(), a.value()) if hasattr(tf, "scatter_update") else None,
        lambda: tf.Print(x, [y, v]),
        lambda: tf.Assert(tf.equal(x, y), [x]),
    ]  # fmt: skip
    build, feeds = a.random.choice(kinds), fed(a, made)

    def run() -> Any:
        with tf.control_dependencies([y.op] if a.chance(0.2) else []):
            out = build()
        with tf.Session() as sess:
            if a.chance(0.7):
                sess.run(v.initializer)
            return sess.run(out, feeds)

    return "flow", run


def engine_call(a: Arguments) -> tuple[str, Callable[[], Any]]:
    """The engine's own graphs, two of them, with arguments that mostly fit."""
    r = a.random
    graphs, cells = [tf.get_default_graph()._core, _core.Graph()], [torch.ones(3), torch.nn.Parameter(torch.ones(3)), _core.declare("f32", [3], True)]
    tensors: list[Any] = [g.constant(torch.ones(3), "c") for g in graphs] + [g.placeholder("f32", [3], "p") for g in graphs]
    operations: list[Any] = [INSTANCES["engine operation"](a)]
    frozen = torch.from_numpy(np.frombuffer(bytes(12), np.float32))

    def one(kind: str) -> Any:
        if a.chance(0.05):
            return a.value()
        few = lambda k: [one(k) for _ in range(r.randrange(3))]  # noqa: E731
        kinds: dict[str, Callable[[], Any]] = {
            "t": lambda: r.choice(tensors), "o": lambda: r.choice(operations), "c": lambda: r.choice([*cells, frozen]), "n": lambda: r.choice(["a", "b", ""]),
            "i": lambda: r.choice([0, 1, 2, a.integer()]), "f": lambda: r.choice([*FUNCTIONS, lambda *v: [*tensors[:1]], lambda v: list(v)]),
            "v": lambda: r.choice([torch.ones(3), np.ones(3, np.float32), torch.ones(2), frozen]), "ts": lambda: few("t"), "os": lambda: few("o"),
            "is": lambda: few("i"), "vs": lambda: few("v"), "xs": lambda: few("t") + few("o"), "d": lambda: r.choice(["f32", "i64", "bool"]), "ds": lambda: few("d"),
        }  # fmt: skip
        return kinds[kind]()

    calls = {"assign": "ctn", "read": "cn", "reads": "c", "group": "osn", "with_controls": "osf", "gradients": "ts ts ts n", "host": "f ts ds n", "cond": "tff",
             "while_loop": "ff ts i", "node": "i", "operation": "i", "tensor": "ii", "node_of": "t", "constant": "vn", "placeholder": "dis n"}  # fmt: skip
    runs = {"run": "xs ts vs", "callable": "xs ts", "unset_cells": "g is", "cell": "c", "load": "cv", "stats": ""}
    session = _core.Session(graphs[0])

    def arguments(spelled: str) -> list[Any]:
        found = re.findall(r"[a-z]s|[a-z]", spelled.replace("osn", "os n").replace("osf", "os f"))
        return [r.choice(graphs) if kind == "g" else one(kind) for kind in found]

    def run() -> None:
        for _ in range(r.randrange(3, 9)):
            on, table = (r.choice(graphs), calls) if a.chance(0.6) else (session, runs)
            name = r.choice(list(table))
            try:
                made = getattr(on, name)(*arguments(table[name]))
                if isinstance(made, _core.Operation):
                    operations.append(made)
                elif isinstance(made, _core.Callable):
                    made([one("v")])
                tensors.extend(t for t in (made if isinstance(made, list) else [made]) if isinstance(t, _core.Tensor))
                if a.chance(0.1):
                    r.choice(cells[:2]).data = r.choice([torch.ones(3), torch.ones(1), frozen])
            except (Exception, SystemExit) as error:
                if isinstance(error, TimeoutError):
                    raise

    return "engine", run


# --- the tape -------------------------------------------------------------------------------------------------------
def tape_call(a: Arguments) -> tuple[str, Callable[[], Any]]:
    """Hooks, custom functions, edits through views, backward() again and again, with functions of every kind."""
    f, g = a.random.choice(FUNCTIONS), a.random.choice(FUNCTIONS)

    class Custom(torch.autograd.Function):
        @staticmethod
        def forward(ctx: Any, *args: Any) -> Any:
            ctx.save_for_backward(*args)
            return f(*args)

        @staticmethod
        def backward(ctx: Any, *gradients: Any) -> Any:
            return g(*gradients) if a.chance(0.5) else ctx.saved_tensors

    def run() -> Any:
        x = torch.ones(3, requires_grad=True)
        steps: list[Callable[[Any], Any]] = [
            lambda t: t * x, lambda t: t.exp(), lambda t: Custom.apply(t), lambda t: (t.register_hook(f), t)[1], lambda t: t.view(-1), lambda t: t[1:],
            lambda t: t.add_(1), lambda t: (t[:1].mul_(2), t)[1], lambda t: (t.sum().backward(retain_graph=a.chance(0.8)), t)[1], lambda t: t.detach(),
            lambda t: (setattr(x, "data", torch.ones(a.random.randrange(4))), t)[1], lambda t: (setattr(t, "data", a.tensor()), t)[1],
            lambda t: torch.autograd.grad(t.sum(), a.random.choice([x, [x, t]]), create_graph=True, allow_unused=True)[0], lambda t: t.clone(),
            lambda t: (t.retain_grad(), t)[1], lambda t: t.requires_grad_(), lambda t: t[a.subscript()], lambda t: (operator.setitem(t, a.subscript(), x), t)[1],
            lambda t: torch.cat([t, x]), lambda t: (setattr(x, "grad", a.value()), t)[1], lambda t: (torch.optim.SGD([x], lr=0.1).step(), t)[1],
        ]  # fmt: skip
        out = x * 1
        for _ in range(a.random.randrange(2, 9)):
            try:
                out = a.random.choice(steps)(out)
            except (RuntimeError, TypeError, ValueError, IndexError, AttributeError, ZeroDivisionError):
                pass
        out.sum().backward()
        return out

    return "tape", run


# --- the plain API --------------------------------------------------------------------------------------------------
def plain_call(a: Arguments) -> tuple[str, Callable[[], Any]]:
    """Scopes, hooks, derivatives, control flow, modules and optimisers of package twofold, in a graph or eagerly."""
    f, g, r = a.random.choice(FUNCTIONS), a.random.choice(FUNCTIONS), a.random
    graph, w, in_graph = twofold.Graph(), twofold.parameter(twofold.ones([3])), a.chance(0.6)
    module, scope = INSTANCES["plain module"](a), INSTANCES["plain scope"](a)
    optimiser = r.choice([INSTANCES["own optimiser"](a), twofold.optim.SGD([w], 0.1, momentum=0.9), twofold.optim.Adam([w])])
    steps: list[Callable[[Any], Any]] = [
        lambda t: t * w, lambda t: twofold.custom_function([t], f, g), lambda t: twofold.custom_function([t], lambda i: i[0] * 2, lambda c: r.choice([c.gradients, t, f(c)])),
        lambda t: (t.register_hook(f), t)[1], lambda t: twofold.cond(twofold.sum(t) < 9, lambda: f(t), lambda: t), lambda t: module(t), lambda t: t.add_(w),
        lambda t: twofold.while_loop(lambda v: twofold.sum(v[0]) < 99, lambda v: [v[0] * 2], [t], r.choice([-1, 0, 3]))[0], lambda t: twofold.named(t, "n"),
        lambda t: (twofold.add_to_collection("c", t), t)[1], lambda t: (optimiser.minimize(twofold.sum(t)), t)[1], lambda t: twofold.assign(w, t),
        lambda t: twofold.collect(lambda: w.set_data(t)), lambda t: (twofold.gradients(t, [w]) if in_graph else twofold.grad(t, [w], allow_unused=True))[0],
        lambda t: (w.set_data(a.value()), t)[1], lambda t: (scope.__enter__(), f(t), scope.__exit__())[1], lambda t: graph.build(lambda: f(t)), lambda t: t[a.subscript()],
    ]  # fmt: skip

    def build() -> Any:
        x = out = twofold.placeholder(twofold.f32, r.choice([None, [3], [None]]), "x") if in_graph else w * 1
        with contextlib.suppress(Exception):
            for _ in range(r.randrange(1, 7)):
                out = r.choice(steps)(out)
        return x, out

    def run() -> Any:
        if not in_graph:
            with r.choice([twofold.NoGrad(), twofold.CollectionScope(), twofold.NameScope("n")]):
                out = build()[1]
            return out.sum().backward()
        samples = twofold.SampleValues(graph, {}, f) if a.chance(0.2) else None
        with graph:
            x, out = build()
        session = twofold.Session(graph, passes=a.chance(0.8))
        value = twofold.ones([3]) if a.chance(0.8) else a.value()
        if a.chance(0.3):
            return session.make_callable(r.choice([out, [out, x]]), [x])(value)
        return samples(out) if samples else session.run(r.choice([out, [out, x]]), {x: value})

    return "plain", run


STEPS: list[tuple[int, Step]] = [(40, named_call), (20, row_call), (15, protocol_call), (5, attribute_call), (8, session_call), (6, flow_call), (6, tape_call), (4, engine_call), (8, plain_call)]


# --- making the calls -----------------------------------------------------------------------------------------------
def use(result: Any, a: Arguments) -> None:
    """What a user would do next."""
    if isinstance(result, types.GeneratorType):
        result = [item for item, _ in zip(result, range(9))]
    if isinstance(result, tf.InteractiveSession):
        result.close()
    repr(result)
    if isinstance(result, tf.Tensor) and a.chance(0.5):
        with tf.Session(graph=result.graph) as sess:
            sess.run(result, fed(a, [t for t in result.graph.get_operations() if t.type == "Placeholder"] and []))
    if isinstance(result, torch.Tensor) and result.requires_grad and a.chance(0.5):
        result.sum().backward()
    a.keep(result)


def tidy() -> None:
    """Modes that a call may have left behind."""
    torch.set_grad_enabled(True)
    torch.set_printoptions(profile="default")
    session = tf.get_default_session()
    while session is not None:
        session.close()
        session = tf.get_default_session()


def interrupted(*_: Any) -> None:
    raise TimeoutError("a call that takes too long")


def one_call(a: Arguments, note: Callable[[str], None]) -> bool:
    a.new_call()
    step = a.random.choices([s for _, s in STEPS], [w for w, _ in STEPS])[0]
    try:
        signal.setitimer(signal.ITIMER_REAL, SECONDS_PER_CALL)
        with redirect_stdout(io.StringIO()), redirect_stderr(io.StringIO()):
            name, function = step(a)
            note(name)
            use(function(), a)
        return True
    except TimeoutError:
        note("-- interrupted: " + step.__name__)
        return False
    except (Exception, SystemExit, KeyboardInterrupt):
        return False
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        tidy()


class Trace:
    """What a block is doing, in a file that survives it: on the first line the call being made, padded; then what there is
    to say in the end. `errors` is its standard error."""

    LENGTH = 300

    def __init__(self) -> None:
        self.file, self.errors = tempfile.TemporaryFile("w+"), tempfile.TemporaryFile("w+")

    def call(self, text: str) -> None:
        self.file.seek(0)
        self.file.write(text.encode("ascii", "replace").decode().replace("\n", " ")[: self.LENGTH].ljust(self.LENGTH) + "\n")
        self.file.flush()

    def end(self, good: int, slow: list[str]) -> None:
        self.file.truncate(self.LENGTH + 1)
        self.file.write("\n".join([str(good), *slow]))
        self.file.flush()

    def lines(self) -> list[str]:
        self.file.seek(0)
        return [line.strip() for line in self.file.read().split("\n")]

    def report(self) -> str:
        self.errors.seek(0)
        return "".join(line for line in self.errors if "failed to allocate" not in line)


def run_block(calls: int, seed: int, block: int, trace: Trace) -> None:
    """In a process of its own."""
    warnings.simplefilter("ignore")
    os.chdir(tempfile.mkdtemp())  # for what writes files
    signal.signal(signal.SIGALRM, interrupted)
    faulthandler.dump_traceback_later(SECONDS_PER_CALL * 20, exit=True)
    a = Arguments(f"{seed}/{block}")
    torch.manual_seed(seed)
    np.random.seed(seed)
    good, slow = 0, []
    for k in range(calls):

        def note(name: str, k: int = k) -> None:
            slow.append(f"block {block}, call {k}: {name}") if name.startswith("--") else trace.call(f"call {k}: {name}")

        good += one_call(a, note)
    trace.end(good, slow)
    shutil.rmtree(os.getcwd(), ignore_errors=True)


class Fuzzer:
    """Runs blocks, each in a forked process, `jobs` at the same time."""

    def __init__(self, calls: int, seed: int, first: int, jobs: int) -> None:
        self.calls, self.seed, self.jobs = calls, seed, jobs
        self.left = list(range(first, first - (-calls // BLOCK)))[::-1]
        self.running: dict[int, tuple[int, Trace]] = {}
        self.made = self.good = 0
        self.slow: list[str] = []
        self.failed: list[str] = []
        self.began = time.monotonic()

    def run(self) -> int:
        while (self.left and not self.failed) or self.running:
            while self.left and not self.failed and len(self.running) < self.jobs:
                self.start(self.left.pop())
            pid, status = os.wait()
            self.ended(pid, status)
            self.progress()
        seconds = time.monotonic() - self.began
        print(f"{len(NAMED)} names, {len(SAMPLES)} samples, seed {self.seed}: {self.made:,} calls in {seconds:.0f} s, {self.made / seconds:,.0f} "
              f"a second; {self.good:,} without an error, {len(self.slow)} interrupted")  # fmt: skip
        print("\n".join(self.slow + self.failed), end="\n" if self.slow or self.failed else "")
        return 1 if self.failed else 0

    def start(self, block: int) -> None:
        trace = Trace()
        pid = os.fork()
        if pid:
            self.running[pid] = (block, trace)
            return
        os.dup2(trace.errors.fileno(), 2)
        run_block(min(BLOCK, self.calls), self.seed, block, trace)
        if block % 10:
            os._exit(0)
        sys.exit(0)  # through the interpreter's end, where leaks are reported

    def ended(self, pid: int, status: int) -> None:
        block, trace = self.running.pop(pid)
        first, *rest = trace.lines()
        report = trace.report()
        sys.stderr.write(report)
        self.made += min(BLOCK, self.calls)
        if status == 0 and "leaked" not in report:
            self.good += int(rest[0])
            self.slow += rest[1:]
        else:
            self.failed.append(f"block {block} ended with status {status} in {first}\n"
                               f"again: call_fuzz.py {BLOCK} {self.seed} --from {block}")  # fmt: skip

    def progress(self) -> None:
        if sys.stderr.isatty():
            bar, rate = ("#" * (40 * self.made // self.calls)).ljust(40), self.made / (time.monotonic() - self.began)
            sys.stderr.write(f"\r[{bar}] {self.made:,} of {self.calls:,} calls, {rate:,.0f} a second ")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("calls", type=int, nargs="?", default=20_000)
    parser.add_argument("seed", type=int, nargs="?", default=1)
    parser.add_argument("--from", dest="first", type=int, default=0, help="the first block")
    parser.add_argument("--jobs", type=int, default=len(os.sched_getaffinity(0)))
    given = parser.parse_args()
    if "asan" not in os.environ.get("LD_PRELOAD", ""):  # it limits each allocation itself
        resource.setrlimit(resource.RLIMIT_AS, (6 << 30, 6 << 30))
    sys.exit(Fuzzer(given.calls, given.seed, given.first, given.jobs).run())


if __name__ == "__main__":
    main()
