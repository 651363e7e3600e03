"""What the plain API computes, refuses and lets go of. Values are NumPy's, or what C++ programs print (test_plain.py)."""

from __future__ import annotations

import gc
import re
import subprocess
import sys
import threading
import weakref
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import twofold as tw

ONES = np.ones(3, np.float32)


def in_both_modes(f: Callable[[tw.Tensor], Any]) -> tuple[list, list]:
    """What f gives for 1, 2, 3: eagerly, and run in a graph."""
    values = np.array([1, 2, 3], np.float32)
    graph = tw.Graph()
    with graph:
        x = tw.placeholder(tw.f32, [None], "x")
        y = f(x)
    return f(tw.from_numpy(values)).to_vector(), tw.Session(graph).run(y, {x: values}).to_vector()


def gradient(y: tw.Tensor, x: tw.Tensor) -> tw.Tensor:
    return tw.gradients(y, x)[0] if y.symbolic else tw.grad(tw.sum(y), x)[0]


def through(f: Callable[[tw.Tensor], tw.Tensor]) -> Callable[[tw.Tensor], tw.Tensor]:
    """The derivative of f."""

    def derivative(x: tw.Tensor) -> tw.Tensor:
        x = x if x.symbolic else tw.parameter(x)
        return gradient(f(x), x)

    return derivative


def hooked(x: tw.Tensor) -> tw.Tensor:
    y = x * 2
    y.register_hook(lambda g: g * 10)
    return y


def cubed(x: tw.Tensor) -> tw.Tensor:
    return tw.custom_function(x, lambda i: i[0] * i[0] * i[0], lambda c: c.gradients[0] * c.inputs[0] * c.inputs[0] * 3)


BOTH: list[tuple[str, Callable[[tw.Tensor], tw.Tensor], list]] = [
    ("operators", lambda x: (2 - x) * x / 2 + x[0], [1.5, 1, -0.5]),
    ("arrays are operands", lambda x: x * np.array([1, 0, 2], np.float32), [1, 0, 6]),
    ("a hook", through(hooked), [20, 20, 20]),
    ("a hook that is taken away", through(lambda x: (y := x * 2, y.register_hook(lambda g: g * 10).remove())[0]), [2, 2, 2]),
    ("a function's value", cubed, [1, 8, 27]),
    ("its derivative", through(cubed), [3, 12, 27]),
    ("of several", lambda x: tw.custom_function([x, x], lambda i: [i[0], i[0] + i[1]], lambda c: c.gradients)[1], [2, 4, 6]),
    ("without a gradient", through(lambda x: tw.custom_function(x, lambda i: i[0] * 5, lambda c: None) + x), [1, 1, 1]),
    ("cond", lambda x: tw.cond(tw.sum(x) > 5, lambda: x * 2, lambda: x), [2, 4, 6]),
    ("cond of several", lambda x: tw.cond(tw.sum(x) > 9, lambda: [x, x * 2], lambda: [x * 3, x])[0], [3, 6, 9]),
    ("while_loop", lambda x: tw.while_loop(lambda v: tw.sum(v[0]) < 20, lambda v: v[0] * 2, x), [4, 8, 12]),
    ("at most", lambda x: tw.while_loop(lambda v: tw.sum(v[0]) < 20, lambda v: v[0] * 2, [x], maximum_iterations=1)[0], [2, 4, 6]),
    ("its gradient", through(lambda x: tw.while_loop(lambda v: tw.sum(v[0]) < 20, lambda v: v[0] * 2, x)), [4, 4, 4]),
    ("edits", lambda x: tw.identity(x).add_(1).mul_(2).sub_(1).div_(3).copy_(x).fill_(7), [7, 7, 7]),
    ("draws", lambda x: x * 0 + tw.uniform([3], generator=tw.Generator(3)), tw.uniform([3], generator=tw.Generator(3)).to_vector()),
    ("a layer", lambda x: tw.nn.Sequential(tw.nn.Dropout(0), tw.nn.Tanh())(x), np.tanh(np.array([1, 2, 3], np.float32)).tolist()),
]


@pytest.mark.parametrize("name, f, expected", BOTH, ids=[r[0] for r in BOTH])
def test_both_modes(name: str, f: Callable[[tw.Tensor], tw.Tensor], expected: list) -> None:
    eager, in_graph = in_both_modes(f)
    assert eager == in_graph
    np.testing.assert_allclose(eager, expected, rtol=1e-6)


def a_loader(**options: Any) -> list:
    return [b[0].to_vector() for b in tw.data.DataLoader([tw.tensor(np.arange(5))], batch_size=2, **options)]


def step(make: Callable[..., Any], **options: Any) -> list:
    w = tw.parameter(tw.tensor([1.0, 2.0]))
    optimiser = make([w], **options)
    for _ in range(2):
        (w * w).sum().backward()
        optimiser.step()
        optimiser.zero_grad()
    return w.to_vector()


class Halving(tw.optim.Optimizer):
    def update(self, index: int, gradient: tw.Tensor) -> None:
        self.parameters()[index].sub_(gradient * self.rate() / 2)


def collected() -> list:
    with tw.CollectionScope():
        tw.add_to_collection("losses", tw.ones([1]))
        tw.add_to_collection("losses", tw.zeros([1]))
        return [tw.collection_names(), [t.item() for t in tw.collection("losses")], tw.collection("none")]


def a_blob() -> list:
    memory = bytearray(np.arange(6, dtype=np.float32).tobytes())
    t = tw.from_blob(memory, tw.f32, [2, 2], [3, 1])
    t.add_(10)
    return [t.to_vector(), np.frombuffer(memory, np.float32).tolist()]


VALUES: list[tuple[str, Callable[[], Any], Any]] = [
    ("in order", lambda: a_loader(shuffle=False), [[0, 1], [2, 3], [4]]),
    ("without the rest", lambda: a_loader(shuffle=False, drop_last=True), [[0, 1], [2, 3]]),
    ("shuffled", lambda: sorted(sum(a_loader(seed=7), [])), [0, 1, 2, 3, 4]),
    ("the same again", lambda: a_loader(seed=7) == a_loader(seed=7), True),
    ("SGD", lambda: step(tw.optim.SGD, learning_rate=0.25), [0.25, 0.5]),
    ("lr", lambda: step(tw.optim.SGD, lr=0.25, momentum=0.5), [0.0, 0.0]),
    ("Adam", lambda: np.round(step(tw.optim.Adam, lr=0.5), 3).tolist(), [0.034, 1.009]),  # PyTorch's
    ("an optimiser of one's own", lambda: step(Halving, lr=0.5), [0.25, 0.5]),
    ("collections", collected, [["losses"], [1, 0], []]),
    ("foreign memory", a_blob, [[10, 11, 13, 14], [10, 11, 2, 13, 14, 5]]),
    ("shape", lambda: tw.tensor([1, 2, 3, 4], shape=[2, 2]).t().to_vector(), [1, 3, 2, 4]),
    ("facts", lambda: [tw.ones([2, 3]).rank, tw.ones([2, 3]).numel, tw.ones([2, 3]).size(-1), tw.size_of(tw.f64)], [2, 6, 3, 8]),
    ("dtypes", lambda: [tw.f32 == tw.parse_dtype("f32"), tw.parse_dtype("x"), tw.name_of(tw.bool_), tw.tensor(1, "float16").dtype], [True, None, "bool", tw.f16]),
    ("versions", lambda: tw.zeros([1]).add_(1).version, 1),
    ("one tensor", lambda: (t := tw.ones([1])).same_as(t) and not t.same_as(t.detach()), True),
]  # fmt: skip


@pytest.mark.parametrize("name, f, expected", VALUES, ids=[r[0] for r in VALUES])
def test_values(name: str, f: Callable[[], Any], expected: Any) -> None:
    assert f() == expected


def test_files_are_numpys(tmp_path: Path) -> None:
    layer = tw.nn.Linear(3, 2)
    layer.save(tmp_path / "w.npz")
    read = np.load(tmp_path / "w.npz")
    assert {k: read[k].tolist() for k in read} == {k: v.tolist() for k, v in layer.state().items()}
    np.savez(tmp_path / "v.npz", weight=np.ones((2, 3), np.float32), bias=np.zeros(2, np.float32))
    layer.load(tmp_path / "v.npz")
    assert layer(tw.ones([1, 3])).to_vector() == [3, 3]
    np.save(tmp_path / "a.npy", np.arange(3))
    assert tw.load_npy(tmp_path / "a.npy").to_vector() == tw.decode_npy(tw.encode_npy(tw.tensor([0, 1, 2])), "a").to_vector() == [0, 1, 2]


# --- sessions -------------------------------------------------------------------------------------------------------
def test_effects_run_when_they_are_fetched() -> None:
    graph, count = tw.Graph(), tw.buffer(tw.tensor(0))
    with graph:
        up = tw.assign(count, count + 1)
        with tw.ControlDependencies([up]):
            after = count + 0
        twice = tw.collect(lambda: count.add_(2))
        both = tw.group([up, twice], "both")
    session = tw.Session(graph)
    assert [session.run(up), session.run(after).item(), session.run(twice), session.run([both, after])[0]] == [None, 2, None, None]
    assert count.item() >= 7 and session.stats().runs == 4 and both.name == "both"


def test_a_declared_variable_is_each_sessions_own() -> None:
    graph = tw.Graph()
    with graph:
        v = tw.declare(tw.f32, [2])
        fill, read = tw.assign(v, tw.ones([2])), v * 2
    session, other = tw.Session(graph), tw.Session(graph)
    session.run(fill)
    assert session.run(read).to_vector() == [2, 2] and session.tensor(v).to_vector() == [1, 1]
    with pytest.raises(tw.StateError):
        other.run(read)


def test_callables() -> None:
    graph = tw.Graph()
    with graph:
        x = tw.placeholder(tw.f32, [None], "x")
    one, several = (tw.Session(graph).make_callable(f, [x]) for f in (x, [x, x]))
    assert one([1, 2]).to_vector() == [1, 2] and len(several(ONES)) == 2
    for refused in (lambda: one(), lambda: one(ONES, ONES), lambda: one("a")):
        with pytest.raises((tw.Error, TypeError, ValueError)):
            refused()


def test_threads_share_a_session_and_not_their_scopes() -> None:
    graph, results = tw.Graph(), []
    with graph:
        x = tw.placeholder(tw.f32, [3], "x")
        y = tw.custom_function(x, lambda i: i[0] * 2, lambda c: c.gradients) + 1
    session = tw.Session(graph)

    def work() -> None:
        with tw.NameScope("other"), tw.NoGrad():
            results.append((session.run(y, {x: ONES}).to_vector(), tw.grad_enabled()))

    threads = [threading.Thread(target=work) for _ in range(8)]
    with tw.NoGrad(False):
        [t.start() for t in threads]
        [t.join() for t in threads]
    assert results == [([3, 3, 3], False)] * 8 and tw.grad_enabled()


def test_scopes_end_on_their_thread_in_the_reverse_order() -> None:
    outer, inner, failed = tw.NoGrad(), tw.NoGrad(False), []

    def elsewhere() -> None:
        try:
            outer.__exit__()
        except tw.StateError:
            failed.append(True)

    outer.__enter__()
    thread = threading.Thread(target=elsewhere)
    thread.start()
    thread.join()
    inner.__enter__()
    with pytest.raises(tw.StateError, match="NoGrad"):
        outer.__exit__()
    assert failed and tw.grad_enabled()
    inner.__exit__()
    assert not tw.grad_enabled()
    outer.__exit__()
    assert tw.grad_enabled()


# --- what is refused ------------------------------------------------------------------------------------------------
X = tw.ones([3])
REFUSED: list[tuple[Callable[[], Any], type, str]] = [
    (lambda: tw.Session(3), TypeError, "Session: argument 'graph': got an int, expected a Graph"),
    (lambda: tw.Graph().build(1), TypeError, "build: argument 'body': got an int, expected a function"),
    (lambda: tw.nn.Linear(3), TypeError, "Linear: argument 'out': got nothing, expected a value"),
    (lambda: tw.nn.Linear(3, 2, width=1), TypeError, "Linear: got an argument named 'width', expected in_, out, bias"),
    (lambda: tw.nn.Linear(3, 2, out=1), TypeError, "Linear: argument 'out': got it twice, expected it once"),
    (lambda: tw.nn.Linear(-1, 2), tw.Error, "Linear: argument 'in'"),
    (lambda: tw.nn.Sequential(tw.nn.ReLU(), 3), TypeError, "Sequential: argument 'modules': got an int, expected modules"),
    (lambda: tw.nn.Module()(X), tw.StateError, "forward: got a module without a method 'forward'"),
    (lambda: tw.optim.SGD([X], 0.1), tw.Error, "SGD: "),
    (lambda: tw.optim.SGD([tw.parameter(X)]), TypeError, "SGD: argument 'learning_rate': got None, expected a number|SGD: argument 'learning_rate': got nothing"),
    (lambda: tw.optim.Adam([tw.parameter(X)], beta1=2), tw.Error, "Adam: argument 'beta1'"),
    (lambda: tw.NameScope(3), TypeError, "NameScope: argument 'name': got an int, expected a str"),
    (lambda: tw.DeviceScope("abc").__enter__(), tw.ValueError, "DeviceScope|device"),
    (lambda: tw.placeholder(tw.f32), tw.GraphError, "placeholder: got no open graph"),
    (lambda: tw.placeholder("f33"), TypeError, "placeholder: argument 'dtype': got a str, expected a dtype such as twofold.f32"),
    (lambda: tw.tensor([1, 2], shape=[3]), tw.ShapeError, r"tensor: argument 'values': got 2 values, expected 3 for shape \[3\]"),
    (lambda: tw.tensor([[1], [1, 2]]), ValueError, "tensor: argument 'values': "),
    (lambda: tw.from_blob(bytes(3), tw.f32, [1]), tw.ShapeError, "from_blob: argument 'data': got 3 bytes, expected at least 4"),
    (lambda: tw.from_blob(bytes(8), tw.f32, [2], [-1]), tw.ValueError, "from_blob: argument 'strides'"),
    (lambda: tw.from_blob(bytes(8), tw.f32, [2**40, 2**40]), tw.Error, "2|overflow"),
    (lambda: X.backward(), tw.StateError, "backward: "),
    (lambda: X.register_hook(1), TypeError, "register_hook: argument 'hook': got an int, expected a function"),
    (lambda: X.register_hook(print), tw.StateError, "register_hook: "),
    (lambda: X.set_grad("a"), TypeError, "set_grad: argument 'grad': got a str, expected a tensor"),
    (lambda: X.item(), tw.ValueError, "item: got a tensor of shape"),
    (lambda: X.size(3), tw.IndexError, "size: "),
    (lambda: X.to("abc"), TypeError, "to: argument 'dtype'"),
    (lambda: tw.grad([X], [X]), tw.StateError, "grad: "),
    (lambda: tw.gradients([X], [X]), tw.Error, "gradients: "),
    (lambda: tw.custom_function(X, lambda i: "a", print), TypeError, "custom_function: argument 'forward': got a str, expected a tensor"),
    (lambda: tw.cond(X, lambda: X, lambda: X), tw.Error, "cond: "),
    (lambda: tw.cond(tw.tensor(True), lambda: X, 1), TypeError, "cond: argument 'otherwise': got an int, expected a function"),
    (lambda: tw.while_loop(lambda v: 1 / tw.sum(v[0]), lambda v: v, [X]), tw.Error, "while_loop: "),
    (lambda: tw.load_npz(3), TypeError, "load_npz: argument 'path': got an int, expected a path"),
    (lambda: tw.load_npz("none.npz"), tw.IoError, "none.npz; offset 0: cannot be opened"),
    (lambda: tw.save_npz("a", {"x": 1j}), (TypeError, tw.Error), "save_npz: "),
    (lambda: tw.decode_idx(b"abc", "f"), tw.IoError, "f; offset"),
    (lambda: tw.restore({"a": X}, {}), tw.ValueError, "restore: "),
    (lambda: tw.add_to_collection("a", X), tw.StateError, "add_to_collection: "),
    (lambda: tw.data.DataLoader([X, tw.ones([2])]), tw.ShapeError, "DataLoader: "),
    (lambda: tw.data.DataLoader([X], batch_size=0), tw.ValueError, "DataLoader: argument 'batch_size'"),
    (lambda: tw.data.split(X, 1), TypeError, "split: argument 'all': got a twofold.Tensor, expected a Dataset"),
    (lambda: tw.Generator(-1), (TypeError, OverflowError), "Generator: argument 'seed'"),
    (lambda: setattr(tw.Generator(1), "state", 1), TypeError, "state: argument 'value': got an int, expected a Generator.State"),
    (lambda: setattr(tw.print_options(), "precision", "a"), TypeError, "precision: argument 'value': got a str, expected an integer"),
    (lambda: tw.Graph.size.fget(3), TypeError, "size: argument 'self': got an int, expected an object of its class"),
    (lambda: tw.Graph.__init__(tw.Graph()), TypeError, "Graph: argument 'self'"),
    (lambda: tw.Session.run(tw.Session.__new__(tw.Session), X), TypeError, "run: argument 'self': got a Session, expected an object"),
    (lambda: tw.normal_axis(3, 2), tw.IndexError, "axis"),
    (lambda: tw.add(X, "a"), TypeError, "add: argument 'y': got a str, expected a tensor"),
    (lambda: tw.add(X), TypeError, "add: argument 'y': got nothing, expected a value"),
    (lambda: tw.relu(X, 3, 4), TypeError, "relu: got 3 arguments, expected at most 1"),
    (lambda: tw.relu(X, y=4), TypeError, "relu: got an argument named 'y', expected x"),
    (lambda: tw.relu(X, x=4), TypeError, "relu: argument 'x': got it twice, expected it once"),
    (lambda: tw.softmax(X, "a"), TypeError, "softmax: argument 'axis': "),
    (lambda: tw.normal([2], tw.f32, 3), TypeError, "normal: argument 'generator': expected a Generator, not int"),
    (lambda: tw.cast(X, "f33"), TypeError, "cast: argument 'dtype': 'f33' names no dtype"),
    (lambda: tw.concat([X, "a"]), TypeError, "concat: argument 'parts': "),
    (lambda: X[3], tw.IndexError, "select: argument 'index'"),
    (lambda: X[0:1][5], tw.IndexError, "select: argument 'index'"),
    (lambda: tw.broadcast([2], [3]), tw.ShapeError, "broadcast"),
]  # fmt: skip


@pytest.mark.parametrize("call, kind, text", REFUSED, ids=[r[2][:40] for r in REFUSED])
def test_refusals(call: Callable[[], Any], kind: type, text: str) -> None:
    with pytest.raises(kind) as caught:
        call()
    said = str(caught.value)
    assert re.search(text, said), said
    assert re.search(rf"\(test_plain_use\.py:{call.__code__.co_firstlineno}\)$", said) and "\n" not in said, said


# --- what the user's code raises ------------------------------------------------------------------------------------
class Own(BaseException):
    pass


def raiser(*_: Any) -> Any:
    raise Own("mine")


class Raising(tw.nn.Module):
    forward = reseed = raiser


class RaisingOptimizer(tw.optim.Optimizer):
    update = raiser


def a_hook(x: tw.Tensor) -> tw.Tensor:
    y = x * 2
    y.register_hook(raiser)
    return y


OUTWARD: list[tuple[str, Callable[[tw.Tensor], Any]]] = [
    ("hook", through(a_hook)),
    ("forward", lambda x: tw.custom_function(x, raiser, raiser)),
    ("backward", through(lambda x: tw.custom_function(x, lambda i: i[0] * 2, raiser))),
    ("branch", lambda x: tw.cond(tw.sum(x) > 0, raiser, raiser)),
    ("loop", lambda x: tw.while_loop(lambda v: tw.sum(v[0]) < 9, raiser, [x])),
    ("condition", lambda x: tw.while_loop(raiser, lambda v: v, [x])),
    ("module", lambda x: tw.nn.Sequential(tw.nn.ReLU(), Raising())(x)),
    ("seed", lambda x: Raising().seed(1)),
    ("optimiser", lambda x: RaisingOptimizer([w := tw.parameter(ONES)], 0.1).minimize(tw.sum(w * x))),
    ("collect", lambda x: tw.collect(raiser)),
    ("build", lambda x: tw.Graph().build(raiser)),
    ("operand", lambda x: x + type("X", (), {"__twofold_tensor__": raiser})()),
    ("items", lambda x: tw.grad(x, type("X", (), {"__iter__": raiser})())),
]


@pytest.mark.parametrize("in_graph", [False, True], ids=["eager", "graph"])
@pytest.mark.parametrize("name, f", OUTWARD, ids=[r[0] for r in OUTWARD])
def test_what_the_users_code_raises_comes_out_as_it_is(name: str, f: Callable[[tw.Tensor], Any], in_graph: bool) -> None:
    graph = tw.Graph()
    with pytest.raises(Own, match="mine"):
        if in_graph:
            with graph:
                f(tw.placeholder(tw.f32, [3], "x"))
        else:
            f(tw.ones([3]))
    assert tw.grad_enabled() and not (tw.ones([1]) + 1).symbolic


def test_a_dimension_that_only_a_run_knows_is_not_iterated() -> None:
    with tw.Graph():
        x = tw.placeholder(tw.f32, [None])
    with pytest.raises(TypeError, match="only a run knows"):
        list(x)


def test_a_graph_shows_the_lines_of_its_nodes() -> None:
    graph = tw.Graph()
    with graph:
        x = tw.placeholder(tw.f32, [None, 3], "x")
        (tw.relu(x)[0:1] + 1).sum()
    assert [line for line in graph.to_string().splitlines() if "test_plain_use.py" not in line] == []


def test_a_sample_values_variable_that_raises() -> None:
    graph = tw.Graph()
    with graph:
        y = tw.declare(tw.f32, [3]) * 2
    with pytest.raises(Own, match="mine"):
        tw.SampleValues(graph, {}, raiser)(y)


# --- what is let go of ----------------------------------------------------------------------------------------------
class Kept:
    pass


def in_a_graph(kept: Any, f: Callable[[tw.Tensor, tw.Graph], Any]) -> None:
    graph = tw.Graph()
    with graph:
        x = tw.placeholder(tw.f32, [3], "x")
        y = f(x, graph)
        d = tw.gradients(y, x)[0]
    kept.all = (graph, x, y, d, session := tw.Session(graph))
    assert session.run(d, {x: ONES}).to_vector() == [2, 2, 2]


def hook_in_a_graph(kept: Any) -> None:
    def f(x: tw.Tensor, graph: tw.Graph) -> tw.Tensor:
        y = x * 2
        y.register_hook(lambda g: (g, y, graph, kept)[0])
        return y

    in_a_graph(kept, f)


def function_in_a_graph(kept: Any) -> None:
    in_a_graph(kept, lambda x, g: tw.custom_function(x, lambda i: i[0] * 2, lambda c: (c.gradients[0] * 2, x, g, kept)[0]))


def function_in_a_branch(kept: Any) -> None:
    def f(x: tw.Tensor, graph: tw.Graph) -> tw.Tensor:
        inner = lambda: tw.custom_function(x, lambda i: i[0] * 2, lambda c: (c.gradients[0] * 2, x, graph, kept)[0])  # noqa: E731
        return tw.cond(tw.sum(x) > 0, inner, lambda: x)

    in_a_graph(kept, f)


def eager_hook(kept: Any) -> None:
    x = tw.parameter(ONES)
    x.register_hook(lambda g: (x, kept) and None)
    (x * 2).sum().backward()


def eager_function(kept: Any) -> None:
    y = tw.custom_function(tw.parameter(ONES), lambda i: i[0] * 2, lambda c: (c.gradients[0], y, kept)[0])
    kept.y = y


class Net(tw.nn.Module):
    def __init__(self, kept: Any) -> None:
        super().__init__()
        self.kept, self.me = kept, self
        self.part = self.register_module("part", tw.nn.ReLU())

    def forward(self, x: tw.Tensor) -> tw.Tensor:
        return self.part(x)


def module(kept: Any) -> None:
    kept.net = tw.nn.Sequential(Net(kept))
    assert kept.net(tw.ones([1])).item() == 1


def optimiser(kept: Any) -> None:
    kept.it = Halving([tw.parameter(ONES)], 0.1)
    kept.it.kept = kept


def samples(kept: Any) -> None:
    graph = tw.Graph()
    with graph:
        y = tw.declare(tw.f32, [3]) * 2
    kept.it = tw.SampleValues(graph, {}, lambda v: (tw.ones([3]), kept, graph)[0])
    assert kept.it(y).to_vector() == [2, 2, 2]


def batches(kept: Any) -> None:
    kept.it = iter(tw.data.DataLoader([tw.ones([3])]))
    next(kept.it)


CIRCLES = [hook_in_a_graph, function_in_a_graph, function_in_a_branch, eager_hook, eager_function, module, optimiser, samples, batches]


@pytest.mark.parametrize("circle", CIRCLES, ids=lambda c: c.__name__)
def test_circles_are_collected(circle: Callable[[Any], None]) -> None:
    kept = Kept()
    there = weakref.ref(kept)
    circle(kept)
    del kept
    gc.collect()
    assert there() is None


def test_a_function_lives_as_long_as_its_graph() -> None:
    """The session holds the graph, and gradients() still calls what only the graph knows."""
    graph = tw.Graph()
    with graph:
        x = tw.placeholder(tw.f32, [3], "x")
        y = tw.custom_function(x, lambda i: i[0] * 2, lambda c: c.gradients[0] * 7)
    gc.collect()
    with graph:
        d = tw.gradients(y, x)[0]
    session = tw.Session(graph)
    del graph
    gc.collect()
    assert session.run(d, {x: ONES}).to_vector() == [7, 7, 7]


def test_modules_that_are_imported_anew_have_the_same_classes() -> None:
    code = """
import importlib, sys
import twofold as tw
classes = [tw.Graph, tw.Dtype, tw.nn.Linear, tw.data.DataLoader]
for module in (tw.nn, tw.data, tw): importlib.reload(module)
for name in [n for n in sys.modules if n.startswith("twofold") and n != "twofold._core"]: del sys.modules[name]
import twofold as again
print([again.Graph, again.Dtype, again.nn.Linear, again.data.DataLoader] == classes, again.nn.ReLU()(tw.ones([1])).item())
del sys.modules["twofold"], sys.modules["twofold._core"]
try: import twofold
except ImportError as e: print(e)
"""
    done = subprocess.run([sys.executable, "-W", "error", "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout == "True 1.0\ntwofold._core is there already, and there can be no second one in a process\n"


def test_the_end_of_the_interpreter_is_silent() -> None:
    code = """
import twofold as tw, threading
class Net(tw.nn.Module):
    def forward(self, x): return x
net, graph = Net(), tw.Graph()
w = tw.parameter(tw.ones([3])); w.register_hook(lambda g: (w, net) and None)
y = tw.custom_function(w, lambda i: i[0] * 2, lambda c: (c.gradients[0], y)[0])
batches = iter(tw.data.DataLoader([tw.ones([3])]))
scope = tw.NoGrad(); scope.__enter__(); graph.__enter__()
x = tw.placeholder(tw.f32, [3]); z = tw.custom_function(x, lambda i: i[0], lambda c: (z, graph, net) and None)
session, samples = tw.Session(graph), tw.SampleValues(graph, {}, lambda v: net)
tw.kept = (net, graph, w, y, z, session, samples, batches)
threading.Thread(target=lambda: tw.NameScope("n").__enter__()).start()
"""
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr) == (0, "")
