#include "core/promote.h"

#include <atomic>

#include "core/apply.h"
#include "kernels/index.h"

namespace twofold::core {
namespace {

thread_local bool strict = false;
std::atomic<Dtype> default_dtype{f32};

int category(Dtype d) { return is_floating(d) ? 2 : d == bool_ ? 0 : 1; }

// PyTorch's three ranks of operands: tensors with dimensions decide; scalars (rank 0) and numbers only raise
// the category.
struct Votes {
  bool any[3] = {};
  Dtype dtype[3] = {};

  void add(int rank_class, Dtype d) {
    dtype[rank_class] = any[rank_class] ? promote(dtype[rank_class], d) : d;
    any[rank_class] = true;
  }
  Dtype result() const {
    Dtype d = bool_;
    for (int i = 2; i >= 0; --i)
      if (any[i]) d = category(dtype[i]) >= category(d) ? dtype[i] : promote(dtype[i], d);
    return d;
  }
};

bool promotable(const Op& op, int i) {
  const Kind kind = op.sig.tensor(i).kind;
  return kind != Kind::boolean && kind != Kind::index;
}

// A C++ double is a float of default precision.
Dtype number_dtype(Dtype d) { return d == f64 ? default_float() : d; }

void refuse_mixture(const Op& op, Impl* const* in, int i, Dtype wanted) {
  throw DtypeError({.op = op.name,
                    .argument = std::string(op.sig.tensor(i).name),
                    .got = std::string(name_of(in[i]->array.dtype)),
                    .expected = std::string(name_of(wanted)) + ", as the other operands (strict dtypes)"});
}

Dtype common_dtype(const Op& op, std::span<Impl* const> in) {
  Votes votes;
  bool mixed = false, unknown_rank = false;
  Dtype first{};
  for (int i = 0; i < static_cast<int>(in.size()); ++i) {
    const Impl* impl = in[static_cast<std::size_t>(i)];
    if (!impl || !promotable(op, i)) continue;
    if (impl->weak) {
      votes.add(2, number_dtype(impl->array.dtype));
      continue;
    }
    const Dtype d = impl->array.dtype;
    const bool seen = votes.any[0] || votes.any[1];
    if (seen && d != first && strict) refuse_mixture(op, in.data(), i, first);
    mixed |= seen && d != first;
    if (!seen) first = d;
    unknown_rank |= !impl->array.shape.has_rank();
    votes.add(impl->array.shape.has_rank() && impl->array.rank() == 0 ? 1 : 0, d);
  }
  if (mixed && unknown_rank)
    throw DtypeError({.op = op.name,
                      .argument = "",
                      .got = "different dtypes, one of them on a tensor of unknown rank",
                      .expected = "an explicit cast, since the common dtype depends on the ranks"});
  const Dtype d = votes.result();
  if (strict && (votes.any[0] || votes.any[1]) && category(d) > category(first))
    throw DtypeError({.op = op.name,
                      .argument = "",
                      .got = "a floating number with " + std::string(name_of(first)),
                      .expected = "a number that fits (strict dtypes)"});
  return op.promote == Promote::to_float && !is_floating(d) ? default_float() : d;
}

// A C++ number in its final dtype: a fresh scalar, so that no cast is recorded.
Ref<Impl> number_as(const Impl& number, Dtype dtype) {
  Ref<Impl> scalar = allocate_scalar(dtype);
  scalar->literal = true;
  if (number.array.dtype == f64)
    set_number(scalar->array, *number.array.as<double>());
  else if (number.array.dtype == i64)
    set_number(scalar->array, *number.array.as<std::int64_t>());
  else
    copy(number.array, scalar->array);
  return scalar;
}

}  // namespace

Dtype default_float() { return default_dtype.load(std::memory_order_relaxed); }
void set_default_float(Dtype dtype) { default_dtype.store(dtype, std::memory_order_relaxed); }

bool uniform_dtypes(const Op& op, std::span<Impl* const> in) {
  if (op.promote == Promote::none) return true;
  Dtype first{};
  bool any = false;
  for (std::size_t i = 0; i < in.size(); ++i) {
    if (!in[i]) continue;
    if (in[i]->weak) return false;
    if (!promotable(op, static_cast<int>(i))) continue;
    if (any && in[i]->array.dtype != first) return false;
    first = in[i]->array.dtype;
    any = true;
  }
  return op.promote == Promote::together || !any || is_floating(first);
}

Operands promote_operands(const Op& op, std::span<Impl* const> in, const Location& where) {
  static const Op& cast = find_op("cast");
  Operands out;
  const Dtype dtype = op.promote == Promote::none ? bool_ : common_dtype(op, in);
  for (std::size_t i = 0; i < in.size(); ++i) {
    Impl* impl = in[i];
    const bool change = impl && op.promote != Promote::none && promotable(op, static_cast<int>(i)) &&
                        impl->array.dtype != dtype;
    if (impl && impl->weak) {
      out.owned.push_back(number_as(*impl, change ? dtype : impl->array.dtype));
    } else if (change) {
      out.owned.push_back(Ref<Impl>(apply_one(cast, {impl}, Attrs{Attr(dtype)}, where).impl()));
    }
    out.in.push_back(impl && (impl->weak || change) ? out.owned[out.owned.size() - 1].get() : impl);
  }
  return out;
}

}  // namespace twofold::core

namespace twofold {

StrictDtypes::StrictDtypes() : before_(std::exchange(core::strict, true)) {}
StrictDtypes::~StrictDtypes() { core::strict = before_; }

}  // namespace twofold
