"""Making operations: names, operands, checks; every row of the engine as a function of this face.

A row's `.tf` says how TensorFlow's users call it and which node TensorFlow makes for it:

    reduce_sum(input_tensor, axis, keepdims) -> Sum(input, reduction_indices)

is a function of three arguments that adds a node of type Sum. The names behind the type are those of the node's inputs:
what an argument that is no tensor is called when it becomes a constant (`Sum/reduction_indices`). Without them the
node's type is the function's name (`squared_difference`: SquaredDifference) and its inputs are the tensor arguments.
`name=transpose` among the arguments is the default name where it is not the type; `axis=0` an argument's default;
`num_lower:int64` behind the arrow the dtype of the constant.
"""

from __future__ import annotations

import ast
import contextlib
import functools
import re
from collections.abc import Callable, Iterator, Sequence
from typing import Any, NamedTuple

import numpy as np

from twofold import _core
from twofold.tensorflow._dtypes import BY_NUMBER, DType, as_dtype
from twofold.tensorflow.errors import ShapeMismatch
from twofold.tensorflow._graph import Graph, Operation, get_default_graph
from twofold.tensorflow._sizes import static_ints
from twofold.tensorflow._tensor import Tensor, convert, same_graph, to_array

# Older names of arguments, as TensorFlow 1 still takes them.
_OLD_NAMES = {"reduction_indices": "axis", "keep_dims": "keepdims", "dimension": "axis", "dim": "axis"}
# Kinds of a row's parameters that are tensors, and the dtypes that TensorFlow lists when it refuses another.
_CLASSES = {
    "any": "", "boolean": "bool", "index": "int32, int64", "float": "bfloat16, float16, float32, float64",
    "number": "bfloat16, float16, float32, float64, uint8, int8, int16, int32, int64", "integer": "uint8, int8, int16, int32, int64",
    "bits": "int8, int16, int32, int64, uint8, uint16, uint32, uint64",
}  # fmt: skip


# --- names --------------------------------------------------------------------------------------------------------
@contextlib.contextmanager
def scope_of(name: str | None, default: str, values: Sequence[Any] = ()) -> Iterator[str]:
    """Opens the scope in which an operation and its constants are named, in its operands' graph; gives 'Add/'."""
    graph = same_graph([v for v in values if is_tensor(v)])
    with graph.as_default(), graph.name_scope(name or default) as scope:
        yield scope


def is_tensor(value: Any) -> bool:
    """A tensor of a graph, or what stands for one: a variable."""
    return isinstance(value, _core.Tensor) and value._symbolic or hasattr(value, "_as_graph_element")


def dtype_of(value: Any) -> DType | None:
    """The dtype of what has one."""
    if isinstance(value, _core.Tensor):
        return BY_NUMBER[value._dtype]
    if hasattr(value, "_as_graph_element"):
        return value.dtype.base_dtype
    return as_dtype(value.dtype) if isinstance(value, (np.ndarray, np.generic)) else None


def asked_of(value: Any, dtype: DType | None) -> DType | None:
    """The dtype to ask `convert` for: numbers and arrays take it, a tensor keeps its own and is refused if that is another."""
    return None if is_tensor(value) else dtype


# --- operands -----------------------------------------------------------------------------------------------------
def operands(kind: str, arguments: Sequence[tuple[str, Any]]) -> list[Tensor]:
    """Operands of one dtype, that of the first; what is no tensor becomes a constant of the argument's name."""
    out: list[Tensor] = []
    for name, value in arguments:
        out.append(convert(value, name=name) if not out else _in_dtype_of(kind, name, value, out[0], arguments[0][0]))
    return out


def _in_dtype_of(kind: str, name: str, value: Any, first: Tensor, first_name: str) -> Tensor:
    wanted = first.dtype
    try:
        made = convert(value, asked_of(value, wanted), name=name)
    except TypeError as e:
        raise TypeError(
            f"Expected {wanted.name} passed to parameter '{name}' of op '{kind}', got {value!r} of type "
            f"'{type(value).__name__}' instead. Error: {e}"
        ) from None
    if made._dtype != first._dtype:
        raise TypeError(
            f"Input '{name}' of '{kind}' Op has type {made.dtype.name} that does not match type {wanted.name} of argument "
            f"'{first_name}'."
        )
    return made


def shape_text(t: Any) -> str:
    """[2,3], [?,3] or <unknown>, as TensorFlow writes shapes in its refusals."""
    if isinstance(t, Operation):
        return "<unknown>" if t.value is None else "[" + ",".join(map(str, t.value.shape)) + "]"
    return "<unknown>" if t._shape is None else "[" + ",".join("?" if n is None else str(n) for n in t._shape) + "]"


def _for(kind: str, name: str, inputs: Sequence[Any]) -> str:
    return f" for '{name}' (op: '{kind}') with input shapes: {', '.join(map(shape_text, inputs))}."


# --- operations ---------------------------------------------------------------------------------------------------
class Steps:
    """The engine's nodes of one operation: call it with a row, its inputs and attributes."""

    def __init__(self, graph: Graph, name: str) -> None:
        self.core, self.name = graph._core, name

    def __call__(self, row: str, *inputs: Any, **attrs: Any) -> Tensor:
        return self.core.record(row, list(inputs), attrs, self.name)[0]

    def all(self, row: str, *inputs: Any, **attrs: Any) -> list[Tensor]:
        """Every output of the row."""
        return self.core.record(row, list(inputs), attrs, self.name)

    def constant(self, values: np.ndarray, dtype: Any = None) -> Tensor:
        return self.core.constant(_core.tensor(values, dtype and dtype._name, 0), self.name)

    def number(self, value: Any, like: Tensor) -> Tensor:
        """A constant in the dtype of another tensor."""
        return self.constant(np.array(value), like.dtype)


# Through these TensorFlow passes no gradient, not even zeros.
_STEPS = {"Floor", "Ceil", "Round", "Rint", "FloorDiv", "TruncateDiv"}


def _without_gradient(compute: Callable[[Steps], Any], step: Steps) -> Any:
    before = _core.set_grad_enabled(False)
    try:
        return compute(step)
    finally:
        _core.set_grad_enabled(before)


def operation(kind: str, scope: str, inputs: Sequence[Any], compute: Callable[[Steps], Any], **attrs: Any) -> Operation:
    """The operation of type `kind` that a scope was opened for. `inputs`: tensors, and operations of constants; `attrs`: what
    its node_def says beyond what follows from these."""
    name, graph = scope[:-1], get_default_graph()
    made = functools.partial(_without_gradient, compute) if kind in _STEPS else compute
    try:
        return graph.add(name, kind, lambda: made(Steps(graph, name)), inputs, attrs)
    except ShapeMismatch as e:
        words, _, ours = str(e).partition("\n")
        raise ValueError(words + _for(kind, name, inputs) + (f"\n{ours}" if ours else "")) from None


def ranked(source: Any, kind: str) -> int:
    """The rank; a ValueError where only a run will know it."""
    if source._shape is None:
        raise ValueError(f"{kind}: argument 'x': got a tensor of unknown rank, expected a known rank")
    return len(source._shape)


def refuse(words: str, kind: str, scope: str, inputs: Sequence[Any]) -> ValueError:
    """What TensorFlow says of shapes that an operation does not take."""
    return ValueError(words + _for(kind, scope[:-1], inputs))


def auxiliary(name: str, value: Any, dtype: Any = None) -> Operation:
    """A constant beside an operation: there by name, computed only if somebody asks for it."""
    graph, array = get_default_graph(), to_array(value, dtype)
    exact = graph.unique_name(name)
    core = graph._core
    return graph.add_lazily(exact, "Const", lambda: [core.constant(_core.tensor(array, None, 0), exact)], value=array)


_SHADOW = re.compile(r"([\w/]+)(?::(\w+))?(-?)(?:\(([^)]*)\))?")
_SHADOW_TYPES = {
    "concat": "ConcatV2", "range": "Range", "transpose": "Transpose", "strided_slice": "StridedSlice", "sub": "Sub", "mul": "Mul", "stack": "Pack",
    "add": "AddV2", "group_deps": "NoOp", "control_dependency": "Identity", "truediv": "RealDiv", "floordiv": "FloorDiv", "mod": "FloorMod",
    "unstack": "Unpack", "switch_t": "Identity", "switch_f": "Identity", "pred_id": "Identity",
}  # fmt: skip


def shadows(text: str) -> list[str]:
    """Nodes that TensorFlow makes where the engine needs none, by name in the open scope: they are counted, since
    operations draw their seeds from the count.

    'Rank Sub(y) Slice(begin:Pack,size) Cast-(x) a/is_small:Less' are Rank, Sub/y, Sub, Slice/begin (a Pack), Slice/size,
    Slice, Cast/x alone, and a/is_small (a Less). Gives the names of those before the parentheses.
    """
    graph, made = get_default_graph(), []
    for name, told, only_inside, inside in _SHADOW.findall(text):
        exact = graph.unique_name(name)
        for part in filter(None, inside.split(",")):
            leaf, _, kind = part.partition(":")
            graph.add_lazily(f"{exact}/{leaf}", kind or "Const")
        if not only_inside:
            last = name.rpartition("/")[2]
            graph.add_lazily(exact, told or _SHADOW_TYPES.get(last, last if last[0].isupper() else "Const"))
            made.append(exact)
    return made


# --- rows ---------------------------------------------------------------------------------------------------------
class Argument(NamedTuple):
    name: str  # in Python
    parameter: str  # of the row
    kind: str
    default: Any  # None: the row's
    node_input: str | None  # its name among the node's inputs
    dtype: str | None  # of the constant that it becomes there; None: as its value says


class Spelling:
    """How a row is called here, and the node that TensorFlow makes for it."""

    def __init__(self, row: dict[str, Any]) -> None:
        call, _, node = row["tf"].partition(" -> ")
        self.row, self.outputs, self.doc = row["name"], row["outputs"], row["doc"]
        self.path = call.partition("(")[0]
        self.function = self.path.rpartition(".")[2]
        self.kind = node.partition("(")[0] or camel(self.function)
        listed = _listed(call)
        self.default = next((a.partition("=")[2] for a in listed if a.startswith("name=")), self.kind)
        names, defaults = zip(*(_with_default(a) for a in listed if not a.startswith("name=")))
        parameters = {p[0]: p[1] for p in row["parameters"]}
        order = list(parameters)
        of = [name if name in parameters else order[min(k, len(order) - 1)] for k, name in enumerate(names)]
        inputs = _listed(node) or [n for n, p in zip(names, of) if parameters[p] in _CLASSES]
        inputs += [""] * (len(names) - len(inputs))
        self.arguments = []
        for name, p, default, told in zip(names, of, defaults, inputs):
            node_input, _, dtype = told.partition(":")
            self.arguments.append(Argument(name, p, parameters[p], default, node_input or None, dtype or None))

    def bind(self, args: tuple, kwargs: dict[str, Any]) -> dict[str, Any]:
        names = [a.name for a in self.arguments]
        if len(args) > len(names) + 1:
            raise TypeError(f"{self.function}() takes at most {len(names) + 1} arguments, but {len(args)} were given")
        given = {a.name: a.default for a in self.arguments if a.default is not None}
        given.update(zip([*names, "name"], args))
        for key, value in kwargs.items():
            key = key if key in names or key == "name" else _OLD_NAMES.get(key, key)
            if key not in names and key != "name":
                raise TypeError(f"{self.function}() got an unexpected keyword argument '{key}'")
            if value is not None or key not in given:
                given[key] = value
        if names and names[0] not in given:
            raise TypeError(f"{self.function}() missing 1 required positional argument: '{names[0]}'")
        return given

    def __call__(self, given: dict[str, Any]) -> Any:
        """The operation with these arguments; its output, or a list of several."""
        tensors = [a for a in self.arguments if a.kind in _CLASSES and given.get(a.name) is not None]
        with scope_of(given.get("name"), self.default, [given[a.name] for a in tensors]) as scope:
            values = self._operands(tensors, given)
            inputs: list[Any] = list(values)
            attrs, told = {}, {}
            for a in self.arguments:
                if a.kind in _CLASSES or a.name not in given or given[a.name] is None:
                    continue
                value = given[a.name]
                attrs[a.parameter] = static_ints(value) if is_tensor(value) else value
                if not a.node_input:
                    told[a.name] = value
                else:
                    inputs.append(value if is_tensor(value) else auxiliary(a.node_input, value, a.dtype))
            made = operation(self.kind, scope, inputs, lambda step: self._in_dtype(step, step.all(self.row, *values, **attrs), values), **told)
        return made.outputs[0] if self.outputs == 1 else made.outputs

    def _in_dtype(self, step: Steps, made: list[Tensor], values: list[Tensor]) -> list[Tensor]:
        """Running sums of integers stay in their dtype."""
        if self.kind not in ("Cumsum", "Cumprod") or made[0]._dtype == values[0]._dtype:
            return made
        return [step("cast", made[0], dtype=values[0].dtype._name)]

    def _operands(self, tensors: list[Argument], given: dict[str, Any]) -> list[Tensor]:
        """Numbers share the dtype of the first; conditions and indices have their own."""
        together = [(a.node_input, given[a.name]) for a in tensors if a.kind not in ("boolean", "index")]
        shared = iter(operands(self.kind, together))
        out = [convert(given[a.name], name=a.node_input) if a.kind in ("boolean", "index") else next(shared) for a in tensors]
        for a, t in zip(tensors, out):
            self._check_class(a, t)
        return out

    def _check_class(self, a: Argument, t: Tensor) -> None:
        allowed = _CLASSES[a.kind]
        if not allowed or t.dtype.base_dtype.name in allowed.split(", "):
            return
        if a.kind == "boolean":
            raise TypeError(f"Input '{a.node_input}' of '{self.kind}' Op has type {t.dtype.name} that does not match expected type of bool.")
        raise TypeError(f"Value passed to parameter '{a.node_input}' has DataType {t.dtype.name} not in list of allowed values: {allowed}")


def camel(function: str) -> str:
    """squared_difference: SquaredDifference."""
    return "".join(part.capitalize() for part in function.split("_"))


def _with_default(argument: str) -> tuple[str, Any]:
    """'axis=0' as ('axis', 0)."""
    name, _, default = argument.partition("=")
    return name, ast.literal_eval(default) if default else None


def _listed(call: str) -> list[str]:
    return [a.strip() for a in call.partition("(")[2].rstrip(")").split(",") if a.strip()]


def row_function(row: dict[str, Any]) -> Callable[..., Any]:
    """A row as a function of this face."""
    spelling: list[Spelling] = []  # made by the first call

    def function(*args: Any, **kwargs: Any) -> Any:
        if not spelling:
            spelling.append(Spelling(row))
        return spelling[0](spelling[0].bind(args, kwargs))

    function.__name__ = function.__qualname__ = row["tf"].partition("(")[0].rpartition(".")[2]
    function.__doc__, function.row = row["doc"], row  # the stubs are made from it
    return function


ROWS: dict[str, Callable[..., Any]] = {r["tf"].partition("(")[0]: row_function(r) for r in _core.rows() if r["tf"]}
