"""Attributes of operations, by type: from dtypes, counts, and what the function that made the operation told."""

from __future__ import annotations

import ast
import functools
from typing import TYPE_CHECKING, Any

from twofold.tensorflow._dtypes import DType, as_dtype

if TYPE_CHECKING:
    from twofold.tensorflow._graph import Operation

# in1, out0: the dtype of that input or output; ins, ins1: the dtypes of all inputs, of those from the second on; outs: of
# all outputs; n, n-1: how many inputs, but for the last; pieces: how many outputs; told: only what the function said. Anything else is the value unless the function said another.
_REDUCED = "T=in0 Tidx=in1 keep_dims=False"
_UPDATED = "T=in1 use_locking=False"
_SCATTERED = "T=in2 Tindices=in1 use_locking="
_DRAWN = "T=in0 dtype=out0 seed=0 seed2=0"
_CUMULATED = "T=in0 Tidx=in1 exclusive=False reverse=False"
_TABLE = {
    "AddN": "N=n T=in0",
    "All": "Tidx=in1 keep_dims=False",
    "Any": "Tidx=in1 keep_dims=False",
    "ApplyAdadelta": _UPDATED,
    "ApplyAdagrad": _UPDATED + " update_slots=True",
    "ApplyAdam": _UPDATED + " use_nesterov=False",
    "ApplyCenteredRMSProp": _UPDATED,
    "ApplyFtrl": _UPDATED,
    "ApplyGradientDescent": _UPDATED,
    "ApplyMomentum": _UPDATED + " use_nesterov=False",
    "ApplyRMSProp": _UPDATED,
    "ArgMax": "T=in0 Tidx=in1 output_type=out0",
    "ArgMin": "T=in0 Tidx=in1 output_type=out0",
    "Assert": "T=ins1 summarize=3",
    "Assign": "T=in1 use_locking=True validate_shape=True",
    "AssignAdd": _UPDATED,
    "AssignSub": _UPDATED,
    "BatchMatMulV2": "T=in0 adj_x=False adj_y=False",
    "BiasAdd": "T=in0 data_format=b'NHWC'",
    "BroadcastTo": "T=in0 Tidx=in1",
    "Cast": "DstT=out0 SrcT=in0 Truncate=False",
    "CheckNumerics": "T=in0 message=told",
    "ConcatV2": "N=n-1 T=in0 Tidx=in-1",
    "Const": "dtype=value value=value",
    "Cumprod": _CUMULATED,
    "Cumsum": _CUMULATED,
    "Equal": "T=in0 incompatible_shape_error=True",
    "ExpandDims": "T=in0 Tdim=in1",
    "Fill": "T=in1 index_type=in0",
    "GatherNd": "Tindices=in1 Tparams=in0",
    "GatherV2": "Taxis=in2 Tindices=in1 Tparams=in0 batch_dims=0",
    "Identity": "T=in0",
    "IdentityN": "T=ins",
    "InTopKV2": "T=in1",
    "LeakyRelu": "T=in0 alpha=told",
    "LinSpace": "T=in0 Tidx=in2",
    "LogicalAnd": "",
    "LogicalNot": "",
    "LogicalOr": "",
    "LoopCond": "",
    "MatMul": "T=in0 transpose_a=False transpose_b=False",
    "MatrixBandPart": "T=in0 Tindex=in1",
    "Max": _REDUCED,
    "Mean": _REDUCED,
    "Min": _REDUCED,
    "MirrorPad": "T=in0 Tpaddings=in1 mode=told",
    "NoOp": "",
    "NotEqual": "T=in0 incompatible_shape_error=True",
    "OneHot": "T=in2 TI=in0 axis=-1",
    "Pack": "N=n T=in0 axis=0",
    "Pad": "T=in0 Tpaddings=in1",
    "PadV2": "T=in0 Tpaddings=in1",
    "Placeholder": "dtype=out0 shape=told",
    "PlaceholderWithDefault": "dtype=out0 shape=told",
    "Print": "T=in0 U=ins1 first_n=-1 message=b'' summarize=3",
    "Prod": _REDUCED,
    "PyFunc": "Tin=ins Tout=outs token=told",
    "Qr": "T=in0 full_matrices=told",
    "RandomShuffle": "T=in0 seed=0 seed2=0",
    "RandomStandardNormal": _DRAWN,
    "RandomUniform": _DRAWN,
    "RandomUniformInt": "T=in0 Tout=out0 seed=0 seed2=0",
    "Range": "Tidx=out0",
    "Reshape": "T=in0 Tshape=in1",
    "ReverseV2": "T=in0 Tidx=in1",
    "Roll": "T=in0 Tshift=in1 Taxis=in2",
    "ScatterAdd": _SCATTERED + "False",
    "ScatterNd": "T=in1 Tindices=in0",
    "ScatterNdAdd": _SCATTERED + "False",
    "ScatterNdSub": _SCATTERED + "False",
    "ScatterNdUpdate": _SCATTERED + "True",
    "ScatterSub": _SCATTERED + "False",
    "ScatterUpdate": _SCATTERED + "True",
    "SegmentSum": "T=in0 Tindices=in1",
    "Select": "T=in1",
    "Shape": "T=in0 out_type=out0",
    "Size": "T=in0 out_type=out0",
    "Slice": "T=in0 Index=in1",
    "SparseSoftmaxCrossEntropyWithLogits": "T=in0 Tlabels=in1",
    "SparseTensorDenseMatMul": "T=in1 Tindices=in0 adjoint_a=False adjoint_b=False",
    "SparseToDense": "T=in2 Tindices=in0 validate_indices=True",
    "Split": "T=in1 num_split=pieces",
    "SplitV": "T=in0 Tlen=in1 num_split=pieces",
    "Squeeze": "T=in0 squeeze_dims=[]",
    "StridedSlice": "T=in0 Index=in1 begin_mask=0 ellipsis_mask=0 end_mask=0 new_axis_mask=0 shrink_axis_mask=0",
    "Sum": _REDUCED,
    "Tile": "T=in0 Tmultiples=in1",
    "TopKV2": "T=in0 sorted=True",
    "Transpose": "T=in0 Tperm=in1",
    "TruncatedNormal": _DRAWN,
    "Unique": "T=in0 out_idx=told",
    "Unpack": "T=in0 axis=0 num=pieces",
    "UnsortedSegmentSum": "T=in0 Tindices=in1 Tnumsegments=in2",
    "VariableV2": "container=b'' dtype=told shape=told shared_name=b''",
}


@functools.cache
def _listed(kind: str) -> list[tuple[str, str]]:
    return [tuple(part.split("=", 1)) for part in _TABLE.get(kind, "T=in0").split()]


def attributes(op: Operation) -> dict[str, Any]:
    """What is known, by name: dtypes, shapes, numbers, bytes, lists; a constant's value as (array, dtype, how many given)."""
    found = {key: op._attrs[key] if key in op._attrs else _from(op, key, source) for key, source in _listed(op.type)}
    found["_class"] = op._attrs.get("_class") or _place_of(op)
    return {key: value for key, value in found.items() if value is not None}


def _from(op: Operation, key: str, source: str) -> Any:
    if source == "told":
        return None
    if source == "value":
        return None if op.value is None else _constant(op, key)
    if source in ("n", "n-1"):
        return len(op._inputs) - (source == "n-1") if op._inputs else None
    if source == "pieces":
        return len(op.outputs)
    if source.startswith("ins"):
        return [_dtype(i) for i in op._inputs[int(source[3:] or 0) :]]
    if source == "outs":
        return [t.dtype.base_dtype for t in op.outputs]
    if source.startswith("in"):
        k = int(source[2:])
        return _dtype(op._inputs[k]) if -len(op._inputs) <= k < len(op._inputs) else None
    if source.startswith("out"):
        return op.outputs[0].dtype.base_dtype if op.outputs else None
    return ast.literal_eval(source)


def _constant(op: Operation, key: str) -> Any:
    dtype = op._attrs.get("dtype") or as_dtype(op.value.dtype)
    return dtype if key == "dtype" else (op.value, dtype, op._attrs.get("given", op.value.size))


def _dtype(source: Any) -> DType | None:
    """Of a tensor, or of what an operation makes."""
    if hasattr(source, "_inputs"):
        if "dtype" in source._attrs or source.value is not None:
            return source._attrs.get("dtype") or as_dtype(source.value.dtype)
        source = source.outputs[0] if source.outputs else None
    return None if source is None else source.dtype.base_dtype


# --- places -------------------------------------------------------------------------------------------------------
def _place_of(op: Operation) -> list[bytes] | None:
    """What changes a variable is where the variable is, and so is what computes its initial value."""
    first = op._inputs[0].op if op._inputs else None
    if first is not None and first.type == "VariableV2" and (op.type != "Identity" or op.name == f"{first.name}/read"):
        return _beside(first)
    name, initial, _ = op.name.partition("/Initializer/")
    variable = op.graph._operations.get(name) if initial else None
    return None if variable is None or variable.type != "VariableV2" else _beside(variable)


def _beside(source: Operation) -> list[bytes]:
    return source._attrs.get("_class") or [b"loc:@" + source.name.encode()]


def colocate(op: Operation, source: Operation) -> None:
    """Has an operation where another one is."""
    op._attrs = {**op._attrs, "_class": _beside(source)}
