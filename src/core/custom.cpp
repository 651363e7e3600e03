#include "core/custom.h"

#include "core/record.h"

namespace twofold::core {
namespace {

Tensors custom_vjp(Vjp& c) {
  const auto& function = std::get<std::shared_ptr<Custom>>(c.attrs()[0]);
  Tensors gradients;
  for (int i = 0; i < static_cast<int>(c.attrs().integer(1)); ++i) gradients.push_back(c.g(i));
  Tensors out = function->backward(gradients);
  if (out.size() != static_cast<std::size_t>(c.inputs()))
    throw ValueError({.op = "custom",
                      .argument = "backward",
                      .got = std::to_string(out.size()) + " gradients",
                      .expected = std::to_string(c.inputs()) + ", one per input"});
  return out;
}

// No row of the table: nothing can be called by its name.
const Op& custom_op() {
  static const Op op{.name = "custom",
                     .sig = "*inputs: any, function: opaque, outputs: int",
                     .doc = "A function whose derivative the user wrote.",
                     .promote = Promote::none,
                     .hidden = true,
                     .vjp = custom_vjp};
  return op;
}

}  // namespace

void record_custom(std::span<Impl* const> inputs, std::span<const Tensor> outputs,
                   std::shared_ptr<Custom> function, const Location& where) {
  bool wanted = false;
  for (Impl* i : inputs) wanted |= i && i->needs_grad();
  if (!wanted || !grad_enabled()) return;
  Attrs attrs{Attr(std::move(function)), Attr(static_cast<std::int64_t>(outputs.size()))};
  record_history(custom_op(), inputs, attrs, where, outputs);
}

}  // namespace twofold::core
