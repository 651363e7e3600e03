// Bitwise operations on integers; on bool they are the logical ones.
#include "ops/rows.h"

namespace twofold::ops {
namespace {

std::int64_t whole(double x) { return static_cast<std::int64_t>(x); }

}  // namespace

constinit const Op bits_rows[] = {
    {
        .name = "bitwise_and",
        .sig = "x: bits, y: bits",
        .torch = "bitwise_and(input, other)",
        .tf = "bitwise.bitwise_and(x, y)",
        .doc = "The bits that both have.",
        .lanes = [](Lanes x) { return x[0] & x[1]; },
        .ref = [](double x, double y) { return double(whole(x) & whole(y)); },
        .samples = "i32[3,4], i32[4] | u8[5], u8[]:is(6) | i64[2,3]:strided, i64[3] | bool[7], bool[7] | "
                   "bool[3], i16[3] | !f32[2], f32[2] -> dtype | !i32[2], i32[3] -> shape",
    },
    {
        .name = "bitwise_or",
        .sig = "x: bits, y: bits",
        .torch = "bitwise_or(input, other)",
        .tf = "bitwise.bitwise_or(x, y)",
        .doc = "The bits that either has.",
        .lanes = [](Lanes x) { return x[0] | x[1]; },
        .ref = [](double x, double y) { return double(whole(x) | whole(y)); },
        .samples = "i32[3,4], i32[4] | u8[5], u8[]:is(6) | i64[2,3]:strided, i64[3] | bool[7], bool[7] | "
                   "i8[3], u8[3] | !i32[2], f32[2] -> dtype | !i32[2], i32[3] -> shape",
    },
    {
        .name = "bitwise_xor",
        .sig = "x: bits, y: bits",
        .torch = "bitwise_xor(input, other)",
        .tf = "bitwise.bitwise_xor(x, y)",
        .doc = "The bits that exactly one has.",
        .lanes = [](Lanes x) { return x[0] ^ x[1]; },
        .ref = [](double x, double y) { return double(whole(x) ^ whole(y)); },
        .samples = "i32[3,4], i32[4] | u8[5], u8[]:is(6) | i64[2,3]:strided, i64[3] | bool[7], bool[7] | "
                   "!f16[2], f16[2] -> dtype | !i32[2], i32[3] -> shape",
    },
    {
        .name = "bitwise_not",
        .sig = "x: bits",
        .torch = "bitwise_not(input)",
        .tf = "bitwise.invert(x) -> Invert",
        .doc = "The bits that x has not: -1 - x for signed integers, the other value for bool.",
        .lanes = [](Lanes x) { return ~x[0]; },
        .ref = [](const core::RefCall& c) -> std::vector<core::RefTensor> {
          core::RefTensor out = c.in[0];
          for (double& v : out.values) v = (c.dtypes[0] == bool_ ? 1 : c.dtypes[0] == u8 ? 255 : -1) - v;
          return {out};
        },
        .samples = "i32[3,4] | u8[5] | i64[2,3]:strided | i8[3] | bool[7] | i16[0] | !f32[2] -> dtype",
    },
};
constinit Rows bits{"bits", bits_rows};

}  // namespace twofold::ops
