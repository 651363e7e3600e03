// Samples: what a row is tried on, parsed from its `.samples` text.
//
//   f32[3,4], f32[4]; axes=[1], keepdims=true | f64[2,3]:strided | !f32[2] -> shape
//
// Samples are separated by |. Operands come first, each a dtype and a shape with modifiers: `:strided` (the
// same elements under other strides), `:positive` ([0.1, 2]), `:unit` ([0, 1]), `:belowN` (0..N-1),
// `:is(2,6)` (these integers), `:special` (NaN, infinities, both zeros, subnormals, large next to small).
// Attributes follow a semicolon; those left out have the sig's default. A leading ! says that the row refuses
// this, and `-> kind` with which kind of error.
#pragma once

#include <string>
#include <vector>

#include "core/op.h"

namespace twofold::check {

enum class Range { plain, positive, unit, below, listed, special };

struct Operand {
  Dtype dtype = f32;
  Shape shape;
  Range range = Range::plain;
  int below = 0;
  Dims listed = {};
  bool strided = false;
};

struct Sample {
  std::string text;
  std::vector<Operand> operands;
  core::Attrs attrs;  // a generator here is a prototype: every run takes a clone
  bool refused = false;
  std::string kind;  // of the error, when refused
};

// Throws ValueError for a row without samples, or with samples that cannot be read.
std::vector<Sample> parse_samples(const core::Op& op);

}  // namespace twofold::check
