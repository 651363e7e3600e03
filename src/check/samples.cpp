#include "check/samples.h"

#include <charconv>

#include "core/alias.h"

namespace twofold::check {
namespace {

using core::Attr;
using core::Attrs;
using core::Kind;
using core::Op;
using core::Param;
using Text = std::string_view;

[[noreturn]] void unreadable(const Op& op, Text text, const char* expected) {
  throw ValueError(
      {.op = op.name, .argument = "samples", .got = "'" + std::string(text) + "'", .expected = expected});
}

Text trim(Text s) {
  while (!s.empty() && s.front() == ' ') s.remove_prefix(1);
  while (!s.empty() && s.back() == ' ') s.remove_suffix(1);
  return s;
}

// Splits at a separator outside brackets.
std::vector<Text> split(Text s, char separator) {
  std::vector<Text> out;
  int depth = 0;
  std::size_t begin = 0;
  for (std::size_t i = 0; i <= s.size(); ++i) {
    const char c = i < s.size() ? s[i] : separator;
    if (c == '[' || c == '(') ++depth;
    if (c == ']' || c == ')') --depth;
    if (c != separator || (depth > 0 && i < s.size())) continue;
    out.push_back(trim(s.substr(begin, i - begin)));
    begin = i + 1;
  }
  return out;
}

// The part of `s` before a separator; `s` keeps what follows it.
Text cut(Text& s, Text separator) {
  const std::size_t at = s.find(separator);
  const Text head = s.substr(0, at);
  s = at == s.npos ? Text() : s.substr(at + separator.size());
  return trim(head);
}

std::int64_t integer(const Op& op, Text s) {
  std::int64_t value = 0;
  const auto end = std::from_chars(s.data(), s.data() + s.size(), value);
  if (end.ec != std::errc() || end.ptr != s.data() + s.size()) unreadable(op, s, "an integer");
  return value;
}

double real(const Op& op, Text s) {
  double value = 0;
  const auto end = std::from_chars(s.data(), s.data() + s.size(), value);
  if (end.ec != std::errc() || end.ptr != s.data() + s.size()) unreadable(op, s, "a number");
  return value;
}

Dtype dtype(const Op& op, Text s) {
  Dtype d;
  if (!parse_dtype(s, d)) unreadable(op, s, "a dtype");
  return d;
}

// "[1,2]" or "(1,2)".
Dims integers(const Op& op, Text s) {
  if (s.size() < 2) unreadable(op, s, "a list in brackets");
  Dims out;
  for (Text item : split(s.substr(1, s.size() - 2), ','))
    if (!item.empty()) out.push_back(integer(op, item));
  return out;
}

// --- operands
// -----------------------------------------------------------------------------------------------------

void modify(const Op& op, Operand& x, Text word) {
  if (word == "strided") {
    x.strided = true;
  } else if (word.starts_with("below")) {
    x.range = Range::below;
    x.below = static_cast<int>(integer(op, word.substr(5)));
  } else if (word.starts_with("is(")) {
    x.range = Range::listed;
    x.listed = integers(op, word.substr(2));
  } else if (word == "positive" || word == "unit" || word == "special") {
    x.range = word == "positive" ? Range::positive : word == "unit" ? Range::unit : Range::special;
  } else {
    unreadable(op, word, "strided, positive, unit, special, belowN or is(N,...)");
  }
}

Operand operand(const Op& op, Text s) {
  const std::size_t open = s.find('['), close = s.find(']');
  if (open == s.npos || close == s.npos) unreadable(op, s, "an operand such as f32[2,3]");
  Operand x;
  x.dtype = dtype(op, s.substr(0, open));
  x.shape = Shape(integers(op, s.substr(open, close - open + 1)));
  for (Text word : split(s.substr(close + 1), ':'))
    if (!word.empty()) modify(op, x, word);
  return x;
}

// --- attributes
// ---------------------------------------------------------------------------------------------------

// "select(0,1)": the chain of views that an `overwrite` writes through.
Attr views(const Op& op, Text s) {
  auto chain = std::make_shared<core::Opaque>();
  if (s != "none") {
    const std::size_t open = s.find('(');
    if (open == s.npos) unreadable(op, s, "a view such as select(0,1)");
    std::vector<Attr> values;
    for (std::int64_t i : integers(op, s.substr(open))) values.emplace_back(i);
    chain->steps.push_back({&core::find_op(s.substr(0, open)), Attrs(std::move(values))});
  }
  return std::shared_ptr<const core::Opaque>(std::move(chain));
}

Attr attribute(const Op& op, const Param& p, Text s) {
  switch (p.kind) {
    case Kind::flag:
      if (s != "true" && s != "false") unreadable(op, s, "true or false");
      return s == "true";
    case Kind::int_:
      return integer(op, s);
    case Kind::real:
      return real(op, s);
    case Kind::dtype:
      return dtype(op, s);
    case Kind::ints:
      return integers(op, s);
    case Kind::text:
      return std::string(s.starts_with('"') ? s.substr(1, s.size() - 2) : s);
    case Kind::generator:
      return Generator(20, op.name);
    case Kind::opaque:
      return views(op, s);
    default:
      unreadable(op, s, "an attribute that text can give");
  }
}

Attrs attributes(const Op& op, Text text) {
  std::vector<Attr> values(static_cast<std::size_t>(op.sig.attrs()));
  std::vector<bool> given(values.size());
  for (Text item : split(text, ',')) {
    if (item.empty()) continue;
    const Text name = cut(item, "=");
    std::size_t k = 0;
    while (k < values.size() && op.sig.attr(static_cast<int>(k)).name != name) ++k;
    if (k == values.size()) unreadable(op, name, "an attribute of the sig");
    values[k] = attribute(op, op.sig.attr(static_cast<int>(k)), trim(item));
    given[k] = true;
  }
  for (std::size_t k = 0; k < values.size(); ++k) {
    const Param& p = op.sig.attr(static_cast<int>(k));
    if (given[k]) continue;
    if (!p.has_default) unreadable(op, text, "every attribute that has no default");
    values[k] = attribute(op, p, p.fallback);
  }
  return Attrs(std::move(values));
}

Sample sample(const Op& op, Text text) {
  Sample s;
  s.text = std::string(text);
  if (text.starts_with('!')) {
    s.refused = true;
    text = text.substr(1);
    const Text call = cut(text, "->");
    s.kind = std::string(trim(text));
    if (s.kind.empty()) unreadable(op, s.text, "-> and the kind of the error");
    text = call;
  }
  const Text operands = cut(text, ";");
  for (Text item : split(operands, ','))
    if (!item.empty()) s.operands.push_back(operand(op, item));
  s.attrs = attributes(op, text);
  return s;
}

}  // namespace

std::vector<Sample> parse_samples(const Op& op) {
  if (!op.samples || !*op.samples) unreadable(op, "", "at least one sample");
  std::vector<Sample> out;
  for (Text text : split(op.samples, '|')) out.push_back(sample(op, text));
  return out;
}

}  // namespace twofold::check
