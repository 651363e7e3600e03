// Sig: a row's signature, parsed at compile time from text such as
//
//   "x: number, y: number"    "x: float, axes: ints = [], keepdims: flag = false"    "*parts: any, axis: int"
//
// Tensor classes: any, number (not bool), float, integer, boolean, bits (bool or integer), index (i32 or
// i64). Attribute types: flag, int, real, dtype, ints, text, body, generator. A trailing ? makes a tensor
// optional, a leading * variadic (last tensor only);
// "-> a, b" names several outputs. A mistake in a sig is a compile error.
#pragma once

#include <cstdint>
#include <iterator>
#include <string_view>

namespace twofold::core {

enum class Kind : std::uint8_t {
  any,
  number,
  floating,
  integer,
  boolean,
  bits,
  index,  // tensors
  flag,
  int_,
  real,
  dtype,
  ints,
  text,
  body,
  generator,
  opaque,  // attributes
};
// As sigs write them, in the order of Kind.
inline constexpr std::string_view kind_words[] = {
    "any", "number", "float", "integer", "boolean", "bits", "index",     "flag",
    "int", "real",   "dtype", "ints",    "text",    "body", "generator", "opaque"};
constexpr std::string_view word_of(Kind k) { return kind_words[static_cast<int>(k)]; }
constexpr bool is_tensor(Kind k) { return k <= Kind::index; }

struct Param {
  std::string_view name;
  Kind kind = Kind::any;
  bool variadic = false, optional = false, has_default = false;
  std::string_view fallback;  // text of the default
};

class Sig {
 public:
  static constexpr int capacity = 10;

  consteval Sig(const char* text) { parse(text); }  // NOLINT
  constexpr Sig() = default;

  constexpr const Param& operator[](int i) const { return params_[i]; }
  constexpr int size() const { return size_; }
  constexpr int tensors() const { return tensors_; }
  constexpr int attrs() const { return size_ - tensors_; }
  constexpr const Param& attr(int i) const { return params_[tensors_ + i]; }
  constexpr bool variadic() const { return tensors_ > 0 && params_[tensors_ - 1].variadic; }
  constexpr int outputs() const { return outputs_ > 0 ? outputs_ : 1; }
  constexpr std::string_view output(int i) const { return outputs_ > 0 ? output_names_[i] : "result"; }
  // The parameter that the i-th tensor of a call belongs to.
  constexpr const Param& tensor(int i) const { return params_[i < tensors_ ? i : tensors_ - 1]; }

 private:
  static constexpr std::string_view trim(std::string_view s) {
    while (!s.empty() && s.front() == ' ') s.remove_prefix(1);
    while (!s.empty() && s.back() == ' ') s.remove_suffix(1);
    return s;
  }
  static constexpr Kind kind_of(std::string_view word) {
    for (int i = 0; i < static_cast<int>(std::size(kind_words)); ++i)
      if (kind_words[i] == word) return static_cast<Kind>(i);
    throw "unknown type in sig";
  }
  constexpr Param param(std::string_view text) const {
    Param p;
    if (const auto eq = text.find('='); eq != text.npos) {
      p.has_default = true;
      p.fallback = trim(text.substr(eq + 1));
      text = trim(text.substr(0, eq));
    }
    const auto colon = text.find(':');
    if (colon == text.npos) throw "missing ':' in sig";
    p.name = trim(text.substr(0, colon));
    std::string_view type = trim(text.substr(colon + 1));
    if (p.name.starts_with('*')) p.variadic = true, p.name.remove_prefix(1);
    if (type.ends_with('?')) p.optional = true, type.remove_suffix(1);
    p.kind = kind_of(type);
    return p;
  }
  // Splits at commas outside brackets.
  template <class Each>
  static constexpr void split(std::string_view text, Each each) {
    int depth = 0;
    std::size_t begin = 0;
    for (std::size_t i = 0; i <= text.size(); ++i) {
      if (i < text.size() && text[i] == '[') ++depth;
      if (i < text.size() && text[i] == ']') --depth;
      if (i < text.size() && !(text[i] == ',' && depth == 0)) continue;
      if (const auto piece = trim(text.substr(begin, i - begin)); !piece.empty()) each(piece);
      begin = i + 1;
    }
  }
  constexpr void parse(std::string_view text) {
    if (const auto arrow = text.find("->"); arrow != text.npos) {
      split(text.substr(arrow + 2), [this](std::string_view s) { output_names_[outputs_++] = s; });
      text = text.substr(0, arrow);
    }
    split(text, [this](std::string_view s) {
      const Param p = param(s);
      if (is_tensor(p.kind) && tensors_ != size_) throw "tensors come before attributes";
      params_[size_++] = p;
      if (is_tensor(p.kind)) ++tensors_;
    });
  }

  Param params_[capacity] = {};
  std::string_view output_names_[4] = {};
  int size_ = 0, tensors_ = 0, outputs_ = 0;
};

}  // namespace twofold::core
