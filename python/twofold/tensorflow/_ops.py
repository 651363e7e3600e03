"""TensorFlow's operations: every row of the engine under its name here, and what needs more than a row."""

from __future__ import annotations

import builtins
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from twofold import _core
from twofold.tensorflow import _dtypes
from twofold.tensorflow._dtypes import BY_NUMBER, as_dtype
from twofold.tensorflow._graph import get_default_graph
from twofold.tensorflow._sizes import Told, constant_value, filled, sizes_of, spread, stacked, static_ints
from twofold.tensorflow._tensor import Tensor, constant, constant_named, convert, record, same_graph, to_array

# Rows whose operation has another type in TensorFlow than its function's name in capitals.
_TYPES = {
    "truediv": "RealDiv", "subtract": "Sub", "multiply": "Mul", "negative": "Neg", "reduce_sum": "Sum",
    "reduce_mean": "Mean", "reduce_max": "Max", "reduce_min": "Min", "reduce_any": "Any", "reduce_all": "All",
    "argmax": "ArgMax", "matmul": "MatMul", "range": "Range", "stop_gradient": "StopGradient", "transpose": "Transpose",
    "expand_dims": "ExpandDims", "concat": "ConcatV2", "gather": "GatherV2", "add": "Add", "fill": "Fill",
    "broadcast_to": "BroadcastTo", "not_equal": "NotEqual", "logical_and": "LogicalAnd", "logical_or": "LogicalOr",
    "logical_not": "LogicalNot", "less_equal": "LessEqual", "greater_equal": "GreaterEqual", "log_softmax": "LogSoftmax",
    "zeros_like": "ZerosLike", "ones_like": "OnesLike", "expm1": "Expm1", "log1p": "Log1p",
    "sparse_softmax_cross_entropy_with_logits": "SparseSoftmaxCrossEntropyWithLogits",
}  # fmt: skip
# The default name where it is not the type.
_NAMES = {"truediv": "truediv", "concat": "concat", "range": "range", "transpose": "transpose", "stop_gradient": "StopGradient",
          "zeros_like": "zeros_like", "ones_like": "ones_like", "gather": "GatherV2"}  # fmt: skip
_OLD_NAMES = {"reduction_indices": "axis", "keep_dims": "keepdims", "dimension": "axis", "dim": "axis", "axes": "axis"}
_SYNONYMS = {"axis": ("axis", "axes"), "perm": ("axes",), "values": ("parts",), "indices": ("index",), "dims": ("shape",),
             "labels": ("target",), "keepdims": ("keepdims",)}  # fmt: skip
_BY_HAND = {"cond", "while_loop", "full", "arange", "uniform", "normal", "random_integers", "dropout", "nonzero", "var",
            "permute", "transpose", "slice", "concat", "take", "take_add", "gather", "cast", "cross_entropy", "squeeze",
            "argmax", "argmin", "tile", "one_hot", "add_n", "eye", "linspace", "expand", "reshape", "gather_nd", "scatter_nd", "where", "matmul", "ones_like", "zeros_like", "unsqueeze"}  # fmt: skip


def op_type(function: str) -> str:
    return _TYPES.get(function) or "".join(part.capitalize() for part in function.split("_"))


def scalar_name(name: str | None, default: str) -> str:
    return get_default_graph().unique_name(name or default)


def operands(function: str, name: str, values: Sequence[tuple[str, Any]], dtypes_agree: bool = True) -> list[Tensor]:
    """Operands as tensors: numbers adopt the dtype of the tensors, constants are called `name/x`."""
    graph = get_default_graph()
    first = next((v for _, v in values if _dtype_of(v) is not None), None)
    preferred = None if first is None else _dtype_of(first)
    out = []
    for argument, value in values:
        if _dtype_of(value) is None or isinstance(value, (np.ndarray, np.generic)):
            wanted = preferred if dtypes_agree and not isinstance(value, (np.ndarray, np.generic)) else None
            array = to_array(value, wanted) if not _nested_tensor(value) else None
            key = f"{name}/{argument}"
            made = convert(value, preferred) if array is None else constant_named(graph, array, _exact(graph, key))
            out.append(made)
        else:
            out.append(convert(value))
    same_graph(out)
    if dtypes_agree:
        _check_dtypes(function, [a for a, _ in values], out)
    return out


def _exact(graph: Any, name: str) -> str:
    graph._names.setdefault(name.lower(), 1)
    return name


def _nested_tensor(value: Any) -> bool:
    return isinstance(value, (list, tuple)) and any(_dtype_of(v) is not None for v in value)


def _dtype_of(value: Any) -> Any:
    """The dtype of what has one."""
    if isinstance(value, _core.Tensor):
        return BY_NUMBER[value._dtype]
    if hasattr(value, "_as_graph_element"):
        return value.dtype.base_dtype
    return as_dtype(value.dtype) if isinstance(value, (np.ndarray, np.generic)) else None


def _check_dtypes(function: str, names: list[str], tensors: list[Tensor]) -> None:
    for name, t in zip(names[1:], tensors[1:]):
        if t._dtype != tensors[0]._dtype:
            raise TypeError(
                f"Input '{name}' of '{op_type(function)}' Op has type {t.dtype.name} that does not match type "
                f"{tensors[0].dtype.name} of argument '{names[0]}'."
            )


# --- rows ---------------------------------------------------------------------------------------------------------
class _Signature:
    """How a row is called here: the face's arguments, and which parameter of the row each one is."""

    def __init__(self, row: dict[str, Any]) -> None:
        spelling = row["tf"]
        self.row = row["name"]
        self.path = spelling.partition("(")[0]
        self.function = self.path.rpartition(".")[2]
        self.outputs = row["outputs"]
        names = [a.strip().partition("=")[0] for a in spelling.partition("(")[2].rstrip(")").split(",") if a.strip()]
        parameters = {p[0]: p for p in row["parameters"]}
        order = [p[0] for p in row["parameters"]]
        self.arguments: list[tuple[str, tuple]] = []
        for k, name in enumerate(names):
            options = (name, *_SYNONYMS.get(name, ()))
            found = next((parameters[o] for o in options if o in parameters), None)
            self.arguments.append((name, found or parameters[order[min(k, len(order) - 1)]]))

    def bind(self, args: tuple, kwargs: dict[str, Any]) -> dict[str, Any]:
        names = [name for name, _ in self.arguments]
        if len(args) > len(names) + 1:
            raise TypeError(f"{self.function}() takes at most {len(names) + 1} arguments, but {len(args)} were given")
        given = dict(zip([*names, "name"], args))
        for key, value in kwargs.items():
            key = key if key in names or key == "name" else _OLD_NAMES.get(key, key)
            if key not in names and key != "name":
                raise TypeError(f"{self.function}() got an unexpected keyword argument '{key}'")
            if value is not None or key not in given:
                given[key] = value
        return given


_TENSOR_KINDS = {"any", "number", "float", "integer", "boolean", "index"}


def row_function(row: dict[str, Any]) -> Callable[..., Any]:
    """A row as a function of this face."""
    signature = _Signature(row)
    default = _NAMES.get(signature.function, op_type(signature.function))

    def function(*args: Any, **kwargs: Any) -> Any:
        given = signature.bind(args, kwargs)
        name = scalar_name(given.pop("name", None), default)
        values, attrs = [], {}
        for argument, (parameter, kind, *_) in signature.arguments:
            if argument not in given:
                continue
            if kind in _TENSOR_KINDS:
                values.append((argument, given[argument]))
            elif given[argument] is not None:
                attrs[parameter] = static_ints(given[argument]) if kind in ("int", "ints") else given[argument]
        if not values:
            raise TypeError(f"{signature.function}() missing 1 required positional argument: '{signature.arguments[0][0]}'")
        return record(signature.row, op_type(signature.function), operands(signature.function, name, values), attrs, name,
                      signature.outputs)  # fmt: skip

    function.__name__ = function.__qualname__ = signature.function
    function.__doc__ = row["doc"]
    return function


ROWS: dict[str, Callable[..., Any]] = {
    r["tf"].partition("(")[0]: row_function(r) for r in _core.rows() if r["tf"] and r["name"] not in _BY_HAND
}
globals().update({path: f for path, f in ROWS.items() if "." not in path})


def apply(row: str, function: str, name: str | None, values: Sequence[tuple[str, Any]], attrs: dict[str, Any] | None = None,
          default: str | None = None, agree: bool = True) -> Any:  # fmt: skip
    """One row by hand: operands converted, the operation named."""
    exact = scalar_name(name, default or op_type(function))
    return record(row, op_type(function), operands(function, exact, values, agree), attrs or {}, exact)


# --- arithmetic ---------------------------------------------------------------------------------------------------
def matmul(a: Any, b: Any, transpose_a: bool = False, transpose_b: bool = False, name: str | None = None, **_: Any) -> Tensor:
    exact = scalar_name(name, "MatMul")
    x, y = operands("matmul", exact, [("a", a), ("b", b)])
    for t in (x, y):
        if t._shape is not None and len(t._shape) < 2:
            raise ValueError(f"Shape must be rank 2 but is rank {len(t._shape)} for '{exact}' (op: 'MatMul') with input "
                             f"shapes: {_list(x)}, {_list(y)}.")  # fmt: skip
    inputs = [x, y]
    graph = x.graph
    if transpose_a or transpose_b:
        flags = (transpose_a, transpose_b)
        inputs = [graph._core.record("transpose", [t], {}, f"{exact}/transpose")[0] if f else t for t, f in zip(inputs, flags)]
    _check_inner(exact, *inputs)
    return graph.add(exact, "MatMul", lambda: graph._core.record("matmul", inputs, {}, exact), [x, y]).outputs[0]


def _list(t: Tensor) -> str:
    return "?" if t._shape is None else "[" + ",".join("?" if n is None else str(n) for n in t._shape) + "]"


def _check_inner(name: str, a: Tensor, b: Tensor) -> None:
    if a._shape is None or b._shape is None:
        return
    inner, other = a._shape[-1], b._shape[-2]
    if inner is not None and other is not None and inner != other:
        raise ValueError(
            f"Dimensions must be equal, but are {inner} and {other} for '{name}' (op: 'MatMul') with input shapes: "
            f"{_list(a)}, {_list(b)}."
        )


def _divide(x: Any, y: Any, name: str | None, default: str) -> Tensor:
    exact = scalar_name(name, default)
    a, b = operands("truediv", exact, [("x", x), ("y", y)])
    if not a.dtype.is_floating:
        wide = _dtypes.float32 if a.dtype.size < 4 else _dtypes.float64
        a, b = cast(a, wide, f"{exact}/Cast"), cast(b, wide, f"{exact}/Cast_1")
    return record("div", "RealDiv", [a, b], {}, exact)


def truediv(x: Any, y: Any, name: str | None = None) -> Tensor:
    """x / y: int8 and int16 divide as float32, int32 and int64 as float64."""
    return _divide(x, y, name, "truediv")


def divide(x: Any, y: Any, name: str | None = None) -> Tensor:
    return _divide(x, y, name, "truediv")


div = divide


def add_n(inputs: Sequence[Any], name: str | None = None) -> Tensor:
    total = convert(inputs[0])
    for t in inputs[1:-1]:
        total = apply("add", "add", None, [("x", total), ("y", t)], default="AddN/partial")
    if len(inputs) == 1:
        return identity(total, name or "AddN")
    return apply("add", "add", name, [("x", total), ("y", inputs[-1])], default="AddN")


def squared_difference(x: Any, y: Any, name: str | None = None) -> Tensor:
    difference = apply("sub", "subtract", None, [("x", x), ("y", y)], default="SquaredDifference/sub")
    return apply("square", "square", name, [("x", difference)], default="SquaredDifference")


def clip_by_value(t: Any, clip_value_min: Any, clip_value_max: Any, name: str | None = None) -> Tensor:
    low = apply("minimum", "minimum", None, [("x", t), ("y", clip_value_max)], default="clip_by_value/Minimum")
    return apply("maximum", "maximum", name, [("x", low), ("y", clip_value_min)], default="clip_by_value")


# --- dtypes and shapes --------------------------------------------------------------------------------------------
def cast(x: Any, dtype: Any, name: str | None = None) -> Tensor:
    """x in another dtype; towards zero where it becomes an integer."""
    source, wanted = convert(x, name="x"), as_dtype(dtype).base_dtype
    if source._dtype == wanted._dtype:
        return source
    return record("cast", "Cast", [source], {"dtype": wanted._name}, scalar_name(name, "Cast"))


def to_float(x: Any, name: str = "ToFloat") -> Tensor:
    return cast(x, _dtypes.float32, name)


def to_double(x: Any, name: str = "ToDouble") -> Tensor:
    return cast(x, _dtypes.float64, name)


def to_int32(x: Any, name: str = "ToInt32") -> Tensor:
    return cast(x, _dtypes.int32, name)


def to_int64(x: Any, name: str = "ToInt64") -> Tensor:
    return cast(x, _dtypes.int64, name)


def identity(input: Any, name: str | None = None) -> Tensor:
    return record("identity", "Identity", [convert(input)], {}, scalar_name(name, "Identity"))


def shape(input: Any, name: str | None = None, out_type: Any = _dtypes.int32) -> Tensor:
    """The sizes as a tensor: a constant where they are known, else what the run finds."""
    t = convert(input)
    if t._shape is not None and None not in t._shape:
        return _known(t, name, "Shape", list(t._shape), out_type)
    return record("shape_of", "Shape", [t], {"dtype": as_dtype(out_type)._name}, scalar_name(name, "Shape"))


def rank(input: Any, name: str | None = None) -> Tensor:
    t = convert(input)
    if t._shape is not None:
        return _known(t, name, "Rank", len(t._shape), _dtypes.int32)
    exact = scalar_name(name, "Rank")
    sizes = t.graph._core.record("shape_of", [t], {}, f"{exact}/Shape")
    return record("count", "Rank", sizes, {"axes": [], "dtype": "int32"}, exact)


def size(input: Any, name: str | None = None, out_type: Any = _dtypes.int32) -> Tensor:
    t = convert(input)
    if t.shape.num_elements() is not None:
        return _known(t, name, "Size", t.shape.num_elements(), out_type)
    return record("count", "Size", [t], {"axes": [], "dtype": as_dtype(out_type)._name}, scalar_name(name, "Size"))


def _known(t: Tensor, name: str | None, kind: str, value: Any, dtype: Any) -> Tensor:
    graph, exact = t.graph, scalar_name(name, kind)
    array = _core.tensor(np.array(value, as_dtype(dtype)._name), None, 0)
    return graph.add(exact, kind, lambda: graph._core.constant(array, exact), [t]).outputs[0]


def reshape(tensor: Any, shape: Any, name: str | None = None) -> Tensor:
    exact = scalar_name(name, "Reshape")
    source, sizes = operands("reshape", exact, [("tensor", tensor)])[0], sizes_of(shape, exact)
    if isinstance(sizes, Told):
        return record("reshape_to", "Reshape", [source, sizes.tensor], {"hint": sizes.hint}, exact)
    wanted, have = int(np.prod(sizes, dtype=np.int64)), source.shape.num_elements()
    if have is not None and -1 not in sizes and wanted != have:
        raise ValueError(
            f"Cannot reshape a tensor with {have} elements to shape [{','.join(map(str, sizes))}] ({wanted} elements) for "
            f"'{exact}' (op: 'Reshape') with input shapes: {_list(source)}, [{len(sizes)}]."
        )
    return record("reshape", "Reshape", [source], {"shape": sizes}, exact)


def broadcast_to(input: Any, shape: Any, name: str | None = None) -> Tensor:
    exact = scalar_name(name, "BroadcastTo")
    source, sizes = convert(input), sizes_of(shape, exact)
    if isinstance(sizes, Told):
        return spread(source, sizes, "BroadcastTo", exact)
    return record("expand", "BroadcastTo", [source], {"shape": sizes}, exact)


def transpose(a: Any, perm: Any = None, name: str | None = None, conjugate: bool = False) -> Tensor:
    source = convert(a)
    axes = static_ints(perm) if perm is not None else list(builtins.range(len(source._shape) - 1, -1, -1))
    return record("permute", "Transpose", [source], {"axes": axes}, scalar_name(name, "transpose"))


def expand_dims(input: Any, axis: Any = None, name: str | None = None, dim: Any = None) -> Tensor:
    at = static_ints(dim if axis is None else axis)
    return record("unsqueeze", "ExpandDims", [convert(input)], {"axis": at}, scalar_name(name, "ExpandDims"))


def squeeze(input: Any, axis: Any = None, name: str | None = None, squeeze_dims: Any = None) -> Tensor:
    """Drops dimensions of size 1: those named, or all."""
    source, chosen = convert(input), static_ints(squeeze_dims if axis is None else axis)
    chosen = [chosen] if isinstance(chosen, int) else chosen
    rank = len(source._shape)
    axes = [k for k, n in enumerate(source._shape) if n == 1] if not chosen else [k % rank for k in chosen]
    for k in axes:
        if source._shape[k] not in (1, None):
            raise ValueError(f"Can not squeeze dim[{k}], expected a dimension of 1, got {source._shape[k]} for 'Squeeze' "
                             f"(op: 'Squeeze') with input shapes: {_list(source)}.")  # fmt: skip
    sizes = [-1 if n is None else n for k, n in enumerate(source._shape) if k not in axes]
    return record("reshape", "Squeeze", [source], {"shape": sizes}, scalar_name(name, "Squeeze"))


def concat(values: Sequence[Any], axis: Any, name: str = "concat") -> Tensor:
    parts = [convert(v) for v in values]
    return record("concat", "ConcatV2", parts, {"axis": static_ints(axis)}, scalar_name(name, "concat"))


def stack(values: Sequence[Any], axis: int = 0, name: str = "stack") -> Tensor:
    """Tensors of one shape along a new axis."""
    first = next((_dtype_of(v) for v in values if _dtype_of(v) is not None), None)
    parts = [convert(v, preferred=first) for v in values]
    graph, exact = parts[0].graph, scalar_name(name, "stack")
    raised = [graph._core.record("unsqueeze", [p], {"axis": axis}, f"{exact}/expand")[0] for p in parts]
    return graph.add(exact, "Pack", lambda: graph._core.record("concat", raised, {"axis": axis}, exact), parts).outputs[0]


pack = stack


def unstack(value: Any, num: int | None = None, axis: int = 0, name: str = "unstack") -> list[Tensor]:
    source = convert(value)
    count = num if num is not None else source._shape[axis]
    if count is None:
        raise ValueError(f"Cannot infer num from shape {source.shape}")
    return _pieces(source, "Unpack", scalar_name(name, "unstack"), "select", [{"axis": axis, "index": k} for k in builtins.range(count)])


def _pieces(source: Tensor, kind: str, exact: str, row: str, attrs: list[dict[str, Any]]) -> list[Tensor]:
    """One operation with an output for each piece."""
    graph = source.graph
    parts = [graph._core.record(row, [source], a, exact)[0] for a in attrs]
    op = graph.add(exact, kind, lambda: parts, [source])
    for part in parts:
        graph._by_node[part._edge[:2]] = op
    return op.outputs


def split(value: Any, num_or_size_splits: Any, axis: int = 0, num: Any = None, name: str = "split") -> list[Tensor]:
    """Equal pieces (a number of them), or pieces of these sizes."""
    source = convert(value)
    sizes = num_or_size_splits
    if isinstance(sizes, int):
        sizes = [source._shape[axis] // sizes] * sizes
    attrs, begin = [], 0
    for n in sizes:
        attrs.append({"axis": axis, "start": begin, "stop": begin + n})
        begin += n
    return _pieces(source, "Split", scalar_name(name, "split"), "slice", attrs)


def tile(input: Any, multiples: Any, name: str | None = None) -> Tensor:
    """`multiples[k]` copies along axis k."""
    source, exact = convert(input), scalar_name(name, "Tile")
    counts = sizes_of(multiples, exact)
    if isinstance(counts, Told):
        return _tile_told(source, counts.tensor, exact)
    record_, parts = source.graph._core.record, source
    for k, n in enumerate(counts):
        parts = record_("concat", [parts] * n, {"axis": k}, f"{exact}/concat")[0] if n != 1 else parts
    return record("identity", "Tile", [parts], {}, exact)


def _tile_told(source: Tensor, counts: Tensor, exact: str) -> Tensor:
    """[a, b] becomes [1, a, 1, b], broadcast to [m, a, n, b], seen as [m * a, n * b]."""
    core, rank = source.graph._core, len(source._shape)
    sizes = core.record("shape_of", [source], {"dtype": counts.dtype._name}, f"{exact}/Shape")[0]
    column = [core.record("unsqueeze", [t], {"axis": 1}, f"{exact}/expand")[0] for t in (counts, sizes)]
    both = core.record("reshape", core.record("concat", column, {"axis": 1}, f"{exact}/pairs"), {"shape": [-1]}, f"{exact}/sizes")[0]
    apart = source
    for k in builtins.range(rank):
        apart = core.record("unsqueeze", [apart], {"axis": 2 * k}, f"{exact}/apart")[0]
    copies = core.record("expand_to", [apart, both], {"hint": []}, f"{exact}/copies")[0]
    product = core.record("mul", [counts, sizes], {}, f"{exact}/product")[0]
    return record("reshape_to", "Tile", [copies, product], {"hint": [-1] * rank}, exact)


def gather(params: Any, indices: Any, axis: int = 0, name: str | None = None, **_: Any) -> Tensor:
    """Slices of params at `indices` along `axis`."""
    inputs = [convert(params), convert(indices)]
    return record("take", "GatherV2", inputs, {"axis": axis or 0}, scalar_name(name, "GatherV2"))


def one_hot(indices: Any, depth: int, on_value: Any = 1, off_value: Any = 0, axis: int = -1, dtype: Any = None,
            name: str | None = None) -> Tensor:  # fmt: skip
    exact, wanted = scalar_name(name, "one_hot"), as_dtype(dtype or _dtypes.float32)
    source = convert(indices, name=f"{exact}/indices")
    graph = source.graph
    classes = constant_named(graph, np.arange(depth, dtype=source.dtype._name), f"{exact}/depth")
    hit = graph._core.record("eq", [graph._core.record("unsqueeze", [source], {"axis": -1}, f"{exact}/expand")[0], classes],
                             {}, f"{exact}/equal")[0]  # fmt: skip
    on, off = (constant_named(graph, np.array(v, wanted._name), f"{exact}/{n}") for v, n in ((on_value, "on"), (off_value, "off")))
    if axis in (-1, len(source._shape or ())):
        return graph.add(exact, "OneHot", lambda: graph._core.record("where", [hit, on, off], {}, exact), [source]).outputs[0]
    chosen = graph._core.record("where", [hit, on, off], {}, f"{exact}/last")[0]
    axes = list(builtins.range(len(source._shape)))
    axes.insert(axis, len(source._shape))
    return graph.add(exact, "OneHot", lambda: graph._core.record("permute", [chosen], {"axes": axes}, exact), [source]).outputs[0]


def where(condition: Any, x: Any = None, y: Any = None, name: str | None = None) -> Tensor:
    """x where the condition holds, else y; with one argument, the indices where it holds."""
    test = convert(condition)
    if x is None:
        return record("nonzero", "Where", [test], {}, scalar_name(name, "Where"))
    exact = scalar_name(name, "Select")
    a, b = operands("select", exact, [("x", x), ("y", y)])
    if test._shape is not None and a._shape is not None and len(test._shape) == 1 < len(a._shape):
        sizes = [*(-1 if n is None else n for n in test._shape), *[1] * (len(a._shape) - 1)]
        test = test.graph._core.record("reshape", [test], {"shape": sizes}, f"{exact}/rows")[0]
    return record("where", "Select", [test, a, b], {}, exact)


def argmax(input: Any, axis: Any = None, name: str | None = None, dimension: Any = None, output_type: Any = None) -> Tensor:
    """The position of the first largest element along `axis` (0 by default), int64."""
    at = dimension if axis is None else axis
    found = record("argmax", "ArgMax", [convert(input)], {"axis": static_ints(at) or 0}, scalar_name(name, "ArgMax"))
    return found if output_type is None else cast(found, output_type)


def argmin(input: Any, axis: Any = None, name: str | None = None, dimension: Any = None, output_type: Any = None) -> Tensor:
    return argmax(apply("neg", "negative", None, [("x", input)], default="ArgMin/Neg"), axis, name or "ArgMin", dimension, output_type)


arg_max, arg_min = argmax, argmin


_sum, _mean = ROWS["reduce_sum"], ROWS["reduce_mean"]


def _axes(axis: Any, keepdims: Any, old: dict[str, Any]) -> tuple[Any, bool]:
    old_axis, old_keep = old.get("reduction_indices"), old.get("keep_dims")
    return old_axis if axis is None else axis, bool(old_keep if keepdims is None else keepdims)


def reduce_sum(input_tensor: Any, axis: Any = None, keepdims: Any = None, name: str | None = None, **old: Any) -> Tensor:
    """The sum over `axis` (all by default), in the tensor's own dtype."""
    source = convert(input_tensor)
    over, keep = _axes(axis, keepdims, old)
    if source.dtype.is_floating:
        return _sum(source, over, keep, name=name)
    return cast(_sum(source, over, keep, name=f"{name or 'Sum'}/wide"), source.dtype, name or "Sum")


def reduce_mean(input_tensor: Any, axis: Any = None, keepdims: Any = None, name: str | None = None, **old: Any) -> Tensor:
    """The mean over `axis` (all by default); that of integers is cut off towards zero."""
    source = convert(input_tensor)
    over, keep = _axes(axis, keepdims, old)
    if source.dtype.is_floating:
        return _mean(source, over, keep, name=name)
    wide = cast(source, _dtypes.float64, f"{name or 'Mean'}/wide")
    return cast(_mean(wide, over, keep, name=f"{name or 'Mean'}/mean"), source.dtype, name or "Mean")


ROWS.update(reduce_sum=reduce_sum, reduce_mean=reduce_mean)


# --- making tensors -----------------------------------------------------------------------------------------------
def zeros(shape: Any, dtype: Any = _dtypes.float32, name: str | None = None) -> Tensor:
    return _filled_with(0, shape, dtype, name or "zeros")


def ones(shape: Any, dtype: Any = _dtypes.float32, name: str | None = None) -> Tensor:
    return _filled_with(1, shape, dtype, name or "ones")


def fill(dims: Any, value: Any, name: str | None = None) -> Tensor:
    if _dtype_of(value) is not None and not isinstance(value, (np.ndarray, np.generic)):
        return broadcast_to(value, dims, name or "Fill")
    array = to_array(value)
    return _filled_with(array, dims, as_dtype(array.dtype), name or "Fill")


def _filled_with(value: Any, shape: Any, dtype: Any, name: str) -> Tensor:
    """A constant; above a thousand elements TensorFlow fills it when the graph runs, and so does the engine."""
    wanted, graph = as_dtype(dtype).base_dtype, get_default_graph()
    exact = graph.unique_name(name)
    sizes = sizes_of(shape, exact)
    if isinstance(sizes, Told):
        return filled(value, wanted, sizes, "Fill", exact)
    if np.prod(sizes, dtype=np.int64) < 1000:
        return constant_named(graph, np.full(sizes, value, wanted._name), exact)
    attrs = {"shape": sizes, "value": float(value), "dtype": wanted._name}
    return record("full", "Fill", [], attrs, exact)


def zeros_like(tensor: Any, dtype: Any = None, name: str | None = None, optimize: bool = True) -> Tensor:
    source = convert(tensor)
    made = record("zeros_like", "ZerosLike", [source], {}, scalar_name(name, "zeros_like"))
    return made if dtype is None else cast(made, dtype)


def ones_like(tensor: Any, dtype: Any = None, name: str | None = None, optimize: bool = True) -> Tensor:
    source = convert(tensor)
    made = record("ones_like", "OnesLike", [source], {}, scalar_name(name, "ones_like"))
    return made if dtype is None else cast(made, dtype)


def range(start: Any, limit: Any = None, delta: Any = 1, dtype: Any = None, name: str = "range") -> Tensor:  # noqa: A001
    if limit is None:
        start, limit = 0, start
    if any(_dtype_of(v) is not None for v in (start, limit, delta)):
        return _range_told(start, limit, delta, name)
    values = np.arange(start, limit, delta)
    return constant(values.astype(as_dtype(dtype)._name) if dtype else values.tolist() or values.astype(np.int32), name=name)


def _range_told(start: Any, limit: Any, delta: Any, name: str) -> Tensor:
    """Bounds that only a run knows: the coordinates of that many ones, counted from `start`."""
    first, last, step = (static_value(v) for v in (start, limit, delta))
    if None not in (first, last, step):
        return constant(np.arange(first, last, step), name=name)
    if step != 1:
        raise NotImplementedError("tf.range with a bound that only a run knows counts by 1 in this version")
    exact = scalar_name(name, "range")
    count = convert(limit) - start
    ones_ = filled(1, _dtypes.int32, Told(stacked([count], f"{exact}/count"), []), "Fill", f"{exact}/ones")
    core = count.graph._core
    rows = core.record("nonzero", [ones_], {}, f"{exact}/rows")
    flat = core.record("reshape", rows, {"shape": [-1]}, f"{exact}/flat")
    counted = core.record("cast", flat, {"dtype": count.dtype._name}, f"{exact}/counted")[0]
    return record("add", "Range", [counted, convert(start, count.dtype)], {}, exact)


def static_value(value: Any) -> Any:
    """A number, or None where only a run knows it."""
    if _dtype_of(value) is None or isinstance(value, (np.ndarray, np.generic)):
        return value
    known = constant_value(convert(value))
    return None if known is None else known.item()


def linspace(start: float, stop: float, num: int, name: str | None = None) -> Tensor:
    return constant(np.linspace(start, stop, num).astype(np.float32), name=name or "LinSpace")


def eye(num_rows: int, num_columns: int | None = None, dtype: Any = _dtypes.float32, name: str | None = None) -> Tensor:
    return constant(np.eye(num_rows, num_columns, dtype=as_dtype(dtype)._name), name=name or "eye")
