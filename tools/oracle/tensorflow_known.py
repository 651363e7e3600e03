"""Where the TensorFlow face means to differ from TensorFlow 2's compat.v1, and why: the contract is TensorFlow 1.15."""

from __future__ import annotations

import re

# Patterns of where (a row and its sample's text, an expression, a stream) and of what differs, and the reason.
KNOWN: list[tuple[str, str, str]] = [
    # What TensorFlow 2 does otherwise than 1.15.
    ("(nn[.])?dropout.*", "float16|SelectV2", "1.15 divides by the rate in the tensor's dtype and multiplies by a mask; TensorFlow 2 selects"),
    ("bincount.*", "DenseBincount|DataType (uint8|float16)|there, LookupError", "1.15 has Bincount, without a gradient; TensorFlow 2 DenseBincount"),
    ("shuffle.*", "there, LookupError", "1.15 has no gradient of random_shuffle; TensorFlow 2 has"),
    ("logsumexp.*", "ReduceLogSumExp/Add:0", "Names of 1.15"),
    ("linspace.*", "LinSpace:0", "Names of 1.15"),
    ("(uniform|random_integers).*", "random_uniform:0", "Names of 1.15"),
    ("sort.*", "sort/Neg_1:0", "Names of 1.15"),
    ("gather_nd: f32.2,3., i32.2,0.", "InvalidArgumentError", "1.15 takes indices of no coordinates, TensorFlow 2 does not"),
    ("sign: .*special", "nan there", "The sign of NaN is 0 in 1.15, NaN in TensorFlow 2"),
    ("(log_)?softmax.*", "^TypeError .unsupported operand", "TensorFlow fails on an unknown rank with an axis; here it is computed"),
    ("sort: f32.0.", "^(ValueError|InvalidArgumentError).* there", "TensorFlow's gradient of nothing fails"),
    ("trunc_divide.*", "^InternalError", "A division by zero is an InvalidArgumentError; TensorFlow 2 calls it internal"),
    ("tf[.]linspace.*", "LinSpace:0", "Names of 1.15"),
    ("tf[.](reduce_logsumexp|tensordot|einsum|accumulate_n).*", "^value .: static", "Names of 1.15"),
    ("tf[.]bincount.*", "DenseBincount", "1.15 has Bincount, without a gradient; TensorFlow 2 DenseBincount"),
    ("tf[.]gradients.*x [*][*] 3.*", "pow_grad/mul_1", "TensorFlow 2 leaves out sums over axes that it knows not to broadcast"),
    ("tf[.]nn[.]softmax.*", "^TypeError .unsupported operand", "TensorFlow fails on an unknown rank with an axis; here it is computed"),
    # What we do otherwise.
    (".*", "there, AttributeError .module 'tensorflow' has no attribute", "Functions that this version does not have"),
    ("tf[.]gradients[(]tf[.]gradients.*", "^value .: static", "Gradients of gradients have names of the engine's own"),
    (".*", "there, RuntimeError .*(unknown rank|only a run knows|have to be known while)", "What a function does along axes, it does where they are known"),
    ("tf[.]squeeze.*", "partly known", "squeeze() drops what the graph knows to be of size 1, so that the rank stays known"),
    ("tf[.](nn[.]bias_add|where).*", "[(]unknown[)]$", "Where the graph knows no ranks, operands broadcast as NumPy has it"),
    ("tf[.]reshape.*5.*", "^ValueError .* there, InvalidArgumentError", "Partly known sizes are compared when they are known"),
    (".*", "TypeError .(Value passed to parameter .* has DataType .* not in list of allowed values|Input '.*' of '.*' Op has type).*there", "More dtypes are taken"),
    (".*", "InvalidArgumentError .* there, (ValueError|IndexError|TypeError)", "Refused while building, where all is known; TensorFlow waits for the run"),
    (".*", "there, (ValueError|InvalidArgumentError) .*(unknown rank, expected a known rank|expected a known rank of|Found: <unknown>)",
     "Operands of operations along axes have a known rank"),
    ("(unique|truncate_mod|fmod).*", "^InvalidArgumentError .* there, LookupError", "Refused for want of a gradient before it is refused for its operands"),
    ("(random_normal|truncated_normal|glorot_normal|variance_scaling).*", "float(32|64): (3|2[.][0-9]) units",
     "The C library's log, sine and cosine are not always the nearest number, as ours almost are: 6 normal numbers of a million are 3 units away"),
    (".*:special.*", "^gradient", "Gradients where an operand is NaN or infinite, or where they overflow"),
    ("(argmax|argmin|sort|topk|digamma|floor_divide|xlogy): .*special.*", "^value", "NaN, infinities and poles as PyTorch has them: one row serves both faces"),
    ("cumprod.*", "^gradient", "Right where a factor is zero; TensorFlow divides by the factor"),
    ("(cumsum|cumprod|argmax|argmin|argsort|sort|flip|searchsorted): f..\\[[0-9]*\\](:is.*f32\\[\\].*|;.*|)",
     "(ValueError|InvalidArgumentError) .* there, static.* here", "A number is taken as one along its axis"),
    ("searchsorted.*", "^InvalidArgumentError .* there, static", "One sorted row serves many rows of values"),
    ("expand: .*", "^InvalidArgumentError .* there, static", "-1 is taken as a size that stays"),
    ("unsorted_segment_sum.*count=0", "^InvalidArgumentError .* there, static", "No segments at all are none"),
    ("where.*", "^InvalidArgumentError .* there, static", "Where the graph knows no shapes, operands of where() broadcast"),
    ("(amax|amin|logsumexp): !f32.0.*", "there, (ValueError|InvalidArgumentError)", "The extreme of nothing is refused, as PyTorch refuses it"),
    ("scatter_nd: !i64.*", "^ValueError .* there, InvalidArgumentError", "Its operands' shapes are compared when it runs"),
    ("segment_sum.*", "^ResourceExhaustedError", "Sizes beyond any memory are refused before memory is asked for"),
    ("squeeze.*", "<unknown>' there", "squeeze() drops what the graph knows to be of size 1, so that the rank stays known"),
]  # fmt: skip


def reason_for(where: str, difference: str) -> str | None:
    return next((why for place, what, why in KNOWN if re.fullmatch(place, where) and re.search(what, difference)), None)
