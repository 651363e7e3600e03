// Printing values as PyTorch prints them: one formatter for every face.
#include <algorithm>
#include <cmath>
#include <cstdio>

#include "core/impl.h"
#include "core/print_p.h"

namespace twofold {
namespace {

using core::print_numbers;
using Number = core::PrintNumber;

// How all elements of one tensor are written: integral, fixed or scientific, and how wide.
class Style {
 public:
  Style(Dtype dtype, const std::vector<Number>& shown) : dtype_(dtype) {
    if (is_floating(dtype)) choose(shown);
    // As in PyTorch, only finite numbers other than zero ask for room, and they do so before sci_mode is
    // heard. Where there are none, it is not heard.
    for (Number v : shown)
      if (!is_floating(dtype) || (std::isfinite(v) && v != 0)) width_ = std::max(width_, written(v).size());
    if (const int mode = print_options().sci_mode; mode >= 0 && width_ > 1) scientific_ = mode == 1;
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
    if (high > 0) scientific_ = high / low > 1000 || high > 1e8 || (!integral_ && low < 1e-4);
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

struct Printer {
  const std::vector<Number>& values;
  const Shape& shape;
  const Style& style;
  bool summarise;

  // The indices shown along one dimension; -1 stands for "...".
  std::vector<std::int64_t> shown(std::int64_t n) const {
    std::vector<std::int64_t> out;
    const std::int64_t edge_items = print_options().edge_items;
    for (std::int64_t i = 0; i < n; ++i)
      if (!summarise || n <= 2 * edge_items || i < edge_items || i >= n - edge_items)
        out.push_back(i);
      else if (out.back() != -1)
        out.push_back(-1);
    return out;
  }

  std::string row(std::int64_t offset, int indent) const {
    std::string s = "[", line;
    const std::size_t per_line = std::max<std::size_t>(
        1, static_cast<std::size_t>(std::max(print_options().line_width - indent, 0)) / (style.width() + 2));
    std::size_t count = 0;
    for (std::int64_t i : shown(shape[shape.rank() - 1])) {
      if (count > 0)
        s += count % per_line == 0 ? ",\n" + std::string(static_cast<std::size_t>(indent) + 1, ' ') : ", ";
      s += i < 0 ? " ..." : style(values[static_cast<std::size_t>(offset + i)]);
      ++count;
    }
    return s + "]";
  }

  std::string block(int axis, std::int64_t offset, int indent) const {
    if (axis == shape.rank() - 1) return row(offset, indent);
    std::int64_t step = 1;
    for (int d = axis + 1; d < shape.rank(); ++d) step *= shape[d];
    const std::string gap = "," + std::string(static_cast<std::size_t>(shape.rank() - 1 - axis), '\n') +
                            std::string(static_cast<std::size_t>(indent) + 1, ' ');
    std::string s = "[";
    for (std::int64_t i : shown(shape[axis])) {
      if (s.size() > 1) s += gap;
      s += i < 0 ? "..." : block(axis + 1, offset + i * step, indent + 1);
    }
    return s + "]";
  }
};

// With a summary, only what is shown decides the format.
std::vector<Number> shown_values(const std::vector<Number>& values, const Shape& shape, bool summarise) {
  if (!summarise) return values;
  const std::int64_t edge_items = print_options().edge_items;
  std::vector<Number> out;
  for (std::size_t i = 0; i < values.size(); ++i) {
    std::int64_t rest = static_cast<std::int64_t>(i);
    bool edge = true;
    for (int d = shape.rank() - 1; d >= 0; --d) {
      const std::int64_t at = rest % shape[d];
      rest /= shape[d];
      edge &= shape[d] <= 2 * edge_items || at < edge_items || at >= shape[d] - edge_items;
    }
    if (edge) out.push_back(values[i]);
  }
  return out;
}

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
  const bool summarise = a.numel() > print_options().threshold;
  const std::vector<Number> values = print_numbers(a);
  const Style style(a.dtype, shown_values(values, a.shape, summarise));
  if (a.rank() == 0) return style(values[0]);
  return Printer{values, a.shape, style, summarise}.block(0, 0, indent);
}

std::string to_string(const Tensor& tensor) {
  if (!tensor.defined()) return "tensor(<undefined>)";
  const core::Impl& t = *tensor.impl();
  if (t.symbol || !t.array.data) return symbolic_text(t);
  return "tensor(" + print_values(tensor, 7) + suffix(t) + ")";
}

}  // namespace twofold
