// Functions of the user's inside the engine: derivatives and control flow.
#include "core/apply.h"
#include "core/custom.h"
#include "python/errors.h"
#include "python/plain.h"
#include "python/plain_graph.h"
#include "twofold/control.h"

namespace twofold::python {
namespace {

// What a function of the user's gave: one tensor or a list, `absent` ones where they may be.
struct Answer {
  Tensors tensors;
  bool one = false;

  nb::object shaped_as_this(const Tensors& values) const {
    return one && values.size() == 1 ? to_result(values[0]) : to_result(values);
  }
};

Answer answer_of(const Given& g) {
  if (g.is_one()) return {{g.tensor()}, true};
  return {g.tensors(), false};
}

// --- custom functions

// What a derivative is given: CustomCall in Python.
struct CustomArguments {
  Tensors gradients, inputs, outputs;
};

class DerivativeOfUser final : public HeldFunction {
 public:
  DerivativeOfUser(Held f, std::size_t inputs)
      : HeldFunction(std::move(f)), inputs_(static_cast<std::ptrdiff_t>(inputs)) {}

  // In whichever face's backward walk: an error in Python passes through the engine as the one that is set.
  Tensors backward(const Tensors& gradients, const Tensors& kept) override {
    const core::OwnLines own;
    try {
      CustomArguments c{
          gradients, {kept.begin(), kept.begin() + inputs_}, {kept.begin() + inputs_, kept.end()}};
      const nb::tuple arguments = nb::make_tuple(nb::cast(std::move(c)));
      const nb::object result = nb::steal(held()(Py_NewRef(arguments.ptr()), "custom"));
      if (!result.is_valid()) throw nb::python_error();
      return gradients_of(result);
    } catch (nb::python_error& e) {
      e.restore();
      python_raised();
    }
  }

 private:
  static Tensors gradients_of(nb::handle result) {
    static const Signature call("def custom(backward: object) -> None");
    const Given given(call, "backward", result);
    if (given.absent() || given.is_one()) return {given.absent() ? Tensor() : given.tensor()};
    Tensors out;
    for (const nb::object& o : given.items("a list of gradients"))
      out.push_back(o.is_none() ? Tensor() : Given(call, "backward", o).tensor());
    return out;
  }

  std::ptrdiff_t inputs_;
};

nb::object make_custom(const Call& c) {
  const Tensors inputs = c["inputs"].tensors();
  const nb::callable forward = c["forward"].callable(), backward = c["backward"].callable();
  Answer answer;
  {
    const NoGrad off;
    const nb::object made = call_user(forward, to_result(inputs));
    answer = answer_of(Given(c.signature(), "forward", made));
  }
  Tensors kept = inputs;
  kept.insert(kept.end(), answer.tensors.begin(), answer.tensors.end());
  const core::Handles operands(kept);
  Held derivative = held(backward.ptr(), core::recorder_for(operands.span()));
  auto function = std::make_shared<DerivativeOfUser>(std::move(derivative), inputs.size());
  const Tensors out = core::located("custom", user_line(), [&] {
    return core::record_custom(inputs, answer.tensors, std::move(function), kept, user_line());
  });
  nb::list results;
  for (const Tensor& t : out) {
    const nb::object made = to_result(t);
    if (!made.is_none()) track(made.ptr());
    results.append(made);
  }
  return answer.one && results.size() == 1 ? nb::object(results[0]) : results;
}

// --- control flow

nb::object make_cond(const Call& c) {
  const nb::callable then = c["then"].callable(), otherwise = c["otherwise"].callable();
  const Tensor condition = c["condition"].tensor();
  const TracingFor graph({condition});
  Answer first;
  const auto branch = [&](const nb::callable& f, const char* name) {
    const nb::object made = call_user(f);
    Answer answer = answer_of(Given(c.signature(), name, made));
    if (first.tensors.empty()) first = answer;
    return answer.tensors;
  };
  const Tensors out = cond(
      condition, [&] { return branch(then, "then"); }, [&] { return branch(otherwise, "otherwise"); });
  return first.shaped_as_this(out);
}

nb::object make_while_loop(const Call& c) {
  const nb::callable condition = c["condition"].callable(), body = c["body"].callable();
  const Tensors variables = c["variables"].tensors();
  const TracingFor graph(variables);
  const auto holds = [&](const Tensors& v) {
    const nb::object made = call_user(condition, to_result(v));
    return Given(c.signature(), "condition", made).tensor();
  };
  const auto next = [&](const Tensors& v) {
    const nb::object made = call_user(body, to_result(v));
    return answer_of(Given(c.signature(), "body", made)).tensors;
  };
  return to_result(while_loop(holds, next, variables, c["maximum_iterations"].integer(-1)), c["variables"]);
}

}  // namespace

void add_user_functions(nb::module_& m) {
  nb::class_<CustomArguments> call(m, "CustomCall",
                                   "What a derivative is given: it reads its tensors from here.");
  attribute<CustomArguments>(call, "def gradients(self) -> list[Tensor | None]",
                             "One per output; None where none arrived.",
                             [](CustomArguments& c) { return c.gradients; });
  attribute<CustomArguments>(call, "def inputs(self) -> list[Tensor]", "Of the function.",
                             [](CustomArguments& c) { return c.inputs; });
  attribute<CustomArguments>(call, "def outputs(self) -> list[Tensor]", "Of the function.",
                             [](CustomArguments& c) { return c.outputs; });
  define(
      m,
      "def custom_function(inputs: Tensors, forward: Callable[[list[Tensor]], Tensors], backward: "
      "Callable[[CustomCall], Tensors]) -> Any",
      "forward(inputs), as one operation whose derivative calls backward(call), which gives one gradient per "
      "input.",
      make_custom);
  define(
      m, "def cond(condition: Operand, then: Callable[[], Tensors], otherwise: Callable[[], Tensors]) -> Any",
      "then() if `condition`, a bool scalar, holds, else otherwise(); both give the same dtypes and shapes.",
      make_cond);
  define(
      m,
      "def while_loop(condition: Callable[[list[Tensor]], Operand], body: Callable[[list[Tensor]], Tensors], "
      "variables: Tensors, maximum_iterations: int = -1) -> Any",
      "While condition(variables) holds, variables = body(variables). The functions are traced once.",
      make_while_loop);
  m.attr("HookHandle") = nb::type<HookHandle>();
}

}  // namespace twofold::python
