"""What programs leave in variables: assignments, orders of execution, host functions, optimisers with their slots, averages."""

from __future__ import annotations


import numpy as np

from oracle.outcomes import Outcome, Value, caught
from oracle.report import Section
from oracle.tensorflow_known import reason_for
from oracle.tensorflow_rows import differences
from oracle.tensorflow_side import OURS, THEIRS, Side

M = np.arange(12, dtype=np.float32).reshape(4, 3)
# Statements with tf, v = Variable(M), x = a placeholder [None, 3]; what `out` lists is run RUNS times, then all variables are read.
RUNS = 3
PROGRAMS = r"""
out = [tf.assign(v, v * 2.0)]
out = [tf.assign_add(v, tf.ones([4, 3])), tf.assign_sub(v, tf.ones([4, 3]))][:1]
out = [v.assign_sub(x[:4])]
out = [tf.scatter_update(v, [0, 2], x[:2])]
out = [tf.scatter_add(v, [1, 1, 3], x[:3])]
out = [tf.scatter_sub(v, [0], [[1.0, 2.0, 3.0]])]
out = [tf.scatter_nd_update(v, [[0, 1], [3, 2]], [-1.0, -2.0])]
out = [tf.scatter_nd_add(v, [[0, 1], [0, 1]], [5.0, 6.0])]
out = [tf.count_up_to(tf.Variable(0, name='c'), 9)]
a = tf.assign_add(v, x[:4])\nwith tf.control_dependencies([a]):\n    out = [tf.identity(v), v.read_value()]
a = tf.assign(v, v + 1)\nb = tf.Variable(0.0, name='b')\nwith tf.control_dependencies([a]):\n    out = [tf.assign_add(b, tf.reduce_sum(v))]
out = [tf.group(tf.assign(v, v / 2)), tf.no_op()]
out = tf.tuple([tf.reduce_sum(x), tf.reduce_mean(x)], control_inputs=[tf.assign_add(v, tf.ones_like(v))])
out = [tf.cond(tf.reduce_sum(v) < 100, lambda: tf.assign_add(v, v), lambda: tf.assign_sub(v, v / 2))]
w = tf.get_variable('w', [3, 2], initializer=tf.ones_initializer())\nout = [tf.matmul(v, w), tf.assign(w, w * 3)][1:]
with tf.variable_scope('s', reuse=tf.AUTO_REUSE):\n    a = tf.get_variable('a', [2], initializer=tf.zeros_initializer())\n    b = tf.get_variable('a')\nout = [tf.assign_add(a, b + 1)]
out = [tf.py_func(lambda a, b: (a.sum(), b + 1), [v, x], [tf.float32, tf.float32])[0]]
out = [tf.py_func(lambda a: np.float32(a.max()), [x], tf.float32)]
out = [tf.while_loop(lambda k: k < 4, lambda k: [k + 1], [tf.constant(0)])]
out = [tf.Variable(v.initialized_value() + 1, name='second').assign_add(v)]
out = [tf.train.GradientDescentOptimizer(0.1).minimize(tf.reduce_sum(v * v))]
out = [tf.train.MomentumOptimizer(0.1, 0.9).minimize(tf.reduce_sum(v * v))]
out = [tf.train.MomentumOptimizer(0.1, 0.9, use_nesterov=True).minimize(tf.reduce_sum(tf.gather(v, [1, 1, 3]) ** 2))]
out = [tf.train.AdamOptimizer(0.1).minimize(tf.reduce_sum(v * v))]
out = [tf.train.AdamOptimizer(0.1).minimize(tf.reduce_sum(tf.gather(v, [1, 1, 3]) ** 2))]
out = [tf.train.AdagradOptimizer(0.1).minimize(tf.reduce_sum(v * v))]
out = [tf.train.AdagradOptimizer(0.1).minimize(tf.reduce_sum(tf.gather(v, [1, 1, 3]) ** 2))]
out = [tf.train.AdadeltaOptimizer(0.5).minimize(tf.reduce_sum(v * v))]
out = [tf.train.RMSPropOptimizer(0.1, momentum=0.5).minimize(tf.reduce_sum(v * v))]
out = [tf.train.RMSPropOptimizer(0.1, centered=True).minimize(tf.reduce_sum(v * v))]
o = tf.train.AdamOptimizer(0.1)\ng = o.compute_gradients(tf.reduce_sum(v ** 3))\nout = [o.apply_gradients([(tf.clip_by_norm(a, 1.0), b) for a, b in g], tf.train.get_or_create_global_step())]
r = tf.train.exponential_decay(0.5, tf.train.get_or_create_global_step(), 2, 0.5, staircase=True)\nout = [tf.train.GradientDescentOptimizer(r).minimize(tf.reduce_sum(v), tf.train.get_global_step())]
e = tf.train.ExponentialMovingAverage(0.5)\na = tf.assign(v, v + x[:4])\nwith tf.control_dependencies([a]):\n    out = [e.apply([v])]
e = tf.train.ExponentialMovingAverage(0.9, num_updates=tf.Variable(4, name='n'))\nout = [e.apply([v])]
a = tf.assert_greater(x, 0.0)\nwith tf.control_dependencies([a]):\n    out = [tf.identity(x)]
out = [tf.Print(x, [tf.shape(x)])]
out = [tf.assign(v, x[:2])]
out = [tf.scatter_add(v, [7], [[1.0, 1.0, 1.0]])]
tf.get_variable('a', [2])\nout = [tf.get_variable('a', [2])]
out = [tf.Variable(1.0, name='late') + tf.get_default_session().run(v)]
""".strip().splitlines()


def outcome(side: Side, code: str) -> Outcome:
    """The results of the runs and all variables, by their names."""

    def run() -> Outcome:
        with side.graph(3), side.session() as session:
            m = side.module
            names = {"tf": m, "np": np, "v": m.Variable(M, name="v"), "x": m.placeholder(m.float32, [None, 3], name="x")}
            exec(code, names)
            session.run(m.global_variables_initializer())
            kept = m.global_variables()
            out = [Value("names", np.array([v.name for v in kept]))]
            for k in range(RUNS):
                fetched = session.run([f if hasattr(f, "outputs") else m.convert_to_tensor(f) for f in names["out"]], {names["x"]: M[::-1] * (k + 1)})
                out += [Value(str(a.dtype), np.asarray(a)) for a in fetched if a is not None]
                out += side.values(session, kept, {})
            return Outcome(out)

    return caught(run)


def compare_state(section: Section) -> None:
    for line in section.each(PROGRAMS):
        code = line.replace("\\n", "\n")
        a, b = (outcome(side, code) for side in (THEIRS, OURS))
        compared, different = differences(a, b, None)
        section.compared += compared
        for text in different:
            section.differ(line, text, reason_for(line, text))


