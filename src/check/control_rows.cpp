#include "check/control_rows.h"

#include <cmath>

#include "core/apply.h"
#include "core/body.h"
#include "twofold/control.h"
#include "twofold/ops.h"

namespace twofold::check {
namespace {

using core::Attr;
using core::Attrs;
using core::Meta;
using core::Op;
using core::RefCall;
using core::RefTensor;

// A branch that reads only one of the captured tensors, so that the other has a gradient in one case alone.
Tensors branch(const Tensors& in, const Attrs&) {
  const Tensor x = in[0], y = in[1];
  return cond(
      gt(sum(x), 0.0), [&] { return Tensors{mul(x, y)}; }, [&] { return Tensors{square(x)}; });
}

std::vector<RefTensor> branch_ref(const RefCall& c) {
  RefTensor out = c.in[0];
  double total = 0;
  for (double v : out.values) total += v;
  for (std::size_t i = 0; i < out.values.size(); ++i)
    out.values[i] *= total > 0 ? c.in[1].values[i] : out.values[i];
  return {out};
}

// x * y * y ..., as often as the attribute says; the counter is an integer variable.
Tensors multiply(const Tensors& in, const Attrs& attrs) {
  const std::int64_t times = attrs.integer(0);
  const Tensor y = in[1], start = full({}, 0, i64);
  const Tensors out = while_loop([=](const Tensors& v) { return lt(v[0], times); },
                                 [=](const Tensors& v) -> Tensors {
                                   const Tensor next = add(v[0], std::int64_t{1});
                                   return {next, mul(v[1], y)};
                                 },
                                 {start, in[0]});
  return {out[1]};
}

std::vector<RefTensor> multiply_ref(const RefCall& c) {
  RefTensor out = c.in[0];
  const std::vector<double>& y = c.in[1].values;
  for (std::size_t i = 0; i < out.values.size(); ++i)
    out.values[i] *= std::pow(y[y.size() == 1 ? 0 : i], static_cast<double>(c.attrs.integer(0)));
  return {out};
}

// Ends by the limit, not by the condition.
Tensors doubled(const Tensors& in, const Attrs&) {
  return while_loop([](const Tensors& v) { return lt(sum(v[0]), 1e30); },
                    [](const Tensors& v) -> Tensors { return {add(v[0], v[0])}; }, {in[0]}, 4);
}

Tensors called(const Tensors& in, const Attrs&) {
  std::vector<Meta> metas;
  for (const Tensor& x : in) metas.push_back({x.dtype(), x.shape()});
  const core::Traced traced =
      core::trace([](const Tensors& v) -> Tensors { return {mul(v[0], v[1])}; }, metas, "call", {});
  Tensors operands = in;
  operands.insert(operands.end(), traced.captures.begin(), traced.captures.end());
  return {core::apply(core::find_op("call"), operands, Attrs{Attr(traced.body)})[0]};
}

const Op rows[] = {
    {
        .name = "cond",
        .sig = "x: float, y: float",
        .compose = branch,
        .ref = branch_ref,
        .ulp = 0.5,
        .samples =
            "f32[3]:positive, f32[3] | f64[4]:positive, f64[4]:strided | f64[5], f64[5] | f32[2,3], f32[2,3]",
    },
    {
        .name = "while_loop",
        .sig = "x: float, y: float, times: int = 3",
        .compose = multiply,
        .ref = multiply_ref,
        .ulp = 3,
        .samples =
            "f32[3], f32[3] | f64[2,3]:strided, f64[2,3] | f32[3], f32[3]; times=0 | f64[4], f64[]; times=5",
    },
    {
        .name = "while_loop",
        .sig = "x: float",
        .compose = doubled,
        .ref = [](double x) { return 16 * x; },
        .samples = "f32[3] | f64[2,3]:strided",
    },
    {
        .name = "call",
        .sig = "x: float, y: float",
        .compose = called,
        .ref = [](double x, double y) { return x * y; },
        .ulp = 0.5,
        .samples = "f32[3], f32[3] | f64[2,3]:strided, f64[2,3]",
    },
};

bool takes_functions(const Op& op) { return op.samples && std::string_view(op.samples) == "functions"; }

void add_stand_ins(const Op& op, std::vector<const Op*>& out) {
  const std::size_t before = out.size();
  for (const Op& row : rows)
    if (std::string_view(row.name) == op.name) out.push_back(&row);
  if (out.size() == before)
    throw InternalError(
        {.op = op.name, .argument = "samples", .got = "functions", .expected = "a row in control_rows.cpp"});
}

}  // namespace

std::vector<const Op*> checkable_rows() {
  std::vector<const Op*> out;
  for (const Op* op : core::all_ops()) takes_functions(*op) ? add_stand_ins(*op, out) : out.push_back(op);
  return out;
}

}  // namespace twofold::check
