"""What is refused, in a line and without harm: objects that lie or change under the call, sizes beyond any machine,
types that are made or changed behind their back."""

from __future__ import annotations

import copy
import gc
import warnings
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

import twofold
import twofold.tensorflow as tf
import twofold.torch as torch
from twofold import _core


class Emptying:
    """An item of a list that empties the list when it is looked at."""

    def __init__(self, held: list) -> None:
        self.held = held

    def empty(self) -> None:
        self.held.clear()
        gc.collect()

    def __index__(self) -> int:
        self.empty()
        return 1

    def __twofold_tensor__(self) -> Any:
        self.empty()
        return torch.ones(1)


class Wrong(Emptying):
    def __twofold_tensor__(self) -> Any:
        self.empty()
        return 5


def held(kind: type, n: int = 3) -> list:
    items: list = []
    items += [kind(items) for _ in range(n)]
    return items


LISTS_THAT_CHANGE: list[tuple[str, Callable[[], Any], Any]] = [
    ("sizes", lambda: _core.empty(held(Emptying), "f32")._shape, (1, 1, 1)),
    ("axes", lambda: twofold.sum(torch.ones(2, 2), held(Emptying, 1)).tolist(), [2, 2]),
    ("subscript", lambda: torch.arange(3)[held(Emptying)].tolist(), TypeError),
    ("operands", lambda: twofold.concat(held(Emptying)).tolist(), [1, 1, 1]),
    ("wrong operands", lambda: twofold.concat(held(Wrong)), TypeError),
    ("inputs", lambda: torch.autograd.grad(held(Wrong), held(Wrong)), TypeError),
]


@pytest.mark.parametrize("name, call, result", LISTS_THAT_CHANGE, ids=[c[0] for c in LISTS_THAT_CHANGE])
def test_lists_that_change_while_they_are_read(name: str, call: Callable[[], Any], result: Any) -> None:
    if isinstance(result, type):
        with pytest.raises((result, ValueError)):
            call()
    else:
        assert call() == result


def nested(depth: int) -> Any:
    out: Any = 1.0
    for _ in range(depth):
        out = [out]
    return out


def itself() -> list:
    out: list = []
    out.append(out)
    return out


TAKERS: list[Callable[[Any], Any]] = [
    torch.tensor, twofold.tensor, tf.constant, torch.zeros, torch.cat, twofold.concat, torch.ones(2).__getitem__, torch.FloatTensor,
    lambda v: torch.ones(2).reshape(v), lambda v: tf.placeholder(tf.float32, v), lambda v: tf.Session().run(v), lambda v: tf.Variable(v),
    lambda v: torch.ones(2).__setitem__(0, v), lambda v: torch.ones(2) + v, lambda v: tf.add(v, 1.0), lambda v: torch.as_tensor(v),
]  # fmt: skip


@pytest.mark.parametrize("take", TAKERS)
@pytest.mark.parametrize("value", [nested(10_000), itself()], ids=["deep", "itself"])
def test_lists_without_end(take: Callable[[Any], Any], value: Any) -> None:
    with pytest.raises((ValueError, TypeError, RuntimeError)), warnings.catch_warnings():
        take(value)


def test_integers_beyond_64_bits_in_subscripts() -> None:
    """As PyTorch has it: an index is refused, a bound means as far as there is."""
    t = torch.arange(3)
    for i in (2**63, 2**70, -(2**70)):
        with pytest.raises(ValueError, match="Overflow when unpacking long long"):
            t[i]
        with pytest.raises(ValueError, match="Overflow when unpacking long long"):
            t[i] = 1
    assert t[: 2**70].tolist() == [0, 1, 2] == t[-(2**70) :].tolist() and t[2**62 :].tolist() == []
    assert t[:: 2**62].tolist() == [0] and t.view(3, 1)[:: 2**63, :].tolist() == [[0]]
    with pytest.raises(ValueError, match="step must be greater than zero"):
        t[::-1]
    assert t.tolist() == [0, 1, 2]


TOO_MANY = [(..., [0], [1], [2]), (..., 0, 0), ([0], ..., [1]), (..., None, 0, 0), (..., slice(None), slice(None)), (0, ..., 0), (..., True, 0, 0)]


@pytest.mark.parametrize("key", TOO_MANY, ids=str)
def test_more_indices_than_dimensions_around_an_ellipsis(key: tuple) -> None:
    t = torch.arange(3)
    for call in (lambda: t[key], lambda: t.__setitem__(key, 5)):
        with pytest.raises(IndexError, match="^too many indices for tensor of dimension 1$"):
            call()
    assert t.tolist() == [0, 1, 2] and t[..., 1].item() == 1


TOO_LARGE: list[Callable[[], Any]] = [
    lambda: torch.zeros(2**40), lambda: torch.zeros(2**59), lambda: torch.ones(2**31, 2**31), lambda: torch.empty(2**62),
    lambda: torch.empty(2**63), lambda: torch.rand(2**40), lambda: torch.randperm(2**50), lambda: torch.eye(2**25),
    lambda: torch.arange(2**50), lambda: torch.linspace(0, 1, 2**50), lambda: torch.ones(1).expand(2**40) + 1,
    lambda: torch.ones(1).expand(2**58).clone(), lambda: torch.ones(1).expand(2**50).contiguous(),
    lambda: torch.cat([torch.ones(1).expand(2**58)] * 3), lambda: torch.ones(3).repeat(2**40), lambda: torch.ones(1).expand(2**50).tolist(),
    lambda: torch.ones(2**20).expand(2**40, 2**20), lambda: torch.ones(2**20, 1) @ torch.ones(1, 2**20), lambda: torch.zeros(-1),
    lambda: torch.nn.Linear(2**30, 2**30), lambda: copy.deepcopy(torch.ones(1).expand(2**45)), lambda: bytes(torch.ones(1).expand(2**45)),
    lambda: twofold.full([2**40], 1.0), lambda: twofold.uniform([2**40]), lambda: tf.constant(1.0, shape=[2**40]),
    lambda: tf.placeholder(tf.float32, [2**63]), lambda: tf.Session().run(tf.zeros([2**40])), lambda: tf.Session().run(tf.fill([2**40], 1.0)),
    lambda: tf.Session().run(tf.random_normal([2**40])), lambda: tf.Session().run(tf.fill([2**31, 2**31], 1.0)),
    lambda: tf.Session().run(tf.range(2**50)), lambda: tf.Session().run(tf.tile([1.0], [2**40])),
]  # fmt: skip


@pytest.mark.parametrize("make", TOO_LARGE)
def test_sizes_beyond_any_machine(make: Callable[[], Any]) -> None:
    with pytest.raises((MemoryError, RuntimeError, ValueError, TypeError, OverflowError, tf.errors.OpError, AttributeError)):
        make()


UNINITIALISED = "ignore:nanobind. attempted to access an uninitialized instance"
ENGINE_CLASSES = sorted(name for name in vars(_core) if isinstance(getattr(_core, name), type))


@pytest.mark.filterwarnings(UNINITIALISED)
@pytest.mark.parametrize("name", [n for n in ENGINE_CLASSES if not n.endswith("Error")])
def test_classes_of_the_engine_made_without_arguments(name: str) -> None:
    """What __new__ alone has made is refused by every method, and a second __init__ is, too."""
    cls = getattr(_core, name)
    try:
        made = cls.__new__(cls)
    except TypeError:
        return
    for attribute in [a for a in dir(made) if not a.startswith("__")]:
        try:
            found = getattr(made, attribute)
        except (TypeError, RuntimeError):
            continue
        if isinstance(found, type):  # Generator.State
            continue
        with pytest.raises((TypeError, RuntimeError)):
            found()
    if name != "Graph":  # the one that needs no arguments
        with pytest.raises(TypeError):
            cls()


NOT_MADE: list[Callable[[], Any]] = [
    lambda: type(torch.exp)(), lambda: type(torch.exp).__new__(type(torch.exp)), lambda: object.__new__(type(torch.exp)),
    lambda: object.__new__(torch.Tensor), lambda: object.__new__(_core.Tensor), lambda: _core.Tensor.__new__(torch.Tensor),
    lambda: _core.Tensor(1), lambda: tf.Tensor(1), lambda: tf.Tensor(), lambda: torch.dtype(),
    lambda: type("Sub", (type(torch.exp),), {}), lambda: _core.as_class(torch.ones(1), int), lambda: _core.as_class(1, torch.Tensor),
    lambda: _core.Graph().__init__(1), lambda: _core.row_function("no such row", "", 0), lambda: _core.row_function("add", "", 7),
    lambda: setattr(torch.ones(1), "__class__", int), lambda: setattr(torch.ones(1), "shape", (2,)),
    lambda: setattr(torch.ones(1), "requires_grad", None) or delattr(torch.ones(1), "requires_grad"),
    lambda: type("Sub", (_core.Session,), {"__init__": lambda self: None})().stats(),
]  # fmt: skip


@pytest.mark.filterwarnings(UNINITIALISED)
@pytest.mark.parametrize("make", NOT_MADE)
def test_what_cannot_be_made(make: Callable[[], Any]) -> None:
    with pytest.raises((TypeError, ValueError, AttributeError)):
        make()
    gc.collect()


GRADIENTS: list[tuple[Callable[[Any], Any], type, str]] = [
    (lambda x: torch.ones(7), RuntimeError, "attempting to assign a gradient of size '[7]' to a tensor of size '[2]'"),
    (lambda x: torch.tensor(1.0), RuntimeError, "attempting to assign a gradient of size '[]' to a tensor of size '[2]'"),
    (lambda x: x, RuntimeError, "can't assign Variable as its own grad"),
    (lambda x: torch.ones(2).double(), RuntimeError, "got f64, expected the tensor's f32"),
    (lambda x: tf.constant([1.0, 2.0]), RuntimeError, "a tensor of a graph"),
    (lambda x: 5, TypeError, "assigned grad expected to be a Tensor or None but got grad of type int"),
]


@pytest.mark.parametrize("grad, error, words", GRADIENTS, ids=[g[2] for g in GRADIENTS])
def test_gradients_that_do_not_fit(grad: Callable[[Any], Any], error: type, words: str) -> None:
    x = torch.ones(2, requires_grad=True)
    with pytest.raises(error) as caught:
        x.grad = grad(x)
    assert words in str(caught.value) and x.grad is None


def test_data_is_a_tensor() -> None:
    x = torch.ones(2)
    for value in (5, None, [1.0], np.ones(2)):
        with pytest.raises(TypeError, match="Variable data has to be a tensor, but got"):
            x.data = value
    with pytest.raises(RuntimeError, match="Deleting tensor data is not allowed"):
        del x.data


# What backward() of a custom function gives for an input of shape [3]: the gradient, or the refusal.
CUSTOM: list[tuple[Callable[[Any], Any], Any]] = [
    (lambda g: torch.ones(2, 3), [2, 2, 2]),
    (lambda g: g.long(), [1, 1, 1]),
    (lambda g: (g, None), [1, 1, 1]),
    (lambda g: None, None),
    (lambda g: torch.ones(7), "invalid gradient at index 0 - got [7] but expected shape compatible with [3]"),
    (lambda g: torch.ones([]), "invalid gradient at index 0 - got [] but expected shape compatible with [3]"),
    (lambda g: (g, g), "returned an incorrect number of gradients (expected 1, got 2)"),
    (lambda g: 5, "expected Variable or None (got int)"),
    (lambda g: tf.constant(1.0), "expected Variable or None (got Tensor)"),
]


@pytest.mark.parametrize("backward, result", CUSTOM)
def test_gradients_of_custom_functions(backward: Callable[[Any], Any], result: Any) -> None:
    class Double(torch.autograd.Function):
        @staticmethod
        def forward(ctx: Any, a: Any) -> Any:
            return a * 2

    Double.backward = staticmethod(lambda ctx, g: backward(g))
    x = torch.ones(3, requires_grad=True)
    if not isinstance(result, str):
        Double.apply(x).sum().backward()
        assert x.grad is None if result is None else (x.grad.tolist() == result and x.grad.dtype is torch.float32)
        return
    with pytest.raises((RuntimeError, TypeError)) as caught:
        Double.apply(x).sum().backward()
    assert result in str(caught.value)


@pytest.mark.parametrize("result", [5, (), None, ("a",)])
def test_custom_functions_without_a_tensor(result: Any) -> None:
    class Odd(torch.autograd.Function):
        @staticmethod
        def forward(ctx: Any, a: Any) -> Any:
            return result

    assert Odd.apply(torch.ones(1, requires_grad=True)) == result


@pytest.mark.parametrize("n", [0, 2, 3])
def test_a_condition_of_several_elements(n: int) -> None:
    """That only a run knows."""
    p = tf.placeholder(tf.float32)
    loop = tf.while_loop(lambda x: x < 3.0, lambda x: x + 1.0, [p])
    branch = tf.cond(p < 3.0, lambda: p + 1.0, lambda: p)
    with tf.Session() as sess:
        for fetch in (loop, branch):
            with pytest.raises((ValueError, tf.errors.OpError), match="one element"):
                sess.run(fetch, {p: np.ones(n, np.float32)})
        assert sess.run([loop, branch], {p: np.float32(1)}) == [3, 2]


def test_edits_of_outer_tensors_in_bodies() -> None:
    x = tf.constant([1.0, 2.0])
    for outer in (x, x[:1], tf.Variable([1.0])._snapshot):
        with pytest.raises(ValueError, match="from outside a control-flow body"):
            tf.cond(tf.constant(True), lambda o=outer: _core.Tensor.add_(o, 1), lambda o=outer: o)
    with tf.Graph().as_default():
        other = tf.constant(1.0)
    with pytest.raises(ValueError, match="another graph"):
        _core.in_graph_of(other, "", lambda: _core.Tensor.add_(x, 1))


HOOKS = [lambda g: tf.constant([1.0, 1.0]), lambda g: torch.ones(7), lambda g: g.long(), lambda g: 5]


@pytest.mark.parametrize("hook", HOOKS)
def test_gradients_that_hooks_may_not_give(hook: Callable[[Any], Any]) -> None:
    for make in (lambda x: x, lambda x: x * 1):
        x = torch.ones(2, requires_grad=True)
        y = make(x)
        y.register_hook(hook)
        with pytest.raises((RuntimeError, TypeError)):
            (y * 2).sum().backward()


def test_computed_tensors_keep_the_shape_that_gradients_have() -> None:
    x = torch.ones(3, requires_grad=True)
    y = torch.cat([x * 2, x])
    for data in (torch.ones(7), torch.ones(6).double()):
        with pytest.raises(RuntimeError, match="a computed tensor's own"):
            y.data = data
    y.data = torch.zeros(6)
    y.sum().backward()
    assert x.grad.tolist() == [3, 3, 3]


RECORDS: list[tuple[str, list, dict]] = [
    ("concat", [], {}), ("add", [1.0], {}), ("add", [1.0] * 3, {}), ("take", [[1.0]], {}), ("select", [torch.ones(2)], {"axis": 0}),
    ("concat_part", [torch.ones(2)] * 2, {"axis": 0, "part": 7}), ("concat_part", [torch.ones(9), torch.ones(2)], {"axis": 0, "part": 0}),
    ("sum_to", [torch.ones(3), torch.ones(4)], {}), ("call", [1.0], {}), ("overwrite", [1.0, 1.0], {}), ("no such row", [], {}),
    ("while_loop", [1.0], {"variables": 1, "condition_captures": 0, "maximum_iterations": 1}), ("spread", [torch.ones(3), torch.ones(4)], {"axes": [0]}),
]  # fmt: skip


@pytest.mark.parametrize("row, inputs, attributes", RECORDS)
def test_nodes_that_no_row_makes(row: str, inputs: list, attributes: dict) -> None:
    graph = _core.Graph()
    with pytest.raises((TypeError, ValueError, IndexError, RuntimeError, tf.errors.OpError)):
        graph.record(row, inputs, attributes, "n")


def other_operation() -> Any:
    graph = _core.Graph()
    return graph.maker([graph.constant(torch.ones(1), f"c{k}") for k in range(500)][450])


ENGINE_REFUSES: list[tuple[str, Callable[[Any, Any], Any]]] = [
    ("controls", lambda g, x: g.with_controls([other_operation()], lambda: g.constant(torch.ones(1), "y"))),
    ("group", lambda g, x: g.group([other_operation()], "g")),
    ("fetches", lambda g, x: _core.Session(g).run([other_operation()], [], [])),
    ("fewer values", lambda g, x: _core.Session(g).run([x], [x, x], [torch.ones(3)])),
    ("no values", lambda g, x: _core.Session(g).run([x], [x], [])),
    ("nodes", lambda g, x: g.node(7)), ("node -1", lambda g, x: g.tensor(-1, 0)), ("outputs", lambda g, x: g.tensor(0, 1)),
    ("unset", lambda g, x: _core.Session(g).unset_cells(g, [9])), ("another graph", lambda g, x: _core.Graph().record("neg", [x], {}, "n")),
]  # fmt: skip


@pytest.mark.parametrize("name, call", ENGINE_REFUSES, ids=[c[0] for c in ENGINE_REFUSES])
def test_what_graphs_of_the_engine_refuse(name: str, call: Callable[[Any, Any], Any]) -> None:
    graph = _core.Graph()
    x = graph.constant(torch.ones(3), "x")
    with pytest.raises((ValueError, IndexError)):
        call(graph, x)
    assert _core.Session(graph).run([x], [], [])[0].tolist() == [1, 1, 1]


def test_assignments_to_read_only_memory() -> None:
    """Whether the variable looked at it when the graph was built, or since."""
    memory = bytes(12)
    shared = twofold.from_numpy(np.frombuffer(memory, np.float32))
    for later in (False, True):
        graph, cell = _core.Graph(), torch.nn.Parameter(torch.zeros(3))
        cell.data = shared if not later else cell.data
        operation = graph.assign(cell, graph.constant(torch.ones(3), "x"), "a")
        cell.data = shared
        with pytest.raises(ValueError, match="read-only"):
            _core.Session(graph).run([operation], [], [])
    assert memory == bytes(12)


def test_a_constant_keeps_the_memory_it_was_made_of() -> None:
    graph, value = _core.Graph(), torch.ones(1000)
    run = _core.Session(graph).callable([graph.constant(value, "c")], [])
    assert run([])[0].sum() == 1000
    value.data = torch.zeros(5)
    gc.collect()
    assert run([])[0].sum() == 1000


def test_a_list_of_dtypes_that_changes() -> None:
    class Emptying:
        @property
        def _dtype(self) -> int:
            kinds.clear()
            return 8

    kinds: list = [Emptying(), "float32"]
    graph = _core.Graph()
    assert len(graph.host(lambda: (1.0, 2.0), [], kinds, "h")) == 2


LARGE_INTEGERS = [
    (lambda: twofold.arange(-(2**63), 2**63 - 1, 2**62)._shape, (4,)), (lambda: twofold.arange(0, 5, 2**63 - 1)._shape, (1,)),
    (lambda: twofold.arange(2**63 - 1, -(2**63), -(2**63))._shape, (2,)), (lambda: twofold.arange(-(2**63), 2**63 - 1), ValueError),
    (lambda: twofold.random_integers([2], -5, -(2**63), "i32"), ValueError), (lambda: torch.zeros(0, 2**62, 63), RuntimeError),
    (lambda: twofold.uniform([0, 2**62, 63]), ValueError), (lambda: torch.arange(3)[:: 2**62].sum().item(), 0),
    (lambda: torch.from_numpy(np.lib.stride_tricks.as_strided(np.ones(1), (1,), (2**62,))).sum().item(), 1),
]  # fmt: skip


@pytest.mark.parametrize("call, result", LARGE_INTEGERS)
def test_arithmetic_of_large_sizes_and_steps(call: Callable[[], Any], result: Any) -> None:
    if isinstance(result, type):
        with pytest.raises((result, MemoryError)):
            call()
    else:
        assert call() == result


@pytest.mark.parametrize("n", [16, 17, 32, 33, 64, 100])
def test_loops_of_many_variables(n: int) -> None:
    """Three iterations that double each variable: its gradient is 8."""
    start = [tf.constant(float(k)) for k in range(n)]
    out = tf.while_loop(lambda i, *v: i < 3, lambda i, *v: [i + 1, *(x * 2.0 for x in v)], [tf.constant(0), *start])
    with tf.Session() as sess:
        values, gradients = sess.run([out[1:], tf.gradients(out[1:], start)])
    assert values == [8.0 * k for k in range(n)] and gradients == [8.0] * n


def test_a_refusal_of_operands_whose_sizes_only_a_run_knows() -> None:
    labels = tf.one_hot(tf.placeholder(tf.int32, [None]), 3)
    with pytest.raises(ValueError, match="with input shapes: .*<unknown>"):
        tf.nn.softmax_cross_entropy_with_logits(labels=labels, logits=tf.placeholder(tf.float32, [None, 2]))


def test_fewer_labels_than_examples() -> None:
    labels, logits = tf.placeholder(tf.int32, [None]), tf.placeholder(tf.float32, [None, 3])
    loss = tf.nn.sparse_softmax_cross_entropy_with_logits(labels=labels, logits=logits)
    with tf.Session() as sess:
        words = r"logits and labels must have the same first dimension, got logits shape \[4,3\] and labels shape \[2\]"
        with pytest.raises(tf.errors.InvalidArgumentError, match=words):
            sess.run(loss, {labels: [0, 1], logits: np.zeros((4, 3))})
        assert sess.run(loss, {labels: [0, 1], logits: np.zeros((2, 3))}).shape == (2,)
