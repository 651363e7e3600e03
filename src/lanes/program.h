// Lane programs: small SSA programs over IEEE operations, the one definition of every elementwise operation.
//
//   Program p = build({Type::f32}, [](Lanes x) { return x[0] * sigmoid(x[0]); });   // silu
//   p.print();                        // %0 = input.f32 0 ; %1 = sigmoid.f32 %0 ; %2 = mul.f32 %0 %1 ; return
//   %2 Program d = p.vjp(0);             // inputs x, y, g  ->  g * d silu / dx Executable e(p, {f16}, f16);
//   // lowered, registers assigned; halves convert at load and store
//
// A `lanes` lambda does not compute: it builds a program. Equal instructions are built once (value
// numbering). Named functions (exp, tanh, ...) are single instructions here, so that a program can be
// differentiated; they are expanded into primitive instructions when an Executable is made.
#pragma once

#include <cstdint>
#include <functional>
#include <initializer_list>
#include <span>
#include <string>
#include <vector>

#include "twofold/dtype.h"

namespace twofold::lanes {

// What a lane holds. Comparisons give b8 (0 or 1 in a byte). Halves exist only in memory.
enum class Type : std::uint8_t { b8, u8, i8, i16, i32, i64, f32, f64 };
Type type_of(Dtype dtype);  // f16, bf16 -> f32

enum class Opcode : std::uint8_t {
  // leaves: `imm` is the index (input, uniform), or the raw bits (constant)
  input,
  uniform,
  constant,
  index,
  // arithmetic; integers wrap. min and max give NaN if either operand is NaN, and the second of
  // equal operands (zeros of either sign). Integers divide toward zero, and by 0 to 0 (a row that must refuse
  // that has a `check`); fmod has the sign of its first operand, is exact for floats, and C's % for integers.
  add,
  sub,
  mul,
  div,
  fmod,
  fma,
  neg,
  abs,
  min,
  max,
  sqrt,
  floor,
  ceil,
  trunc,
  round_even,
  // comparisons give b8; logic works on b8 and integers; shift amounts count modulo the width
  eq,
  ne,
  lt,
  le,
  bit_and,
  bit_or,
  bit_xor,
  bit_not,
  shl,
  shr_logical,
  shr_arithmetic,
  // select(c: b8, a, b); bitcast: same width; convert: C's conversion, out of range floats saturate, NaN -> 0
  select,
  bitcast,
  convert,
  // named functions of one float (pow and atan2: two), expanded by lower()
  exp,
  expm1,
  log,
  log1p,
  sin,
  cos,
  tanh,
  sigmoid,
  erf,
  erfc,
  rsqrt,
  pow,
  tan,
  asin,
  acos,
  atan,
  atan2,
  sinh,
  cosh,
  asinh,
  acosh,
  atanh,
  exp2,
  log2,
  log10,
  lgamma,
  polygamma,  // `imm` is the order: 0 for digamma, the derivative of lgamma; 1 for digamma's derivative, and
              // so on
};
inline constexpr int opcode_count = static_cast<int>(Opcode::polygamma) + 1;
const char* name_of(Opcode op);
bool is_named(Opcode op);  // exp and what follows

using Id = std::uint16_t;

struct Instr {
  Opcode op;
  Type type;               // of the result
  Id a = 0, b = 0, c = 0;  // operands, as many as the opcode takes
  std::uint64_t imm = 0;
  bool operator==(const Instr&) const = default;
};

class Program;
class Builder;

// One value inside a program being built. Operators and functions on lanes append instructions.
struct Lane {
  Builder* builder = nullptr;
  Id id = 0;
  Type type() const;
};

// What a `lanes` lambda receives.
struct Lanes {
  Builder* builder;
  int inputs;
  Lane operator[](int i) const;          // the i-th operand
  Lane uniform(int i, Type type) const;  // the i-th attribute, the same for all elements
  Lane constant(double value, Type type) const;
  Lane index() const;  // i64: the element's position in the output, row-major
  Type type() const;   // of operand 0, or f32 if there are none
};

// clang-format off
Lane operator+(Lane a, Lane b); Lane operator-(Lane a, Lane b); Lane operator*(Lane a, Lane b); Lane operator/(Lane a, Lane b);
Lane operator+(Lane a, double b); Lane operator-(Lane a, double b); Lane operator*(Lane a, double b); Lane operator/(Lane a, double b);
Lane operator+(double a, Lane b); Lane operator-(double a, Lane b); Lane operator*(double a, Lane b); Lane operator/(double a, Lane b);
Lane operator-(Lane a); Lane operator==(Lane a, Lane b); Lane operator!=(Lane a, Lane b);
Lane operator<(Lane a, Lane b); Lane operator<=(Lane a, Lane b); Lane operator>(Lane a, Lane b); Lane operator>=(Lane a, Lane b);
Lane operator==(Lane a, double b); Lane operator!=(Lane a, double b); Lane operator<(Lane a, double b); Lane operator<=(Lane a, double b); Lane operator>(Lane a, double b); Lane operator>=(Lane a, double b);
Lane operator&(Lane a, Lane b); Lane operator|(Lane a, Lane b); Lane operator^(Lane a, Lane b); Lane operator~(Lane a);
Lane shl(Lane a, Lane b); Lane shr_logical(Lane a, Lane b); Lane shr_arithmetic(Lane a, Lane b);
Lane fmod(Lane a, Lane b); Lane fma(Lane a, Lane b, Lane c); Lane abs(Lane a); Lane min(Lane a, Lane b); Lane max(Lane a, Lane b); Lane sqrt(Lane a);
Lane floor(Lane a); Lane ceil(Lane a); Lane trunc(Lane a); Lane round_even(Lane a);
Lane select(Lane condition, Lane a, Lane b); Lane bitcast(Lane a, Type to); Lane convert(Lane a, Type to);
Lane exp(Lane x); Lane expm1(Lane x); Lane log(Lane x); Lane log1p(Lane x); Lane sin(Lane x); Lane cos(Lane x);
Lane tanh(Lane x); Lane sigmoid(Lane x); Lane erf(Lane x); Lane erfc(Lane x); Lane rsqrt(Lane x); Lane pow(Lane x, Lane y);
Lane tan(Lane x); Lane asin(Lane x); Lane acos(Lane x); Lane atan(Lane x); Lane atan2(Lane y, Lane x);
Lane sinh(Lane x); Lane cosh(Lane x); Lane asinh(Lane x); Lane acosh(Lane x); Lane atanh(Lane x);
Lane exp2(Lane x); Lane log2(Lane x); Lane log10(Lane x); Lane lgamma(Lane x); Lane polygamma(Lane x, int order);
// clang-format on

class Program {
 public:
  const std::vector<Instr>& instructions() const { return instructions_; }
  Id result() const { return result_; }
  Type result_type() const { return instructions_[result_].type; }
  int inputs() const { return static_cast<int>(input_types_.size()); }
  const std::vector<Type>& input_types() const { return input_types_; }
  bool uses_input(int i) const;
  int uniforms() const;  // one more than the largest uniform index used

  // The program of  g * d result / d x_i  (all terms summed in order of instruction). Its inputs are this
  // program's inputs, then y (this program's result), then g. Wherever the derivative contains the result
  // itself it reads y instead of computing it again, and what it does not use it does not read
  // (`uses_input`): that is how the tape knows what to save. Zero where the result only steps (floor,
  // comparisons). Not differentiable (integer or boolean result or operand, or an operand that is not read):
  // an empty program (`empty()`), which stands for a zero gradient.
  Program vjp(int input) const;
  bool empty() const { return instructions_.empty(); }

  std::string print() const;
  // Throws InternalError unless operands precede their uses and types fit the opcodes.
  void verify() const;
  bool operator==(const Program&) const = default;

 private:
  friend class Builder;
  std::vector<Instr> instructions_;
  std::vector<Type> input_types_;
  Id result_ = 0;
};

Program build(std::span<const Type> inputs, const std::function<Lane(Lanes)>& body);
inline Program build(std::initializer_list<Type> inputs, const std::function<Lane(Lanes)>& body) {
  return build(std::span(inputs.begin(), inputs.size()), body);
}
// Named functions replaced by the primitive instructions that define them (src/lanes/functions/).
Program lower(const Program& program);

}  // namespace twofold::lanes
