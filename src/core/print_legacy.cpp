// The printed form of torch 0.2.
#include <algorithm>
#include <cmath>
#include <cstdio>
#include <limits>

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

constexpr std::string_view kAcross = "...", kDown = "\u22ee", kDiagonal = "\u22f1";

// What the choice of a form depends on. torch 0.2 took the magnitudes as doubles, zeros among them.
struct Magnitudes {
  double low = std::numeric_limits<double>::infinity(), high = 0;
  bool integral = true, all_finite = true;

  explicit Magnitudes(const Numbers& values) {
    for (PrintNumber v : values) {
      const double m = std::fabs(static_cast<double>(v));
      all_finite &= std::isfinite(m);
      if (!std::isfinite(m)) continue;
      integral &= m == std::ceil(m);
      low = std::min(low, m), high = std::max(high, m);
    }
    low = std::min(low, high);
  }
};

// Digits before the point; zero or less where the first digit comes later.
int digits(double m) { return m == 0 ? 1 : static_cast<int>(std::floor(std::log10(m))) + 1; }

// How all numbers of a tensor are written, and the factor that they share.
class LegacyStyle {
 public:
  LegacyStyle(const Numbers& values, int least_width) {
    const Magnitudes m(values);
    if (m.integral)
      choose_integral(digits(m.high));
    else
      choose_real(digits(m.low), digits(m.high));
    width_ = std::max({width_, least_width, 2, m.all_finite ? 0 : 3});
  }

  std::string operator()(PrintNumber number) const {
    const double v = static_cast<double>(number) / scale_;
    char text[400];
    if (std::isnan(v))  // the C library may print a sign
      std::snprintf(text, sizeof text, "%*s", width_, "nan");
    else if (scientific_)
      std::snprintf(text, sizeof text, "%*.*e", width_, decimals_, v);
    else
      std::snprintf(text, sizeof text, "%*.*f", width_, decimals_, v);
    return text;
  }
  std::string scale_line() const {
    char text[64];
    std::snprintf(text, sizeof text, "%.5e *\n", scale_);
    return scaled() ? text : "";
  }
  int width() const { return width_; }
  bool scaled() const { return scale_ != 1; }

 private:
  void choose_integral(int most) {
    scientific_ = most > decimals_ + 1;
    width_ = scientific_ ? decimals_ + 7 : most + 1;
    if (!scientific_) decimals_ = 0;
  }
  void choose_real(int least, int most) {
    scientific_ = most - least > decimals_;
    if (scientific_) {
      width_ = decimals_ + 7 + (std::abs(most) > 99 || std::abs(least) > 99);
    } else if (most > decimals_ + 1 || most < 0) {
      width_ = 7;
      scale_ = std::pow(10.0, most - 1);
    } else {
      width_ = std::max(most, 1) + 6;
    }
  }

  int width_ = 0, decimals_ = print_options().precision;
  bool scientific_ = false;
  double scale_ = 1;
};

std::string spaces(std::int64_t n) {
  return std::string(static_cast<std::size_t>(std::max<std::int64_t>(n, 0)), ' ');
}

std::string centred(std::string_view text, std::int64_t width) {
  const auto columns = std::ranges::count_if(text, [](char c) { return (c & 0xC0) != 0x80; });
  const std::int64_t left = std::max<std::int64_t>(width - columns, 0) / 2;
  return spaces(left) + std::string(text) + spaces(width - columns - left);
}

// Whether a summary leaves something out along a dimension of n.
bool abridged(std::int64_t n) { return n > 2 * print_options().edge_items; }

// torch 0.2 gave a place to the marks of a summary, even where it printed everything.
int least_width(const Shape& shape) {
  if (shape.rank() < 2 || (!abridged(shape[shape.rank() - 1]) && !abridged(shape[shape.rank() - 2])))
    return 0;
  return shape.rank() == 2 ? 5 : 3;
}

std::string numbers_between(const PrintNumber* row, std::int64_t begin, std::int64_t end,
                            const LegacyStyle& style) {
  std::string s;
  for (std::int64_t i = begin; i < end; ++i) s += (i > begin ? " " : "") + style(row[i]);
  return s;
}

std::string vector_text(const Numbers& values, const LegacyStyle& style) {
  const auto n = static_cast<std::int64_t>(values.size());
  const std::int64_t edge = n < print_options().threshold || !abridged(n) ? n : print_options().edge_items;
  const std::string margin = style.scaled() ? " " : "";
  std::string s = style.scale_line();
  for (std::int64_t i = 0; i < n; ++i) {
    if (i == edge) {
      s += margin + centred(kDown, style.width()) + "\n";
      i = n - edge;
    }
    s += margin + style(values[static_cast<std::size_t>(i)]) + "\n";
  }
  return s;
}

struct Matrix {
  const PrintNumber* first;
  std::int64_t rows, columns;

  const PrintNumber* row(std::int64_t r) const { return first + r * columns; }
};

// Everything, in blocks of columns where a row has no room in one line.
std::string full_matrix(const Matrix& m, const LegacyStyle& style, const std::string& margin) {
  const std::int64_t room = print_options().line_width - static_cast<std::int64_t>(margin.size());
  const std::int64_t per_line = std::max<std::int64_t>(1, room / (style.width() + 1));
  std::string s;
  for (std::int64_t begin = 0; begin < m.columns; begin += per_line) {
    const std::int64_t end = std::min(begin + per_line, m.columns);
    if (per_line < m.columns)
      s += "\nColumns " + std::to_string(begin) + " to " + std::to_string(end - 1) + " \n" + margin;
    s += style.scale_line();
    for (std::int64_t r = 0; r < m.rows; ++r)
      s += margin + (style.scaled() ? " " : "") + numbers_between(m.row(r), begin, end, style) + "\n";
  }
  return s;
}

std::string abridged_row(const PrintNumber* row, std::int64_t columns, const LegacyStyle& style) {
  if (!abridged(columns)) return numbers_between(row, 0, columns, style);
  const std::int64_t edge = print_options().edge_items;
  return numbers_between(row, 0, edge, style) + " " + centred(kAcross, 5) + " " +
         numbers_between(row, columns - edge, columns, style);
}

// The line that stands for the rows left out.
std::string rows_left_out(const Matrix& m, const LegacyStyle& style, const std::string& margin) {
  if (!abridged(m.columns)) {
    const std::string first = abridged_row(m.row(0), m.columns, style);
    return centred(kDown, static_cast<std::int64_t>(first.size()) + 1) + "\n";
  }
  const std::string dots = centred(kAcross, (style.width() + 1) * print_options().edge_items - 1);
  return margin + dots + " " + centred(kDiagonal, 5) + " " + dots + "\n";
}

std::string abridged_matrix(const Matrix& m, const LegacyStyle& style, const std::string& margin) {
  const std::int64_t edge = abridged(m.rows) ? print_options().edge_items : m.rows;
  std::string s = style.scale_line();
  for (std::int64_t r = 0; r < m.rows; ++r) {
    if (r == edge) {
      s += rows_left_out(m, style, margin);
      r = m.rows - edge;
    }
    s += margin + abridged_row(m.row(r), m.columns, style) + "\n";
  }
  return s;
}

std::string matrix_text(const Matrix& m, const LegacyStyle& style) {
  const bool everything =
      m.rows * m.columns < print_options().threshold || (!abridged(m.rows) && !abridged(m.columns));
  return everything ? full_matrix(m, style, "") : abridged_matrix(m, style, "");
}

// Counts through the leading indices of a tensor, and notes what each step left out or began anew.
class BlockCounter {
 public:
  BlockCounter(const Shape& shape, bool summarise) : shape_(shape), summarise_(summarise) {
    index_.assign(static_cast<std::size_t>(shape.rank() - 2), 0);
    std::size_t longest = 2;
    for (std::int64_t d : shape) longest = std::max(longest, std::to_string(d).size());
    index_width_ = static_cast<std::int64_t>(longest);
  }

  // False when all blocks have been visited.
  bool next() {
    skipped_.assign(index_.size(), false), restarted_.assign(index_.size(), false);
    for (std::size_t i = index_.size(); i-- > 0;) {
      const std::int64_t size = shape_[static_cast<int>(i)], edge = print_options().edge_items;
      ++index_[i];
      if (summarise_ && index_[i] == edge && abridged(size)) {
        index_[i] = size - edge;
        skipped_[i] = true;
      }
      if (index_[i] < size) return true;
      index_[i] = 0;
      restarted_[i] = true;
    }
    return false;
  }

  std::int64_t block() const {
    std::int64_t at = 0;
    for (std::size_t i = 0; i < index_.size(); ++i) at = at * shape_[static_cast<int>(i)] + index_[i];
    return at;
  }
  // "(0 ,1 ,.,.) = "
  std::string title() const {
    std::string s = "(";
    for (std::int64_t i : index_) s += centred(std::to_string(i), index_width_) + ",";
    return s + ".,.) = \n";
  }
  // The lines that stand for the blocks left out by the last step.
  std::string marks() const {
    if (!summarise_) return "";
    return marks_line(skipped_, kAcross, "") + marks_line(restarted_, kDown, " ");
  }

 private:
  std::string marks_line(const std::vector<bool>& marked, std::string_view mark, std::string s) const {
    if (std::ranges::find(marked, true) == marked.end()) return "";
    for (bool m : marked) s += centred(m ? mark : "", index_width_ + 1);
    return s + "\n";
  }

  const Shape& shape_;
  bool summarise_;
  std::int64_t index_width_;
  std::vector<std::int64_t> index_;
  std::vector<bool> skipped_, restarted_;
};

// One matrix for each choice of the leading indices.
std::string blocks_text(const Numbers& values, const Shape& shape, const LegacyStyle& style) {
  const std::int64_t rows = shape[shape.rank() - 2], columns = shape[shape.rank() - 1];
  const bool summarise = shape.numel() >= print_options().threshold;
  BlockCounter counter(shape, summarise);
  std::string s;
  do {
    s += counter.marks() + (s.empty() ? "" : "\n") + counter.title();
    const Matrix m{values.data() + counter.block() * rows * columns, rows, columns};
    s += summarise ? abridged_matrix(m, style, " ") : full_matrix(m, style, " ");
  } while (counter.next());
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
  const LegacyStyle style(values, least_width(a.shape));
  const std::string body = a.rank() <= 1   ? vector_text(values, style)
                           : a.rank() == 2 ? matrix_text({values.data(), a.shape[0], a.shape[1]}, style)
                                           : blocks_text(values, a.shape, style);
  return "\n" + body + "[" + std::string(type_name) + " of size " + sizes_text(a.shape) + "]\n";
}

}  // namespace twofold
