#!/usr/bin/env python3
"""Records what TensorFlow 1.15 does, for tests/python/test_recorded.py. Run it with an interpreter that has it:

    python3.7 tools/record_tensorflow.py

Reads tests/python/recorded/snippets.txt, nodes.txt, draws.txt and refusals.txt; writes graphs.txt (the nodes that each snippet adds to a graph:
name, type, inputs, control inputs, dtype and static shape of each output), nodes.json (each node of a graph as a NodeDef prints),
numbers.json (what each draw gives, twice) and refusals.json (the class and the first line of each error); and puts at the end of each of programs/*.txt what it prints.
"""

import contextlib
import io
import json
import os
import re
import sys
import warnings
from pathlib import Path
from typing import Any

warnings.filterwarnings("ignore")
os.environ["TF_CPP_MIN_LOG_LEVEL"] = "3"

import numpy as np  # noqa: E402
import tensorflow as tf  # noqa: E402

PRINTS = "\n# --- prints\n"
FOLDER = Path(__file__).resolve().parents[1] / "tests/python/recorded"


def lines(name: str) -> list:
    return [line for line in (FOLDER / name).read_text().split("\n") if line and not line.startswith("#")]


def described(op: Any) -> str:
    """One node on one line."""
    inputs, controls = ",".join(t.name for t in op.inputs), ",".join(c.name for c in op.control_inputs)
    outputs = ";".join(f"{t.dtype.name} {t.shape}" for t in op.outputs)
    return "|".join((op.name, op.type, inputs, controls, outputs))


def graph_of(before: str, snippet: str) -> list:
    tf.reset_default_graph()
    space = {"tf": tf, "np": np}
    exec(before, space)
    known = len(tf.get_default_graph().get_operations())
    exec(snippet.replace("\\n", "\n"), space)
    return [described(op) for op in tf.get_default_graph().get_operations()[known:]]


def unnumbered(text: str) -> str:
    """Python functions are numbered through the whole process."""
    return re.sub(r"pyfunc_\d+", "pyfunc", text)


def nodes_of(code: str) -> dict:
    """Every node of a graph in the text of protocol buffers."""
    tf.reset_default_graph()
    exec(code.replace("\\n", "\n"), {"tf": tf, "np": np})
    texts = [str(op) for op in tf.get_default_graph().get_operations()]
    return {"code": code, "nodes": [unnumbered(text) for text in texts]}


def draws_of(seed, code: str) -> dict:
    """The values of two runs in one session."""
    tf.reset_default_graph()
    if seed is not None:
        tf.set_random_seed(seed)
    drawn = eval(code, {"tf": tf, "np": np})
    with tf.Session() as sess:
        sess.run(tf.global_variables_initializer())
        first, second = sess.run(drawn), sess.run(drawn)
    return {"seed": seed, "code": code, "dtype": str(first.dtype), "values": [first.tolist(), second.tolist()]}


def refusal_of(code: str) -> dict:
    """The class of the error and what it says first, but for the values of constants."""
    tf.reset_default_graph()
    with tf.Session() as s:
        p = tf.placeholder(tf.float32, [2, 2], name="p")
        try:
            exec(code.replace("\\n", "\n"), {"tf": tf, "np": np, "p": p, "s": s})
        except Exception as e:
            return {"code": code, "class": type(e).__name__, "text": unnumbered(str(e).strip().split("\n")[0].split(" and with ")[0])}
    return {"code": code, "class": None, "text": ""}


def printed_by(code: str) -> str:
    """What a program prints, as comments."""
    tf.reset_default_graph()
    out = io.StringIO()
    with contextlib.redirect_stdout(out):
        exec(code, {"__name__": "__main__"})
    return "".join("# " + line + "\n" for line in out.getvalue().rstrip("\n").split("\n"))


def main() -> None:
    if not tf.__version__.startswith("1.15"):
        sys.exit(f"this is TensorFlow {tf.__version__}, not 1.15")
    tf.compat.v1.logging.set_verbosity(50)
    before, *snippets = lines("snippets.txt")
    blocks = ["\n".join(["== " + s, *graph_of(before, s)]) for s in snippets]
    (FOLDER / "graphs.txt").write_text("\n".join(["== " + before, *blocks]) + "\n")
    nodes = [nodes_of(code) for code in lines("nodes.txt")]
    (FOLDER / "nodes.json").write_text("[\n" + ",\n".join(map(json.dumps, nodes)) + "\n]\n")
    draws = [draws_of(seed, code) for seed, code in (eval(line) for line in lines("draws.txt"))]
    (FOLDER / "numbers.json").write_text("[\n" + ",\n".join(map(json.dumps, draws)) + "\n]\n")
    refusals = [refusal_of(code) for code in lines("refusals.txt")]
    (FOLDER / "refusals.json").write_text("[\n" + ",\n".join(map(json.dumps, refusals)) + "\n]\n")
    programs = sorted((FOLDER / "programs").glob("*.txt"))
    for path in programs:
        code = path.read_text().partition(PRINTS)[0].rstrip("\n") + "\n"
        path.write_text(code + PRINTS + printed_by(code))
    print(f"{len(snippets)} graphs, {len(nodes)} graphs of nodes, {len(draws)} draws, {len(refusals)} refusals, {len(programs)} programs of TensorFlow {tf.__version__}")


if __name__ == "__main__":
    main()
