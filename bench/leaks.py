"""Memory over many steps: what is resident, and what the engine holds, before and after. Flat means within 2 %.

    build/venv/bin/python bench/leaks.py [--scale S] [NAME ...]

Each row is a program of its own: up to 10,000 steps to warm up, then all of them. `./run leaks` runs the full counts.
"""

from __future__ import annotations

import argparse
import subprocess
import sys
import time

HEAD = """
import copy, gc, io, pickle, threading
import numpy as np
import twofold as tw
import twofold.torch as torch, twofold.tensorflow as tf
v = np.ones(4, np.float32)
def refused(f):
    try: f()
    except Exception: return
    raise AssertionError('not refused')
class Square(torch.autograd.Function):
    @staticmethod
    def forward(ctx, a):
        r = a * a; ctx.save_for_backward(a, r); return r
    @staticmethod
    def backward(ctx, g): return g * ctx.saved_tensors[0] * 2
def fail(*_): raise ValueError('x')
x = torch.ones(4, requires_grad=True)
"""
# Name, steps, what comes before them, one step.
ROWS: list[tuple[str, int, str, str]] = [
    ("eager steps", 100_000, "", "(x * 2).mean().backward(); x.grad = None"),
    ("second derivatives", 20_000, "", "g, = torch.autograd.grad((x * x * x).sum(), x, create_graph=True); g.sum().backward(); x.grad = None"),
    ("views and edits", 50_000, "", "y = x * 1; y[1:].mul_(2); y.view(2, 2)[0] += 1; y.sum().backward(); x.grad = None"),
    ("subscripts", 50_000, "t = torch.arange(12).view(3, 4)", "t[1], t[:, 1:3], t[[0, 2], 1], t[t > 5]; t[0, 0] = 3; t[[1, 2]] = 4"),
    ("hooks", 20_000, "", "y = x * 2; y.retain_grad(); y.register_hook(lambda g: g); x.register_hook(lambda g: g * 2).remove(); y.sum().backward()"),
    ("hooks in a circle", 20_000, "", "y = torch.ones(4, requires_grad=True); y.register_hook(lambda g, y=y: y); z = y * 2; z.register_hook(lambda g, z=z: z); k % 500 or gc.collect()"),
    ("custom functions", 20_000, "", "Square.apply(x).sum().backward(); x.grad = None"),
    ("training", 5_000, "m = torch.nn.Sequential(torch.nn.Linear(4, 3), torch.nn.ReLU(), torch.nn.Linear(3, 2)); o = torch.optim.Adam(m.parameters())\n"
     "d, t = torch.ones(5, 4), torch.tensor([0, 1, 0, 1, 0])",
     "o.zero_grad(); torch.nn.functional.cross_entropy(m(d), t).backward(); o.step()"),
    ("modules and optimisers", 5_000, "", "m = torch.nn.Linear(4, 3); o = torch.optim.SGD(m.parameters(), lr=0.1, momentum=0.9); m(x).sum().backward(); o.step()"),
    ("loaders", 500, "d = torch.utils.data.TensorDataset(torch.ones(20, 3), torch.zeros(20))", "list(torch.utils.data.DataLoader(d, batch_size=4, shuffle=True))"),
    ("arrays both ways", 50_000, "", "a = np.ones(100); t = torch.from_numpy(a); b = t.numpy(); np.from_dlpack(t); torch.from_dlpack(b); bytes(t), memoryview(t)[0]"),
    ("copies and pickles", 10_000, "", "pickle.loads(pickle.dumps(x)); copy.deepcopy(x); copy.copy(x); x.tolist()"),
    ("printing", 3_000, "", "repr(x); repr(torch.randn(3, 3)); str(tf.float32)"),
    ("refused calls", 20_000, "", "refused(lambda: x + torch.ones(5)); refused(lambda: x[9]); refused(lambda: torch.cat([x, 5])); refused(lambda: x.reshape(7)); "
     "refused(lambda: (x * 2).backward()); refused(lambda: torch.ones(2**50)); refused(lambda: torch.tensor([fail]))"),
    ("callbacks that fail", 10_000, "class F(Square): backward = staticmethod(fail)",
     "y = x * 2; y.register_hook(fail); refused(lambda: y.sum().backward()); refused(lambda: F.apply(x).sum().backward())"),
    ("runs", 100_000, "p = tf.placeholder(tf.float32, [4]); y = p + 1; s = tf.Session()", "s.run(y, {p: v})"),
    ("runs of a callable", 100_000, "p = tf.placeholder(tf.float32, [4]); f = tf.Session().make_callable([p * 2, p + 1], [p])", "f(v)"),
    ("runs of many shapes", 20_000, "p = tf.placeholder(tf.float32, [None]); y = tf.reduce_sum(p * 2); s = tf.Session(); shapes = [np.ones(n, np.float32) for n in range(1, 300)]",
     "s.run(y, {p: shapes[k % 299]})"),
    ("runs that are refused", 10_000, "p = tf.placeholder(tf.float32, [4]); q = tf.placeholder(tf.float32, [None, None]); y = tf.matmul(q, q); z = tf.py_func(fail, [p], tf.float32); s = tf.Session()",
     "refused(lambda: s.run(p)); refused(lambda: s.run(p, {p: [1]})); refused(lambda: s.run(y, {q: np.ones((2, 3))})); refused(lambda: s.run(z, {p: v})); refused(lambda: s.run('none'))"),
    ("host functions", 20_000, "p = tf.placeholder(tf.float32, [4]); y = tf.py_func(lambda a: a * 2, [p], tf.float32); s = tf.Session()", "s.run(y, {p: v})"),
    ("host functions that run", 5_000, "p = tf.placeholder(tf.float32, [4]); s = tf.Session(); c = p * 3\ny = tf.py_func(lambda a: s.run(c, {p: a}), [p], tf.float32)", "s.run(y, {p: v})"),
    ("loops and branches", 5_000, "i = tf.while_loop(lambda i, t: i < 5, lambda i, t: [i + 1, t * 2], [tf.constant(0), tf.constant(v)])[1]\n"
     "y = tf.cond(tf.reduce_sum(i) > 1.0, lambda: i, lambda: i * 2); g = tf.gradients(i, tf.get_default_graph().get_tensor_by_name('Const:0')) ; s = tf.Session()",
     "s.run(y)"),
    ("training in a graph", 5_000, "w = tf.Variable(v); p = tf.placeholder(tf.float32, [4]); t = tf.train.AdamOptimizer(0.1).minimize(tf.reduce_sum(w * p)); s = tf.Session()\n"
     "s.run(tf.global_variables_initializer())", "s.run(t, {p: v})"),
    ("graphs", 10_000, "", "with tf.Graph().as_default(): tf.constant(v) + 1.0"),
    ("graphs that train", 300, "", "with tf.Graph().as_default():\n    w = tf.get_variable('w', [4]); t = tf.train.AdamOptimizer(0.1).minimize(tf.reduce_sum(w * v))\n"
     "    with tf.Session() as s: s.run(tf.global_variables_initializer()); s.run(t)"),
    ("graphs with functions", 1_000, "", "with tf.Graph().as_default():\n    y = tf.py_func(lambda a: (a, y)[0], [tf.constant(v)], tf.float32)\n"
     "    z = tf.cond(tf.constant(True), lambda: y, lambda: y * 2); w = tf.while_loop(lambda i: i < 3, lambda i: i + 1, [tf.constant(0)])\n"
     "    with tf.Session() as s: s.run([y, z, w])"),
    ("sessions", 2_000, "w = tf.get_variable('w', [4])", "with tf.Session() as s: s.run(w.initializer); s.run(w)"),
    ("sample values", 300, "w = tf.get_variable('w', [4]); y = w * 2", "with tf.sample_values(): str(w), str(y)"),
    ("modules in graphs", 500, "m = torch.nn.Linear(4, 2)", "with tf.Graph().as_default():\n    y = m(tf.placeholder(tf.float32, [3, 4])); y + 1.0"),
    ("plain steps", 20_000, "w = tw.parameter(tw.ones([4])); o = tw.optim.Adam([w])", "(w * v).sum().backward(); o.step(); o.zero_grad()"),
    ("plain functions", 5_000, "w = tw.parameter(tw.ones([4]))", "y = tw.custom_function(w, lambda i: i[0] * 2, lambda c: (c.gradients[0], y)[0]); "
     "y.register_hook(lambda g: (g, y)[0]); y.sum().backward(); refused(lambda: tw.custom_function(w, fail, fail))"),
    ("plain graphs", 500, "", "g = tw.Graph()\nwith g:\n    p = tw.placeholder(tw.f32, [4]); y = tw.custom_function(p, lambda i: i[0] * 2, lambda c: (c.gradients[0], y, g)[0])\n"
     "    y.register_hook(lambda d: (d, y, g)[0]); d = tw.gradients(y, p)\ntw.Session(g).run(d, {p: v})"),
    ("plain runs", 50_000, "g = tw.Graph()\nwith g: p = tw.placeholder(tw.f32, [4]); y = p + 1\ns = tw.Session(g)", "s.run(y, {p: v})"),
    ("plain modules", 1_000, "class Net(tw.nn.Module):\n    def __init__(self): super().__init__(); self.me, self.a = self, self.register_module('a', tw.nn.Linear(4, 2))\n"
     "    def forward(self, x): return self.a(x)", "tw.nn.Sequential(Net(), tw.nn.ReLU())(tw.ones([1, 4]))"),
    ("threads", 1_000, "p = tf.placeholder(tf.float32, [4]); y = p + 1; s = tf.Session()\ndef job(): s.run(y, {p: v}); (torch.ones(4, requires_grad=True) * 2).sum().backward()",
     "t = threading.Thread(target=job); t.start(); t.join()"),
]  # fmt: skip


def program(before: str, step: str, steps: int) -> str:
    step = step.replace("\n", "\n        ")
    return (
        f"{HEAD}{before}\n"
        "def work(n):\n"
        "    for k in range(n):\n"
        f"        {step}\n"
        "def used():\n"
        "    gc.collect()\n"
        "    return int(open('/proc/self/statm').read().split()[1]) * 4096, len(gc.get_objects())\n"
        f"work({min(steps, 10_000)}); used(); _before = used(); work({steps}); print(*_before, *used())"
    )


def measure(name: str, scale: float = 1.0) -> tuple[int, int, int, int, str]:
    """Resident bytes before and after, Python's objects before and after, and what was said on standard error."""
    steps, before, step = next((int(s * scale) or 1, b, t) for n, s, b, t in ROWS if n == name)
    done = subprocess.run([sys.executable, "-c", program(before, step, steps)], capture_output=True, text=True, check=False)
    if done.returncode != 0:
        raise RuntimeError(f"{name}: {done.stderr}")
    a, m, b, n = map(int, done.stdout.split())
    return a, b, m, n, done.stderr


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("names", nargs="*", default=[r[0] for r in ROWS], metavar="NAME")
    parser.add_argument("--scale", type=float, default=1.0)
    given = parser.parse_args()
    bad = 0
    print(f"{'':<24} {'steps':>8} {'before':>9} {'after':>9} {'growth':>8} {'bytes/step':>11} {'objects':>8} {'seconds':>8}")
    for name in given.names:
        steps, began = next(int(r[1] * given.scale) or 1 for r in ROWS if r[0] == name), time.monotonic()
        a, b, m, n, errors = measure(name, given.scale)
        flat = b <= a * 1.02 and not errors
        bad += not flat
        print(f"{name:<24} {steps:>8,} {a / 2**20:>7.1f} M {b / 2**20:>7.1f} M {100 * (b - a) / a:>7.2f}% {(b - a) / steps:>11.1f} {n - m:>+8,} "
              f"{time.monotonic() - began:>8.1f}  {'' if flat else errors.strip()[:80] or 'grows'}", flush=True)  # fmt: skip
    sys.exit(f"{bad} of {len(given.names)} are not flat" if bad else 0)


if __name__ == "__main__":
    main()
