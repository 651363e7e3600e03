// PyTorch's generator, and draws from it into tensors.
#include <nanobind/nanobind.h>

#include <algorithm>
#include <numeric>
#include <vector>

#include "core/alias.h"
#include "core/apply.h"
#include "core/torch_generator.h"
#include "python/bindings.h"
#include "python/errors.h"
#include "twofold/ops.h"

namespace nb = nanobind;

namespace twofold::python {
namespace {

using core::TorchGenerator;

// The axes by falling strides: PyTorch draws in the order of memory.
Dims memory_order(const Array& a) {
  std::vector<int> axes(static_cast<std::size_t>(a.rank()));
  std::iota(axes.begin(), axes.end(), 0);
  std::ranges::stable_sort(axes, [&](int x, int y) { return a.strides[x] > a.strides[y]; });
  Dims out;
  for (int axis : axes) out.push_back(axis);
  return out;
}

Dims inverse(const Dims& axes) {
  Dims out = axes;
  for (int i = 0; i < axes.size(); ++i) out[static_cast<int>(axes[i])] = i;
  return out;
}

// Gives a tensor of any layout drawn values, which counts as an edit of it.
template <class Fill>
void draw_into(nb::handle tensor, Fill fill) {
  Tensor& t = concrete_argument(tensor);
  const bool done = guarded(Face::torch, [&] {
    const core::LocationScope line(user_line());
    core::check_target(*t.impl(), "copy_");  // before anything is drawn
    const Array& a = t.impl()->array;
    const Dims axes = a.contiguous ? Dims() : memory_order(a);
    const Shape shape = a.contiguous ? a.shape : permute(t.detach(), axes).shape();
    Ref<core::Impl> drawn = core::allocate(t.dtype(), shape);
    fill(drawn->array);
    const Tensor values = core::handle(std::move(drawn));
    return t.copy_(a.contiguous ? values : permute(values, inverse(axes))), true;
  });
  if (!done) throw nb::python_error();
}

void draw_uniform(TorchGenerator& g, nb::handle t, double from, double to) {
  draw_into(t, [&](const Array& out) { core::fill_uniform(g, out, from, to); });
}
void draw_normal(TorchGenerator& g, nb::handle t, double mean, double deviation) {
  const bool gaps = !concrete_argument(t).impl()->array.contiguous;
  draw_into(t, [&](const Array& out) {
    (gaps ? core::fill_normal_one_by_one : core::fill_normal)(g, out, mean, deviation);
  });
}
void draw_integers(TorchGenerator& g, nb::handle t, std::int64_t low, std::int64_t high) {
  if (low >= high) throw nb::value_error("low must be below high");
  draw_into(t, [&](const Array& out) { core::fill_integers(g, out, low, high); });
}
void draw_any_integers(TorchGenerator& g, nb::handle t) {
  draw_into(t, [&](const Array& out) { core::fill_any_integers(g, out); });
}
void draw_bernoulli(TorchGenerator& g, nb::handle t, double probability) {
  draw_into(t, [&](const Array& out) { core::fill_bernoulli(g, out, probability); });
}
// Both row-major: the probabilities are given as they were drawn from.
void draw_bernoulli_each(TorchGenerator& g, nb::handle t, nb::handle probabilities) {
  const Tensor &to = concrete_argument(t), &p = concrete_argument(probabilities);
  if (!(to.shape() == p.shape())) throw nb::value_error("expected a probability for each element");
  draw_into(t, [&](const Array& out) { core::fill_bernoulli_each(g, out, p.impl()->array); });
}
void draw_permutation(TorchGenerator& g, nb::handle t) {
  const Array& a = concrete_argument(t).impl()->array;
  if (a.dtype != i64 || !a.contiguous) throw nb::type_error("expected a contiguous int64 tensor");
  core::fill_permutation(g, a);
}

nb::bytes state_of(const TorchGenerator& g) {
  const std::vector<std::byte> bytes = g.state();
  return nb::bytes(bytes.data(), bytes.size());
}
void set_state(TorchGenerator& g, nb::bytes state) {
  const bool done = guarded(Face::torch, [&] {
    g.set_state({static_cast<const std::byte*>(state.data()), state.size()});
    return true;
  });
  if (!done) throw nb::python_error();
}

}  // namespace

void bind_random(nb::module_& m) {
  nb::class_<TorchGenerator>(m, "TorchGenerator")
      .def(nb::init<std::uint64_t>())
      .def("manual_seed", &TorchGenerator::manual_seed)
      .def("initial_seed", &TorchGenerator::initial_seed)
      .def("state", state_of)
      .def("set_state", set_state)
      .def("uniform", draw_uniform)
      .def("normal", draw_normal)
      .def("integers", draw_integers)
      .def("any_integers", draw_any_integers)
      .def("bernoulli", draw_bernoulli)
      .def("bernoulli_each", draw_bernoulli_each)
      .def("permutation", draw_permutation);
  m.def("torch_generator", &core::default_torch_generator, nb::rv_policy::reference);
}

}  // namespace twofold::python
