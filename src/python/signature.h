// Functions of the plain API as Python sees them: one line says what may be given, and one line what was
// wrong.
//
//   define(m, "def parameter(value: Operand) -> Tensor", "A leaf that requires a gradient.",
//          [](const Call& c) { return parameter(c["value"].tensor()); });
//
// A refusal names the function, the argument, what was got and expected, and the user's line.
#pragma once

#include <nanobind/nanobind.h>
#include <nanobind/stl/string.h>

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "twofold/graph.h"
#include "twofold/io.h"
#include "twofold/tensor.h"

namespace twofold::python {

namespace nb = nanobind;

// "def run(self, fetches: Fetch, feeds: Feeds = {}, *, passes: bool = True) -> Tensor"
class Signature {
 public:
  struct Parameter {
    PyObject* name;  // interned
    bool required, by_name_only, takes_rest;
  };

  // `owner`: the class, whose name a constructor has.
  explicit Signature(const char* text, std::string_view owner = {});

  const std::string& name() const { return name_; }
  const std::string& op() const { return op_; }  // what errors call it
  const std::vector<Parameter>& parameters() const { return parameters_; }
  int find(PyObject* name) const;  // -1 for none

 private:
  void add(std::string_view parameter);

  std::string name_, op_;
  std::vector<Parameter> parameters_;
  bool by_name_only_ = false;
};

// One argument of a call.
class Given {
 public:
  Given(const Signature& of, const char* name, nb::handle value) : of_(of), name_(name), value_(value) {}

  // Was it left out, or None?
  bool absent() const { return !value_.is_valid() || value_.is_none(); }
  nb::handle object() const { return value_; }

  Tensor tensor() const;              // or a number, or an array
  Tensor tensor_with_values() const;  // StateError for one of a graph
  Tensors tensors() const;            // a sequence of them, or one
  bool is_one() const;                // one tensor where several may be given
  NamedTensors named() const;
  Dtype dtype() const;
  Dtype dtype(Dtype otherwise) const { return absent() ? otherwise : dtype(); }
  Shape shape() const;  // None: of unknown rank
  Dims dims() const;
  std::string text() const;
  std::string text(const char* otherwise) const { return absent() ? otherwise : text(); }
  std::string path() const;
  std::int64_t integer() const;
  std::int64_t integer(std::int64_t otherwise) const { return absent() ? otherwise : integer(); }
  std::uint64_t seed() const;
  std::uint64_t seed(std::uint64_t otherwise) const { return absent() ? otherwise : seed(); }
  double real() const;
  double real(double otherwise) const { return absent() ? otherwise : real(); }
  bool flag(bool otherwise) const;
  nb::callable callable() const;
  std::vector<Operation> operations() const;
  // Pairs of a dict, or of a sequence of pairs.
  std::vector<std::pair<nb::object, nb::object>> pairs(const char* expected) const;
  std::vector<nb::object> items(const char* expected) const;
  // An instance of a class that is bound, which `expected` names.
  template <class T>
  T& instance(const char* expected) const {
    T* found = nullptr;
    if (absent() || !nb::try_cast<T*>(value_, found) || !found) refuse(expected);
    return *found;
  }

  // TypeError.
  [[noreturn]] void refuse(const char* expected) const { refuse(value_, expected); }
  [[noreturn]] void refuse(nb::handle got, const char* expected) const;
  // The Python error that is set, which came of converting the argument, with the argument's name.
  [[noreturn]] void refuse_as_raised() const;

 private:
  const Signature& of_;
  const char* name_;
  nb::handle value_;
};

// The values of a call, sorted to the parameters.
class Call {
 public:
  Call(const Signature& of, nb::handle args, nb::handle kwargs);
  Given operator[](const char* parameter) const;
  const Signature& signature() const { return of_; }

 private:
  static constexpr std::size_t most = 12;
  const Signature& of_;
  nb::handle values_[most];
  nb::object rest_;
};

// Python's form of a result. None for an undefined tensor; a list of tensors; a dict of named ones.
nb::object to_result(const Tensor& tensor);
nb::object to_result(const Tensors& tensors);
nb::object to_result(const NamedTensors& tensors);
// One tensor or a list, as `like` was given.
nb::object to_result(const Tensors& tensors, const Given& like);
inline nb::object to_result(nb::object o) { return o; }
template <class T>
nb::object to_result(const T& value) {
  return nb::cast(value);
}

using Function = std::function<nb::object(nb::handle self, const Call&)>;
// Adds the function to a module, or the method to a class.
void add_function(nb::handle scope, const char* signature, const char* doc, Function f);
void add_method(nb::handle cls, const char* signature, const char* doc, Function f);
// "def name(self) -> str": read, and written where `set`, which is called with `value`, is there.
void add_attribute(nb::handle cls, const char* signature, const char* doc, Function get, Function set = {});
// The instance of T that a method was called on; TypeError for anything else.
[[noreturn]] void refuse_self(const Signature& of, nb::handle self);
template <class T>
T& self_as(nb::handle self, const Signature& of) {
  T* found = nullptr;
  const bool made = nb::type_check(self.type()) && nb::inst_ready(self);
  if (!made || !nb::try_cast<T*>(self, found) || !found) refuse_self(of, self);
  return *found;
}
// Is it a fresh instance of exactly this bound class, or of a class of the user's that derives from it?
bool is_made_for(nb::handle self, const std::type_info& type);

template <class F>
nb::object result_of(F&& body) {
  if constexpr (std::is_void_v<decltype(body())>)
    return body(), nb::none();
  else
    return to_result(body());
}

template <class F>
void define(nb::handle module, const char* signature, const char* doc, F f) {
  add_function(module, signature, doc,
               [f](nb::handle, const Call& c) { return result_of([&] { return f(c); }); });
}
// f(T& self, const Call&)
template <class T, class F>
void method(nb::handle cls, const char* signature, const char* doc, F f) {
  add_method(cls, signature, doc, [f](nb::handle self, const Call& c) {
    return result_of([&] { return f(self_as<T>(self, c.signature()), c); });
  });
}
template <class T, class Get>
Function getter(Get get) {
  return [get](nb::handle self, const Call& c) {
    return result_of([&] { return get(self_as<T>(self, c.signature())); });
  };
}
template <class T, class Get>
void attribute(nb::handle cls, const char* signature, const char* doc, Get get) {
  add_attribute(cls, signature, doc, getter<T>(get));
}
// set(T& self, const Given& value)
template <class T, class Get, class Set>
void attribute(nb::handle cls, const char* signature, const char* doc, Get get, Set set) {
  add_attribute(cls, signature, doc, getter<T>(get), [set](nb::handle self, const Call& c) {
    return result_of([&] { return set(self_as<T>(self, c.signature()), c["value"]); });
  });
}
// f(void* at, nb::handle self, const Call&) makes a T there.
template <class T, class F>
void constructor(nb::handle cls, const char* signature, const char* doc, F f) {
  add_method(cls, signature, doc, [f](nb::handle self, const Call& c) {
    if (!is_made_for(self, typeid(T))) refuse_self(c.signature(), self);
    f(static_cast<void*>(nb::inst_ptr<T>(self)), self, c);
    nb::inst_mark_ready(self);
    return nb::object(nb::none());
  });
}

}  // namespace twofold::python
