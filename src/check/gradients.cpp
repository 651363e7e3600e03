// Derivatives against central differences, in f64.
//
// L = the weighted sum of the outputs. Along a direction d: (L(x + h d) - L(x - h d)) / 2h must be <grad L,
// d>. Small samples are tried along every axis, large ones along a few directions that touch every element.
#include <fmt/format.h>

#include <bit>
#include <cmath>

#include "check/checks.h"
#include "check/element.h"
#include "check/operands.h"
#include "check/reference.h"
#include "core/impl.h"

namespace twofold::check {
namespace {

constexpr double step = 1e-5, tolerance = 2e-6;
constexpr std::int64_t few_elements = 40, many_elements = 20000;

// One number per element of every operand that has a gradient.
using Direction = std::vector<std::vector<double>>;

bool differences_apply(const Trial& trial) {
  std::int64_t elements = 0, floats = 0;
  for (std::size_t i = 0; i < trial.inputs().size(); ++i) {
    if (trial.sample().operands[i].range == Range::special) return false;
    elements += trial.inputs()[i].numel();
    floats += trial.differentiable(static_cast<int>(i));
  }
  return floats > 0 && elements > 0 && elements <= many_elements && trial.expected().error.empty() &&
         trial.expected().values[0].dtype == f64;
}

std::vector<std::int64_t> sizes(const Trial& trial) {
  std::vector<std::int64_t> out;
  for (std::size_t i = 0; i < trial.inputs().size(); ++i)
    out.push_back(trial.differentiable(static_cast<int>(i)) ? trial.inputs()[i].numel() : 0);
  return out;
}

Direction hashed_direction(const Trial& trial, std::uint64_t key) {
  Direction d;
  for (std::int64_t n : sizes(trial)) {
    d.emplace_back();
    for (std::int64_t i = 0; i < n; ++i) d.back().push_back(2 * hashed(key + d.size(), i) - 1);
  }
  return d;
}

std::vector<Direction> directions(const Trial& trial) {
  std::int64_t total = 0;
  for (std::int64_t n : sizes(trial)) total += n;
  if (total > few_elements) return {hashed_direction(trial, 1), hashed_direction(trial, 2)};
  std::vector<Direction> out;
  const std::vector<std::int64_t> n = sizes(trial);
  for (std::size_t k = 0; k < n.size(); ++k)
    for (std::int64_t i = 0; i < n[k]; ++i) {
      Direction axis;
      for (std::int64_t m : n) axis.emplace_back(static_cast<std::size_t>(m), 0.0);
      axis[k][static_cast<std::size_t>(i)] = 1;
      out.push_back(std::move(axis));
    }
  return out;
}

Tensors moved(const Trial& trial, const Direction& d, double by) {
  Tensors out;
  for (std::size_t k = 0; k < d.size(); ++k) {
    const Tensor& x = trial.inputs()[k];
    if (d[k].empty()) {
      out.push_back(x);
      continue;
    }
    out.emplace_back(core::allocate(x.dtype(), x.shape()));
    for (std::size_t i = 0; i < d[k].size(); ++i) {
      const auto at = static_cast<std::int64_t>(i);
      store(out[k].impl()->array, at, load(x.impl()->array, at) + by * d[k][i]);
    }
  }
  return out;
}

double weighted_sum(const Trial& trial, const Tensors& inputs) {
  const Tensors outputs = call(trial.op(), inputs, trial.attrs());
  double total = 0;
  for (std::size_t k = 0; k < outputs.size(); ++k) {
    const Tensor& y = outputs[k];
    const Tensor w = trial.weights(static_cast<int>(k), y.dtype(), y.shape());
    for (std::int64_t i = 0; is_floating(y.dtype()) && i < y.numel(); ++i)
      total += load(w.impl()->array, i) * load(y.impl()->array, i);
  }
  return total;
}

// <gradients, d>; an undefined gradient is zero.
double along(const std::vector<Bits>& gradients, const Direction& d) {
  double total = 0;
  for (std::size_t k = 0; k < d.size(); ++k)
    for (std::size_t i = 0; gradients[k].defined && i < d[k].size(); ++i)
      total += std::bit_cast<double>(gradients[k].words[i]) * d[k][i];
  return total;
}

std::string apart(double got, double expected) {
  if (std::fabs(got - expected) <= tolerance * (1 + std::fabs(expected))) return "";
  return fmt::format("{}, expected {} by differences", got, expected);
}

// The weights of the first gradients in the sum whose gradients are the second ones.
Direction second_weights(const Trial& trial) {
  Direction out;
  for (std::size_t k = 0; k < trial.inputs().size(); ++k) {
    out.emplace_back();
    if (!trial.differentiable(static_cast<int>(k))) continue;
    const Tensor& x = trial.inputs()[k];
    out.back() = to_reference(trial.second_weights(static_cast<int>(k), x.dtype(), x.shape())).values;
  }
  return out;
}

// Each gradient must have its input's dtype and shape.
std::string wrong_shape(const Trial& trial) {
  for (std::size_t i = 0; i < trial.inputs().size(); ++i) {
    const Bits& g = trial.expected().gradients[i];
    const Tensor& x = trial.inputs()[i];
    if (g.defined && (g.dtype != x.dtype() || !(g.shape == x.shape())))
      return describe(g) + ", expected " + std::string(name_of(x.dtype())) + to_string(x.shape());
  }
  return "";
}

}  // namespace

void check_first_derivative(const Trial& original, Report& report) {
  if (!original.expected().error.empty()) return;
  report.check(original, "the gradient's shape", wrong_shape(original));
  const Trial trial = Trial::in_f64(original.op(), original.sample());
  if (!differences_apply(trial)) return;
  const std::vector<Bits>& gradients = trial.expected().gradients;
  if (!trial.op().differences) {
    const Bits& y = trial.expected().values[0];
    return report.check(trial, "the gradient goes straight through",
                        difference(gradients[0], bits_of(trial.weights(0, y.dtype, y.shape))));
  }
  const NoGrad off;
  for (const Direction& d : directions(trial)) {
    const double up = weighted_sum(trial, moved(trial, d, step));
    const double down = weighted_sum(trial, moved(trial, d, -step));
    report.check(trial, "first derivative", apart(along(gradients, d), (up - down) / (2 * step)));
  }
}

void check_second_derivative(const Trial& original, Report& report) {
  const Trial trial = Trial::in_f64(original.op(), original.sample());
  if (!differences_apply(trial) || !trial.op().differences) return;
  const Outcome second = run_eager_twice(trial);
  report.check(trial, "second derivative without error", second.message);
  if (!second.error.empty()) return;
  const Direction v = second_weights(trial);
  for (const std::uint64_t key : {3, 4}) {
    const Direction u = hashed_direction(trial, key);
    const double up = along(run_eager(trial, moved(trial, u, step)).gradients, v);
    const double down = along(run_eager(trial, moved(trial, u, -step)).gradients, v);
    report.check(trial, "second derivative", apart(along(second.gradients, u), (up - down) / (2 * step)));
  }
}

void check_second_in_graph(const Trial& trial, Report& report) {
  bool any = false;
  for (std::size_t i = 0; i < trial.inputs().size(); ++i) any |= trial.differentiable(static_cast<int>(i));
  if (!any || !trial.expected().error.empty()) return;
  report.check(trial, "second derivative in a graph",
               difference(run_graph_twice(trial), run_eager_twice(trial)));
}

}  // namespace twofold::check
