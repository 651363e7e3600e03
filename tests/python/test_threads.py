"""Threads, forks, signals, calls out of the engine that come back into it, and chains without end."""

from __future__ import annotations

import gc
import os
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import numpy as np
import pytest

import twofold.tensorflow as tf
import twofold.torch as torch


# --- calls out that come back in ------------------------------------------------------------------------------------
def test_a_host_function_runs_the_graph_that_called_it() -> None:
    sess, depth = tf.Session(), [0]

    def again(v: Any) -> Any:
        depth[0] += 1
        return sess.run(y) + v if depth[0] < 4 else v

    y = tf.py_func(again, [tf.constant(1.0)], tf.float32)
    assert sess.run(y) == 4 and depth[0] == 4


def test_a_host_function_in_a_loop_runs_the_loop() -> None:
    sess, depth = tf.Session(), [0]

    def again(v: Any) -> Any:
        depth[0] += 1
        return np.float32(sess.run(y)) if depth[0] == 2 else v + np.float32(1)

    def body(i: Any, v: Any) -> list:
        made = tf.py_func(again, [v], tf.float32)
        made.set_shape([])
        return [i + 1, tf.reshape(made, [])]

    _, y = tf.while_loop(lambda i, v: i < 3, body, [tf.constant(0), tf.constant(0.0)])
    assert sess.run(y) == 4  # 1, then the inner loop's 3, then 4


def test_a_hook_walks_the_tape() -> None:
    x = torch.ones(2, requires_grad=True)
    y, seen = (x * x).sum(), []

    def walk(g: Any) -> None:
        with torch.enable_grad():
            z = torch.ones(2, requires_grad=True)
            (z * 3).sum().backward()
            seen.append(z.grad.tolist())
        y.backward(retain_graph=True)

    inner = x * 5
    inner.register_hook(walk)
    inner.sum().backward()
    assert seen == [[3, 3]] and x.grad.tolist() == [7, 7] and torch.is_grad_enabled()


def test_grad_modes_inside_a_derivative() -> None:
    """Without create_graph nothing is recorded there, unless the user asks for it; and it stays inside."""
    x, seen = torch.ones(1, requires_grad=True), []

    def look(g: Any) -> None:
        seen.append(torch.is_grad_enabled())
        with torch.enable_grad():
            seen.append((x * 2).requires_grad)
        seen.append((x * 2).requires_grad)

    x.register_hook(look)
    (x * 2).backward()
    assert seen == [False, True, False] and torch.is_grad_enabled()
    with torch.no_grad(), torch.enable_grad(), torch.no_grad():
        assert not torch.is_grad_enabled()


class Own(BaseException):
    pass


def raiser(*_: Any) -> Any:
    raise Own("mine")


def through_custom() -> Any:
    class F(torch.autograd.Function):
        forward = staticmethod(lambda ctx, a: a * 2)
        backward = staticmethod(raiser)

    return F.apply(torch.ones(1, requires_grad=True)).backward()


def through_hook() -> Any:
    x = torch.ones(1, requires_grad=True)
    x.register_hook(raiser)
    return (x * 2).backward()


def in_a_session(fetch: Callable[[], Any]) -> Any:
    with tf.Session() as sess:
        return sess.run(fetch())


OUTWARD: list[tuple[str, Callable[[], Any]]] = [
    ("hook", through_hook),
    ("custom function", through_custom),
    ("branch", lambda: tf.cond(tf.constant(True), raiser, raiser)),
    ("loop", lambda: tf.while_loop(lambda i: i < 3, raiser, [tf.constant(0)])),
    ("condition", lambda: tf.while_loop(raiser, lambda i: i, [tf.constant(0)])),
    ("operand", lambda: torch.ones(1) + type("X", (), {"__twofold_tensor__": raiser})()),
    ("sizes", lambda: torch.ones(1).reshape(type("X", (), {"__index__": raiser})())),
    ("array", lambda: torch.tensor(type("X", (), {"__array__": raiser})())),
    ("items", lambda: torch.cat(type("X", (), {"__iter__": raiser, "__len__": lambda s: 1})())),
]


@pytest.mark.parametrize("name, call", OUTWARD, ids=[c[0] for c in OUTWARD])
def test_what_the_users_code_raises_comes_out_as_it_is(name: str, call: Callable[[], Any]) -> None:
    with pytest.raises(Own, match="mine"):
        call()
    assert torch.is_grad_enabled() and tf.get_default_session() is None
    assert in_a_session(lambda: tf.constant(1.0) + 1.0) == 2  # and leaves nothing open


def test_what_a_host_function_raises_ends_the_run_and_not_the_session() -> None:
    fail = [True]

    def maybe(v: Any) -> Any:
        if fail[0]:
            raise KeyboardInterrupt
        return v

    y = tf.py_func(maybe, [tf.constant(1.0)], tf.float32) * 2.0
    with tf.Session() as sess:
        with pytest.raises(KeyboardInterrupt):
            sess.run(y)
        fail[0] = False
        assert sess.run(y) == 2


def test_a_graph_dropped_while_it_runs() -> None:
    def drop(v: Any) -> Any:
        held.clear()
        gc.collect()
        return v

    held: dict[str, Any] = {}
    with tf.Graph().as_default():
        held["y"] = tf.py_func(drop, [tf.constant(np.ones(1000, np.float32))], tf.float32) * 2.0
        held["s"] = tf.Session()
    assert held["s"].run(held["y"]).sum() == 2000


# --- threads --------------------------------------------------------------------------------------------------------
def train(k: int) -> bool:
    w = torch.full([20, 20], float(k), requires_grad=True)
    for _ in range(30):
        w.grad = None
        (w @ w).sum().backward()
    return w.grad.tolist() == [[40.0 * k] * 20] * 20


def own_graph(k: int) -> bool:
    with tf.Graph().as_default(), tf.Session() as sess:
        p, v = tf.placeholder(tf.float32, [None]), tf.Variable(float(k))
        y = tf.py_func(lambda a: a + 1, [p * v], tf.float32)
        sess.run(v.initializer)
        return all((sess.run(y, {p: np.full(n, n, np.float32)}) == n * k + 1).all() for n in range(1, 40))


def test_ten_threads_at_the_same_time() -> None:
    """Eager steps, sessions of their own, and one session that all share, through a host function that lets the others
    in while it runs."""
    with tf.Graph().as_default():
        p = tf.placeholder(tf.float32, [3])
        y = tf.py_func(lambda a: (time.sleep(0.001), a * 2)[1], [p * 3.0], tf.float32) + 1.0
        shared = tf.Session()

    def one_session(k: int) -> bool:
        return all((shared.run(y, {p: np.full(3, k + n, np.float32)}) == 6 * (k + n) + 1).all() for n in range(20))

    with ThreadPoolExecutor(10) as pool:
        done = [pool.submit(f, k) for k in range(1, 11) for f in (train, own_graph, one_session)]
        assert all(d.result(timeout=120) for d in done)


def test_threads_see_grad_modes_of_their_own() -> None:
    with torch.no_grad(), ThreadPoolExecutor(1) as pool:
        assert pool.submit(torch.is_grad_enabled).result() and not torch.is_grad_enabled()


def test_other_threads_run_beside_a_long_loop() -> None:
    ticks: list[float] = []

    def tick() -> None:
        while not done.wait(0.001):
            ticks.append(time.monotonic())

    done, i = threading.Event(), tf.constant(0)
    y = tf.while_loop(lambda i: i < 300_000, lambda i: i + 1, [i])
    thread = threading.Thread(target=tick)
    thread.start()
    with tf.Session() as sess:
        begin = time.monotonic()
        assert sess.run(y) == 300_000
        end = time.monotonic()
    done.set()
    thread.join()
    assert any(begin < t < end for t in ticks)


# --- processes and signals ------------------------------------------------------------------------------------------
CODE = """
import os, signal, sys, threading, time
import numpy as np
import twofold.tensorflow as tf
import twofold.torch as torch
"""


def run(code: str, **environment: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run([sys.executable, "-c", CODE + code], capture_output=True, text=True, timeout=120,
                          env={**os.environ, **environment})  # fmt: skip


def test_a_forked_process_works() -> None:
    """The pool's threads are not in the child: it starts its own; what the parent had is there."""
    done = run(
        "x = torch.ones(400, 400); y = tf.ones([400, 400]); z = tf.matmul(y, y); s = tf.Session()\n"
        "def right(): return (x @ x).sum().item() == s.run(z).sum() == 64e6\n"
        "assert right()\n"
        "pids = [os.fork() for _ in range(2)]\n"
        "assert right()\n"
        "if 0 in pids: os._exit(0 if right() else 1)\n"
        "print([os.waitpid(p, 0)[1] for p in pids])",
        TWOFOLD_THREADS="4",
    )
    assert (done.stdout, done.stderr) == ("[0, 0]\n", "")


def test_a_fork_while_another_thread_is_inside_a_run() -> None:
    done = run(
        "inside, go = threading.Event(), threading.Event()\n"
        "def wait(v):\n    inside.set(); go.wait(); return v\n"
        "y = tf.py_func(wait, [tf.constant(1.)], tf.float32) + 1.; s = tf.Session()\n"
        "t = threading.Thread(target=s.run, args=[y]); t.start(); inside.wait()\n"
        "pid = os.fork(); go.set()\n"
        "if pid == 0: os._exit(0 if s.run(y) == 2 else 1)\n"
        "t.join(); print(os.waitpid(pid, 0)[1])"
    )
    assert (done.stdout, done.stderr) == ("0\n", "")


INTERRUPTED = {
    "eager steps": "x = torch.ones(9, requires_grad=True)\nwhile True: (x * 2).sum().backward()",
    "runs": "p = tf.placeholder(tf.float32, [3]); y = p + 1.; s = tf.Session()\nwhile True: s.run(y, {p: [1., 2., 3.]})",
    "a loop in a graph": "s = tf.Session(); s.run(tf.while_loop(lambda i: i >= 0, lambda i: i * 1, [tf.constant(0)]))",
}


@pytest.mark.parametrize("name", INTERRUPTED)
def test_a_key_ends_a_long_run(name: str) -> None:
    code = (
        "signal.setitimer(signal.ITIMER_REAL, 0.3)\nsignal.signal(signal.SIGALRM, signal.default_int_handler)\ntry:\n    "
        + INTERRUPTED[name].replace("\n", "\n    ")
        + "\nexcept KeyboardInterrupt: print(torch.ones(2).sum().item(), tf.Session().run(tf.constant(1.)))"
    )
    done = run(code)
    assert (done.stdout, done.stderr) == ("2.0 1.0\n", "")


ENDS = {
    "hook": "x = torch.ones(2, requires_grad=True)\ndef h(g): return g\nk = x.register_hook(h); y = x * 2; y.register_hook(h)",
    "custom function": "class F(torch.autograd.Function):\n    @staticmethod\n    def forward(ctx, a): return a * 2\n"
    "    @staticmethod\n    def backward(ctx, g): return g * y\n"
    "y = F.apply(torch.ones(2, requires_grad=True)); s = tf.Session(graph=tf.Graph())",
    "session": "s = tf.InteractiveSession()\ndef f(a): return s, y, a\ny = tf.py_func(f, [tf.constant(1.)], tf.float32)",
    "generator": "g = torch.ones(1).numpy()\nclass A: pass\na = A(); a.me = a; a.s = tf.Session(); a.c = a.s.make_callable(tf.constant(1.))",
    "daemon": "def w():\n    while True: tf.Session(graph=tf.Graph())\nthreading.Thread(target=w, daemon=True).start(); time.sleep(0.1)",
    "exit in a hook": "x = torch.ones(1, requires_grad=True)\nx.register_hook(lambda g: sys.exit(0)); (x * 2).backward()",
}


@pytest.mark.parametrize("name", ENDS)
def test_the_end_of_a_program_is_silent(name: str) -> None:
    """Nothing is reported as leaked, whatever still hangs together."""
    done = run(ENDS[name])
    assert (done.stderr, done.returncode) == ("", 0)


# --- chains ---------------------------------------------------------------------------------------------------------
def views(x: Any, n: int) -> Any:
    for _ in range(n):
        x = x.view(-1)
    return x


def test_chains_of_a_million_steps() -> None:
    x = torch.ones(1, requires_grad=True)
    y = x
    for _ in range(1_000_000):
        y = y + 1.0
    y.backward()
    assert x.grad.tolist() == [1]
    y = views(x * 2, 100_000)  # dropped without a walk
    del y


def test_a_long_chain_of_views_follows_an_edit() -> None:
    leaf = torch.ones(4, requires_grad=True)
    x = leaf * 1
    y = views(x, 100_000)
    x.mul_(3)
    y.mul_(2)
    assert (y + 1).tolist() == [7] * 4 == (x + 1).tolist()
    y.sum().backward()
    assert leaf.grad.tolist() == [6] * 4


def test_a_long_chain_of_custom_functions() -> None:
    class Same(torch.autograd.Function):
        @staticmethod
        def forward(ctx: Any, a: Any) -> Any:
            ctx.save_for_backward(a)
            return a * 1

        @staticmethod
        def backward(ctx: Any, g: Any) -> Any:
            return g

    x = torch.ones(1, requires_grad=True)
    y = x
    for _ in range(500_000):
        y = Same.apply(y)
    y.backward()
    assert x.grad.tolist() == [1]
    y = x
    for _ in range(500_000):
        y = Same.apply(y)
    del y


def test_a_view_whose_middle_was_given_other_data() -> None:
    """The rest keeps looking at what it looked at; history cannot lead through the middle."""
    base = torch.arange(6.0).view(2, 3)
    middle = base[0]
    last = middle[1:]
    middle.data = torch.zeros(7)
    base.add_(1)
    last.add_(1)
    assert base.tolist() == [[1, 3, 4], [4, 5, 6]] and last.tolist() == [3, 4] and middle.tolist() == [0] * 7
    with pytest.raises(RuntimeError, match="given other data"):
        last.add_(torch.ones(2, requires_grad=True))


@pytest.mark.parametrize("depth", [20, 100])
def test_bodies_in_bodies(depth: int) -> None:
    def nest(d: int, x: Any) -> Any:
        return tf.cond(x < 100.0, lambda: nest(d - 1, x), lambda: x) if d else x + 1.0

    x = tf.placeholder(tf.float32, [])
    y = nest(depth, x)
    with tf.Session() as sess:
        assert sess.run([y, tf.gradients(y, x)[0]], {x: 1.0}) == [2, 1]


def test_bodies_beyond_pythons_depth() -> None:
    def nest(x: Any) -> Any:
        return tf.cond(x < 100.0, lambda: nest(x), lambda: x)

    with pytest.raises(RecursionError):
        nest(tf.placeholder(tf.float32, []))
    assert in_a_session(lambda: tf.constant(1.0) + 1.0) == 2
