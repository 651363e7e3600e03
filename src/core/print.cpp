// Printing values as PyTorch prints them: one formatter for every face.
#include <algorithm>
#include <cmath>
#include <cstdio>

#include "core/impl.h"
#include "core/print_p.h"
#include "kernels/index.h"

namespace twofold {
namespace {

using core::print_numbers;
using Number = core::PrintNumber;

// How all elements of one tensor are written: integral, fixed or scientific, and how wide.
class Style {
 public:
  Style(Dtype dtype, const std::vector<Number>& shown) : dtype_(dtype) {
    if (is_floating(dtype)) choose(shown);
    // As in PyTorch, only finite numbers other than zero ask for room.
    for (Number v : shown)
      if (!is_floating(dtype) || (std::isfinite(v) && v != 0)) width_ = std::max(width_, written(v).size());
  }
  std::string operator()(Number v) const {
    std::string s = written(v);
    return std::string(width_ > s.size() ? width_ - s.size() : 0, ' ') + s;
  }
  std::size_t width() const { return width_; }

 private:
  void choose(const std::vector<Number>& shown) {
    Number low = 0, high = 0;
    for (Number v : shown) {
      if (!std::isfinite(v) || v == 0) continue;
      const Number m = std::fabs(v);
      low = low == 0 ? m : std::min(low, m);
      high = std::max(high, m);
      integral_ &= v == std::ceil(v);
    }
    if (high == 0) return;
    const int mode = print_options().sci_mode;
    scientific_ = mode >= 0 ? mode == 1 : high / low > 1000 || high > 1e8 || (!integral_ && low < 1e-4);
  }
  std::string written(Number v) const {
    char text[128];
    const int digits = print_options().precision;
    if (dtype_ == bool_) return v != 0 ? "True" : "False";
    if (!is_floating(dtype_))
      std::snprintf(text, sizeof text, "%.0Lf", v);
    else if (std::isnan(v))
      return "nan";
    else if (std::isinf(v))
      return v < 0 ? "-inf" : "inf";
    else if (scientific_)
      std::snprintf(text, sizeof text, "%.*Le", digits, v);
    else if (integral_)
      std::snprintf(text, sizeof text, "%.0Lf.", v);
    else
      std::snprintf(text, sizeof text, "%.*Lf", digits, v);
    return text;
  }

  Dtype dtype_;
  bool integral_ = true, scientific_ = false;
  std::size_t width_ = 1;
};

// How many elements of a dimension a summary shows at either end.
std::int64_t edge_items() { return std::clamp<std::int64_t>(print_options().edge_items, 1, 1 << 30); }

// What is printed of a shape: all of it, or the edges of its longer dimensions.
Shape shown_shape(const Shape& shape) {
  if (shape.numel() <= print_options().threshold) return shape;
  Dims sizes;
  for (std::int64_t n : shape) sizes.push_back(std::min(n, 2 * edge_items()));
  return Shape(sizes);
}

Array part(const Array& a, int axis, std::int64_t first, std::int64_t count) {
  Array out = a;
  Dims sizes = a.shape.dims();
  sizes[axis] = count;
  out.shape = Shape(sizes);
  out.data =
      static_cast<char*>(a.data) + first * a.strides[axis] * static_cast<std::int64_t>(size_of(a.dtype));
  out.contiguous = is_contiguous(out.shape, out.strides);
  return out;
}

// Copies both ends of every dimension, from `axis` on, that is shorter in `to`: a huge tensor is printed
// without being copied.
void copy_edges(const Array& from, const Array& to, int axis) {
  while (axis < from.rank() && from.shape[axis] == to.shape[axis]) ++axis;
  if (axis == from.rank()) return copy(from, to);
  const std::int64_t n = from.shape[axis], edge = to.shape[axis] / 2;
  copy_edges(part(from, axis, 0, edge), part(to, axis, 0, edge), axis + 1);
  copy_edges(part(from, axis, n - edge, edge), part(to, axis, edge, edge), axis + 1);
}

std::vector<Number> shown_numbers(const Array& a, const Shape& shown) {
  if (shown == a.shape) return print_numbers(a);
  std::vector<std::byte> memory(static_cast<std::size_t>(shown.numel()) * size_of(a.dtype));
  const Array edges = contiguous_array(memory.data(), a.dtype, shown);
  copy_edges(a, edges, 0);
  return print_numbers(edges);
}

struct Printer {
  const std::vector<Number>& values;  // what is shown, in row-major order
  const Shape& shown;
  const Shape& shape;
  const Style& style;

  // Whether something is left out before the i-th of those shown along a dimension.
  bool gap_before(int axis, std::int64_t i) const {
    return shown[axis] < shape[axis] && i == shown[axis] / 2;
  }

  std::string row(std::int64_t offset, int indent) const {
    std::string s = "[";
    const int axis = shown.rank() - 1;
    const std::size_t per_line = std::max<std::size_t>(
        1, static_cast<std::size_t>(std::max(print_options().line_width - indent, 0)) / (style.width() + 2));
    std::size_t count = 0;
    const auto add = [&](const std::string& text) {
      if (count > 0)
        s += count % per_line == 0 ? ",\n" + std::string(static_cast<std::size_t>(indent) + 1, ' ') : ", ";
      s += text;
      ++count;
    };
    for (std::int64_t i = 0; i < shown[axis]; ++i) {
      if (gap_before(axis, i)) add(" ...");
      add(style(values[static_cast<std::size_t>(offset + i)]));
    }
    return s + "]";
  }

  std::string block(int axis, std::int64_t offset, int indent) const {
    if (axis == shown.rank() - 1) return row(offset, indent);
    std::int64_t step = 1;
    for (int d = axis + 1; d < shown.rank(); ++d) step *= shown[d];
    const std::string gap = "," + std::string(static_cast<std::size_t>(shown.rank() - 1 - axis), '\n') +
                            std::string(static_cast<std::size_t>(indent) + 1, ' ');
    std::string s = "[";
    for (std::int64_t i = 0; i < shown[axis]; ++i) {
      if (i > 0) s += gap;
      if (gap_before(axis, i)) s += "..." + gap;
      s += block(axis + 1, offset + i * step, indent + 1);
    }
    return s + "]";
  }
};

std::string torch_name(Dtype d) {
  constexpr const char* names[] = {"bool",  "uint8",   "int8",     "int16",   "int32",
                                   "int64", "float16", "bfloat16", "float32", "float64"};
  return std::string("torch.") + names[static_cast<int>(d)];
}

std::string suffix(const core::Impl& t) {
  std::string s;
  if (t.array.numel() == 0 && t.array.rank() != 1) {
    s += ", size=(";
    for (int d = 0; d < t.array.rank(); ++d) s += (d ? ", " : "") + std::to_string(t.array.shape[d]);
    s += ")";
  }
  const Dtype d = t.array.dtype;
  if ((d != f32 && d != i64 && d != bool_) || (t.array.numel() == 0 && d != f32))
    s += ", dtype=" + torch_name(d);
  if (t.requires_grad && !t.record) s += ", requires_grad=True";
  return s;
}

std::string symbolic_text(const core::Impl& t) {
  return "tensor(<graph>, " + std::string(name_of(t.array.dtype)) + to_string(t.array.shape) + ")";
}

}  // namespace

PrintOptions& print_options() {
  static PrintOptions options;
  return options;
}

std::string print_values(const Tensor& tensor, int indent) {
  const Array& a = tensor.impl()->array;
  if (a.numel() == 0) return "[]";
  const Shape shown = shown_shape(a.shape);
  const std::vector<Number> values = shown_numbers(a, shown);
  const Style style(a.dtype, values);
  if (a.rank() == 0) return style(values[0]);
  return Printer{values, shown, a.shape, style}.block(0, 0, indent);
}

std::string to_string(const Tensor& tensor) {
  if (!tensor.defined()) return "tensor(<undefined>)";
  const core::Impl& t = *tensor.impl();
  if (t.symbol || !t.array.data) return symbolic_text(t);
  return "tensor(" + print_values(tensor, 7) + suffix(t) + ")";
}

}  // namespace twofold
