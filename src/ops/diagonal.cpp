// Diagonals and triangles of matrices, which are the last two dimensions unless axes say otherwise.
#include "core/alias.h"
#include "kernels/index.h"
#include "kernels/rearrange.h"
#include "ops/reference.h"
#include "ops/rows.h"

namespace twofold::ops {
namespace {

using core::RefCall;
using core::RefTensor;

constexpr std::int64_t furthest = std::numeric_limits<std::int64_t>::max();

// --- bands
// ----------------------------------------------------------------------------------------------

void infer_band(Infer& c) {
  if (ranked(c).rank() < 2)
    throw ShapeError({.op = c.op.name,
                      .argument = "x",
                      .got = to_string(ranked(c)),
                      .expected = "at least two dimensions"});
  same_as_x(c);
}

std::vector<RefTensor> band_ref(const RefTensor& x, std::int64_t first, std::int64_t last) {
  const int rank = x.shape.rank();
  return tabulate(x.shape, [&](const Dims& at) {
    const std::int64_t off = at[rank - 1] - at[rank - 2];
    return first <= off && off <= last ? x.values[offset(x.shape, at)] : 0.0;
  });
}

// TensorFlow counts sub- and superdiagonals, and a negative number means all of them.
std::int64_t first_of(std::int64_t lower) { return lower < 0 ? -furthest : -lower; }
std::int64_t last_of(std::int64_t upper) { return upper < 0 ? furthest : upper; }

// --- diagonals
// ----------------------------------------------------------------------------------------------

// Attributes of diagonal and diag_embed: offset, axis1, axis2.
struct Plane {
  Plane(const Op& op, const Attrs& a, int rank)
      : offset(std::clamp(a.integer(0), -furthest, furthest)),  // so that it can be turned around
        rows(normal_axis(a.integer(1), rank, "axis1")),
        columns(normal_axis(a.integer(2), rank, "axis2")) {
    if (rows == columns)
      throw ValueError({.op = op.name,
                        .argument = "axis2",
                        .got = std::to_string(a.integer(2)),
                        .expected = "another axis than axis1"});
  }
  bool contains(int d) const { return d == rows || d == columns; }

  std::int64_t offset;
  int rows, columns;
};

std::int64_t diagonal_length(const Plane& p, std::int64_t rows, std::int64_t columns) {
  if (rows == unknown || columns == unknown) return unknown;
  if (p.offset <= -rows || p.offset >= columns) return 0;
  return p.offset < 0 ? std::min(rows + p.offset, columns) : std::min(rows, columns - p.offset);
}

void infer_diagonal(Infer& c) {
  const Shape& x = ranked(c);
  const Plane p(c.op, c.attrs, x.rank());
  Dims out;
  for (int d = 0; d < x.rank(); ++d)
    if (!p.contains(d)) out.push_back(x[d]);
  out.push_back(diagonal_length(p, x[p.rows], x[p.columns]));
  c.out.push_back({c.in[0].dtype, Shape(out)});
}

void view_plane(const Array& in, Array& out, const Plane& p) {
  out.strides = {};
  for (int d = 0; d < in.rank(); ++d)
    if (!p.contains(d)) out.strides.push_back(in.strides[d]);
  out.strides.push_back(in.strides[p.rows] + in.strides[p.columns]);
  out.data = in.data;
  if (out.numel() == 0) return;  // perhaps because the offset leads far away
  const std::int64_t skip = p.offset < 0 ? -p.offset * in.strides[p.rows] : p.offset * in.strides[p.columns];
  out.data = in.as<char>() + skip * static_cast<std::int64_t>(size_of(in.dtype));
}

void infer_embed(Infer& c) {
  const Shape& x = ranked(c);
  if (x.rank() == 0)
    throw ShapeError(
        {.op = c.op.name, .argument = "x", .got = "a scalar", .expected = "at least one dimension"});
  const Plane p(c.op, c.attrs, x.rank() + 1);
  const std::int64_t n = x[x.rank() - 1], side = n == unknown ? n : checked_add(n, std::abs(p.offset));
  Dims out;
  for (int d = 0, from = 0; d <= x.rank(); ++d) out.push_back(p.contains(d) ? side : x[from++]);
  c.out.push_back({c.in[0].dtype, Shape(out)});
}

// Zeros, and x where the view of the diagonal shows.
void run_embed(const Call& c) {
  Array part = c.x(0);
  part.contiguous = false;
  view_plane(c.y(), part, Plane(c.op, c.attrs, c.y().rank()));
  set_number(c.y(), 0.0);
  copy(c.x(0), part);
}

// Coordinates of a diagonal's element in the whole.
Dims on_diagonal(const Plane& p, const Dims& at, int rank) {
  Dims whole;
  const std::int64_t k = at[at.size() - 1];
  for (int d = 0, from = 0; d < rank; ++d)
    whole.push_back(d == p.rows      ? k + std::max<std::int64_t>(0, -p.offset)
                    : d == p.columns ? k + std::max<std::int64_t>(0, p.offset)
                                     : at[from++]);
  return whole;
}

std::vector<RefTensor> diagonal_ref(const RefCall& c) {
  const RefTensor& x = c.in[0];
  const Plane p(core::find_op("diagonal"), c.attrs, x.shape.rank());
  Dims dims;
  for (int d = 0; d < x.shape.rank(); ++d)
    if (!p.contains(d)) dims.push_back(x.shape[d]);
  std::int64_t n = 0;
  while (n + std::max<std::int64_t>(0, -p.offset) < x.shape[p.rows] &&
         n + std::max<std::int64_t>(0, p.offset) < x.shape[p.columns])
    ++n;
  dims.push_back(n);
  return tabulate(Shape(dims), [&](const Dims& at) {
    return x.values[offset(x.shape, on_diagonal(p, at, x.shape.rank()))];
  });
}

std::vector<RefTensor> embed_ref(const RefCall& c) {
  const RefTensor& x = c.in[0];
  const int rank = x.shape.rank() + 1;
  const Plane p(core::find_op("diag_embed"), c.attrs, rank);
  Dims dims;
  for (int d = 0, from = 0; d < rank; ++d)
    dims.push_back(p.contains(d) ? x.shape[rank - 2] + std::abs(p.offset) : x.shape[from++]);
  RefTensor out{Shape(dims), {}};
  out.values.resize(static_cast<std::size_t>(out.shape.numel()));
  walk(x.shape, [&](std::size_t i, const Dims& at) {
    out.values[offset(out.shape, on_diagonal(p, at, rank))] = x.values[i];
  });
  return {out};
}

// --- the diagonal of a tensor whose dimensions come twice
// ----------------------------------------------------------------------------------------------

void infer_diag_part(Infer& c) {
  const Shape& x = ranked(c);
  const int half = x.rank() / 2;
  Dims out;
  bool fits = x.rank() > 0 && x.rank() % 2 == 0;
  for (int d = 0; fits && d < half; ++d) {
    fits = x[d] == x[d + half] || x[d] == unknown || x[d + half] == unknown;
    out.push_back(x[d] == unknown ? x[d + half] : x[d]);
  }
  if (!fits)
    throw ShapeError({.op = c.op.name,
                      .argument = "x",
                      .got = to_string(x),
                      .expected = "the same dimensions twice, one after the other"});
  c.out.push_back({c.in[0].dtype, Shape(out)});
}

void view_diag_part(const Array& in, Array& out, const Attrs&) {
  out.data = in.data;
  out.strides = {};
  for (int d = 0; d < in.rank() / 2; ++d)
    out.strides.push_back(in.strides[d] + in.strides[d + in.rank() / 2]);
}

Shape twice(const Shape& x) {
  Dims out = x.dims();
  for (std::int64_t n : x) out.push_back(n);
  return Shape(out);
}

void infer_diag(Infer& c) {
  if (ranked(c).rank() == 0)
    throw ShapeError(
        {.op = c.op.name, .argument = "x", .got = "a scalar", .expected = "at least one dimension"});
  c.out.push_back({c.in[0].dtype, twice(ranked(c))});
}

Dims twice(const Dims& at) {
  Dims out = at;
  for (std::int64_t i : at) out.push_back(i);
  return out;
}

std::vector<RefTensor> diag_ref(const RefCall& c) {
  const RefTensor& x = c.in[0];
  RefTensor out{twice(x.shape), {}};
  out.values.resize(static_cast<std::size_t>(out.shape.numel()));
  walk(x.shape,
       [&](std::size_t i, const Dims& at) { out.values[offset(out.shape, twice(at))] = x.values[i]; });
  return {out};
}

std::vector<RefTensor> diag_part_ref(const RefCall& c) {
  const RefTensor& x = c.in[0];
  Dims dims;
  for (int d = 0; d < x.shape.rank() / 2; ++d) dims.push_back(x.shape[d]);
  return tabulate(Shape(dims), [&](const Dims& at) { return x.values[offset(x.shape, twice(at))]; });
}

// --- eye
// ----------------------------------------------------------------------------------------------

Shape eye_shape(const Attrs& a) {
  return Shape{a.integer(0), a.integer(1) < 0 ? a.integer(0) : a.integer(1)};
}

void infer_eye(Infer& c) {
  if (c.attrs.integer(0) < 0)
    throw ValueError({.op = c.op.name,
                      .argument = "rows",
                      .got = std::to_string(c.attrs.integer(0)),
                      .expected = "0 or more"});
  c.out.push_back({c.attrs.dtype(2), eye_shape(c.attrs)});
}

void run_eye(const Call& c) {
  Array ones = c.y();
  ones.shape = Shape{std::min(c.y().shape[0], c.y().shape[1])};
  ones.contiguous = false;
  view_plane(c.y(), ones,
             Plane(c.op, {Attr(std::int64_t{0}), Attr(std::int64_t{0}), Attr(std::int64_t{1})}, 2));
  set_number(c.y(), 0.0);
  set_number(ones, 1.0);
}

}  // namespace

constinit const Op diagonal_rows[] = {
    {
        .name = "triu",
        .sig = "x: any, offset: int = 0",
        .torch = "triu(input, diagonal)",
        .tf = "",
        .doc = "The upper triangles: elements on diagonal `offset` and above it, zeros below.",
        .infer = infer_band,
        .cpu = [](const Call& c) { band(c.x(0), c.attrs.integer(0), furthest, c.y()); },
        .vjp = [](Vjp& c) -> Tensors { return {triu(c.g(), c.attrs().integer(0))}; },
        .ref = [](const RefCall& c) { return band_ref(c.in[0], c.attrs.integer(0), furthest); },
        .samples = "f32[3,4] | f64[2,3,3]:strided; offset=1 | i64[3,3]; offset=-1 | f16[2,2] | bool[2,3]; "
                   "offset=9 | "
                   "f32[0,3] | f32[2,0] | !f32[3] -> shape | "
                   "f32[2,3]; offset=-9223372036854775808",
    },
    {
        .name = "tril",
        .sig = "x: any, offset: int = 0",
        .torch = "tril(input, diagonal)",
        .tf = "",
        .doc = "The lower triangles: elements on diagonal `offset` and below it, zeros above.",
        .infer = infer_band,
        .cpu = [](const Call& c) { band(c.x(0), -furthest, c.attrs.integer(0), c.y()); },
        .vjp = [](Vjp& c) -> Tensors { return {tril(c.g(), c.attrs().integer(0))}; },
        .ref = [](const RefCall& c) { return band_ref(c.in[0], -furthest, c.attrs.integer(0)); },
        .samples = "f32[3,4] | f64[2,3,3]:strided; offset=1 | u8[3,3]; offset=-1 | bf16[2,2] | bool[2,3]; "
                   "offset=-9 | "
                   "!f32[3] -> shape",
    },
    {
        .name = "matrix_band_part",
        .sig = "x: any, lower: int, upper: int",
        .torch = "",
        .tf = "matrix_band_part(input, num_lower, num_upper) -> MatrixBandPart(input, num_lower:int64, "
              "num_upper:int64)",
        .doc = "The main diagonal of each matrix, `lower` diagonals below and `upper` above it (negative: "
               "all), zeros "
               "elsewhere.",
        .infer = infer_band,
        .cpu =
            [](const Call& c) {
              band(c.x(0), first_of(c.attrs.integer(0)), last_of(c.attrs.integer(1)), c.y());
            },
        .vjp = [](Vjp& c) -> Tensors {
          return {matrix_band_part(c.g(), c.attrs().integer(0), c.attrs().integer(1))};
        },
        .ref =
            [](const RefCall& c) {
              return band_ref(c.in[0], first_of(c.attrs.integer(0)), last_of(c.attrs.integer(1)));
            },
        .samples =
            "f32[3,4]; lower=1, upper=0 | f64[2,4,3]:strided; lower=-1, upper=1 | i32[3,3]; lower=0, "
            "upper=-1 | "
            "f16[2,2]; lower=0, upper=0 | bool[3,2]; lower=-1, upper=-1 | !f32[3]; lower=0, upper=0 -> shape",
    },
    {
        .name = "diagonal",
        .sig = "x: any, offset: int = 0, axis1: int = 0, axis2: int = 1",
        .torch = "diagonal(input, offset, dim1, dim2)",
        .tf = "matrix_diag_part(input)",
        .doc = "A view of the diagonals of the planes that axis1 (rows) and axis2 (columns) span, as the "
               "last dimension.",
        .infer = infer_diagonal,
        .view = [](const Array& in, Array& out,
                   const Attrs& a) { view_plane(in, out, Plane(core::find_op("diagonal"), a, in.rank())); },
        .vjp = [](Vjp& c) -> Tensors {
          const Tensor zero = zeros_like(c.like(0));
          return {core::overwrite_view(zero, c.g(), core::find_op("diagonal"), c.attrs())};
        },
        .ref = diagonal_ref,
        .samples =
            "f32[3,4] | f64[2,3,4]:strided; axis1=-2, axis2=-1 | i32[3,3]; offset=1 | f32[4,2]; offset=-2 | "
            "f64[2,3,4]; offset=-1, axis1=2, axis2=0 | bool[2,2]; offset=5 | f16[0,3] | !f32[3] -> index | "
            "!f32[2,2]; axis1=1, axis2=-1 -> value | "
            "f32[2,3]; offset=-9223372036854775808 | f32[2,3]; offset=9223372036854775807",
    },
    {
        .name = "diag_embed",
        .sig = "x: any, offset: int = 0, axis1: int = -2, axis2: int = -1",
        .torch = "diag_embed(input, offset, dim1, dim2)",
        .tf = "matrix_diag(diagonal)",
        .doc = "Zeros with x's last dimension as the diagonals of the planes that axis1 and axis2 of the "
               "result span.",
        .infer = infer_embed,
        .cpu = run_embed,
        .vjp = [](Vjp& c) -> Tensors {
          return {diagonal(c.g(), c.attrs().integer(0), c.attrs().integer(1), c.attrs().integer(2))};
        },
        .ref = embed_ref,
        .samples = "f32[3] | f64[2,3]:strided; offset=1 | i32[2,2]; offset=-1, axis1=0, axis2=2 | f16[2]; "
                   "axis1=1, axis2=0 | "
                   "bool[0] | f32[0,2] | !f32[] -> shape | !f32[2]; axis1=0, axis2=0 -> value | !f32[2]; "
                   "axis1=3 -> index | "
                   "!f32[2]; offset=-9223372036854775808 -> shape",
    },
    {
        .name = "diag",
        .sig = "x: any",
        .torch = "",
        .tf = "diag(diagonal)",
        .doc = "Zeros of x's dimensions twice, with x where both halves of the coordinates are equal.",
        .infer = infer_diag,
        .cpu =
            [](const Call& c) {
              Array part = c.x(0);
              part.contiguous = false;
              view_diag_part(c.y(), part, {});
              set_number(c.y(), 0.0);
              copy(c.x(0), part);
            },
        .vjp = [](Vjp& c) -> Tensors { return {diag_part(c.g())}; },
        .ref = diag_ref,
        .samples = "f32[3] | f64[2,3]:strided | i32[2,1,2] | f16[0] | bool[2] | !f32[] -> shape",
    },
    {
        .name = "diag_part",
        .sig = "x: any",
        .torch = "",
        .tf = "diag_part(input)",
        .doc =
            "A view of the elements of which both halves of the coordinates are equal: the reverse of diag.",
        .infer = infer_diag_part,
        .view = view_diag_part,
        .vjp = [](Vjp& c) -> Tensors { return {diag(c.g())}; },
        .ref = diag_part_ref,
        .samples = "f32[3,3] | f64[2,3,2,3]:strided | i32[1,1] | f16[0,0] | !f32[2,3] -> shape | !f32[2,2,2] "
                   "-> shape | "
                   "!f32[] -> shape",
    },
    {
        .name = "trace",
        .sig = "x: number",
        .torch = "trace(input)",
        .tf = "trace(x)",
        .doc = "The sum of the main diagonal of each matrix; integers sum in i64.",
        .compose = [](const Tensors& in, const Attrs&) -> Tensors {
          return {sum(diagonal(in[0], 0, -2, -1), {-1})};
        },
        .ref = [](const RefCall& c) -> std::vector<RefTensor> {
          auto out = diagonal_ref(
              {c.in, Attrs{Attr(std::int64_t{0}), Attr(std::int64_t{-2}), Attr(std::int64_t{-1})}, {}});
          RefTensor total{reduced_shape(out[0].shape, Dims{out[0].shape.rank() - 1}, false), {}};
          const std::int64_t n = out[0].shape[out[0].shape.rank() - 1];
          for (std::int64_t i = 0; i < total.shape.numel(); ++i) {
            total.values.push_back(0);
            for (std::int64_t k = 0; k < n; ++k)
              total.values.back() += out[0].values[static_cast<std::size_t>(i * n + k)];
          }
          return {total};
        },
        .ulp = 8,
        .samples = "f32[3,4] | f64[2,3,3]:strided | i32[2,2] | f16[3,3] | f32[0,0] | !f32[3] -> index | "
                   "!bool[2,2] -> dtype",
    },
    {
        .name = "eye",
        .sig = "rows: int, columns: int = -1, dtype: dtype = f32",
        .torch = "eye(n, m)",
        .tf = "eye(num_rows, num_columns)",
        .doc = "A matrix with ones on the main diagonal; as many columns as rows unless told.",
        .infer = infer_eye,
        .cpu = run_eye,
        .ref =
            [](const RefCall& c) {
              return tabulate(eye_shape(c.attrs), [](const Dims& at) { return double(at[0] == at[1]); });
            },
        .samples = "; rows=3 | ; rows=2, columns=4, dtype=i32 | ; rows=3, columns=1, dtype=bool | ; rows=0 | "
                   "; rows=2, "
                   "columns=0, dtype=f16 | !; rows=-1 -> value",
    },
};
constinit Rows diagonal{"diagonal", diagonal_rows};

}  // namespace twofold::ops
