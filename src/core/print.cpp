// Printing values as PyTorch prints them: one formatter for every face.
#include <algorithm>
#include <cmath>
#include <cstdio>

#include "core/impl.h"
#include "kernels/index.h"
#include "twofold/tensor.h"

namespace twofold {
namespace {

constexpr std::int64_t summary_above = 1000, edge_items = 3;
constexpr int line_width = 80;

std::vector<double> doubles_of(const Array& a) {
  std::vector<double> values(static_cast<std::size_t>(a.numel()));
  if (!values.empty()) copy(a, contiguous_array(values.data(), f64, a.shape));
  return values;
}

// How all elements of one tensor are written: integral, fixed or scientific, and how wide.
class Style {
 public:
  Style(Dtype dtype, const std::vector<double>& shown) : dtype_(dtype) {
    if (is_floating(dtype)) choose(shown);
    for (double v : shown) width_ = std::max(width_, written(v).size());
  }
  std::string operator()(double v) const {
    std::string s = written(v);
    return std::string(width_ - s.size(), ' ') + s;
  }
  std::size_t width() const { return width_; }

 private:
  void choose(const std::vector<double>& shown) {
    double low = 0, high = 0;
    for (double v : shown) {
      if (!std::isfinite(v) || v == 0) continue;
      const double m = std::fabs(v);
      low = low == 0 ? m : std::min(low, m);
      high = std::max(high, m);
      integral_ &= v == std::ceil(v);
    }
    if (high > 0) scientific_ = high / low > 1000 || high > 1e8 || (!integral_ && low < 1e-4);
  }
  std::string written(double v) const {
    char text[64];
    if (dtype_ == bool_) return v != 0 ? "True" : "False";
    if (!is_floating(dtype_))
      std::snprintf(text, sizeof text, "%.0f", v);
    else if (std::isnan(v))
      return "nan";
    else if (std::isinf(v))
      return v < 0 ? "-inf" : "inf";
    else if (scientific_)
      std::snprintf(text, sizeof text, "%.4e", v);
    else if (integral_)
      std::snprintf(text, sizeof text, "%.0f.", v);
    else
      std::snprintf(text, sizeof text, "%.4f", v);
    return text;
  }

  Dtype dtype_;
  bool integral_ = true, scientific_ = false;
  std::size_t width_ = 0;
};

struct Printer {
  const std::vector<double>& values;
  const Shape& shape;
  const Style& style;
  bool summarise;

  // The indices shown along one dimension; -1 stands for "...".
  std::vector<std::int64_t> shown(std::int64_t n) const {
    std::vector<std::int64_t> out;
    for (std::int64_t i = 0; i < n; ++i)
      if (!summarise || n <= 2 * edge_items || i < edge_items || i >= n - edge_items)
        out.push_back(i);
      else if (out.back() != -1)
        out.push_back(-1);
    return out;
  }

  std::string row(std::int64_t offset, int indent) const {
    std::string s = "[", line;
    const std::size_t per_line =
        std::max<std::size_t>(1, static_cast<std::size_t>(line_width - indent) / (style.width() + 2));
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
std::vector<double> shown_values(const std::vector<double>& values, const Shape& shape, bool summarise) {
  if (!summarise) return values;
  std::vector<double> out;
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

std::string to_string(const Tensor& tensor) {
  if (!tensor.defined()) return "tensor(<undefined>)";
  const core::Impl& t = *tensor.impl();
  if (t.symbol || !t.array.data) return symbolic_text(t);
  const bool summarise = t.array.numel() > summary_above;
  const std::vector<double> values = doubles_of(t.array);
  const Style style(t.array.dtype, shown_values(values, t.array.shape, summarise));
  std::string body;
  if (t.array.numel() == 0)
    body = "[]";
  else if (t.array.rank() == 0)
    body = style(values[0]);
  else
    body = Printer{values, t.array.shape, style, summarise}.block(0, 0, 7);
  return "tensor(" + body + suffix(t) + ")";
}

}  // namespace twofold
