"""What TensorFlow 1.15 itself did, as tools/record_tensorflow.py recorded it: the nodes that calls add to a graph, the
numbers that seeds give, what whole programs print."""

from __future__ import annotations

import json
import re
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import twofold.tensorflow as tf

FOLDER = Path(__file__).parent / "recorded"


def recorded_graphs() -> tuple[str, list[tuple[str, list[str]]]]:
    """What runs first, and (snippet, its nodes) for each snippet."""
    first, *blocks = (FOLDER / "graphs.txt").read_text().removeprefix("== ").rstrip("\n").split("\n== ")
    return first, [(head, nodes) for head, *nodes in (b.split("\n") for b in blocks)]


BEFORE, GRAPHS = recorded_graphs()


def described(op: tf.Operation) -> str:
    inputs, controls = ",".join(i.name for i in op.inputs), ",".join(c.name for c in op.control_inputs)
    return "|".join((op.name, op.type, inputs, controls, ";".join(f"{t.dtype.name} {t.shape}" for t in op.outputs)))


# The engine reads another tensor here than TensorFlow, whose nodes on the way it does not need.
OTHER_INPUTS = ("Merge", "Exit", "MatrixDiag", "MatrixSetDiag", "GatherV2", "SoftmaxCrossEntropyWithLogits", "Reshape", "Transpose",
                "TensorArrayGatherV3", "TensorArrayReadV3", "TopKV2", "RefMerge")  # fmt: skip


def comparable(recorded: str, op: tf.Operation) -> tuple[str, str]:
    """Both as far as they have to agree: of a node that the engine needs no counterpart for, the name; of outputs, those
    that the engine has (TensorFlow's gradients read others); in a branch, whatever inputs enter it;
    of gradients, which the engine computes in its own way, all but inputs."""
    theirs, ours = recorded.split("|"), described(op).split("|")
    if not op.outputs and not op.control_inputs:
        return theirs[0], ours[0]
    theirs[4] = ";".join(theirs[4].split(";")[: len(op.outputs)])
    in_branch = not {"cond", "while"}.isdisjoint(theirs[0].split("/"))
    if theirs[0].startswith("gradients/"):
        theirs[2:4] = ours[2:4] = ["", ""]
    if in_branch or theirs[1] in OTHER_INPUTS or theirs[0] == "ReduceLogSumExp/Add" or (theirs[1] == "Identity" and not op.inputs):
        theirs[2] = ours[2] = ""
    return "|".join(theirs), "|".join(ours)


@pytest.mark.parametrize(("snippet", "nodes"), GRAPHS, ids=[s for s, _ in GRAPHS])
def test_graph(snippet: str, nodes: list[str]) -> None:
    space: dict[str, Any] = {"tf": tf, "np": np}
    exec(BEFORE, space)
    known = len(tf.get_default_graph().get_operations())
    exec(snippet.replace("\\n", "\n"), space)
    made = tf.get_default_graph().get_operations()[known:]
    pairs = [comparable(r, op) for r, op in zip(nodes, made)]
    assert [mine for _, mine in pairs] == [theirs for theirs, _ in pairs]
    assert [op.name for op in made] == [n.partition("|")[0] for n in nodes]


NODES = json.loads((FOLDER / "nodes.json").read_text())


@pytest.mark.parametrize("row", NODES, ids=[r["code"] for r in NODES])
def test_node_def(row: dict[str, Any]) -> None:
    """What an operation prints, to the last character; functions are numbered through the whole process."""
    exec(row["code"].replace("\\n", "\n"), {"tf": tf, "np": np})
    made = tf.get_default_graph().get_operations()
    assert [re.sub(r"pyfunc_\d+", "pyfunc", str(op)) for op in made] == row["nodes"]


NUMBERS = json.loads((FOLDER / "numbers.json").read_text())


@pytest.mark.parametrize("row", NUMBERS, ids=[f"{r['seed']}-{r['code']}" for r in NUMBERS])
def test_numbers(row: dict[str, Any]) -> None:
    """Exactly; normal draws, and what is computed from them, within two units in the last place."""
    if row["seed"] is not None:
        tf.set_random_seed(row["seed"])
    drawn = eval(row["code"], {"tf": tf, "np": np})
    with tf.Session() as sess:
        sess.run(tf.global_variables_initializer())
        for expected in row["values"]:
            values = sess.run(drawn)
            assert str(values.dtype) == row["dtype"]
            if "normal" in row["code"]:
                np.testing.assert_array_max_ulp(values, np.array(expected, row["dtype"]), maxulp=2)
            else:
                assert values.tolist() == expected


PROGRAMS = sorted((FOLDER / "programs").glob("*.txt"))


@pytest.mark.parametrize("path", PROGRAMS, ids=[p.stem for p in PROGRAMS])
def test_program(path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    """To the last character: training prints its losses with four digits or five."""
    code, _, prints = path.read_text().partition("\n# --- prints\n")
    monkeypatch.setitem(sys.modules, "tensorflow", tf)
    exec(compile(code, str(path), "exec"), {"__name__": "__main__"})
    assert capsys.readouterr().out.rstrip("\n").split("\n") == [line.removeprefix("# ") for line in prints.rstrip("\n").split("\n")]
