// twofold.nn: layers, and modules of the user's.
#include <nanobind/stl/shared_ptr.h>

#include "core/apply.h"
#include "python/overrides.h"
#include "python/plain.h"
#include "twofold/nn.h"

namespace twofold::python {
namespace {

using nn::Module;

// A module that a Python object holds: its methods may be overridden there, and the collector sees its
// children.
class ModuleObject {
 public:
  explicit ModuleObject(nb::handle self) : self_(self) {}
  virtual ~ModuleObject() = default;

  nb::handle self() const { return self_; }
  void adopt(nb::handle child) { children_.push_back(child); }
  // The engine owns the children.
  template <class F>
  void each_child(F f) const {
    for (nb::handle c : children_) f(c.ptr());
  }
  // What super() means in such a method.
  virtual Tensor forward_as_bound(const Tensor& x) = 0;
  virtual void reseed_as_bound(std::uint64_t seed, const std::string& path) = 0;

 private:
  nb::handle self_;  // holds this
  std::vector<nb::handle> children_;
};

template <class M>
class Overridable final : public M, public ModuleObject {
 public:
  template <class... Args>
  explicit Overridable(nb::handle self, Args&&... args)
      : M(std::forward<Args>(args)...), ModuleObject(self) {}

  Tensor forward(const Tensor& x) override {
    const nb::object f = override_of<M>(self(), "forward");
    return f.is_valid() ? tensor_from(call_user(f, to_result(x)), "forward") : forward_as_bound(x);
  }
  Tensor forward_as_bound(const Tensor& x) override {
    if constexpr (std::is_same_v<M, nn::Sequential>)
      return M::run(x, std::source_location::current());  // its forward() comes back here
    else if constexpr (!std::is_same_v<M, Module> && !std::is_same_v<M, nn::Layer>)
      return M::forward(x);
    else
      throw StateError({.op = "forward",
                        .argument = "",
                        .got = "a module without a method 'forward'",
                        .expected = "a class that defines forward(self, x)"});
  }
  void reseed(std::uint64_t seed, const std::string& path) override {
    const nb::object f = override_of<M>(self(), "reseed");
    if (f.is_valid())
      call_user(f, seed, path);
    else
      M::reseed(seed, path);
  }
  void reseed_as_bound(std::uint64_t seed, const std::string& path) override { M::reseed(seed, path); }

 protected:
  // A sequence does not ask its forward().
  Tensor run(const Tensor& x, const std::source_location& at) override {
    return override_of<M>(self(), "forward").is_valid() ? forward(x) : M::run(x, at);
  }
};

// What a module shows to its subclasses alone, Python shows to all.
struct Protected : Module {
  static constexpr auto parameter = &Protected::register_parameter;
  static constexpr auto buffer = &Protected::register_buffer;
  static constexpr auto child = &Protected::register_module<Module>;
};

ModuleObject& object_of(Module& m) { return dynamic_cast<ModuleObject&>(m); }

void add_child(Module& parent, const std::string& name, const Given& child) {
  child.instance<Module>("a module");
  (parent.*Protected::child)(name, nb::cast<std::shared_ptr<Module>>(child.object()),
                             std::source_location::current());
  object_of(parent).adopt(child.object());
}

// --- the collector
int traverse(PyObject* self, visitproc visit, void* arg) {
  Py_VISIT(Py_TYPE(self));
  if (!nb::inst_ready(self)) return 0;
  int result = 0;
  object_of(*nb::inst_ptr<Module>(self)).each_child([&](PyObject* o) {
    if (result == 0) result = visit(o, arg);
  });
  return result;
}
// Every class needs them: nanobind gives one that has none its own. No tp_clear: a circle leads through an
// attribute of a module of the user's, which the collector can clear.
PyType_Slot slots[] = {{Py_tp_traverse, reinterpret_cast<void*>(traverse)}, {0, nullptr}};

// --- classes
template <class M, class F>
void add_constructor(nb::handle cls, const char* signature, const char* doc, F make) {
  constructor<M>(cls, signature, doc, [make](void* at, nb::handle self, const Call& c) {
    make(static_cast<Overridable<M>*>(at), self, c);
  });
}

template <class M>
void add_forward(nb::handle cls) {
  method<M>(cls, "def forward(self, x: Tensor) -> Tensor", "What calling the layer computes.",
            [](M& m, const Call& c) { return object_of(m).forward_as_bound(c["x"].tensor()); });
}

void add_registration(nb::handle cls) {
  method<Module>(cls, "def register_parameter(self, name: str, value: Operand) -> Tensor",
                 "`value` becomes a parameter, a copy unless it is one already.",
                 [](Module& m, const Call& c) {
                   return (m.*Protected::parameter)(c["name"].text(), c["value"].tensor(),
                                                    std::source_location::current());
                 });
  method<Module>(cls, "def register_buffer(self, name: str, value: Operand) -> Tensor",
                 "State without a gradient that is saved with the parameters.", [](Module& m, const Call& c) {
                   return (m.*Protected::buffer)(c["name"].text(), c["value"].tensor(),
                                                 std::source_location::current());
                 });
  method<Module>(cls, "def register_module(self, name: str, module: M) -> M",
                 "A child under this name; gives it back.", [](Module& m, const Call& c) {
                   add_child(m, c["name"].text(), c["module"]);
                   return nb::borrow(c["module"].object());
                 });
}

void add_contents(nb::handle cls) {
  method<Module>(cls, "def parameters(self) -> list[Tensor]",
                 "In order of registration, a module's own before its children's.",
                 [](Module& m, const Call&) { return m.parameters(); });
  method<Module>(cls, "def named_parameters(self) -> dict[str, Tensor]", "By names such as 'fc1.weight'.",
                 [](Module& m, const Call&) { return m.named_parameters(); });
  method<Module>(cls, "def named_buffers(self) -> dict[str, Tensor]", "By names such as 'norm.mean'.",
                 [](Module& m, const Call&) { return m.named_buffers(); });
  method<Module>(cls, "def state(self) -> dict[str, Tensor]", "Parameters and buffers: what save() writes.",
                 [](Module& m, const Call&) { return m.state(); });
  method<Module>(cls, "def save(self, path: Path) -> None", "Writes state() to an .npz file.",
                 [](Module& m, const Call& c) { m.save(c["path"].path()); });
  method<Module>(cls, "def load(self, path: Path) -> None",
                 "Reads it back: names, shapes and dtypes must match.",
                 [](Module& m, const Call& c) { m.load(c["path"].path()); });
}

void add_modes(nb::handle cls) {
  method<Module>(cls, "def train(self, on: bool = True) -> None", "Switches on what only training does.",
                 [](Module& m, const Call& c) { m.train(c["on"].flag(true)); });
  method<Module>(cls, "def eval(self) -> None", "train(False).", [](Module& m, const Call&) { m.eval(); });
  attribute<Module>(cls, "def is_training(self) -> bool", "A module starts in training mode.",
                    [](Module& m) { return m.is_training(); });
  method<Module>(cls, "def zero_grad(self) -> None", "Forgets the gradients of the parameters.",
                 [](Module& m, const Call&) { m.zero_grad(); });
  method<Module>(cls, "def seed(self, seed: int) -> None",
                 "Draws initial parameters anew and keys every generator, each by `seed` and its name alone.",
                 [](Module& m, const Call& c) { m.seed(c["seed"].seed()); });
  method<Module>(
      cls, "def reseed(self, seed: int, path: str) -> None",
      "What a module that draws overrides: start anew from Generator(seed, path + ...).",
      [](Module& m, const Call& c) { object_of(m).reseed_as_bound(c["seed"].seed(), c["path"].text()); });
}

template <class M>
void make_alone(Overridable<M>* at, nb::handle self, const Call&) {
  new (at) Overridable<M>(self);
}

void add_bases(nb::module_& m) {
  nb::class_<Module, Overridable<Module>> module(m, "Module", nb::type_slots(slots),
                                                 nb::is_weak_referenceable(),
                                                 "What has parameters and turns a tensor into another.");
  add_constructor<Module>(module, "def __init__(self) -> None",
                          "A class that derives from it defines forward(self, x).", make_alone<Module>);
  method<Module>(module, "def __call__(self, x: Operand) -> Tensor",
                 "forward(x), with nodes named after the module while a graph is open.",
                 [](Module& self, const Call& c) { return self(c["x"].tensor()); });
  add_forward<Module>(module);
  add_registration(module);
  add_contents(module);
  add_modes(module);
  nb::class_<nn::Layer, Module, Overridable<nn::Layer>> layer(m, "Layer", nb::type_slots(slots),
                                                              "Errors inside name the line of the call.");
  add_constructor<nn::Layer>(layer, "def __init__(self) -> None",
                             "A class that derives from it defines forward(self, x).", make_alone<nn::Layer>);
}

template <class M>
void add_activation(nb::module_& m, const char* name, const char* doc) {
  nb::class_<M, nn::Layer, Overridable<M>> cls(m, name, nb::type_slots(slots), doc);
  add_constructor<M>(cls, "def __init__(self) -> None", "A layer without parameters.", make_alone<M>);
  add_forward<M>(cls);
}

void add_linear(nb::module_& m) {
  using nn::Linear;
  nb::class_<Linear, nn::Layer, Overridable<Linear>> cls(m, "Linear", nb::type_slots(slots),
                                                         "x [..., in] -> x @ weight.t() + bias [..., out].");
  add_constructor<Linear>(cls, "def __init__(self, in_: int, out: int, bias: bool = True) -> None",
                          "Initial values are uniform in ±1/sqrt(in), as PyTorch draws them.",
                          [](Overridable<Linear>* at, nb::handle self, const Call& c) {
                            new (at) Overridable<Linear>(self, c["in_"].integer(), c["out"].integer(),
                                                         c["bias"].flag(true));
                          });
  add_forward<Linear>(cls);
  attribute<Linear>(cls, "def weight(self) -> Tensor", "[out, in].", [](Linear& l) { return l.weight; });
  attribute<Linear>(cls, "def bias(self) -> Tensor | None", "[out].", [](Linear& l) { return l.bias; });
}

void add_dropout(nb::module_& m) {
  using nn::Dropout;
  nb::class_<Dropout, nn::Layer, Overridable<Dropout>> cls(
      m, "Dropout", nb::type_slots(slots),
      "In training, zeroes each element with probability p and divides the others by 1 - p.");
  add_constructor<Dropout>(cls, "def __init__(self, p: float = 0.5) -> None",
                           "Draws from a generator of its own.",
                           [](Overridable<Dropout>* at, nb::handle self, const Call& c) {
                             new (at) Overridable<Dropout>(self, c["p"].real(0.5));
                           });
  add_forward<Dropout>(cls);
  method<Dropout>(cls, "def generator(self) -> Generator", "What it draws from.",
                  [](Dropout& d, const Call&) { return d.generator(); });
}

void append(nn::Sequential& s, const Given& module) {
  module.instance<Module>("a module");
  s.append(nb::cast<std::shared_ptr<Module>>(module.object()));
  object_of(s).adopt(module.object());
}

void add_sequential(nb::module_& m) {
  using nn::Sequential;
  nb::class_<Sequential, Module, Overridable<Sequential>> cls(m, "Sequential", nb::type_slots(slots),
                                                              "One after the other: '0', '1', ...");
  add_constructor<Sequential>(cls, "def __init__(self, *modules: Module) -> None",
                              "Runs these modules in turn.",
                              [](Overridable<Sequential>* at, nb::handle self, const Call& c) {
                                const std::vector<nb::object> modules = c["modules"].items("modules");
                                for (const nb::object& o : modules)
                                  Given(c.signature(), "modules", o).instance<Module>("modules");
                                new (at) Overridable<Sequential>(self);
                                for (const nb::object& o : modules)
                                  append(*at, Given(c.signature(), "modules", o));
                              });
  method<Sequential>(cls, "def append(self, module: Module) -> None", "One more, at the end.",
                     [](Sequential& s, const Call& c) { append(s, c["module"]); });
  add_forward<Sequential>(cls);
}

}  // namespace

void add_layers(nb::module_& m) {
  add_bases(m);
  add_linear(m);
  add_dropout(m);
  add_activation<nn::ReLU>(m, "ReLU", "max(x, 0).");
  add_activation<nn::Tanh>(m, "Tanh", "Hyperbolic tangent.");
  add_activation<nn::Sigmoid>(m, "Sigmoid", "1 / (1 + exp(-x)).");
  add_sequential(m);
}

}  // namespace twofold::python
