// What networks add: normalised exponentials and losses, written with other operations.
#include "ops/rows.h"

namespace twofold::ops {
namespace {

using core::RefCall;
using core::RefTensor;

// x less its maximum along the axis, which changes no quotient and keeps exp() in range.
Tensor shifted(const Tensor& x, std::int64_t axis) {
  const Tensor largest = amax(x.detach(), Dims{axis}, true);
  return sub(x, largest);
}

std::vector<RefTensor> softmax_ref(const RefCall& c) {
  RefTensor out = c.in[0];
  const int axis = normal_axis(c.attrs.integer(0), out.shape.rank());
  const std::int64_t n = out.shape.rank() ? out.shape[axis] : 1;
  std::int64_t inner = 1;
  for (int d = axis + 1; d < out.shape.rank(); ++d) inner *= out.shape[d];
  for (std::int64_t i = 0; n > 0 && i < out.shape.numel() / n; ++i) {
    double* first = out.values.data() + i / inner * inner * n + i % inner;
    double largest = first[0], total = 0;
    for (std::int64_t k = 0; k < n; ++k) largest = std::max(largest, first[k * inner]);
    for (std::int64_t k = 0; k < n; ++k) total += first[k * inner] = std::exp(first[k * inner] - largest);
    for (std::int64_t k = 0; k < n; ++k) first[k * inner] /= total;
  }
  return {out};
}

std::vector<RefTensor> log_softmax_ref(const RefCall& c) {
  auto out = softmax_ref(c);
  for (double& v : out[0].values) v = std::log(v);
  return out;
}

// Before anything is computed, so that both modes refuse a double mistake for the same reason.
void check_labels(const Shape& logits, const Shape& target) {
  if (logits.has_rank() && logits.rank() != 2)
    throw ShapeError({.op = "cross_entropy",
                      .argument = "logits",
                      .got = to_string(logits),
                      .expected = "[batch, classes]"});
  if (target.has_rank() && target.rank() != 1)
    throw ShapeError(
        {.op = "cross_entropy", .argument = "target", .got = to_string(target), .expected = "[batch]"});
}

}  // namespace

constinit const Op network_rows[] = {
    {
        .name = "softmax",
        .sig = "x: float, axis: int = -1",
        .torch = "softmax(input, dim)",
        .tf = "nn.softmax(logits, axis)",
        .doc = "exp(x) / sum(exp(x)) along `axis`.",
        .compose = [](const Tensors& in, const Attrs& a) -> Tensors {
          const Tensor e = exp(shifted(in[0], a.integer(0)));
          const Tensor total = sum(e, Dims{a.integer(0)}, true);
          return {div(e, total)};
        },
        .ref = softmax_ref,
        .ulp = 8,
        .samples = "f32[3,4] | f64[2,5]:strided; axis=0 | f16[2,7] | f32[1] | f32[3,385] | !i32[3] -> dtype "
                   "| !f32[3]; axis=1 -> index",
    },
    {
        .name = "log_softmax",
        .sig = "x: float, axis: int = -1",
        .torch = "log_softmax(input, dim)",
        .tf = "nn.log_softmax(logits, axis)",
        .doc = "log(softmax(x)) along `axis`, without forming the quotient.",
        .compose = [](const Tensors& in, const Attrs& a) -> Tensors {
          const Tensor s = shifted(in[0], a.integer(0));
          const Tensor total = sum(exp(s), Dims{a.integer(0)}, true);
          return {sub(s, log(total))};
        },
        .ref = log_softmax_ref,
        .ulp = 32,
        .samples =
            "f32[3,4] | f64[2,5]:strided; axis=0 | bf16[2,7] | !i32[3] -> dtype | !f32[3]; axis=1 -> index",
    },
    {
        .name = "cross_entropy",
        .sig = "logits: float, target: index",
        .torch = "nn.functional.cross_entropy(input, target)",
        .tf = "nn.sparse_softmax_cross_entropy_with_logits(labels, logits)",
        .doc = "The mean of -log softmax(logits)[target]: logits [batch, classes], target [batch].",
        .unlike = "in the reduction: torch.nn.functional.cross_entropy(x, torch.tensor([1, 0])) | "
                  "tf.nn.sparse_softmax_cross_entropy_with_logits(labels=[1, 0], logits=x)",
        .compose = [](const Tensors& in, const Attrs&) -> Tensors {
          check_labels(in[0].shape(), in[1].shape());
          const Tensor logp = log_softmax(in[0], 1);
          const Tensor chosen = gather(logp, unsqueeze(in[1], 1), 1);
          return {neg(mean(chosen))};
        },
        .ref = [](const RefCall& c) -> std::vector<RefTensor> {
          const Attrs last{Attr(std::int64_t{1})};
          const auto logp = log_softmax_ref({c.in.subspan(0, 1), last, c.dtypes});
          const std::int64_t rows = c.in[0].shape[0], classes = c.in[0].shape[1];
          double total = 0;
          for (std::int64_t i = 0; i < rows; ++i)
            total -= logp[0].values[static_cast<std::size_t>(
                i * classes + static_cast<std::int64_t>(c.in[1].values[static_cast<std::size_t>(i)]))];
          return {{Shape{}, {total / static_cast<double>(rows)}}};
        },
        .ulp = 32,
        .samples =
            "f32[5,4], i64[5]:below4 | f64[3,7]:strided, i32[3]:below7 | f16[2,3], i64[2]:below3 | "
            "!f32[3,4], i64[3]:below9 -> index | "
            "!f32[4], i64[4]:below3 -> shape | !f32[1,0], i64[3,1,2] -> shape | !f32[3,4], f32[3] -> dtype",
    },
};
constinit Rows network{"network", network_rows};

}  // namespace twofold::ops
