#include "check/fuzz_attrs.h"

#include <string_view>
#include <utility>

namespace twofold::check {
namespace {

using core::Attr;
using core::Op;

Dims permutation(Choice& c, int rank) {
  Dims out;
  for (int d = 0; d < rank; ++d) out.push_back(d);
  for (int d = rank - 1; d > 0; --d) std::swap(out[d], out[static_cast<int>(c.below(d + 1))]);
  return out;
}

Dims subset(Choice& c, int rank) {
  Dims out;
  for (int d = 0; d < rank; ++d)
    if (c.chance(0.4)) out.push_back(c.chance(0.2) ? d - rank : d);
  return out;
}

// The same elements under another shape; sometimes one dimension is left to be worked out.
Dims refactored(Choice& c, std::int64_t n) {
  Dims out;
  for (std::int64_t f : {2, 3, 5})
    if (n % f == 0 && n > 1 && c.chance(0.6)) out.push_back(f), n /= f;
  out.push_back(c.chance(0.3) ? -1 : n);
  if (c.chance(0.2)) out.push_back(1);
  return out;
}

Dims expanded(Choice& c, const Shape& x) {
  Dims out;
  if (c.chance(0.5)) out.push_back(c.between(1, 3));
  for (std::int64_t n : x) out.push_back(n == 1 && c.chance(0.7) ? c.between(1, 3) : c.chance(0.2) ? -1 : n);
  return out;
}

// One for each axis: how far to pad or roll, how often to repeat.
Dims small_numbers(Choice& c, int rank, std::string_view name) {
  Dims out;
  for (int d = 0; d < rank; ++d) out.push_back(name == "counts" ? c.between(0, 2) : c.between(-1, 2));
  return out;
}

Dims ints(Choice& c, std::string_view op, std::string_view name, const Tensors& in) {
  if (in.empty()) return small_shape(c).dims();
  const Shape& x = in[0].shape();
  if (name == "shape") return op == "expand" ? expanded(c, x) : refactored(c, x.numel());
  if (name == "low" || name == "high" || name == "shifts" || name == "counts")
    return small_numbers(c, x.rank(), name);
  return op == "permute" ? permutation(c, x.rank()) : subset(c, x.rank());
}

std::int64_t integer(Choice& c, std::string_view op, std::string_view name, const Tensors& in) {
  const int rank = in.empty() ? 0 : in[0].rank();
  if (name.starts_with("axis"))
    return c.chance(0.03) ? rank : c.below(rank + (op == "unsqueeze")) - (c.chance(0.2) ? rank : 0);
  if (name == "index") return c.between(-2, 1);
  if (name == "start") return c.between(-3, 2);
  if (name == "stop") return c.chance(0.4) && !in.empty() ? INT64_MAX : c.between(-2, 5);
  if (name == "step") return c.chance(0.3) ? -1 : c.between(1, 2);
  if (name == "low") return c.between(-1, 0);
  if (name == "high") return c.between(1, 3);
  return c.between(0, 1);
}

Dtype dtype(Choice& c, std::string_view op) {
  if (op == "uniform" || op == "normal") return static_cast<Dtype>(static_cast<int>(Dtype::f16) + c.below(4));
  if (op == "random_integers") return c.chance(0.5) ? i32 : i64;
  return any_dtype(c);
}

double real(Choice& c, std::string_view name) {
  constexpr double values[] = {0.0, 1.0, -0.5, 2.0, 3.25, 100.0, -0.0};
  return name == "p" ? c.of(std::initializer_list<double>{0.0, 0.25, 0.5}) : c.of(values);
}

Attr make_attr(Choice& c, const Op& op, const core::Param& p, const Tensors& in) {
  switch (p.kind) {
    case core::Kind::flag:
      return p.name == "train" ? !c.chance(0.2) : c.chance(0.4);
    case core::Kind::int_:
      return integer(c, op.name, p.name, in);
    case core::Kind::real:
      return real(c, p.name);
    case core::Kind::dtype:
      return dtype(c, op.name);
    case core::Kind::ints:
      return ints(c, op.name, p.name, in);
    case core::Kind::text:
      return std::string(c.of(std::initializer_list<const char*>{"constant", "reflect", "replicate"}));
    case core::Kind::generator:
      return Generator();
    default:
      return {};
  }
}

}  // namespace

core::Attrs make_attrs(Choice& c, const Op& op, const Tensors& operands) {
  std::vector<Attr> out;
  for (int i = 0; i < op.sig.attrs(); ++i) out.push_back(make_attr(c, op, op.sig.attr(i), operands));
  return core::Attrs(std::move(out));
}

Shape small_shape(Choice& c) {
  Dims out;
  for (std::int64_t rank = c.of(std::initializer_list<std::int64_t>{0, 1, 1, 2, 2, 2, 3}); rank > 0; --rank)
    out.push_back(c.chance(0.03) ? 0 : c.of(std::initializer_list<std::int64_t>{1, 2, 2, 3, 3, 3, 5}));
  return Shape(out);
}

Dtype any_dtype(Choice& c) { return c.chance(0.6) ? f32 : static_cast<Dtype>(c.below(dtype_count)); }

}  // namespace twofold::check
