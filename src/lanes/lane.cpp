// The operators and functions on lanes: each appends one instruction (or, for > and a - double, its mirror).
#include "lanes/builder.h"

namespace twofold::lanes {
namespace {

Lane append(Opcode op, Lane a) { return a.builder->append(op, {a}); }
Lane append(Opcode op, Lane a, Lane b) { return a.builder->append(op, {a, b}); }
Lane append(Opcode op, Lane a, Lane b, Lane c) { return a.builder->append(op, {a, b, c}); }
Lane like(Lane a, double value) { return a.builder->constant(value, a.type()); }

}  // namespace

Type Lane::type() const { return builder->at(id).type; }

Lane Lanes::operator[](int i) const { return builder->input(i); }
Lane Lanes::uniform(int i, Type type) const { return builder->uniform(i, type); }
Lane Lanes::constant(double value, Type type) const { return builder->constant(value, type); }
Lane Lanes::index() const { return builder->index(); }
Type Lanes::type() const { return inputs > 0 ? builder->input(0).type() : Type::f32; }

// clang-format off
Lane operator+(Lane a, Lane b) { return append(Opcode::add, a, b); }
Lane operator-(Lane a, Lane b) { return append(Opcode::sub, a, b); }
Lane operator*(Lane a, Lane b) { return append(Opcode::mul, a, b); }
Lane operator/(Lane a, Lane b) { return append(Opcode::div, a, b); }
Lane operator+(Lane a, double b) { return a + like(a, b); }
Lane operator-(Lane a, double b) { return a - like(a, b); }
Lane operator*(Lane a, double b) { return a * like(a, b); }
Lane operator/(Lane a, double b) { return a / like(a, b); }
Lane operator+(double a, Lane b) { return like(b, a) + b; }
Lane operator-(double a, Lane b) { return like(b, a) - b; }
Lane operator*(double a, Lane b) { return like(b, a) * b; }
Lane operator/(double a, Lane b) { return like(b, a) / b; }
Lane operator-(Lane a) { return append(Opcode::neg, a); }

Lane operator==(Lane a, Lane b) { return append(Opcode::eq, a, b); }
Lane operator!=(Lane a, Lane b) { return append(Opcode::ne, a, b); }
Lane operator<(Lane a, Lane b) { return append(Opcode::lt, a, b); }
Lane operator<=(Lane a, Lane b) { return append(Opcode::le, a, b); }
Lane operator>(Lane a, Lane b) { return b < a; }
Lane operator>=(Lane a, Lane b) { return b <= a; }
Lane operator==(Lane a, double b) { return a == like(a, b); }
Lane operator!=(Lane a, double b) { return a != like(a, b); }
Lane operator<(Lane a, double b) { return a < like(a, b); }
Lane operator<=(Lane a, double b) { return a <= like(a, b); }
Lane operator>(Lane a, double b) { return like(a, b) < a; }
Lane operator>=(Lane a, double b) { return like(a, b) <= a; }

Lane operator&(Lane a, Lane b) { return append(Opcode::bit_and, a, b); }
Lane operator|(Lane a, Lane b) { return append(Opcode::bit_or, a, b); }
Lane operator^(Lane a, Lane b) { return append(Opcode::bit_xor, a, b); }
Lane operator~(Lane a) { return append(Opcode::bit_not, a); }
Lane shl(Lane a, Lane b) { return append(Opcode::shl, a, b); }
Lane shr_logical(Lane a, Lane b) { return append(Opcode::shr_logical, a, b); }
Lane shr_arithmetic(Lane a, Lane b) { return append(Opcode::shr_arithmetic, a, b); }

Lane fmod(Lane a, Lane b) { return append(Opcode::fmod, a, b); }
Lane fma(Lane a, Lane b, Lane c) { return append(Opcode::fma, a, b, c); }
Lane abs(Lane a) { return append(Opcode::abs, a); }
Lane min(Lane a, Lane b) { return append(Opcode::min, a, b); }
Lane max(Lane a, Lane b) { return append(Opcode::max, a, b); }
Lane sqrt(Lane a) { return append(Opcode::sqrt, a); }
Lane floor(Lane a) { return append(Opcode::floor, a); }
Lane ceil(Lane a) { return append(Opcode::ceil, a); }
Lane trunc(Lane a) { return append(Opcode::trunc, a); }
Lane round_even(Lane a) { return append(Opcode::round_even, a); }
Lane select(Lane condition, Lane a, Lane b) { return append(Opcode::select, condition, a, b); }
Lane bitcast(Lane a, Type to) { return a.builder->cast(Opcode::bitcast, a, to); }
Lane convert(Lane a, Type to) { return a.builder->cast(Opcode::convert, a, to); }

Lane exp(Lane x) { return append(Opcode::exp, x); }
Lane expm1(Lane x) { return append(Opcode::expm1, x); }
Lane log(Lane x) { return append(Opcode::log, x); }
Lane log1p(Lane x) { return append(Opcode::log1p, x); }
Lane sin(Lane x) { return append(Opcode::sin, x); }
Lane cos(Lane x) { return append(Opcode::cos, x); }
Lane tanh(Lane x) { return append(Opcode::tanh, x); }
Lane sigmoid(Lane x) { return append(Opcode::sigmoid, x); }
Lane erf(Lane x) { return append(Opcode::erf, x); }
Lane erfc(Lane x) { return append(Opcode::erfc, x); }
Lane rsqrt(Lane x) { return append(Opcode::rsqrt, x); }
Lane pow(Lane x, Lane y) { return append(Opcode::pow, x, y); }
Lane tan(Lane x) { return append(Opcode::tan, x); }
Lane asin(Lane x) { return append(Opcode::asin, x); }
Lane acos(Lane x) { return append(Opcode::acos, x); }
Lane atan(Lane x) { return append(Opcode::atan, x); }
Lane atan2(Lane y, Lane x) { return append(Opcode::atan2, y, x); }
Lane sinh(Lane x) { return append(Opcode::sinh, x); }
Lane cosh(Lane x) { return append(Opcode::cosh, x); }
Lane asinh(Lane x) { return append(Opcode::asinh, x); }
Lane acosh(Lane x) { return append(Opcode::acosh, x); }
Lane atanh(Lane x) { return append(Opcode::atanh, x); }
Lane exp2(Lane x) { return append(Opcode::exp2, x); }
Lane log2(Lane x) { return append(Opcode::log2, x); }
Lane log10(Lane x) { return append(Opcode::log10, x); }
Lane lgamma(Lane x) { return append(Opcode::lgamma, x); }
Lane polygamma(Lane x, int order) { return x.builder->append(Opcode::polygamma, {&x, 1}, static_cast<std::uint64_t>(order)); }
// clang-format on

}  // namespace twofold::lanes
