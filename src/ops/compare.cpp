// Comparisons and logic: bool results, no gradient; and where().
#include "lanes/types.h"
#include "ops/rows.h"

namespace twofold::ops {
namespace {

constexpr double infinity = std::numeric_limits<double>::infinity();
bool is_float(Lanes x) { return lanes::is_float(x.type()); }

}  // namespace

constinit const Op compare_rows[] = {
    {
        .name = "eq",
        .sig = "x: any, y: any",
        .torch = "eq(input, other)",
        .tf = "equal(x, y)",
        .doc = "x == y, elementwise.",
        .unlike = "as an operator: x == x | x == x",
        .lanes = [](Lanes x) { return x[0] == x[1]; },
        .ref = [](double x, double y) { return double(x == y); },
        .samples = "i32[9]:below3, i32[9]:below3 | f32[3,1], f32[4] | bool[4], bool[4] | f32[4]:special, "
                   "f32[4]:special | "
                   "!f32[2], f32[3] -> shape",
    },
    {
        .name = "ne",
        .sig = "x: any, y: any",
        .torch = "ne(input, other)",
        .tf = "not_equal(x, y)",
        .doc = "x != y, elementwise.",
        .lanes = [](Lanes x) { return x[0] != x[1]; },
        .ref = [](double x, double y) { return double(x != y); },
        .samples = "i32[9]:below3, i32[9]:below3 | f32[3,1], f32[4] | f32[4]:special, f32[4]:special | "
                   "!f32[2], f32[3] -> shape",
    },
    {
        .name = "lt",
        .sig = "x: number, y: number",
        .torch = "lt(input, other)",
        .tf = "less(x, y)",
        .doc = "x < y, elementwise.",
        .lanes = [](Lanes x) { return x[0] < x[1]; },
        .ref = [](double x, double y) { return double(x < y); },
        .samples = "i32[9]:below3, i32[9]:below3 | f32[3,1], f32[4] | u8[4], u8[4] | f32[4]:special, "
                   "f32[4]:special | "
                   "!f32[2], f32[3] -> shape",
    },
    {
        .name = "le",
        .sig = "x: number, y: number",
        .torch = "le(input, other)",
        .tf = "less_equal(x, y)",
        .doc = "x <= y, elementwise.",
        .lanes = [](Lanes x) { return x[0] <= x[1]; },
        .ref = [](double x, double y) { return double(x <= y); },
        .samples = "i64[9]:below3, i64[9]:below3 | f64[3,1], f64[4] | f32[4]:special, f32[4]:special | "
                   "!f32[2], f32[3] -> shape",
    },
    {
        .name = "gt",
        .sig = "x: number, y: number",
        .torch = "gt(input, other)",
        .tf = "greater(x, y)",
        .doc = "x > y, elementwise.",
        .lanes = [](Lanes x) { return x[0] > x[1]; },
        .ref = [](double x, double y) { return double(x > y); },
        .samples = "i16[9]:below3, i16[9]:below3 | f32[3,1], f32[4] | f32[4]:special, f32[4]:special | "
                   "!f32[2], f32[3] -> shape",
    },
    {
        .name = "ge",
        .sig = "x: number, y: number",
        .torch = "ge(input, other)",
        .tf = "greater_equal(x, y)",
        .doc = "x >= y, elementwise.",
        .lanes = [](Lanes x) { return x[0] >= x[1]; },
        .ref = [](double x, double y) { return double(x >= y); },
        .samples = "i8[9]:below3, i8[9]:below3 | f32[3,1], f32[4] | f32[4]:special, f32[4]:special | "
                   "!f32[2], f32[3] -> shape",
    },
    {
        .name = "logical_and",
        .sig = "x: boolean, y: boolean",
        .torch = "logical_and(input, other)",
        .tf = "logical_and(x, y)",
        .doc = "x and y.",
        .unlike = "for numbers: torch.logical_and(x, x) | tf.logical_and(x, x)",
        .lanes = [](Lanes x) { return x[0] & x[1]; },
        .ref = [](double x, double y) { return double(x && y); },
        .samples = "bool[7], bool[7] | bool[2,1], bool[3] | !i32[2], bool[2] -> dtype",
    },
    {
        .name = "logical_or",
        .sig = "x: boolean, y: boolean",
        .torch = "logical_or(input, other)",
        .tf = "logical_or(x, y)",
        .doc = "x or y.",
        .lanes = [](Lanes x) { return x[0] | x[1]; },
        .ref = [](double x, double y) { return double(x || y); },
        .samples = "bool[7], bool[7] | bool[2,1], bool[3] | !bool[2], f32[2] -> dtype",
    },
    {
        .name = "logical_xor",
        .sig = "x: boolean, y: boolean",
        .torch = "logical_xor(input, other)",
        .tf = "logical_xor(x, y)",
        .doc = "x or y, but not both.",
        .lanes = [](Lanes x) { return x[0] ^ x[1]; },
        .ref = [](double x, double y) { return double(!x != !y); },
        .samples = "bool[7], bool[7] | bool[2,1], bool[3] | !bool[2], i32[2] -> dtype",
    },
    {
        .name = "logical_not",
        .sig = "x: boolean",
        .torch = "logical_not(input)",
        .tf = "logical_not(x)",
        .doc = "not x.",
        .lanes = [](Lanes x) { return x[0] == x.constant(0, lanes::Type::b8); },
        .ref = [](double x) { return double(!x); },
        .samples = "bool[7] | bool[2,3]:strided | !i32[2] -> dtype",
    },
    {
        .name = "isnan",
        .sig = "x: any",
        .torch = "isnan(input)",
        .tf = "is_nan(x)",
        .doc = "Is x NaN? No integer is.",
        .lanes = [](Lanes x) { return x[0] != x[0]; },
        .ref = [](double x) { return double(std::isnan(x)); },
        .samples = "f32[12]:special | f64[2,3]:strided | f16[12]:special | i32[3] | bool[2] | f32[0]",
    },
    {
        .name = "isinf",
        .sig = "x: any",
        .torch = "isinf(input)",
        .tf = "is_inf(x)",
        .doc = "Is x an infinity of either sign? No integer is.",
        .lanes = [](Lanes x) { return is_float(x) ? abs(x[0]) == infinity : x[0] != x[0]; },
        .ref = [](double x) { return double(std::isinf(x)); },
        .samples = "f32[12]:special | f64[2,3]:strided | bf16[12]:special | u8[3] | bool[2] | f32[0]",
    },
    {
        .name = "isfinite",
        .sig = "x: any",
        .torch = "isfinite(input)",
        .tf = "is_finite(x)",
        .doc = "Is x neither NaN nor an infinity? Every integer is.",
        .lanes = [](Lanes x) { return is_float(x) ? abs(x[0]) < infinity : x[0] == x[0]; },
        .ref = [](double x) { return double(std::isfinite(x)); },
        .samples = "f32[12]:special | f64[2,3]:strided | f16[12]:special | i64[3] | bool[2] | f32[0]",
    },
    {
        .name = "where",
        .sig = "condition: boolean, x: any, y: any",
        .torch = "where(condition, input, other)",
        .tf = "where(condition, x, y)",
        .doc = "x where the condition holds, else y; all three broadcast.",
        .unlike = "where operands broadcast: torch.where(x > 2, x, torch.zeros(1)) | tf.where(x > 2., x, "
                  "tf.zeros([1])); "
                  "with a condition for each row: torch.where(torch.tensor([True, False]), x, x) | "
                  "tf.where([True, False], x, x)",
        .lanes = [](Lanes x) { return select(x[0], x[1], x[2]); },
        .ref = [](double c, double x, double y) { return c != 0 ? x : y; },
        .samples = "bool[3,4], f32[3,4], f32[3,4] | bool[4], f64[3,1], f64[] | bool[3], i32[3], i32[3] | "
                   "bool[5], f16[5], f16[5] | bool[3], f32[3], i64[3] | !f32[2], f32[2], f32[2] -> dtype | "
                   "!bool[2], f32[3], f32[3] -> shape",
    },
};
constinit Rows compare{"compare", compare_rows};

}  // namespace twofold::ops
