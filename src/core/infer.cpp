// Checking operands against a row's sig, and inferring outputs.
#include "core/op.h"

namespace twofold::core {
namespace {

const char* class_words(Kind kind) {
  switch (kind) {
    case Kind::number:
      return "a number dtype (not bool)";
    case Kind::floating:
      return "a floating dtype";
    case Kind::integer:
      return "an integer dtype";
    case Kind::boolean:
      return "dtype bool";
    case Kind::bits:
      return "dtype bool or an integer dtype";
    case Kind::index:
      return "dtype i32 or i64";
    default:
      return "any dtype";
  }
}

bool in_class(Dtype d, Kind kind) {
  switch (kind) {
    case Kind::number:
      return d != bool_;
    case Kind::floating:
      return is_floating(d);
    case Kind::integer:
      return is_integer(d);
    case Kind::boolean:
      return d == bool_;
    case Kind::bits:
      return !is_floating(d);
    case Kind::index:
      return d == i32 || d == i64;
    default:
      return true;
  }
}

[[noreturn]] void refuse_class(const Op& op, const Param& p, Dtype dtype, const Shape& shape) {
  throw DtypeError({.op = op.name,
                    .argument = std::string(p.name),
                    .got = std::string(name_of(dtype)) + to_string(shape),
                    .expected = class_words(p.kind)});
}

void infer_lanes(Infer& c) {
  Dtype dtypes[16];
  Shape shape = c.in.back().shape;
  for (std::size_t i = 0; i < c.in.size(); ++i) {
    const Meta& m = c.in[i].absent ? c.in.back() : c.in[i];  // nobody reads an absent operand
    dtypes[i] = m.dtype;
    shape = broadcast(m.shape, shape);
  }
  c.out.push_back({lanes_result(c.op, {dtypes, c.in.size()}), shape});
}

}  // namespace

void check_class(const Op& op, int i, Dtype dtype, const Shape& shape) {
  const Param& p = op.sig.tensor(i);
  if (!in_class(dtype, p.kind)) refuse_class(op, p, dtype, shape);
}

Metas infer(const Op& op, std::span<const Meta> in, const Attrs& attrs) {
  for (std::size_t i = 0; i < in.size(); ++i)
    if (!in[i].absent) check_class(op, static_cast<int>(i), in[i].dtype, in[i].shape);
  Metas out;
  Infer call{op, in, attrs, out};
  if (op.infer)
    op.infer(call);
  else
    infer_lanes(call);
  return out;
}

void run_kernel(const Call& call, Device device) {
  if (device != Device::cpu)
    throw ValueError(
        {.op = call.op.name, .argument = "", .got = "a device without kernels", .expected = "the CPU"});
  if (call.op.check) call.op.check(call);
  if (call.op.lanes) return run_lanes(call.op, call.in, call.attrs, call.y());
  call.op.cpu(call);
}

}  // namespace twofold::core
