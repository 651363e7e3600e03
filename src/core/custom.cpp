#include "core/custom.h"

#include <algorithm>

#include "core/derive.h"
#include "core/record.h"
#include "kernels/index.h"
#include "twofold/function.h"

namespace twofold::core {
namespace {

// The attributes of the operation. Its inputs are the function's, then what else is kept, then, in a graph,
// the outputs as they were computed; its outputs are copies of these.
struct Form {
  const std::shared_ptr<Custom>& function;
  int inputs, outputs;
  const Dims& kept;  // places: inputs of the operation, and after `others` of them its outputs
  int others;        // the inputs that it has in both modes
};

Attrs attrs_of(std::shared_ptr<Custom> function, std::size_t inputs, std::size_t outputs, const Dims& kept,
               std::size_t others) {
  return {Attr(std::move(function)), Attr(static_cast<std::int64_t>(inputs)),
          Attr(static_cast<std::int64_t>(outputs)), Attr(kept), Attr(static_cast<std::int64_t>(others))};
}

Form form_of(const Attrs& attrs) {
  const auto whole = [&](int i) { return static_cast<int>(attrs.integer(i)); };
  return {std::get<std::shared_ptr<Custom>>(attrs[0]), whole(1), whole(2), attrs.dims(3), whole(4)};
}

bool may_come_from(const Shape& want, const Shape& got) {
  if (!want.known() || !got.known()) return true;
  if (got.rank() < want.rank()) return false;
  for (int d = 1; d <= want.rank(); ++d) {
    const std::int64_t w = want[want.rank() - d], g = got[got.rank() - d];
    if (w != 1 && w != g && w >= 0 && g >= 0) return false;
  }
  return true;
}

// What the user's derivative gave for input i, of that input's dtype and shape: it may be of the shape that
// the input broadcast to, but of no other.
Tensor fitted(Tensor gradient, Vjp& c, int i) {
  const Tensor like = c.like(i);
  if (!may_come_from(like.shape(), gradient.shape()))
    throw ShapeError({.op = "custom",
                      .argument = "gradient " + std::to_string(i),
                      .got = to_string(gradient.shape()),
                      .expected = "the input's shape " + to_string(like.shape())});
  gradient = gradient.dtype() == like.dtype() ? gradient : gradient.to(like.dtype());
  return sum_to(gradient, {like.dtype(), like.shape()}, c, i);
}

Tensors custom_vjp(Vjp& c) {
  const Form f = form_of(c.attrs());
  if (!f.function)
    throw StateError({.op = "custom",
                      .argument = "",
                      .got = "a function whose graph is gone",
                      .expected = "the graph to be held while gradients() needs it"});
  Tensors gradients, kept;
  for (int i = 0; i < f.outputs; ++i) gradients.push_back(c.g(i));
  for (std::int64_t place : f.kept) {
    const int p = static_cast<int>(place);
    kept.push_back(p < f.others ? c.x(p) : c.y(p - f.others));
  }
  Tensors out = f.function->backward(gradients, kept);
  if (out.size() != static_cast<std::size_t>(f.inputs))
    throw ValueError({.op = "custom",
                      .argument = "backward",
                      .got = std::to_string(out.size()) + " gradients",
                      .expected = std::to_string(f.inputs) + ", one per input"});
  out.resize(static_cast<std::size_t>(c.inputs()));
  for (int i = 0; i < f.inputs; ++i) {
    Tensor& gradient = out[static_cast<std::size_t>(i)];
    if (gradient.defined() && c.needs(i)) gradient = fitted(gradient, c, i);
  }
  return out;
}

void infer_custom(Infer& c) {
  const auto outputs = static_cast<std::size_t>(form_of(c.attrs).outputs);
  for (const Meta& m : c.in.subspan(c.in.size() - outputs)) c.out.push_back(m);
}

void run_custom(const Call& c) {
  const std::size_t first = c.in.size() - c.out.size();
  for (std::size_t i = 0; i < c.out.size(); ++i) copy(*c.in[first + i], *c.out[i]);
}

// No row of the table: nothing can be called by its name.
const Op& custom_op() {
  static const Op op{
      .name = "custom",
      .sig = "*inputs: any, function: opaque, inputs: int, outputs: int, kept: ints, others: int",
      .doc = "A function whose derivative the user wrote.",
      .promote = Promote::none,
      .hidden = true,
      .infer = infer_custom,
      .cpu = run_custom,
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

// Where each kept tensor stands among the operation's inputs and outputs; others become inputs.
Dims places_of(const Tensors& kept, Tensors& inputs, const Tensors& outputs) {
  const auto find = [](const Tensors& list, const Tensor& t) {
    return std::ranges::find_if(list, [&](const Tensor& o) { return o.impl() == t.impl(); }) - list.begin();
  };
  for (const Tensor& t : kept)
    if (find(inputs, t) == std::ssize(inputs) && find(outputs, t) == std::ssize(outputs)) inputs.push_back(t);
  Dims places;
  for (const Tensor& t : kept) {
    const auto in = find(inputs, t);
    places.push_back(in < std::ssize(inputs) ? in : std::ssize(inputs) + find(outputs, t));
  }
  return places;
}

// Bits of the first 16 inputs and outputs, as Op::saves has them; all where a later one is kept.
std::uint32_t saves_at(const Dims& places, std::int64_t inputs) {
  std::uint32_t in = 0, out = 0;
  for (std::int64_t p : places) {
    std::uint32_t& mask = p < inputs ? in : out;
    const std::int64_t k = p < inputs ? p : p - inputs;
    mask |= k < 15 ? 1u << k : std::uint32_t{all_inputs};
  }
  return in | out << 16;
}

Tensors record_custom(const Tensors& inputs, const Tensors& outputs, std::shared_ptr<Custom> function,
                      const Tensors& kept, const Location& where) {
  Tensors all = inputs;
  const Dims places = places_of(kept, all, outputs);
  const Attrs attrs = attrs_of(std::move(function), inputs.size(), outputs.size(), places, all.size());
  Tensors with_outputs = all;
  with_outputs.insert(with_outputs.end(), outputs.begin(), outputs.end());
  const Handles in(all), everything(with_outputs);
  if (!grad_enabled() || outputs.empty()) return outputs;
  if (Recorder* graph = recorder_for(everything.span()))
    return graph->record(custom_op(), everything.span(), attrs, where);
  if (std::ranges::none_of(inputs, [](const Tensor& t) { return t.requires_grad(); })) return outputs;
  Tensors made;
  for (const Tensor& t : outputs) made.push_back(t.detach());
  record_history(custom_op(), in.span(), attrs, where, made, saves_at(places, std::ssize(all)));
  return made;
}

}  // namespace twofold::core

namespace twofold {
namespace {

// Keeps its inputs and outputs, in this order.
class CustomFunction final : public core::Custom {
 public:
  CustomFunction(std::size_t inputs, std::function<Tensors(const CustomCall&)> backward)
      : inputs_(static_cast<std::ptrdiff_t>(inputs)), backward_(std::move(backward)) {}
  Tensors backward(const Tensors& gradients, const Tensors& kept) override {
    const Tensors inputs(kept.begin(), kept.begin() + inputs_), outputs(kept.begin() + inputs_, kept.end());
    return backward_({gradients, inputs, outputs});
  }

 private:
  std::ptrdiff_t inputs_;
  std::function<Tensors(const CustomCall&)> backward_;
};

}  // namespace

Tensors custom_function(const Tensors& inputs, const std::function<Tensors(const Tensors& inputs)>& forward,
                        std::function<Tensors(const CustomCall&)> backward, std::source_location at) {
  return core::located("custom", at, [&] {
    Tensors outputs;
    {
      NoGrad off;
      outputs = forward(inputs);
    }
    Tensors kept = inputs;
    kept.insert(kept.end(), outputs.begin(), outputs.end());
    auto function = std::make_shared<CustomFunction>(inputs.size(), std::move(backward));
    return core::record_custom(inputs, outputs, std::move(function), kept, core::inherited_location(at));
  });
}

}  // namespace twofold
