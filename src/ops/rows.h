// What the family files share: small shape rules and the vocabulary of rows.
#pragma once

#include <algorithm>
#include <cmath>
#include <limits>

#include "core/apply.h"
#include "core/op.h"
#include "ops/hidden.gen.h"
#include "twofold/ops.gen.h"

namespace twofold::ops {

using core::all_inputs;
using core::Attr;
using core::Attrs;
using core::Call;
using core::Effect;
using core::Infer;
using core::Meta;
using core::Op;
using core::Produce;
using core::Promote;
using core::Rows;
using core::Vjp;
using core::X0;
using core::X1;
using core::X2;
using core::Y0;
using core::Y1;
using lanes::Lane;
using lanes::Lanes;

inline void same_as_x(Infer& c) { c.out.push_back({c.in[0].dtype, c.in[0].shape}); }

// Rules that count dimensions need to know how many there are.
inline const Shape& ranked(const Infer& c, int i = 0) {
  const Shape& s = c.in[static_cast<std::size_t>(i)].shape;
  if (s.has_rank()) return s;
  throw ShapeError({.op = c.op.name,
                    .argument = std::string(c.op.sig.tensor(i).name),
                    .got = "a tensor of unknown rank",
                    .expected = "a known rank"});
}

// Axes of an attribute whose empty list names none, where a reduction's names all.
inline Dims listed_axes(const Dims& axes, int rank) {
  return axes.empty() ? Dims() : normal_axes(axes, rank);
}

// A shape without the dimensions `axes` (normal ones), or with 1 in their place.
Shape reduced_shape(const Shape& shape, const Dims& axes, bool keepdims);
// A product of dimensions that may be unknown.
inline std::int64_t dim_product(std::int64_t a, std::int64_t b) {
  if (a == 0 || b == 0) return 0;
  return a == unknown || b == unknown ? unknown : checked_mul(a, b);
}

}  // namespace twofold::ops
