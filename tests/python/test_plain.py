"""The plain API: package twofold names what the public headers of C++ name, and does what C++ does."""

from __future__ import annotations

import re
import subprocess
import sys
from typing import Any

import pytest
from conftest import ROOT
from headers import Name, public_names

import twofold

# --- every public name of C++ is reachable under the same name ------------------------------------------------------
_HANDLE = "None stands for an undefined one"
_SCOPES = "`with` begins and ends it"
_ENGINE = "the engine's memory: Python objects hold it"
_NUMPY = "numpy() shows the memory"
CPP_ONLY = {  # a name, or a class with all that is in it
    "Arg": "numbers, arrays and tensors are arguments as they are", "Index": "an int", "Fetch": "a tensor or an operation", "Feed": "an entry of a dict",
    "Dims": "a sequence of ints", "Shape": "a tuple; None for an unknown size or rank", "Half": "an element of NumPy's float16",
    "BFloat16": "no type of Python's", "dtype_of": "no types of elements", "checked_mul": "Python's ints do not overflow",
    "checked_add": "Python's ints do not overflow", "Ref": _ENGINE, "Counted": _ENGINE, "retain": _ENGINE, "drop": _ENGINE, "core::retain": _ENGINE,
    "core::drop": _ENGINE, "Tensor::defined": _HANDLE, "Generator::defined": _HANDLE, "Tensor::impl": _ENGINE, "Tensor::data": _NUMPY,
    "Tensor::span": _NUMPY, "Tensor::mutable_data": _NUMPY, "Operation::graph": _ENGINE, "Graph::state": _ENGINE, "Session::state": _ENGINE,
    "Error::what": "str() of the error", "Error::locate": "for throwers", "Error::rename": "for throwers", "data::DataLoader::begin": "iter()",
    "data::DataLoader::end": "StopIteration", "nn::Module::run": "what calling a layer of C++ runs", "nn::Layer::run": "as Module's",
    "nn::Sequential::run": "as Module's",
}  # fmt: skip
# Options are keyword arguments of this.
OPTIONS = {"SessionOptions": "Session", "GradOptions": "grad", "data::LoaderOptions": "data.DataLoader", "optim::SGDOptions": "optim.SGD",
           "optim::AdamOptions": "optim.Adam"}  # fmt: skip
OPERATORS = {"operator()": "__call__", "operator[]": "__getitem__", "operator+": "__add__", "operator-": "__sub__", "operator*": "__mul__",
             "operator/": "__truediv__", "operator==": "__eq__", "operator!=": "__ne__", "operator<": "__lt__", "operator<=": "__le__",
             "operator>": "__gt__", "operator>=": "__ge__"}  # fmt: skip
OF_ITERATORS = {"operator*": "__next__", "operator++": "__next__", "operator==": "__next__"}


def python_name(n: Name) -> str:
    """Where it stands in the package: 'nn.Linear.weight'."""
    name = OPERATORS.get(n.name, n.name)
    if n.scope[-1] == "Iterator":
        name = OF_ITERATORS[n.name]
    elif n.scope == ("twofold",) and n.name.startswith("operator"):
        name = f"Tensor.{name}"
    return ".".join((*n.scope[1:], name))


def is_of_the_language(n: Name) -> bool:
    """Constructors, destructors, assignments and conversions."""
    return n.name.strip("~") == n.scope[-1] or n.name in ("operator=", "bool", "float", "requires")


def cpp_only(n: Name) -> bool:
    parts = [*n.scope[1:], n.name]
    return any("::".join(parts[:k]) in CPP_ONLY for k in range(1, len(parts) + 1))


def found(path: str) -> Any:
    at: Any = twofold
    for part in path.split("."):
        at = getattr(at, part)
    return at


def signature(what: Any) -> str:
    made = what.__init__ if isinstance(what, type) else what
    return made.__nb_signature__[0][0]


NAMES = [n for n in public_names() if not is_of_the_language(n) and not cpp_only(n)]


def test_the_headers_were_read() -> None:
    assert len(public_names()) > 450 and {n.kind for n in NAMES} == {"class", "function", "value"}


@pytest.mark.parametrize("n", NAMES, ids=lambda n: "::".join((*n.scope[1:], n.name)))
def test_is_reachable(n: Name) -> None:
    options = OPTIONS.get("::".join(n.scope[1:]))
    if options:
        assert re.search(rf"\b{n.name}\b", signature(found(options)))
    elif "::".join((*n.scope[1:], n.name)) not in OPTIONS:
        found(python_name(n))


def test_the_list_of_names_without_a_python_form_is_short_and_true() -> None:
    named = {"::".join((*n.scope[1:], n.name)) for n in public_names()}
    assert set(CPP_ONLY) <= named
    assert [path for path in CPP_ONLY if hasattr(twofold, path)] == []


# --- the programs of examples/ in both languages --------------------------------------------------------------------
def without_places(text: str) -> str:
    return re.sub(r" \((\w+\.cpp|\w+\.py|<string>):\d+\)|\w+\.(cpp|py):\d+|line \d+ *", "", text)


@pytest.mark.parametrize("name", ["quickstart", "errors"])
def test_twins(name: str) -> None:
    """examples/NAME.txt is what the program in C++ prints; ctest's twins.NAME holds it to that."""
    program = [sys.executable, f"examples/python/{name}.py"]
    python = subprocess.run(program, cwd=ROOT, check=True, capture_output=True, text=True).stdout
    assert without_places(python) == without_places((ROOT / f"examples/{name}.txt").read_text())
    assert " ()" not in python


def test_the_page_prints_the_same_in_both_languages() -> None:
    """A block in C++ that prints stands right before its twin."""
    blocks = re.findall(r"```(cpp|python)\n.*?```\n(?:\n```text\n(.*?)```\n)?", (ROOT / "docs/plain.md").read_text(), re.DOTALL)
    twins = [(out, after[1]) for (language, out), after in zip(blocks, blocks[1:]) if language == "cpp" and out]
    assert len(twins) == 8
    for cpp, python in twins:
        assert without_places(python) == without_places(cpp)
