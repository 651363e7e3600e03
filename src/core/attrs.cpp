#include "core/attrs.h"

#include <algorithm>
#include <bit>

namespace twofold::core {

SmallVector<Attr, 2>& Attrs::open(std::size_t count) {
  list_ = Ref<AttrList>(new (acquire(sizeof(AttrList))) AttrList);
  list_->values.reserve(count);
  return list_->values;
}

Attrs::Attrs(std::initializer_list<Attr> values) {
  if (values.size() == 0) return;
  SmallVector<Attr, 2>& list = open(values.size());
  for (const Attr& v : values) list.push_back(v);
}

Attrs::Attrs(std::vector<Attr> values) {
  if (values.empty()) return;
  SmallVector<Attr, 2>& list = open(values.size());
  for (Attr& v : values) list.push_back(std::move(v));
}

namespace {

// Reals by their bits: 0.0 and -0.0 make different tensors.
bool same_attr(const Attr& a, const Attr& b) {
  const double *x = std::get_if<double>(&a), *y = std::get_if<double>(&b);
  return x && y ? std::bit_cast<std::uint64_t>(*x) == std::bit_cast<std::uint64_t>(*y) : a == b;
}

}  // namespace

bool Attrs::operator==(const Attrs& other) const {
  if (list_ == other.list_) return true;
  return list_ && other.list_ && std::ranges::equal(list_->values, other.list_->values, same_attr);
}

std::string to_string(const Attr& attr) {
  struct Words {
    std::string operator()(std::monostate) const { return "none"; }
    std::string operator()(bool b) const { return b ? "true" : "false"; }
    std::string operator()(std::int64_t i) const { return std::to_string(i); }
    std::string operator()(double d) const { return std::to_string(d); }
    std::string operator()(Dtype d) const { return std::string(name_of(d)); }
    std::string operator()(const Dims& d) const { return twofold::to_string(d); }
    std::string operator()(const std::string& s) const { return "'" + s + "'"; }
    std::string operator()(const std::shared_ptr<Body>&) const { return "<body>"; }
    std::string operator()(const Generator&) const { return "<generator>"; }
    std::string operator()(const std::shared_ptr<const Opaque>&) const { return "<views>"; }
    std::string operator()(const std::shared_ptr<Custom>&) const { return "<function>"; }
    std::string operator()(const std::shared_ptr<Host>&) const { return "<function>"; }
  };
  return std::visit(Words{}, attr);
}

}  // namespace twofold::core
