// Rounding, and division that rounds. Integers are whole already; a division of them by 0 is refused.
#include "kernels/index.h"
#include "lanes/types.h"
#include "ops/rows.h"

namespace twofold::ops {
namespace {

using Rounding = Lane (*)(Lane);
Lane of_floats(Lane x, Rounding rounded) { return lanes::is_float(x.type()) ? rounded(x) : x; }

void refuse_zero_divisors(const Call& c) {
  const Array& y = c.x(1);
  if (is_floating(y.dtype) || c.y().numel() == 0 || count_nonzero(y) == y.numel()) return;
  throw ValueError(
      {.op = c.op.name, .argument = "y", .got = "an integer 0", .expected = "divisors other than 0"});
}

// Does the remainder that fmod left need one more divisor to get the divisor's sign?
Lane falls_short(Lane rest, Lane y) { return (rest != 0.0) & ((y < 0.0) != (rest < 0.0)); }

// Python's: the remainder is taken off first, so that the quotient is whole but for its own rounding. The
// last floor changes no value, but lets no gradient through.
Lane floor_quotient(Lane x, Lane y) {
  const Lane rest = fmod(x, y), whole = (x - rest) / y;
  const Lane lowered = select(falls_short(rest, y), whole - 1.0, whole);
  const Lane below = floor(lowered);
  const Lane nearest = select(lowered - below > 0.5, below + 1.0, below);
  const Lane ratio = x / y;  // gives a zero its sign, and infinity or NaN for x / 0
  return floor(select(y == 0.0, ratio, select(lowered == 0.0, ratio * 0.0, nearest)));
}

Lane integer_floor_quotient(Lane x, Lane y) {
  const Lane toward_zero = x / y;
  return toward_zero - convert(falls_short(fmod(x, y), y), x.type());
}

bool short_of(double rest, double y) { return rest != 0 && (rest < 0) != (y < 0); }
double floored_rest(double x, double y) {
  const double rest = std::fmod(x, y);
  return short_of(rest, y) ? rest + y : rest;
}
double floored_quotient(double x, double y) {
  const double rest = std::fmod(x, y);
  return y == 0 ? x / y : std::nearbyint((x - rest) / y) - short_of(rest, y);
}

}  // namespace

constinit const Op rounding_rows[] = {
    {
        .name = "sign",
        .sig = "x: any",
        .torch = "sign(input)",
        .tf = "sign(x)",
        .doc = "-1, 0 or 1 as x is negative, 0 (or NaN) or positive; x itself for bool.",
        .lanes =
            [](Lanes x) {
              if (x.type() == lanes::Type::b8) return x[0];
              return convert(x[0] > 0.0, x.type()) - convert(x[0] < 0.0, x.type());
            },
        .ref = [](double x) { return double(x > 0) - double(x < 0); },
        .samples = "f32[3,4] | f64[2,1,5]:strided | i32[4] | u8[4] | bool[3] | bf16[0] | f32[12]:special",
    },
    {
        .name = "floor",
        .sig = "x: number",
        .torch = "floor(input)",
        .tf = "floor(x)",
        .doc = "The largest whole number not above x; its derivative is 0.",
        .lanes = [](Lanes x) { return of_floats(x[0], lanes::floor); },
        .ref = [](double x) { return std::floor(x); },
        .samples = "f32[3,4] | f64[2,1,5]:strided | i32[4] | f16[5] | f32[12]:special | !bool[2] -> dtype",
    },
    {
        .name = "ceil",
        .sig = "x: number",
        .torch = "ceil(input)",
        .tf = "ceil(x)",
        .doc = "The smallest whole number not below x; its derivative is 0.",
        .lanes = [](Lanes x) { return of_floats(x[0], lanes::ceil); },
        .ref = [](double x) { return std::ceil(x); },
        .samples = "f32[3,4] | f64[2,1,5]:strided | i64[4] | bf16[5] | f32[12]:special | !bool[2] -> dtype",
    },
    {
        .name = "trunc",
        .sig = "x: number",
        .torch = "trunc(input)",
        .doc = "x without its fraction; its derivative is 0.",
        .lanes = [](Lanes x) { return of_floats(x[0], lanes::trunc); },
        .ref = [](double x) { return std::trunc(x); },
        .samples = "f32[3,4] | f64[2,1,5]:strided | i8[4] | f16[5] | f32[12]:special | !bool[2] -> dtype",
    },
    {
        .name = "round",
        .sig = "x: number",
        .torch = "round(input)",
        .tf = "round(x)",
        .doc = "The nearest whole number, the even one of two; its derivative is 0.",
        .lanes = [](Lanes x) { return of_floats(x[0], lanes::round_even); },
        .ref = [](double x) { return std::nearbyint(x); },
        .samples = "f32[3,4] | f64[2,1,5]:strided | i16[4] | f16[5] | f32[12]:special | !bool[2] -> dtype",
    },
    {
        .name = "floor_divide",
        .sig = "x: number, y: number",
        .torch = "floor_divide(input, other)",
        .tf = "floordiv(x, y)",
        .doc = "x / y rounded down, as Python's //; its derivative is 0. Integers refuse y = 0.",
        .unlike = "by zero: torch.floor_divide(torch.tensor(1), 0) | tf.floordiv(1, 0)",
        .lanes =
            [](Lanes x) {
              return lanes::is_float(x.type()) ? floor_quotient(x[0], x[1])
                                               : integer_floor_quotient(x[0], x[1]);
            },
        .check = refuse_zero_divisors,
        .ref = floored_quotient,
        .ulp = 1.5,
        .samples =
            "f32[3,4], f32[3,4] | f64[3,1], f64[4]:strided | f16[9], f16[9] | i32[9], i32[9]:positive | "
            "i64[4]:is(7,-7,7,-7), i64[4]:is(2,2,-2,-2) | i8[3]:is(-128,127,-128), i8[3]:is(-1,-1,3) | "
            "u8[4], u8[]:positive | f32[12]:special, f32[12]:special | f64[12]:special, f64[3,12]:special | "
            "i32[0], i32[1]:is(0) | "
            "i32[3], f32[3] | !i32[2], i32[2]:is(1,0) -> value | !bool[2], bool[2] -> dtype | "
            "!f32[2], f32[3] -> shape",
    },
    {
        .name = "trunc_divide",
        .sig = "x: number, y: number",
        .tf = "truncatediv(x, y) -> TruncateDiv",
        .doc = "x / y rounded toward zero; its derivative is 0. Integers refuse y = 0.",
        .lanes =
            [](Lanes x) {
              const Lane quotient = x[0] / x[1];
              return of_floats(quotient, lanes::trunc);
            },
        .check = refuse_zero_divisors,
        .ref = [](double x, double y) { return std::trunc(x / y); },
        .samples =
            "f32[3,4], f32[3,4] | f64[3,1], f64[4]:strided | f16[9], f16[9] | i32[9], i32[9]:positive | "
            "i64[4]:is(7,-7,7,-7), i64[4]:is(2,2,-2,-2) | i8[3]:is(-128,127,-128), i8[3]:is(-1,-1,3) | "
            "u8[4], u8[]:positive | f32[12]:special, f32[12]:special | i32[0], i32[1]:is(0) | "
            "!i32[2], i32[2]:is(1,0) -> value | !bool[2], bool[2] -> dtype | !f32[2], f32[3] -> shape",
    },
    {
        .name = "remainder",
        .sig = "x: number, y: number",
        .torch = "remainder(input, other)",
        .tf = "floormod(x, y) -> FloorMod",
        .doc = "What floor_divide leaves: x - y * (x // y), with the sign of y. Integers refuse y = 0.",
        .lanes =
            [](Lanes x) {
              const Lane rest = fmod(x[0], x[1]);
              return select(falls_short(rest, x[1]), rest + x[1], rest);
            },
        .check = refuse_zero_divisors,
        .ref = floored_rest,
        .ulp = 0.5,
        .samples =
            "f32[3,4], f32[3,4] | f64[3,1], f64[4]:strided | f16[9], f16[9] | i32[9], i32[9]:positive | "
            "i64[4]:is(7,-7,7,-7), i64[4]:is(2,2,-2,-2) | i8[3]:is(-128,127,-128), i8[3]:is(-1,-1,3) | "
            "u8[4], u8[]:positive | f32[12]:special, f32[12]:special | f64[5], i32[5]:positive | "
            "!i64[2], i64[2]:is(1,0) -> value | !bool[2], bool[2] -> dtype | !f32[2], f32[3] -> shape",
    },
    {
        .name = "fmod",
        .sig = "x: number, y: number",
        .torch = "fmod(input, other)",
        .tf = "truncatemod(x, y) -> TruncateMod",
        .doc =
            "What a division rounded toward zero leaves, with the sign of x; exact. Integers refuse y = 0.",
        .lanes = [](Lanes x) { return fmod(x[0], x[1]); },
        .check = refuse_zero_divisors,
        .ref = [](double x, double y) { return std::fmod(x, y); },
        .samples =
            "f32[3,4], f32[3,4] | f64[3,1], f64[4]:strided | bf16[9], bf16[9] | i32[9], i32[9]:positive | "
            "i64[4]:is(7,-7,7,-7), i64[4]:is(2,2,-2,-2) | i16[2]:is(-32768,5), i16[2]:is(-1,-3) | "
            "u8[4], u8[]:positive | f32[12]:special, f32[12]:special | !u8[2], u8[2]:is(1,0) -> value | "
            "!bool[2], bool[2] -> dtype | !f32[2], f32[3] -> shape",
    },
};
constinit Rows rounding{"rounding", rounding_rows};

}  // namespace twofold::ops
