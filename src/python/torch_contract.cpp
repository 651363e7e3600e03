#include "python/torch_contract.h"

#include <algorithm>
#include <string_view>

#include "core/promote.h"
#include "python/convert.h"
#include "python/errors.h"
#include "twofold/ops.h"

namespace twofold::python {
namespace {

using core::Attrs;
using core::Impl;
using core::Inputs;
using core::Kind;
using core::Op;

bool is_bool(const Impl* i) { return i && i->array.dtype == bool_; }
bool is_float(const Impl* i) { return i && is_floating(i->array.dtype); }

template <class Test>
bool all(Inputs in, Test test) {
  return std::ranges::all_of(in, test);
}

Tensor of(Impl* i) { return Tensor(Ref<Impl>(i)); }

Tensor call(const Op& op, const Tensors& in, const Attrs& attrs, const Location& where) {
  const core::Handles handles(in);
  return core::apply_one(op, handles.span(), attrs, where);
}

Tensors cast_all(Inputs in, Dtype dtype) {
  Tensors out;
  for (Impl* i : in) out.push_back(of(i).to(dtype));
  return out;
}

// --- what PyTorch refuses and the rows do not
// ------------------------------------------------------------------------------------------------------

void check_matrices(const Op& op, const Impl& x, const Impl& y) {
  if (x.array.dtype == y.array.dtype) return;
  throw DtypeError(
      {.op = op.name,
       .argument = "y",
       .got = std::string(name_of(x.array.dtype)) + " and " + std::string(name_of(y.array.dtype)),
       .expected = "one dtype"});
}

void check_difference(const Op& op, Inputs in) {
  if (!is_bool(in[0]) && !is_bool(in[1])) return;
  throw DtypeError({.op = op.name,
                    .argument = "",
                    .got = is_bool(in[0]) && is_bool(in[1]) ? "two bool tensors" : "a bool tensor",
                    .expected = "numbers"});
}

void check(const Op& op, Inputs in) {
  static const Op &matmul = core::find_op("matmul"), &sub = core::find_op("sub");
  if (&op == &matmul) check_matrices(op, *in[0], *in[1]);
  if (&op == &sub) check_difference(op, in);
}

// --- what the rows refuse and PyTorch does not
// -----------------------------------------------------------------------------------------------------

// Of booleans alone: another row, or the same one on another dtype.
struct BoolRule {
  std::string_view row, instead;
  Dtype dtype;
};
constexpr BoolRule bool_rules[] = {
    {"add", "logical_or", bool_},
    {"mul", "logical_and", bool_},
    {"maximum", "logical_or", bool_},
    {"minimum", "logical_and", bool_},
    {"amax", "any", bool_},
    {"amin", "all", bool_},
    {"clamp_min", "logical_or", bool_},
    {"clamp_max", "logical_and", bool_},
    {"gt", "gt", u8},
    {"ge", "ge", u8},
    {"lt", "lt", u8},
    {"le", "le", u8},
    {"square", "square", i64},
};

bool all_of_kind(const Op& op, Kind kind) {
  for (int i = 0; i < op.sig.tensors(); ++i)
    if (op.sig.tensor(i).kind != kind) return false;
  return op.sig.tensors() > 0;
}

// exp, sin, atan2, ... but not softmax, lerp, nor what PyTorch keeps in torch.nn.functional.
bool is_elementwise_function(const Op& op) {
  return op.sig.attrs() == 0 && op.sig.tensors() <= 2 && all_of_kind(op, Kind::floating) &&
         !std::string_view(op.torch).starts_with("nn.");
}

// x * x * ..., exact and wrapping as integers do.
Tensor power_of(Tensor base, std::int64_t exponent) {
  Tensor out = ones_like(base);
  for (; exponent > 0; exponent >>= 1) {
    if (exponent & 1) out = mul(out, base);
    if (exponent > 1) base = mul(base, base);
  }
  return out;
}

Tensor integer_power(const Op& op, Impl* x, Impl* y, const Location& where) {
  const Impl& exponent = *y;
  if (exponent.weak && exponent.array.dtype == i64) {
    const std::int64_t n = *exponent.array.as<std::int64_t>();
    if (n < 0)
      throw ValueError(
          {.op = op.name, .argument = "exponent", .got = std::to_string(n), .expected = "0 or more"});
    return power_of(of(x), n);
  }
  // Exact up to 2^53.
  const Dtype result = x->weak ? exponent.array.dtype : promote(x->array.dtype, exponent.array.dtype);
  return call(op, {of(x).to(f64), of(y).to(f64)}, {}, where).to(result);
}

// Undefined where PyTorch refuses as well.
Tensor adapted(const Op& op, Inputs in, const Attrs& attrs, const Location& where) {
  const std::string_view name = op.name;
  if (all(in, is_bool))
    for (const BoolRule& rule : bool_rules)
      if (rule.row == name) return call(core::find_op(rule.instead), cast_all(in, rule.dtype), attrs, where);
  if (name == "pow" && std::ranges::none_of(in, is_float)) return integer_power(op, in[0], in[1], where);
  if (is_elementwise_function(op) && std::ranges::none_of(in, is_float))
    return call(op, cast_all(in, core::default_float()), attrs, where);
  return {};
}

}  // namespace

Tensor apply_as_torch(const Op& op, Inputs in, Attrs attrs, const Location& where) {
  try {
    check(op, in);
    return core::apply_one(op, in, attrs, where);
  } catch (DtypeError& e) {
    if (Tensor out = adapted(op, in, attrs, where); out.defined()) return out;
    e.locate(op.name, where);
    throw;
  }
}

namespace {

// What is written over all of a tensor with history has a gradient of zeros for what it replaced.
bool keeps_history(const Tensor& target, const Tensor& value) {
  return grad_enabled() && !target.symbolic() && !target.impl()->view && !target.is_leaf() &&
         target.requires_grad() && !value.requires_grad();
}

}  // namespace

void edit_in(Face face, Tensor& target, Edit edit, const Tensor& value) {
  if (face == Face::torch && edit == &Tensor::copy_ && keeps_history(target, value))
    return void(target.copy_(where(full({}, 1, bool_), value.to(target.dtype()), target)));
  const bool booleans = face == Face::torch && target.dtype() == bool_ && value.dtype() == bool_;
  if (booleans && edit == &Tensor::add_) return void(target.copy_(logical_or(target, value)));
  if (booleans && edit == &Tensor::mul_) return void(target.copy_(logical_and(target, value)));
  (target.*edit)(value);
}

bool edit_object(PyObject* self, Edit edit, const Tensor& value) {
  return guarded(face_of(self), [&] {
    const core::LocationScope line(user_line());
    return edit_in(face_of(self), tensor_in(self), edit, value), true;
  });
}

}  // namespace twofold::python
