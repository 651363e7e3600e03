// Attributes: what an operation is told besides tensors. Shared, immutable, in the order of the row's sig.
#pragma once

#include <memory>
#include <string>
#include <variant>
#include <vector>

#include "base/memory.h"
#include "base/small_vector.h"
#include "twofold/dtype.h"
#include "twofold/generator.h"
#include "twofold/ref.h"
#include "twofold/shape.h"

namespace twofold::core {

struct Body;   // body.h: a sub-graph callable
class Custom;  // custom.h: functions of the user's
class Host;
struct Opaque;  // apply-private payloads (view chains); equality is identity
using Attr =
    std::variant<std::monostate, bool, std::int64_t, double, Dtype, Dims, std::string, std::shared_ptr<Body>,
                 Generator, std::shared_ptr<const Opaque>, std::shared_ptr<Custom>, std::shared_ptr<Host>>;

struct AttrList : Counted {
  SmallVector<Attr, 2> values;
};
inline void destroy(AttrList* list) noexcept {
  list->~AttrList();
  release(list, sizeof(AttrList));
}

class Attrs {
 public:
  Attrs() = default;
  Attrs(std::initializer_list<Attr> values);
  explicit Attrs(std::vector<Attr> values);

  int size() const { return list_ ? static_cast<int>(list_->values.size()) : 0; }
  const Attr& operator[](int i) const { return list_->values[static_cast<std::size_t>(i)]; }
  bool flag(int i) const { return std::get<bool>((*this)[i]); }
  std::int64_t integer(int i) const { return std::get<std::int64_t>((*this)[i]); }
  double real(int i) const { return std::get<double>((*this)[i]); }
  Dtype dtype(int i) const { return std::get<Dtype>((*this)[i]); }
  const Dims& dims(int i) const { return std::get<Dims>((*this)[i]); }
  const std::string& text(int i) const { return std::get<std::string>((*this)[i]); }
  const std::shared_ptr<Body>& body(int i) const { return std::get<std::shared_ptr<Body>>((*this)[i]); }
  const Generator& generator(int i) const { return std::get<Generator>((*this)[i]); }
  bool operator==(const Attrs& other) const;

 private:
  SmallVector<Attr, 2>& open(std::size_t count);

  Ref<AttrList> list_;
};

std::string to_string(const Attr& attr);

}  // namespace twofold::core
