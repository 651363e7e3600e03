// The printed form of torch 0.2.
#include <algorithm>
#include <cmath>
#include <cstdio>

#include "core/impl.h"
#include "core/print_p.h"
#include "kernels/index.h"

namespace twofold {
namespace core {

std::vector<PrintNumber> print_numbers(const Array& array) {
  const auto n = static_cast<std::size_t>(array.numel());
  if (is_floating(array.dtype)) {
    std::vector<double> values(n);
    if (n) copy(array, contiguous_array(values.data(), f64, array.shape));
    return {values.begin(), values.end()};
  }
  std::vector<std::int64_t> values(n);
  if (n) copy(array, contiguous_array(values.data(), i64, array.shape));
  return {values.begin(), values.end()};
}

}  // namespace core

namespace {

using core::PrintNumber;
using Numbers = std::vector<PrintNumber>;

// How all numbers of a tensor are written, and the factor that they share.
struct LegacyStyle {
  enum class Form { integral, fixed, scientific } form = Form::integral;
  int width = 2;
  PrintNumber scale = 1;

  explicit LegacyStyle(const Numbers& values) {
    PrintNumber low = 0, high = 0;
    bool integral = true;
    for (PrintNumber v : values) {
      if (!std::isfinite(v)) continue;
      const PrintNumber m = std::fabs(v);
      integral &= m == std::floor(m);
      if (m != 0) low = low == 0 ? m : std::min(low, m), high = std::max(high, m);
    }
    choose(integral, digits(low), digits(high));
  }

  std::string operator()(PrintNumber v) const {
    char text[128];
    const int precision = print_options().precision;
    if (form == Form::integral)
      std::snprintf(text, sizeof text, "%*.0Lf", width, v);
    else if (form == Form::scientific)
      std::snprintf(text, sizeof text, "%*.*Le", width, precision, v);
    else
      std::snprintf(text, sizeof text, "%*.*Lf", width, precision, v / scale);
    return text;
  }

 private:
  static int digits(PrintNumber m) { return m == 0 ? 1 : static_cast<int>(std::floor(std::log10(m))) + 1; }

  void choose(bool integral, int least, int most) {
    const int precision = print_options().precision;
    if (integral) {
      form = most > 9 ? Form::scientific : Form::integral;
      width = most > 9 ? precision + 7 : std::max(2, most + 1);
    } else if (most - least > precision) {
      form = Form::scientific;
      width = precision + 7;
    } else if (most > precision + 1 || most < 0) {
      form = Form::fixed;
      scale = std::pow(PrintNumber(10), most - 1);
      width = precision + 3;
    } else {
      form = Form::fixed;
      width = most == 0 ? precision + 3 : most + precision + 2;
    }
  }
};

std::string scale_line(const LegacyStyle& style) {
  if (style.scale == 1) return "";
  char text[64];
  std::snprintf(text, sizeof text, "%.5Le *\n", style.scale);
  return text;
}

std::string vector_text(const Numbers& values, const LegacyStyle& style) {
  std::string s = scale_line(style);
  for (PrintNumber v : values) s += style(v) + "\n";
  return s;
}

struct Matrix {
  const PrintNumber* first;
  std::int64_t rows, columns;
};

std::string matrix_text(const Matrix& m, const LegacyStyle& style, int indent) {
  const std::string margin(static_cast<std::size_t>(indent), ' ');
  const auto per_line = std::max<std::int64_t>(1, (print_options().line_width - indent) / (style.width + 1));
  std::string s;
  for (std::int64_t begin = 0; begin < m.columns; begin += per_line) {
    const std::int64_t end = std::min(begin + per_line, m.columns);
    if (per_line < m.columns)
      s += "\nColumns " + std::to_string(begin) + " to " + std::to_string(end - 1) + " \n" + margin;
    s += scale_line(style);
    for (std::int64_t r = 0; r < m.rows; ++r) {
      s += margin + (style.scale == 1 ? "" : " ");
      for (std::int64_t c = begin; c < end; ++c)
        s += (c > begin ? " " : "") + style(m.first[r * m.columns + c]);
      s += "\n";
    }
  }
  return s;
}

// One matrix for each choice of the leading indices: "(0 ,1 ,.,.) = ".
std::string blocks_text(const Numbers& values, const Shape& shape, const LegacyStyle& style) {
  const std::int64_t rows = shape[shape.rank() - 2], columns = shape[shape.rank() - 1], each = rows * columns;
  std::string s;
  for (std::int64_t block = 0; each > 0 && block * each < shape.numel(); ++block) {
    std::string index;
    std::int64_t rest = block;
    for (int d = shape.rank() - 3; d >= 0; --d) {
      index = std::to_string(rest % shape[d]) + " ," + index;
      rest /= shape[d];
    }
    s += (block ? "\n" : "") + ("(" + index + ".,.) = \n") +
         matrix_text({values.data() + block * each, rows, columns}, style, 2);
  }
  return s;
}

std::string sizes_text(const Shape& shape) {
  std::string s;
  for (std::int64_t d : shape) s += (s.empty() ? "" : "x") + std::to_string(d);
  return s.empty() ? "1" : s;  // what is a scalar now was a vector of one element
}

}  // namespace

std::string print_legacy(const Tensor& tensor, std::string_view type_name) {
  const Array& a = tensor.impl()->array;
  const Numbers values = core::print_numbers(a);
  if (values.empty()) return "[" + std::string(type_name) + " with no dimension]\n";
  const LegacyStyle style(values);
  const std::string body = a.rank() <= 1   ? vector_text(values, style)
                           : a.rank() == 2 ? matrix_text({values.data(), a.shape[0], a.shape[1]}, style, 0)
                                           : blocks_text(values, a.shape, style);
  return "\n" + body + "[" + std::string(type_name) + " of size " + sizes_text(a.shape) + "]\n";
}

}  // namespace twofold
