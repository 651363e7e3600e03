#include "python/signature.h"

#include "core/apply.h"
#include "python/convert.h"
#include "python/errors.h"
#include "python/numpy.h"
#include "python/object.h"
#include "python/refusals.h"

namespace twofold::python {
namespace {

std::string_view trimmed(std::string_view s) {
  while (!s.empty() && s.front() == ' ') s.remove_prefix(1);
  while (!s.empty() && s.back() == ' ') s.remove_suffix(1);
  return s;
}

// The end of the next parameter: a comma that is in no brackets, or the end.
std::size_t end_of_parameter(std::string_view text) {
  int depth = 0;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] == '[' || text[i] == '(' || text[i] == '{') ++depth;
    if (text[i] == ']' || text[i] == ')' || text[i] == '}') --depth;
    if (text[i] == ',' && depth == 0) return i;
  }
  return text.size();
}

[[noreturn]] void raise_type_error(const std::string& op, const std::string& argument, std::string got,
                                   std::string expected) {
  refuse_argument(op, argument, std::move(got), std::move(expected));
  throw nb::python_error();
}

}  // namespace

// --- what may be given

Signature::Signature(const char* text, std::string_view owner) {
  std::string_view rest = text;
  rest.remove_prefix(rest.find(' ') + 1);
  name_ = rest.substr(0, rest.find('('));
  op_ = name_ == "__init__" ? std::string(owner) : name_ == "__call__" ? "call" : name_;
  rest = rest.substr(rest.find('(') + 1, rest.rfind(" -> ") - rest.find('(') - 2);
  while (!trimmed(rest).empty()) {
    const std::size_t end = end_of_parameter(rest);
    add(trimmed(rest.substr(0, end)));
    rest.remove_prefix(std::min(rest.size(), end + 1));
  }
}

void Signature::add(std::string_view parameter) {
  const std::string_view name = trimmed(parameter.substr(0, parameter.find_first_of(":=")));
  if (name == "self") return;
  if (name == "*") {
    by_name_only_ = true;
    return;
  }
  const bool rest = name.starts_with('*');
  const std::string bare(name.substr(rest ? 1 : 0));
  parameters_.push_back({.name = PyUnicode_InternFromString(bare.c_str()),
                         .required = !rest && parameter.find('=') == std::string_view::npos,
                         .by_name_only = by_name_only_,
                         .takes_rest = rest});
}

int Signature::find(PyObject* name) const {
  for (std::size_t i = 0; i < parameters_.size(); ++i)
    if (parameters_[i].name == name || PyUnicode_Compare(parameters_[i].name, name) == 0)
      return static_cast<int>(i);
  return -1;
}

// --- what was given

namespace {

std::string names_of(const Signature& s) {
  std::string names;
  for (const auto& p : s.parameters())
    names += (names.empty() ? "" : ", ") + std::string(PyUnicode_AsUTF8(p.name));
  return names.empty() ? "no arguments" : names;
}

std::size_t taken_by_position(const Signature& s) {
  std::size_t n = 0;
  for (const auto& p : s.parameters()) n += !p.by_name_only;
  return n;
}

}  // namespace

Call::Call(const Signature& of, nb::handle args, nb::handle kwargs) : of_(of) {
  const auto& parameters = of.parameters();
  const auto n = static_cast<std::size_t>(PyTuple_GET_SIZE(args.ptr()));
  if (!parameters.empty() && parameters[0].takes_rest) {
    rest_ = nb::borrow(args);
    values_[0] = rest_;
  } else if (n > taken_by_position(of)) {
    raise_type_error(of.op(), "", std::to_string(n) + " arguments",
                     "at most " + std::to_string(taken_by_position(of)) + ": " + names_of(of));
  } else {
    for (std::size_t i = 0; i < n; ++i) values_[i] = PyTuple_GET_ITEM(args.ptr(), static_cast<Py_ssize_t>(i));
  }
  PyObject *name = nullptr, *value = nullptr;
  for (Py_ssize_t at = 0; PyDict_Next(kwargs.ptr(), &at, &name, &value);) {
    const int i = of.find(name);
    if (i < 0 || parameters[static_cast<std::size_t>(i)].takes_rest)
      raise_type_error(of.op(), "", "an argument named '" + std::string(nb::str(name).c_str()) + "'",
                       names_of(of));
    if (values_[i].is_valid()) raise_type_error(of.op(), PyUnicode_AsUTF8(name), "it twice", "it once");
    values_[i] = value;
  }
  for (std::size_t i = 0; i < parameters.size(); ++i)
    if (parameters[i].required && !values_[i].is_valid())
      raise_type_error(of.op(), PyUnicode_AsUTF8(parameters[i].name), "nothing", "a value");
}

Given Call::operator[](const char* parameter) const {
  const auto& parameters = of_.parameters();
  for (std::size_t i = 0; i < parameters.size(); ++i)
    if (PyUnicode_CompareWithASCIIString(parameters[i].name, parameter) == 0)
      return {of_, parameter, values_[i]};
  throw InternalError({.op = of_.op(), .argument = parameter, .got = "no such parameter", .expected = ""});
}

void Given::refuse(nb::handle got, const char* expected) const {
  raise_type_error(of_.op(), name_, described(got.ptr()), expected);
}

void Given::refuse_as_raised() const {
  name_argument(of_.op(), name_);
  throw nb::python_error();
}

Tensor Given::tensor() const {
  Tensor t;
  if (absent()) refuse("a tensor");
  if (operand_of(value_.ptr(), t)) return t;
  if (PyErr_Occurred()) refuse_as_raised();
  refuse("a tensor");
}

Tensor Given::tensor_with_values() const {
  const Tensor t = tensor();
  if (t.symbolic())
    throw StateError({.op = of_.op(),
                      .argument = name_,
                      .got = "a tensor of a graph, which has no value until a Session runs it",
                      .expected = "a tensor with values"});
  return t;
}

bool Given::is_one() const {
  return !absent() &&
         (is_tensor(value_.ptr()) || is_ndarray(value_.ptr()) || !Py_TYPE(value_.ptr())->tp_iter);
}

Tensors Given::tensors() const {
  if (is_one()) return {tensor()};
  Tensors out;
  for (const nb::object& o : items("a tensor or a list of tensors"))
    out.push_back(Given(of_, name_, o).tensor());
  return out;
}

NamedTensors Given::named() const {
  NamedTensors out;
  for (const auto& [name, value] : pairs("a dict of tensors"))
    out.emplace_back(Given(of_, name_, name).text(), Given(of_, name_, value).tensor_with_values());
  return out;
}

std::vector<nb::object> Given::items(const char* expected) const {
  if (absent() || PyUnicode_Check(value_.ptr())) refuse(expected);
  const nb::object list = nb::steal(PySequence_List(value_.ptr()));
  if (!list.is_valid() && PyErr_ExceptionMatches(PyExc_TypeError)) PyErr_Clear(), refuse(expected);
  if (!list.is_valid()) throw nb::python_error();
  std::vector<nb::object> out;
  for (nb::handle o : list) out.push_back(nb::borrow(o));
  return out;
}

std::vector<std::pair<nb::object, nb::object>> Given::pairs(const char* expected) const {
  if (absent()) refuse(expected);
  const bool map = PyMapping_Check(value_.ptr()) && PyObject_HasAttrString(value_.ptr(), "items");
  const nb::object list = map ? nb::steal(PyMapping_Items(value_.ptr())) : nb::borrow(value_);
  if (!list.is_valid()) throw nb::python_error();
  std::vector<std::pair<nb::object, nb::object>> out;
  for (const nb::object& pair : Given(of_, name_, list).items(expected)) {
    if (!PyTuple_Check(pair.ptr()) || PyTuple_GET_SIZE(pair.ptr()) != 2) refuse(pair, expected);
    out.emplace_back(nb::borrow(PyTuple_GET_ITEM(pair.ptr(), 0)),
                     nb::borrow(PyTuple_GET_ITEM(pair.ptr(), 1)));
  }
  return out;
}

Dtype Given::dtype() const {
  const int d = absent() ? -1 : dtype_number(value_.ptr());
  if (d < 0) refuse("a dtype such as twofold.f32");
  return static_cast<Dtype>(d);
}

Shape Given::shape() const {
  if (absent()) return Shape::unknown_rank();
  Shape s;
  if (PyUnicode_Check(value_.ptr()) || !PySequence_Check(value_.ptr())) refuse("a list of sizes");
  if (shape_of(value_.ptr(), s, Face::plain)) return s;
  refuse_as_raised();
}

Dims Given::dims() const {
  Dims d;
  if (value_.is_valid() && !integers_of(value_.ptr(), d)) refuse_as_raised();
  return d;
}

std::string Given::text() const {
  if (!value_.is_valid() || !PyUnicode_Check(value_.ptr())) refuse("a str");
  Py_ssize_t size = 0;
  const char* text = PyUnicode_AsUTF8AndSize(value_.ptr(), &size);
  if (!text) refuse_as_raised();
  return {text, static_cast<std::size_t>(size)};
}

std::string Given::path() const {
  PyObject* bytes = nullptr;
  if (absent() || PyUnicode_FSConverter(value_.ptr(), &bytes) == 0) {
    if (PyErr_Occurred() && !PyErr_ExceptionMatches(PyExc_TypeError)) refuse_as_raised();
    PyErr_Clear();
    refuse("a path");
  }
  const std::string path = PyBytes_AS_STRING(bytes);
  Py_DECREF(bytes);
  return path;
}

std::int64_t Given::integer() const {
  std::int64_t n = 0;
  if (absent() || !PyIndex_Check(value_.ptr())) refuse("an integer");
  if (!integer_of(value_.ptr(), n)) refuse_as_raised();
  return n;
}

std::uint64_t Given::seed() const {
  if (absent() || !PyIndex_Check(value_.ptr())) refuse("an integer");
  const nb::object number = nb::steal(PyNumber_Index(value_.ptr()));
  if (!number.is_valid()) refuse_as_raised();
  const unsigned long long n = PyLong_AsUnsignedLongLong(number.ptr());
  if (PyErr_Occurred()) refuse_as_raised();
  return n;
}

double Given::real() const {
  const double v = absent() ? -1 : PyFloat_AsDouble(value_.ptr());
  if (absent() || (v == -1 && PyErr_Occurred())) {
    if (PyErr_Occurred() && !PyErr_ExceptionMatches(PyExc_TypeError)) refuse_as_raised();
    PyErr_Clear();
    refuse("a number");
  }
  return v;
}

bool Given::flag(bool otherwise) const {
  if (absent()) return otherwise;
  const int truth = PyObject_IsTrue(value_.ptr());
  if (truth < 0) refuse_as_raised();
  return truth == 1;
}

nb::callable Given::callable() const {
  if (absent() || !PyCallable_Check(value_.ptr())) refuse("a function");
  return nb::borrow<nb::callable>(value_);
}

std::vector<Operation> Given::operations() const {
  std::vector<Operation> out;
  for (const nb::object& o : items("a list of operations"))
    out.push_back(Given(of_, name_, o).instance<Operation>("an operation"));
  return out;
}

// --- results

nb::object to_result(const Tensor& tensor) {
  PyObject* made = wrap(tensor, Face::plain);
  if (!made) throw nb::python_error();
  return nb::steal(made);
}

nb::object to_result(const Tensors& tensors) {
  nb::list out;
  for (const Tensor& t : tensors) out.append(to_result(t));
  return out;
}

nb::object to_result(const NamedTensors& tensors) {
  nb::dict out;
  for (const auto& [name, tensor] : tensors) out[nb::str(name.data(), name.size())] = to_result(tensor);
  return out;
}

nb::object to_result(const Tensors& tensors, const Given& like) {
  return like.is_one() && tensors.size() == 1 ? to_result(tensors[0]) : to_result(tensors);
}

// --- adding

namespace {

nb::object call(const Signature& s, const Function& f, nb::handle self, nb::handle args, nb::handle kwargs) {
  try {
    const Call given(s, args, kwargs);
    const core::LocationScope line(user_line());
    return f(self, given);
  } catch (Error& e) {
    e.locate(s.op().c_str(), {});
    raise(e, Face::plain);
    throw nb::python_error();
  }
}

}  // namespace

void add_function(nb::handle scope, const char* signature, const char* doc, Function f) {
  const auto s = std::make_shared<Signature>(signature);
  nb::cpp_function(
      [s, f = std::move(f)](nb::args args, nb::kwargs kwargs) { return call(*s, f, {}, args, kwargs); },
      nb::scope(scope), nb::sig(signature), doc);
}

namespace {

template <class... Extra>
nb::object method_object(const std::shared_ptr<Signature>& s, const char* signature, const char* doc,
                         Function f, const Extra&... extra) {
  return nb::cpp_function(
      [s, f = std::move(f)](nb::handle self, nb::args args, nb::kwargs kwargs) {
        return call(*s, f, self, args, kwargs);
      },
      nb::is_method(), nb::sig(signature), doc, extra...);
}

}  // namespace

void add_method(nb::handle cls, const char* signature, const char* doc, Function f) {
  const nb::object owner = cls.attr("__name__");
  const auto s = std::make_shared<Signature>(signature, nb::cast<nb::str>(owner).c_str());
  if (nb::type_check(cls))
    method_object(s, signature, doc, std::move(f), nb::scope(cls));
  else  // Tensor: nanobind would not hide what it derives
    cls.attr(s->name().c_str()) = method_object(s, signature, doc, std::move(f));
}

void add_attribute(nb::handle cls, const char* signature, const char* doc, Function get, Function set) {
  const auto s = std::make_shared<Signature>(signature);
  const std::string type = signature + std::string_view(signature).rfind(" -> ") + 4;
  const std::string setting = "def " + s->name() + "(self, value: " + type + ") -> None";
  const nb::object getter = method_object(s, signature, doc, std::move(get));
  const nb::object setter =
      set ? method_object(std::make_shared<Signature>(setting.c_str()), setting.c_str(), doc, std::move(set))
          : nb::object(nb::none());
  const nb::handle property(reinterpret_cast<PyObject*>(&PyProperty_Type));
  cls.attr(s->name().c_str()) = property(getter, setter, nb::none(), doc);
}

void refuse_self(const Signature& of, nb::handle self) {
  raise_type_error(of.op(), "self", described(self.ptr()), "an object of its class, made by its __init__");
}

bool is_made_for(nb::handle self, const std::type_info& type) {
  const nb::handle cls = self.type();
  return nb::type_check(cls) && nb::type_info(cls) == type && !nb::inst_ready(self);
}

}  // namespace twofold::python
