#!/usr/bin/env python3
"""docs/operations.gen.md: every operation under its three names, and where the three differ.

    build/venv/bin/python tools/reference.py [--check]

What the page says comes from the rows (names, samples, `.unlike`), from the C++ headers made of them, and from calling
both faces: which dtypes they take, what they give.
"""

import inspect
import re
import sys
import warnings
from pathlib import Path

import numpy as np
from calls import outcome

import twofold.tensorflow as tf
import twofold.torch as torch
from twofold import _core
from twofold.tensorflow._op import Spelling

ROOT = Path(__file__).resolve().parents[1]
PAGE = ROOT / "docs/operations.gen.md"
HEAD = """# Operations

Made by `tools/reference.py` from the rows in `src/ops/` and by calling both faces; the tests make it again and compare.

The C++ functions are in `twofold::`, and `twofold.NAME` is the same function in Python. Behind a face's function stands
which dtypes it takes and what it gives for them, `=` being the same dtype (integers: u8 to i64; floats: f16, bf16, f32, f64).
Operands of different dtypes are promoted in C++ and torch and refused in TensorFlow. Where the faces part in more than
that, calls show it, with `x` = [[1, 5, 2], [7, 0, 3]] of float32. A face that is not named has no function of its own for it.
"""

INTEGERS, FLOATS = ("u8", "i8", "i16", "i32", "i64"), ("f16", "bf16", "f32", "f64")
DTYPES = {"bool": "bool", "u8": "uint8", "i8": "int8", "i16": "int16", "i32": "int32", "i64": "int64",
          "f16": "float16", "bf16": "bfloat16", "f32": "float32", "f64": "float64"}  # fmt: skip
SHORT = {name: short for short, name in DTYPES.items()}
ANY_DTYPE = {"any", "number", "float", "integer", "bits"}  # classes of operands that are tried in every dtype
TENSORS = ANY_DTYPE | {"boolean", "index"}
OPERAND = re.compile(r"(\w+)\[([\d,]*)\]((?::\w+(?:\([-\d,]*\))?)*)")
SYNONYMS = {"dim": ("axis", "axes"), "dims": ("axes", "shape"), "src": ("source",)}


# --- samples --------------------------------------------------------------------------------------------------------
def sample_of(row):
    """(operands as (dtype, values), attributes as texts) of the row's first sample that is no refusal."""
    text = next(s for s in row["samples"].split("|") if not s.strip().startswith("!"))
    operands, _, attributes = text.partition(";")
    made = []
    for dtype, shape, modifiers in OPERAND.findall(operands):
        sizes = [int(n) for n in shape.split(",") if n]
        listed = re.search(r":is\(([-\d,]*)\)", modifiers)
        values = [int(v) for v in listed[1].split(",")] if listed else [0 if dtype.startswith(("i", "b")) else 1]
        made.append((dtype, np.resize(np.array(values), sizes)))
    return made, dict(re.findall(r"(\w+)=(\[[^\]]*\]|[^,\s]+)", attributes))


def value_of(text, kind, dtype):
    if kind in ("dtype", "generator", "body", "opaque"):
        return dtype(DTYPES[text]) if kind == "dtype" else None
    if kind == "flag":
        return text == "true"
    if kind == "ints":
        return [int(n) for n in text.strip("[]").split(",") if n.strip()]
    return text if kind == "text" else float(text) if kind == "real" else int(text)


# --- faces ----------------------------------------------------------------------------------------------------------
class Face:
    """One face: `name` is its name and its field in a row; `tensor` makes an operand."""

    def __init__(self, name, module, tensor):
        self.name, self.module, self.tensor = name, module, tensor

    def path(self, row):
        return row[self.name].partition("(")[0]

    def function(self, row):
        """None where the row has no spelling here, or nothing answers to it."""
        found = self.module if row[self.name] else None
        for part in self.path(row).split("."):
            found = getattr(found, part, None)
        return found

    def dtype(self, name):
        return getattr(self.module, name)

    def parameters(self, row):
        """The row's parameters in the order of the spelling: those of the same name, else the next that are left."""
        listed = row[self.name].partition("(")[2].partition(")")[0].split(",")
        names = [a.strip(" *").partition("=")[0] for a in listed if a.strip() and not a.strip().startswith("name=")]
        own = [p[0] for p in row["parameters"]]
        names = [next((p for p in own if p in SYNONYMS.get(n, ())), n) for n in names]
        left = [p for p in own if p not in names]
        behind = [n if n in own else left.pop(0) for n in names if n in own or left]
        return own[:1] + behind if self.path(row).startswith("Tensor.") else behind

    def result(self, row, function, dtype):
        """The dtypes of what a call on operands of this dtype gives, or None if it is refused."""
        try:
            given = self.arguments(row, dtype)
            made = function(*(given[p] for p in self.parameters(row) if p in given))
        except Exception:  # every error is a refusal here
            return None
        outputs = made if isinstance(made, (list, tuple)) else [made]
        return tuple(SHORT[self.name_of(t.dtype)] for t in outputs)

    def arguments(self, row, dtype):
        """The sample's operands in this dtype and its attributes, or their defaults, by parameter."""
        left, attributes = sample_of(row)
        given = {}
        for name, kind, variadic, _, default in row["parameters"]:
            if kind in TENSORS:
                taken, left = (left, []) if variadic else (left[:1], left[1:])
                made = [self.tensor(v, DTYPES[dtype if kind in ANY_DTYPE else d]) for d, v in taken]
                given.update({name: made if variadic else made[0]} if made else {})
            elif name in attributes or default is not None:
                given[name] = value_of(attributes.get(name, default), kind, self.dtype)
        return given

    @staticmethod
    def name_of(dtype):
        return getattr(dtype, "name", None) or str(dtype).rpartition(".")[2]


def torch_tensor(values, dtype):
    return torch.tensor(values).to(getattr(torch, dtype))


def tf_tensor(values, dtype):
    return tf.cast(tf.constant(values), getattr(tf, dtype))


FACES = [Face("torch", torch, torch_tensor), Face("tf", tf, tf_tensor)]


# --- the page -------------------------------------------------------------------------------------------------------
def dtypes_of(face, row, function):
    """"bool, integers -> i64; floats ="; nothing for an operation without operands of a free dtype, or that asks for one."""
    if row["name"] == "cast" or "__" in face.path(row) or not any(kind in ANY_DTYPE for _, kind, *_ in row["parameters"]):
        return ""
    with tf.Graph().as_default():
        results = {d: r for d in DTYPES if (r := face.result(row, function, d))}
    groups = {}
    for dtype, result in results.items():
        same = [r == dtype and not shared(results, dtype, k) for k, r in enumerate(result)]
        groups.setdefault(", ".join("=" if s else r for s, r in zip(same, result)), []).append(dtype)
    return "; ".join(f"{words(ds)} {'=' if r == '=' else '-> ' + r}" for r, ds in groups.items())


def shared(results, dtype, output):
    """Do other operands of this kind give this dtype too? Then it is a dtype of the operation, not the operand's."""
    kind = FLOATS if dtype in FLOATS else ("bool", *INTEGERS)
    return any(results[d][output] == dtype for d in kind if d in results and d != dtype)


def words(dtypes):
    out, left = [], list(dtypes)
    for word, members in (("integers", INTEGERS), ("floats", FLOATS)):
        if set(members) <= set(left):
            at = left.index(members[0])
            left[at:] = [word, *(d for d in left[at:] if d not in members)]
    out.extend(left)
    return ", ".join(out)


def signature(face, row, function):
    """As the function says it, without annotations and without arguments that are only there to be ignored."""
    if face.path(row).startswith("Tensor."):
        return f"({row[face.name].partition('(')[2].partition(')')[0]})"
    parameters = inspect.signature(function).parameters
    if "args" in parameters and face.name == "tf":
        defaults = {p[0]: p[4] for p in row["parameters"]}
        listed = [a.name if defaults[a.parameter] is None else f"{a.name}={default_text(a, defaults)}" for a in Spelling(row).arguments]
        return f"({', '.join([*listed, 'name=None'])})"
    return str(inspect.Signature([p.replace(annotation=p.empty) for n, p in parameters.items() if not n.startswith("_")]))


def default_text(argument, defaults):
    given = defaults[argument.parameter] if argument.default is None else argument.default
    return {"[]": "None", "true": "True", "false": "False"}.get(str(given), str(given))


def cpp_signatures():
    """The declarations in the generated headers, without the location that ends each."""
    found = {}
    for header in sorted((ROOT / "include/twofold/ops").glob("*.gen.h")):
        for result, name, arguments in re.findall(r"^(Tensors?) (\w+)\((.*)\);$", header.read_text(), re.MULTILINE):
            arguments = re.sub(r",? ?std::source_location at = std::source_location::current\(\)", "", arguments)
            found[name] = f"{result} {name}({arguments})"
    return found


def differences(row):
    """Each comparison of the row's `.unlike` as one line."""
    for part in filter(None, map(str.strip, row["unlike"].split(";"))):
        words, _, calls = part.partition(": ")
        shown = [f"`{call.strip()}` {outcome(face.name, face.module, call.strip())}" for face, call in zip(FACES, calls.split("|"))]
        yield f"- differ {words}: {', '.join(shown)}"


def entry(row, cpp):
    lines = [f"## {row['name']}", "", row["doc"], "", f"- C++ `{cpp.get(row['name'], row['name'])}`"]
    for face in FACES:
        function = face.function(row)
        if function is not None:
            taken = dtypes_of(face, row, function)
            lines.append(f"- {face.name} `{face.path(row)}{signature(face, row, function)}`{': ' if taken else ''}{taken}")
    return "\n".join([*lines, *differences(row)]) + "\n"


def page():
    cpp = cpp_signatures()
    return "\n".join([HEAD, *(entry(row, cpp) for row in _core.rows())])


def main():
    warnings.simplefilter("ignore")
    if "--check" not in sys.argv:
        PAGE.write_text(page())
    elif PAGE.read_text() != page():
        sys.exit(f"{PAGE}: does not fit the rows; run tools/reference.py")


if __name__ == "__main__":
    main()
