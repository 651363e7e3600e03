// Matrix products.
#include "kernels/matmul.h"

#include "ops/rows.h"

namespace twofold::ops {
namespace {

using core::RefCall;
using core::RefTensor;

Shape leading(const Shape& s) {
  Dims out;
  for (int i = 0; i + 2 < s.rank(); ++i) out.push_back(s[i]);
  return Shape(out);
}

[[noreturn]] void mismatch(const Op& op, const Shape& a, const Shape& b) {
  throw ShapeError({.op = op.name,
                    .argument = "y",
                    .got = "shapes " + to_string(a) + " and " + to_string(b),
                    .expected = "as many columns in x as rows in y"});
}

void infer_product(Infer& c) {
  const Shape &a = ranked(c, 0), &b = ranked(c, 1);
  const std::int64_t k = a[a.rank() - 1], rows = b[b.rank() - 2];
  if (k != rows && k != unknown && rows != unknown) mismatch(c.op, a, b);
  Dims out = broadcast(leading(a), leading(b)).dims();
  out.push_back(a[a.rank() - 2]);
  out.push_back(b[b.rank() - 1]);
  c.out.push_back({c.in[0].dtype, Shape(out)});
}

void infer_terms(Infer& c) {
  const Shape &a = ranked(c, 0), &b = ranked(c, 1);
  const std::int64_t ka = a.rank() ? a[a.rank() - 1] : 1, kb = b.rank() ? b[b.rank() - 1] : 1;
  if (ka != kb && ka != unknown && kb != unknown) mismatch(c.op, a, b);
  c.out.push_back({c.in[0].dtype, broadcast(a, b)});
}

std::vector<RefTensor> product_ref(const RefCall& c) {
  const RefTensor &a = c.in[0], &b = c.in[1];
  const std::int64_t m = a.shape[a.shape.rank() - 2], k = a.shape[a.shape.rank() - 1],
                     n = b.shape[b.shape.rank() - 1];
  const Shape batch = broadcast(leading(a.shape), leading(b.shape));
  Dims dims = batch.dims();
  dims.push_back(m), dims.push_back(n);
  RefTensor out{Shape(dims), {}};
  auto matrix = [&](const RefTensor& t, std::int64_t index, std::int64_t size) {
    const Shape lead = leading(t.shape);
    std::int64_t at = 0, step = 1, rest = index;
    for (int d = 1; d <= batch.rank(); ++d) {
      const std::int64_t i = rest % batch[batch.rank() - d];
      rest /= batch[batch.rank() - d];
      if (d > lead.rank()) continue;
      if (lead[lead.rank() - d] != 1) at += i * step;
      step *= lead[lead.rank() - d];
    }
    return t.values.data() + at * size;
  };
  for (std::int64_t s = 0; s < batch.numel(); ++s) {
    const double *x = matrix(a, s, m * k), *y = matrix(b, s, k * n);
    for (std::int64_t i = 0; i < m; ++i)
      for (std::int64_t j = 0; j < n; ++j) {
        long double sum = 0;
        for (std::int64_t l = 0; l < k; ++l) sum += static_cast<long double>(x[i * k + l]) * y[l * n + j];
        out.values.push_back(static_cast<double>(sum));
      }
  }
  return {out};
}

}  // namespace

constinit const Op linear_rows[] = {
    {
        .name = "product",
        .sig = "x: number, y: number",
        .doc = "The matrix product of operands of rank 2 or more: what matmul is made of.",
        .hidden = true,
        .infer = infer_product,
        .cpu = [](const Call& c) { matmul(c.x(0), c.x(1), c.y()); },
        .vjp = [](Vjp& c) -> Tensors {
          Tensor gx, gy;
          if (c.needs(0)) {
            const Tensor full = product(c.g(), transpose(c.x(1)));
            gx = sum_to(full, c.like(0));
          }
          if (c.needs(1)) {
            const Tensor full = product(transpose(c.x(0)), c.g());
            gy = sum_to(full, c.like(1));
          }
          return {gx, gy};
        },
        .saves = X0 | X1,
        .ref = product_ref,
        .ulp = 64,
        .samples = "f32[3,4], f32[4,5] | f64[2,3,4]:strided, f64[4,2] | f16[3,9], f16[9,2] | i32[2,3], "
                   "i32[3,2] | f32[1,383], f32[383,2] | "
                   "f32[2,384], f32[384,1] | f32[2,385], f32[385,3] | f32[3,769], f32[769,2] | "
                   "f32[64,8]:positive, f32[8,65]:positive | f32[2,0], f32[0,3] | "
                   "f32[2,1,3,4]:positive, f32[3,4,2]:positive | !f32[2,3], f32[2,3] -> shape",
    },
    {
        .name = "terms",
        .sig = "x: number, y: number",
        .doc =
            "x * y along a contracted last dimension, which must be the same in both: what dot products sum.",
        .hidden = true,
        .infer = infer_terms,
        .lanes = [](Lanes x) { return x[0] * x[1]; },
        .ref = [](double x, double y) { return x * y; },
        .ulp = 0.5,
        .samples = "f32[4], f32[4] | f64[2,3], f64[3]:strided | i32[3], i32[3] | !f32[3], f32[1] -> shape",
    },
    {
        .name = "matmul",
        .sig = "x: number, y: number",
        .torch = "matmul(input, other)",
        .tf = "matmul(a, b)",
        .doc = "The matrix product; leading dimensions broadcast. A rank-1 operand is a vector: the dot "
               "product is "
               "the sum (in reduction order) of the rounded products.",
        .unlike = "for vectors: torch.matmul(x[0], x[0]) | tf.matmul(x[0], x[0]); "
                  "for a matrix and a vector: torch.matmul(x, x[0]) | tf.matmul(x, x[0])",
        .compose = [](const Tensors& in, const Attrs&) -> Tensors {
          const Tensor &x = in[0], &y = in[1];
          for (int i = 0; i < 2; ++i)
            if (!in[static_cast<std::size_t>(i)].shape().has_rank() ||
                in[static_cast<std::size_t>(i)].rank() == 0)
              throw ShapeError({.op = "matmul",
                                .argument = i == 0 ? "x" : "y",
                                .got = to_string(in[static_cast<std::size_t>(i)].shape()),
                                .expected = "a known rank of at least 1"});
          if (x.rank() > 1 && y.rank() > 1) return {product(x, y)};
          const std::int64_t kx = x.size(-1), ky = y.rank() > 1 ? y.size(-2) : y.size(0);
          if (kx != ky && kx != unknown && ky != unknown)
            mismatch(core::find_op("matmul"), x.shape(), y.shape());
          // The contracted dimension goes last in both, then it is an elementwise product and a sum.
          const Tensor rows = y.rank() > 1 ? transpose(y) : y;
          const Tensor products = terms(x, rows);
          const bool wide_integers = !is_floating(products.dtype()) && products.dtype() != i64;
          const Tensor total =
              wide_integers ? cast(sum(products, Dims{-1}), products.dtype()) : sum(products, Dims{-1});
          return {total};
        },
        .ref = [](const RefCall& c) -> std::vector<RefTensor> {
          RefTensor x = c.in[0], y = c.in[1];
          const bool vx = x.shape.rank() == 1, vy = y.shape.rank() == 1;
          if (vx) x.shape = Shape{1, x.shape[0]};
          if (vy) y.shape = Shape{y.shape[0], 1};
          const RefTensor in[] = {x, y};
          auto out = product_ref({in, c.attrs, c.dtypes});
          Dims dims;
          for (int i = 0; i < out[0].shape.rank(); ++i) {
            const bool row = i == out[0].shape.rank() - 2, column = i == out[0].shape.rank() - 1;
            if (!(row && vx) && !(column && vy)) dims.push_back(out[0].shape[i]);
          }
          out[0].shape = Shape(dims);
          return out;
        },
        .ulp = 64,
        .samples = "f32[3,4], f32[4,5] | f32[4], f32[4] | f64[3,4], f64[4]:strided | f32[4], f32[4,3] | "
                   "f32[2,3,4], f32[4] | "
                   "i32[4], i32[4] | i64[2,3], i64[3,2] | f16[5], f16[5] | bf16[2,3], bf16[3,2] | f32[3,4], "
                   "f64[4,2] | "
                   "!f32[2,3], f32[2,3] -> shape | !f32[3], f32[4] -> shape | !f32[], f32[3] -> shape | "
                   "!bool[2,2], bool[2,2] -> dtype",
    },
};
constinit Rows linear{"linear", linear_rows};

}  // namespace twofold::ops
