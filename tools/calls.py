#!/usr/bin/env python3
"""The calls that docs/operations.gen.md compares, and what they give: of our faces when the page is made, of the originals
here. Run it with an interpreter that has PyTorch, and with one that has TensorFlow 1.15:

    python3 tools/calls.py torch
    python3.7 tools/calls.py tf

Writes tests/python/recorded/calls_torch.txt and calls_tf.txt, which tests/python/test_docs.py compares with the page.
"""
import importlib
import os
import re
import sys
import warnings
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
MODULES = {"torch": "torch", "tf": "tensorflow"}
X = [[1.0, 5.0, 2.0], [7.0, 0.0, 3.0]]


def outcome(face, module, call):
    """What a call gives, as the page says it: 'is [1, 0, 1]', or 'is refused (ValueError)'."""
    try:
        return f"is {(torch_value if face == 'torch' else tf_value)(module, call)}"
    except Exception as e:  # what is refused is an outcome too
        return f"is refused ({type(e).__name__})"


def torch_value(torch, call):
    def slope(f, at):
        at = torch.tensor(at, requires_grad=True)
        return torch.autograd.grad(f(at), at)[0]

    return plain(eval(call, {"torch": torch, "x": torch.tensor(X), "slope": slope}))


def tf_value(tf, call):
    def slope(f, at):
        at = tf.constant(at)
        return tf.gradients(f(at), at)[0]

    with tf.Graph().as_default(), tf.Session() as session:
        made = eval(call, {"tf": tf, "x": tf.constant(X), "slope": slope})
        return made if isinstance(made, bool) else plain(session.run(made))


def plain(value):
    """Lists of numbers, floats with four digits."""
    if isinstance(value, (list, tuple)):
        return [plain(v) for v in value]
    if hasattr(value, "tolist"):
        return plain(value.detach().tolist() if hasattr(value, "detach") else value.tolist())
    return float(f"{value:.4g}") if isinstance(value, float) else value


def on_page(face):
    """{call: outcome} of one face, as the page has them."""
    page = (ROOT / "docs/operations.gen.md").read_text()
    shown = (re.findall(r"`([^`]*)` (is [^`]*?)(?:, (?=`)|$)", line) for line in page.splitlines() if line.startswith("- differ"))
    return dict(pairs[list(MODULES).index(face)] for pairs in shown)


def main():
    face = sys.argv[1]
    os.environ["TF_CPP_MIN_LOG_LEVEL"] = "3"
    warnings.simplefilter("ignore")
    module = importlib.import_module(MODULES[face])
    lines = [f"# {MODULES[face]} {module.__version__}", *(f"`{call}` {outcome(face, module, call)}" for call in on_page(face))]
    (ROOT / f"tests/python/recorded/calls_{face}.txt").write_text("\n".join(lines) + "\n")
    print(f"{len(lines) - 1} calls of {lines[0][2:]}")


if __name__ == "__main__":
    main()
