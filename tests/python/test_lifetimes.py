"""Who owns memory: arrays, buffers, capsules, copies and pickles of tensors, and what a session hands out."""

from __future__ import annotations

import copy
import gc
import io
import multiprocessing
import pickle
import subprocess
import sys
import weakref
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

import twofold
import twofold.tensorflow as tf
import twofold.torch as torch

BUFFERS: list[tuple[str, Callable[[Any], Any]]] = [
    ("numpy", lambda t: t.numpy()),
    ("memoryview", memoryview),
    ("frombuffer", lambda t: np.frombuffer(t, np.float32)),
    ("dlpack", np.from_dlpack),
    ("asarray", np.asarray),
]


@pytest.mark.parametrize("name, shared", BUFFERS, ids=[b[0] for b in BUFFERS])
def test_what_looks_at_memory_keeps_it(name: str, shared: Callable[[Any], Any]) -> None:
    """Also when the tensor goes, or is given other data; what it was given is then its own."""
    tensor = torch.full([1000], 3.0)
    view = shared(tensor)
    tensor[0] = 5.0
    assert view[0] == 5
    tensor.data = torch.zeros(2)
    gc.collect()
    assert np.asarray(view).sum() == 3002 and tensor.tolist() == [0, 0]
    lasting = shared(torch.full([1000], 2.0))
    gc.collect()
    assert np.asarray(lasting).sum() == 2000


def test_a_tensor_keeps_the_array() -> None:
    array = np.arange(5.0)
    before = sys.getrefcount(array)
    tensor = torch.from_numpy(array)
    part = tensor[1:]
    del tensor
    assert sys.getrefcount(array) == before + 1
    del part
    gc.collect()
    assert sys.getrefcount(array) == before


def frozen(n: int = 3) -> np.ndarray:
    array = np.ones(n, np.float32)
    array.flags.writeable = False
    return array


def init_uniform(t: Any) -> Any:
    return torch.nn.init.uniform_(t)


def step(t: Any) -> None:
    leaf = torch.zeros(3)
    leaf.data = t
    leaf.requires_grad = True
    leaf.grad = torch.ones(3)
    torch.optim.SGD([leaf], lr=1.0).step()


READ_ONLY_WRITES = [
    lambda t: t.add_(1), lambda t: t.zero_(), lambda t: t.fill_(2), lambda t: t.__setitem__(0, 1), lambda t: t.__iadd__(1),
    lambda t: t.view(3, 1).mul_(2), lambda t: t[1:].copy_(torch.ones(2)), lambda t: t.detach().sub_(1), step, init_uniform,
    lambda t: t.__setitem__(torch.tensor([True, False, True]), 5), lambda t: t.copy_(torch.zeros(3)), lambda t: t.exp_(),
]  # fmt: skip


@pytest.mark.filterwarnings("ignore:The given NumPy array is not writable")
@pytest.mark.parametrize("write", READ_ONLY_WRITES)
def test_read_only_memory_is_not_written_to(write: Callable[[Any], Any]) -> None:
    array = frozen()
    with pytest.raises(RuntimeError, match="read-only"):
        write(torch.from_numpy(array))
    assert array.tolist() == [1, 1, 1]


@pytest.mark.filterwarnings("ignore:The given NumPy array is not writable")
def test_read_only_memory_looks_so() -> None:
    tensor = torch.from_numpy(frozen())
    assert not tensor.numpy().flags.writeable and memoryview(tensor).readonly
    with pytest.raises((BufferError, TypeError)):
        io.BytesIO(bytes(12)).readinto(tensor)
    assert (tensor + 1).tolist() == [2, 2, 2] and (tensor + 1).numpy().flags.writeable


def test_buffers() -> None:
    tensor = torch.arange(12.0).view(3, 4)
    view = memoryview(tensor)
    assert (view.format, view.shape, view.strides, view.nbytes, view.readonly) == ("f", (3, 4), (16, 4), 48, False)
    for t in (tensor, tensor.t(), tensor[:, ::2], torch.ones(1).expand(3), torch.zeros(0, 3), torch.tensor(2.5)):
        array = t.numpy()
        assert bytes(t) == array.tobytes() and memoryview(t).tolist() == array.tolist()
        assert np.asarray(memoryview(t)).strides == array.strides
    with pytest.raises(BufferError):
        np.frombuffer(tensor.t(), np.float32)
    assert io.BytesIO(tensor).getvalue() == tensor.numpy().tobytes()
    assert io.BytesIO(bytes(48)).readinto(tensor) == 48 and not tensor.any()
    with pytest.raises(BufferError, match="symbolic"):
        memoryview(tf.constant(1.0))


def test_irregular_arrays_are_copied_as_operands_and_not_shared() -> None:
    unaligned = np.zeros(4 * 5 + 1, np.uint8)[1:].view(np.float32)
    unaligned[:] = range(5)
    fields = np.zeros(5, [("a", "i1"), ("b", "f4")])
    fields["b"] = range(5)
    p = tf.placeholder(tf.float32, [5])
    for array in (unaligned, fields["b"]):
        with pytest.raises(ValueError, match="not aligned"):
            torch.from_numpy(array)
        assert torch.tensor(array).tolist() == [0, 1, 2, 3, 4] == (torch.zeros(5) + array).tolist()
        with tf.Session() as sess:
            assert sess.run(p + array, {p: array}).tolist() == [0, 2, 4, 6, 8]


# --- what a session hands out ---------------------------------------------------------------------------------------
def test_results_of_a_run_are_the_callers() -> None:
    p, v = tf.placeholder(tf.float32, [3]), tf.Variable(np.zeros(3, np.float32))
    c, y = tf.constant(np.ones(3, np.float32)), tf.placeholder(tf.float32, [3]) * 1.0
    doubled, fed = p * 2.0, np.ones(3, np.float32)
    fetches = [p, tf.identity(p), doubled, doubled, c, v, tf.reshape(doubled, [3, 1]), v.assign_add(p)]
    with tf.Session() as sess:
        sess.run(v.initializer)
        results = sess.run(fetches, {p: fed})
        for k, result in enumerate(results):
            assert result.flags.writeable and not np.shares_memory(result, fed)
            assert not any(np.shares_memory(result, other) for other in results[:k])
            result[:] = 50
        again = sess.run([c, v, doubled], {p: fed})
    assert [r.tolist() for r in again] == [[1, 1, 1], [1, 1, 1], [2, 2, 2]]
    del y


def test_arguments_of_py_func_outlive_the_call() -> None:
    p, kept = tf.placeholder(tf.float32, [3]), []
    y = tf.py_func(lambda a: (kept.append(a), a * 2)[1], [p * 1.0], tf.float32)
    with tf.Session() as sess:
        out = [sess.run(y, {p: np.full(3, i, np.float32)}) for i in range(3)]
        kept[0][:] = 9
    assert [a.tolist() for a in kept] == [[9] * 3, [1] * 3, [2] * 3]
    assert [a.tolist() for a in out] == [[0] * 3, [2] * 3, [4] * 3]


def test_a_result_of_py_func_may_change_later() -> None:
    array = np.ones(3, np.float32)
    y = tf.py_func(lambda: array, [], tf.float32) * 1.0
    with tf.Session() as sess:
        first = sess.run(y)
        array[:] = 2
        assert (first.tolist(), sess.run(y).tolist()) == ([1, 1, 1], [2, 2, 2])


def test_constants_copy_at_once() -> None:
    array = np.ones(3, np.float32)
    c, v = tf.constant(array), tf.Variable(array)
    array[:] = 5
    with tf.Session() as sess:
        sess.run(v.initializer)
        assert sess.run([c, v])[0].tolist() == [1, 1, 1] == sess.run(v).tolist()


def test_a_host_function_may_give_what_is_fed_other_data() -> None:
    """The run goes on with the memory that it was given."""
    p, tensor = tf.placeholder(tf.float32, [1000]), torch.ones(1000)

    def swap() -> np.float32:
        tensor.data = torch.zeros(5)
        gc.collect()
        return np.float32(1)

    with tf.control_dependencies([tf.py_func(swap, [], tf.float32).op]):
        y = tf.reduce_sum(p * 2.0)
    with tf.Session() as sess:
        assert sess.run(y, {p: tensor}) == 2000


def test_a_host_function_may_not_resize_what_is_read_later() -> None:
    linear = torch.nn.Linear(1000, 2)
    x = tf.placeholder(tf.float32, [1, 1000])

    def shrink() -> np.float32:
        linear.weight.data = torch.zeros(2, 3)
        return np.float32(1)

    y = linear(x * tf.reshape(tf.py_func(shrink, [], tf.float32), [1, 1]))
    with tf.Session() as sess, pytest.raises(tf.errors.OpError, match="in mid-run"):
        sess.run(y, {x: np.ones((1, 1000), np.float32)})


# --- copies and pickles ---------------------------------------------------------------------------------------------
class Named(torch.Tensor):
    pass


COPIED: list[tuple[str, Callable[[], Any]]] = [
    ("tensor", lambda: torch.ones(2)),
    ("leaf", lambda: torch.ones(2, requires_grad=True)),
    ("parameter", lambda: torch.nn.Parameter(torch.ones(2))),
    ("bfloat16", lambda: torch.ones(2, dtype=torch.bfloat16)),
    ("transposed", lambda: torch.arange(6).view(2, 3).t()),
    ("empty", lambda: torch.zeros(0, 3)),
    ("scalar", lambda: torch.tensor(3)),
    ("plain", lambda: twofold.tensor([1, 2.0])),
    ("size", lambda: torch.Size([1, 2])),
    ("dtype", lambda: torch.float32),
    ("device", lambda: torch.device("cpu")),
    ("pair", lambda: torch.max(torch.ones(2, 2), 0)),
    ("row", lambda: torch.exp),
    ("method", lambda: torch.Tensor.exp),
    ("function", lambda: torch.nn.functional.relu),
    ("module", lambda: torch.nn.Sequential(torch.nn.Linear(2, 2), torch.nn.ReLU())),
    ("tf dtype", lambda: tf.float32),
]


def facts(o: Any) -> Any:
    """What must survive a copy."""
    if isinstance(o, torch.nn.Module):
        return [facts(p) for p in o.parameters()]
    if isinstance(o, twofold.Tensor):
        return (o.tolist(), o._dtype, o.requires_grad)
    return tuple(map(facts, o)) if isinstance(o, tuple) else repr(o)


@pytest.mark.parametrize("protocol", [2, 4, 5])
@pytest.mark.parametrize("name, make", COPIED, ids=[c[0] for c in COPIED])
def test_copies(name: str, make: Callable[[], Any], protocol: int) -> None:
    made = make()
    for other in (pickle.loads(pickle.dumps(made, protocol)), copy.deepcopy(made), copy.copy(made)):
        assert type(other) is type(made) and facts(other) == facts(made)


def test_a_pickle_names_no_module_of_the_originals() -> None:
    """So that a process without them can read it."""
    for _, make in COPIED:
        code = f"import pickle, sys; pickle.loads({pickle.dumps(make())!r}); print('torch' in sys.modules)"
        done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
        assert done.stdout == "False\n"


def test_copies_share_what_the_original_shared() -> None:
    t = torch.ones(3)
    together = {"a": t, "b": t, "c": [t]}
    for other in (pickle.loads(pickle.dumps(together)), copy.deepcopy(together)):
        assert other["a"] is other["b"] is other["c"][0] and other["a"] is not t
    shallow = copy.copy(t)
    shallow[0] = 5
    assert t.tolist() == [5, 1, 1]


def test_a_copied_leaf_keeps_its_gradient_and_a_pickled_one_does_not() -> None:
    leaf = torch.ones(2, requires_grad=True)
    (leaf * 3).sum().backward()
    assert copy.deepcopy(leaf).grad.tolist() == [3, 3] and pickle.loads(pickle.dumps(leaf)).grad is None
    with pytest.raises(RuntimeError, match="created explicitly"):
        copy.deepcopy(leaf * 2)


def test_a_subclass_keeps_its_class_and_attributes() -> None:
    made = twofold._core.as_class(torch.ones(2), Named)
    made.note = ["a"]
    for other in (pickle.loads(pickle.dumps(made)), copy.deepcopy(made)):
        assert type(other) is Named and other.note == ["a"] and other.note is not made.note


NOT_PICKLED = [lambda: tf.constant(1.0), lambda: tf.Graph(), lambda: tf.Session(), lambda: torch.ones(1, requires_grad=True).register_hook(print)]


@pytest.mark.parametrize("make", NOT_PICKLED)
def test_what_belongs_to_this_process_is_not_pickled(make: Callable[[], Any]) -> None:
    with pytest.raises((TypeError, pickle.PicklingError)):
        pickle.dumps(make())


def doubled(t: Any) -> Any:
    return t * 2, torch.Size(t.shape), torch.nn.Parameter(t)


@pytest.mark.parametrize("method", ["fork", "spawn"])
def test_tensors_travel_between_processes(method: str) -> None:
    with multiprocessing.get_context(method).Pool(2) as pool:
        results = pool.map(doubled, [torch.full([2], float(k)) for k in range(3)])
    assert [r[0].tolist() for r in results] == [[0, 0], [2, 2], [4, 4]]
    assert all(type(r[1]) is torch.Size and r[2].requires_grad for r in results)


def test_weak_references_and_identity() -> None:
    t = torch.ones(2)
    reference, named = weakref.ref(t), {t: 1}
    assert reference() is t and named[t] == 1 and hash(t) == hash(t) and t in [t]
    del t, named
    gc.collect()
    assert reference() is None
