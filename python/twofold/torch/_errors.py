"""PyTorch's classes and words for what the engine refuses."""

from __future__ import annotations

import re

from twofold.torch._dtypes import C_TYPES
from twofold.torch._grad_fn import step_name

_TWICE = (
    "Trying to backward through the graph a second time (or directly access saved tensors after they have already "
    "been freed). Saved intermediate values of the graph are freed when you call .backward() or autograd.grad(). "
    "Specify retain_graph=True if you need to backward through the graph a second time or if you need to access "
    "saved tensors after calling backward."
)
# In the order of the engine's dtypes.
_NAMES = {"bool": "Bool", "u8": "Byte", "i8": "Char", "i16": "Short", "i32": "Int", "i64": "Long", "f16": "Half",
          "bf16": "BFloat16", "f32": "Float", "f64": "Double"}  # fmt: skip


def _sizes(text: str) -> list[list[int]]:
    found = re.findall(r"\[([-\d,]*)\]", text)
    return [[int(n) for n in part.split(",") if n] for part in found]


def broadcast(a: list[int], b: list[int]) -> list[int] | None:
    rank = max(len(a), len(b))
    pairs = list(zip([1] * (rank - len(a)) + a, [1] * (rank - len(b)) + b))
    return [max(x, y) if 0 not in (x, y) else 0 for x, y in pairs] if all(x == y or 1 in (x, y) for x, y in pairs) else None


def _mismatch(a: list[int], b: list[int]) -> str | None:
    rank = max(len(a), len(b))
    pairs = list(zip([1] * (rank - len(a)) + a, [1] * (rank - len(b)) + b))
    for dim in range(rank - 1, -1, -1):
        x, y = pairs[dim]
        if x != y and 1 not in (x, y):
            return (
                f"The size of tensor a ({x}) must match the size of tensor b ({y}) at non-singleton dimension {dim}"
            )
    return None


def _broadcast(got: str) -> str | None:
    sizes = _sizes(got)
    return _mismatch(*sizes) if len(sizes) == 2 else None


def _matmul(got: str) -> str | None:
    sizes = _sizes(got)
    if len(sizes) != 2 or not all(len(s) == 2 for s in sizes):
        return None
    (a, b), (c, d) = sizes
    return f"mat1 and mat2 shapes cannot be multiplied ({a}x{b} and {c}x{d})"


def _view(got: str, expected: str) -> str | None:
    if "at most once" in expected:
        return "only one dimension can be inferred"
    counted = re.match(r"\[([-\d,]*)\] for (\d+) elements", got)
    if counted:
        return f"shape '[{counted[1].replace(',', ', ')}]' is invalid for input of size {counted[2]}"
    if "stride" in got or "stride" in expected or "contiguous" in expected:
        return (
            "view size is not compatible with input tensor's size and stride (at least one dimension spans across "
            "two contiguous subspaces). Use .reshape(...) instead."
        )
    return None


def _written(got: str, expected: str) -> str | None:
    """What is written in place does not fit what it is written into."""
    source, target = _sizes(got + expected)
    wanted = broadcast(target, source)
    if wanted is None:
        return _mismatch(target, source)
    return f"output with shape {target} doesn't match the broadcast shape {wanted}"


def _shape(op: str, got: str, expected: str) -> str | None:
    if "the output's shape" in expected:
        given, wanted = _sizes(got + expected)
        return (
            f"Mismatch in shape: grad_output[0] has a shape of torch.Size({given}) and output[0] has a shape of "
            f"torch.Size({wanted})."
        )
    if op == "expand_as" or "the target's shape" in expected:
        return _written(got, expected)
    if op == "set_grad":
        grad, tensor = _sizes(got)[0], _sizes(expected)[0]
        return (f"attempting to assign a gradient of size '{grad}' to a tensor of size '{tensor}'. Please ensure that the "
                "gradient and the tensor are the same size")  # fmt: skip
    if op in ("matmul", "product"):
        return _matmul(got) or _broadcast(got)
    if op == "tile" and "-" not in got:
        return "Number of dimensions of repeat dims can not be smaller than number of dimensions of tensor"
    if op in ("triu", "tril"):
        return f"{op}: input tensor must have at least 2 dimensions"
    if op in ("tile", "pad", "searchsorted"):
        return None
    return _view(got, expected) if op in ("view", "reshape") else _broadcast(got)


def _index(op: str, got: str, expected: str) -> str | None:
    within = re.search(r"dimension (\d+) of size (\d+)", expected)
    if within:
        return f"index {got} is out of bounds for dimension {within[1]} with size {within[2]}"
    axis = re.search(r"an axis in \[(-?\d+), (-?\d+)\]", expected)
    if axis:
        return f"Dimension out of range (expected to be in range of [{axis[1]}, {axis[2]}], but got {got})"
    return None


def _edited(text: str) -> str:
    """A saved value that was edited in place: what it is, and how often it was edited."""
    dtype, sizes, output, row, now, before = re.search(
        r"; (\w+)\[([\d,]*)\](?:, output (\d+) of '(\w+)',)? is at version (\d+), was at (\d+)", text
    ).groups()  # type: ignore[union-attr]
    made = "" if row is None else f", which is output {output} of {step_name((row, 2, ['[]'], [], 0)).partition('Backward')[0]},"
    return (
        "one of the variables needed for gradient computation has been modified by an inplace operation: "
        f"[torch.{_NAMES[dtype]}Tensor [{sizes.replace(',', ', ')}]]{made} is at version {now}; expected version {before} "
        "instead. Hint: enable anomaly detection to find the operation that failed to compute its gradient, with "
        "torch.autograd.set_detect_anomaly(True, check_nan=False)."
    )


def _state(op: str, got: str, text: str) -> str | None:
    if "second walk" in got:
        return _TWICE
    if "edited in place since" in got:
        return _edited(text)
    if got.startswith("a leaf that requires a gradient"):
        return "a leaf Variable that requires grad is being used in an in-place operation."
    if got.startswith("a view of a leaf"):
        return "a view of a leaf Variable that requires grad is being used in an in-place operation."
    if "requires no gradient" in got:
        if op == "grad" and "history" not in got:
            return "One of the differentiated Tensors does not require grad"
        return "element 0 of tensors does not require grad and does not have a grad_fn"
    return None


def _value(op: str, argument: str, got: str, expected: str) -> str | None:
    if got == "an integer 0":
        return "ZeroDivisionError"
    if "the outputs do not depend" in got:
        return (
            f"The differentiated Tensor at index {got.split()[1].rstrip(',')} appears to not have been used in the graph. Set "
            "allow_unused=True if this is the desired behavior."
        )
    if op == "backward" and argument == "gradient":
        return "grad can be implicitly created only for scalar outputs"
    if op == "set_grad":
        return "can't assign Variable as its own grad"
    return _value_of_row(op, argument, got, expected)


def _value_of_row(op: str, argument: str, got: str, expected: str) -> str | None:
    if op == "movedim" and argument in ("source", "destination"):
        (axes, *others) = _sizes(got)
        if others:
            return (f"movedim: Invalid source or destination dims: source ({others[0]} dims) should contain the same number of dims "
                    f"as destination ({axes} dims)")  # fmt: skip
        return f"movedim: repeated dim in `{argument}` ({axes})"
    if expected == "each axis once":
        (axes,) = _sizes(got)
        return f"dim {max(axes, key=axes.count)} appears multiple times in the list of dims"
    words = {
        "roll": f"shifts and dimensions must align: {got}",
        "topk": "selected index k out of range",
        "flatten": "flatten() has invalid args: start_dim cannot come after end_dim",
        "diagonal": "diagonal dimensions cannot be identical",
        "bincount": "bincount only supports 1-d non-negative integral inputs.",
        "repeat_interleave": "repeats can not be negative",
        "one_hot": "Class values must be non-negative." if got.startswith("-") else "Class values must be smaller than num_classes.",
    }
    return words.get(op)


# Rows whose refusal of a dtype PyTorch words after the kernel that it lacks.
_KERNELS = {
    **{op: f"{op}_vml_cpu" for op in ("floor", "ceil", "trunc", "round")},
    **{op: f"{op}_cpu" for op in ("bitwise_and", "bitwise_not", "bitwise_or", "bitwise_xor", "elu", "fmod", "leaky_relu",
                                  "remainder", "silu", "softplus")},
    "addcmul": "addcmul_cpu_out", "floor_divide": "div_floor_cpu", "gelu": "GeluKernelImpl", "lerp": "lerp_kernel_scalar",
    "logsigmoid": "log_sigmoid_cpu", "selu": "elu_cpu", "trunc_divide": "div_trunc_cpu",
}  # fmt: skip


def _dtype(op: str, got: str, expected: str) -> str | None:
    if op in _KERNELS and expected.endswith(("dtype", "(not bool)")):
        return f"\"{_KERNELS[op]}\" not implemented for '{_NAMES[got.partition('[')[0]]}'"
    if op == "set_grad":
        return (f"attempting to assign a gradient with dtype '{C_TYPES[list(_NAMES).index(got)]}' to a tensor with grad_dtype "
                f"'{_NAMES[expected.rpartition(' ')[2]]}'. The gradient must match the tensor's grad_dtype "
                "(defaults to the tensor's dtype).")  # fmt: skip
    if op == "addcdiv":
        return "Integer division with addcdiv is no longer supported, and in a future  release addcdiv will perform a true div"
    if op in ("hardtanh", "relu6"):
        return "Bool inputs not supported for hardtanh"
    if "fits the target" in expected:
        result = _NAMES.get(got.removeprefix("a "), "Float")
        return f"result type {result} can't be cast to the desired output type {_NAMES[expected.rpartition(' ')[2]]}"
    return None


def translate(kind: str, op: str, argument: str, got: str, expected: str, text: str) -> Exception | None:
    """The exception that PyTorch would raise; its message starts with PyTorch's words, ours follow."""
    words = {
        "shape": lambda: _shape(op, got, expected),
        "index": lambda: _index(op, got, expected),
        "state": lambda: _state(op, got, text),
        "value": lambda: _value(op, argument, got, expected) or _view(got, expected),
        "dtype": lambda: _dtype(op, got, expected),
    }.get(kind, lambda: None)()
    message = f"{words}\n[twofold] {text}" if words else text
    if words and "not implemented for" in words:
        return NotImplementedError(message)
    if op in ("argmax", "argmin") and kind == "value":
        kind = "index"
    return {"index": IndexError, "memory": MemoryError, "io": OSError}.get(kind, RuntimeError)(message)
