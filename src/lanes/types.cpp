#include "lanes/types.h"

#include <bit>
#include <cstdio>

#include "twofold/error.h"

namespace twofold::lanes {
namespace {

// Which operands an opcode takes, and what it gives.
enum class Signature : std::uint8_t { leaf, number, floating, bits, integer, compare, select, cast };

struct Info {
  const char* name;
  std::uint8_t arity;
  Signature signature;
  bool commutative = false;
};

using enum Signature;
constexpr Info infos[opcode_count] = {
    {"input", 0, leaf},
    {"uniform", 0, leaf},
    {"constant", 0, leaf},
    {"index", 0, leaf},
    {"add", 2, number, true},
    {"sub", 2, number},
    {"mul", 2, number, true},
    {"div", 2, number},
    {"fmod", 2, number},
    {"fma", 3, floating},
    {"neg", 1, number},
    {"abs", 1, number},
    {"min", 2, number},
    {"max", 2, number},
    {"sqrt", 1, floating},
    {"floor", 1, floating},
    {"ceil", 1, floating},
    {"trunc", 1, floating},
    {"round_even", 1, floating},
    {"eq", 2, compare, true},
    {"ne", 2, compare, true},
    {"lt", 2, compare},
    {"le", 2, compare},
    {"bit_and", 2, bits, true},
    {"bit_or", 2, bits, true},
    {"bit_xor", 2, bits, true},
    {"bit_not", 1, bits},
    {"shl", 2, integer},
    {"shr_logical", 2, integer},
    {"shr_arithmetic", 2, integer},
    {"select", 3, Signature::select},
    {"bitcast", 1, cast},
    {"convert", 1, cast},
    {"exp", 1, floating},
    {"expm1", 1, floating},
    {"log", 1, floating},
    {"log1p", 1, floating},
    {"sin", 1, floating},
    {"cos", 1, floating},
    {"tanh", 1, floating},
    {"sigmoid", 1, floating},
    {"erf", 1, floating},
    {"erfc", 1, floating},
    {"rsqrt", 1, floating},
    {"pow", 2, floating},
    {"tan", 1, floating},
    {"asin", 1, floating},
    {"acos", 1, floating},
    {"atan", 1, floating},
    {"atan2", 2, floating},
    {"sinh", 1, floating},
    {"cosh", 1, floating},
    {"asinh", 1, floating},
    {"acosh", 1, floating},
    {"atanh", 1, floating},
    {"exp2", 1, floating},
    {"log2", 1, floating},
    {"log10", 1, floating},
    {"lgamma", 1, floating},
    {"polygamma", 1, floating},
};

const Info& info_of(Opcode op) { return infos[static_cast<int>(op)]; }

bool fits(Signature signature, Type t) {
  switch (signature) {
    case number:
      return t != Type::b8;
    case floating:
      return is_float(t);
    case bits:
      return !is_float(t);
    case integer:
      return is_integer(t);
    default:
      return true;
  }
}

std::string list(std::span<const Type> types) {
  std::string text;
  for (Type t : types) text += (text.empty() ? "" : ", ") + std::string(name_of(t));
  return text;
}

[[noreturn]] void refuse(Opcode op, std::string got, std::string expected) {
  throw InternalError({std::string("lane ") + name_of(op), "", std::move(got), std::move(expected)});
}

}  // namespace

Type type_of(Dtype dtype) {
  constexpr Type types[dtype_count] = {Type::b8,  Type::u8,  Type::i8,  Type::i16, Type::i32,
                                       Type::i64, Type::f32, Type::f32, Type::f32, Type::f64};
  return types[static_cast<int>(dtype)];
}

const char* name_of(Opcode op) { return info_of(op).name; }
bool is_named(Opcode op) { return op >= Opcode::exp; }

const char* name_of(Type t) {
  constexpr const char* names[type_count] = {"b8", "u8", "i8", "i16", "i32", "i64", "f32", "f64"};
  return names[static_cast<int>(t)];
}

int arity_of(Opcode op) { return info_of(op).arity; }
bool is_leaf(Opcode op) { return info_of(op).signature == leaf; }
bool is_commutative(Opcode op) { return info_of(op).commutative; }

Type result_type(Opcode op, std::span<const Type> operands) {
  const Info& info = info_of(op);
  if (static_cast<int>(operands.size()) != info.arity)
    refuse(op, std::to_string(operands.size()) + " operands", std::to_string(info.arity));
  if (info.signature == Signature::select) {
    if (operands[0] != Type::b8 || operands[1] != operands[2]) refuse(op, list(operands), "b8, T, T");
    return operands[1];
  }
  bool good = info.signature != leaf && info.signature != cast;
  for (Type t : operands) good = good && t == operands[0] && fits(info.signature, t);
  if (!good) refuse(op, list(operands), "operands of one type that the opcode takes");
  return info.signature == compare ? Type::b8 : operands[0];
}

void check_cast(Opcode op, Type from, Type to) {
  if (op == Opcode::convert) return;
  const bool boolean = from == Type::b8 || to == Type::b8;  // a b8 holds 0 or 1, not any byte
  if (width_of(from) != width_of(to) || (boolean && from != to)) refuse(op, name_of(from), name_of(to));
}

std::uint64_t bits_of(double value, Type type) {
  if (type == Type::f64) return std::bit_cast<std::uint64_t>(value);
  if (type == Type::f32) return std::bit_cast<std::uint32_t>(static_cast<float>(value));
  if (type == Type::b8) return value != 0;
  const std::uint64_t mask = ~std::uint64_t{0} >> (64 - 8 * width_of(type));
  return static_cast<std::uint64_t>(static_cast<std::int64_t>(value)) & mask;
}

std::string text_of(std::uint64_t bits, Type type) {
  char text[40];
  const int shift = 64 - 8 * width_of(type);
  if (type == Type::f64)
    std::snprintf(text, sizeof text, "%.17g", std::bit_cast<double>(bits));
  else if (type == Type::f32)
    std::snprintf(text, sizeof text, "%.9g", std::bit_cast<float>(static_cast<std::uint32_t>(bits)));
  else if (type == Type::u8 || type == Type::b8)
    std::snprintf(text, sizeof text, "%u", static_cast<unsigned>(bits));
  else
    std::snprintf(text, sizeof text, "%lld", static_cast<long long>(bits << shift) >> shift);
  return text;
}

}  // namespace twofold::lanes
