#include "core/custom.h"

#include "core/record.h"
#include "kernels/index.h"

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

void infer_host(Infer& c) {
  for (std::int64_t d : c.attrs.dims(1)) c.out.push_back({static_cast<Dtype>(d), Shape::unknown_rank()});
}

Tensors call_host(const Produce& c) {
  Tensors copies;
  for (const Tensor& t : c.in) {
    Ref<Impl> own = allocate(t.dtype(), t.shape());
    copy(t.impl()->array, own->array);
    copies.push_back(handle(std::move(own)));
  }
  Tensors out = std::get<std::shared_ptr<Host>>(c.attrs[0])->call(copies);
  const Dims& promised = c.attrs.dims(1);
  bool kept = static_cast<int>(out.size()) == promised.size();
  for (int i = 0; kept && i < promised.size(); ++i)
    kept = out[static_cast<std::size_t>(i)].dtype() == static_cast<Dtype>(promised[i]);
  if (!kept)
    throw ValueError({.op = "host",
                      .argument = "function",
                      .got = std::to_string(out.size()) + " results",
                      .expected = std::to_string(promised.size()) + ", of the promised dtypes"});
  return out;
}

}  // namespace

const Op& host_op() {
  static const Op op{.name = "host",
                     .sig = "*inputs: any, function: opaque, dtypes: ints",
                     .doc = "A call out of the graph.",
                     .promote = Promote::none,
                     .effect = Effect::state,
                     .hidden = true,
                     .infer = infer_host,
                     .produce = call_host};
  return op;
}

Tensors record_host(Recorder& graph, std::span<Impl* const> inputs, std::shared_ptr<Host> function,
                    std::span<const Dtype> outputs, const Location& where) {
  Dims dtypes;
  for (Dtype d : outputs) dtypes.push_back(static_cast<std::int64_t>(d));
  return graph.record(host_op(), inputs, Attrs{Attr(std::move(function)), Attr(dtypes)}, where);
}

void record_custom(std::span<Impl* const> inputs, std::span<const Tensor> outputs,
                   std::shared_ptr<Custom> function, const Location& where) {
  bool wanted = false;
  for (Impl* i : inputs) wanted |= i && i->needs_grad();
  if (!wanted || !grad_enabled()) return;
  Attrs attrs{Attr(std::move(function)), Attr(static_cast<std::int64_t>(outputs.size()))};
  record_history(custom_op(), inputs, attrs, where, outputs);
}

}  // namespace twofold::core
