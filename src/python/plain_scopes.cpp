// What C++ does for the length of a scope, as context managers.
//
//   with twofold.NameScope("layer"):
//       y = twofold.relu(x)
//
// A scope of C++ ends in the reverse order and on the thread of its start, or what it puts back is wrong:
// each thread keeps the open ones of a kind, and an exit that is not the innermost one's is refused.
#include "python/plain.h"
#include "python/plain_graph.h"
#include "twofold/collections.h"

namespace twofold::python {
namespace {

using Opener = std::function<std::shared_ptr<void>()>;

// `Kind` is a class of C++.
template <class Kind>
class ContextManager {
 public:
  explicit ContextManager(Opener open) : open_(std::move(open)) {}
  void enter() { entered().push_back({this, open_()}); }
  void exit(const char* name) { leave(entered(), this, name); }

 private:
  static std::vector<Entered>& entered() {
    static thread_local std::vector<Entered> list;
    return list;
  }
  Opener open_;
};

// `make(call)` checks the arguments and gives what opens the scope.
template <class Kind, class F>
void add_scope(nb::module_& m, const char* name, const char* signature, const char* doc, F make) {
  using Manager = ContextManager<Kind>;
  nb::class_<Manager> cls(m, name, doc);
  constructor<Manager>(cls, signature, "Opens when it is entered.",
                       [make](void* at, nb::handle, const Call& c) { new (at) Manager(make(c)); });
  add_method(cls, "def __enter__(self) -> Self", "Opens the scope.", [](nb::handle self, const Call& c) {
    self_as<Manager>(self, c.signature()).enter();
    return nb::borrow(self);
  });
  method<Manager>(cls, "def __exit__(self, *exception: object) -> None", "Ends the scope.",
                  [name](Manager& scope, const Call&) { scope.exit(name); });
}

}  // namespace

void leave(std::vector<Entered>& open, const void* scope, const char* name) {
  if (open.empty() || open.back().by != scope)
    throw StateError({.op = name,
                      .argument = "",
                      .got = "an exit that is not the innermost one's on its thread",
                      .expected = "scopes that end in the reverse order of their start"});
  const Entered ended = std::move(open.back());
  open.pop_back();
}

void add_scopes(nb::module_& m) {
  add_scope<NoGrad>(m, "NoGrad", "def __init__(self, off: bool = True) -> None",
                    "Gradients are not recorded on this thread.", [](const Call& c) -> Opener {
                      return [off = c["off"].flag(true)] { return std::make_shared<NoGrad>(off); };
                    });
  add_scope<StrictDtypes>(
      m, "StrictDtypes", "def __init__(self) -> None",
      "Operands of different dtypes are refused instead of promoted.",
      [](const Call&) -> Opener { return [] { return std::make_shared<StrictDtypes>(); }; });
  add_scope<NameScope>(m, "NameScope", "def __init__(self, name: str) -> None",
                       "Names of nodes are prefixed with \"name/\".", [](const Call& c) -> Opener {
                         return [name = c["name"].text()] { return std::make_shared<NameScope>(name); };
                       });
  add_scope<DeviceScope>(
      m, "DeviceScope", "def __init__(self, device: str) -> None",
      "What is made belongs on this device: 'cpu', 'cuda:0', '/device:GPU:0'; '' anywhere.",
      [](const Call& c) -> Opener {
        return [device = c["device"].text()] { return std::make_shared<DeviceScope>(device); };
      });
  add_scope<ControlDependencies>(m, "ControlDependencies",
                                 "def __init__(self, operations: Sequence[Operation]) -> None",
                                 "Nodes run after these.", [](const Call& c) -> Opener {
                                   return [operations = c["operations"].operations()] {
                                     return std::make_shared<ControlDependencies>(operations);
                                   };
                                 });
  add_scope<CollectionScope>(
      m, "CollectionScope", "def __init__(self) -> None",
      "Eager code collects into the innermost one of its thread.",
      [](const Call&) -> Opener { return [] { return std::make_shared<CollectionScope>(); }; });
}

}  // namespace twofold::python
