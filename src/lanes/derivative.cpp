// Program::vjp: reverse accumulation over the named-function level.
#include <algorithm>
#include <numbers>
#include <optional>

#include "lanes/builder.h"
#include "twofold/error.h"

namespace twofold::lanes {
namespace {

using Gradients = std::vector<std::optional<Lane>>;  // one per operand; absent where it is zero

// The instruction being differentiated, in lanes of the derivative program.
struct Node {
  Opcode op;
  std::span<const Lane> x;  // operands
  Lane y, g;                // result, and its gradient
  int order = 0;            // of a polygamma
};

Lane zero_like(Lane a) { return a.builder->constant(0, a.type()); }
Lane one_minus(Lane a) { return 1.0 - a; }

// A tie gives half to each; a NaN, which the result then is, gives all to both.
Lane share(const Node& n, Lane loses) {
  return select(n.x[0] == n.x[1], n.g * 0.5, select(loses, zero_like(n.g), n.g));
}

Gradients arithmetic_gradients(const Node& n) {
  const auto& [op, x, y, g, order] = n;
  switch (op) {
    case Opcode::add:
      return {g, g};
    case Opcode::sub:
      return {g, -g};
    case Opcode::mul:
      return {g * x[1], g * x[0]};
    case Opcode::div: {
      const Lane quotient = g / x[1];
      return {quotient, -(quotient * y)};
    }
    case Opcode::fmod:  // (x - y) / x1 is the whole number of times that x1 was taken away
      return {g, -(g * round_even((x[0] - y) / x[1]))};
    case Opcode::fma:
      return {g * x[1], g * x[0], g};
    case Opcode::neg:
      return {-g};
    case Opcode::abs:
      return {select(x[0] > 0.0, g, select(x[0] < 0.0, -g, zero_like(g)))};
    case Opcode::min:
      return {share(n, x[1] < x[0]), share(n, x[0] < x[1])};
    case Opcode::max:
      return {share(n, x[0] < x[1]), share(n, x[1] < x[0])};
    case Opcode::sqrt:
      return {g / (y * 2.0)};
    case Opcode::select:
      return {std::nullopt, select(x[0], g, zero_like(g)), select(x[0], zero_like(g), g)};
    case Opcode::convert:
      return {convert(g, x[0].type())};
    default:
      return {};  // rounding, comparisons, bits: zero
  }
}

// Where the exponent is 0 the power is constant; where the base is 0, log(0) must not spoil a zero.
Gradients pow_gradients(const Node& n) {
  const auto& [op, x, y, g, order] = n;
  const Lane base = x[0], exponent = x[1], zero = zero_like(g);
  const Lane by_base = g * (exponent * pow(base, exponent - 1.0));
  const Lane by_exponent = g * (y * log(base));
  const Lane at_zero = (base == zero) & (exponent >= 0.0);
  return {select(exponent == zero, zero, by_base), select(at_zero, zero, by_exponent)};
}

// 1 - x^2 without cancellation where x^2 is near 1.
Lane one_minus_square(Lane x) { return one_minus(x) * (x + 1.0); }

Gradients more_gradients(const Node& n) {
  const auto& [op, x, y, g, order] = n;
  const Lane a = x[0];
  switch (op) {
    case Opcode::tan:
      return {g * (y * y + 1.0)};
    case Opcode::asin:
      return {g / sqrt(one_minus_square(a))};
    case Opcode::acos:
      return {-(g / sqrt(one_minus_square(a)))};
    case Opcode::atan:
      return {g / (a * a + 1.0)};
    case Opcode::atan2: {  // at the origin 0
      const Lane sum = a * a + x[1] * x[1];
      const Lane squares = select(sum == 0.0, sum + 1.0, sum);
      return {g * (x[1] / squares), -(g * (a / squares))};
    }
    case Opcode::sinh:
      return {g * cosh(a)};
    case Opcode::cosh:
      return {g * sinh(a)};
    case Opcode::asinh:
      return {g / sqrt(a * a + 1.0)};
    case Opcode::acosh:
      return {g / sqrt((a - 1.0) * (a + 1.0))};
    case Opcode::atanh:
      return {g / one_minus_square(a)};
    case Opcode::exp2:
      return {g * (y * std::numbers::ln2)};
    case Opcode::log2:
      return {g / (a * std::numbers::ln2)};
    case Opcode::log10:
      return {g / (a * std::numbers::ln10)};
    case Opcode::lgamma:
      return {g * polygamma(a, 0)};
    default:
      return {g * polygamma(a, order + 1)};
  }
}

Gradients named_gradients(const Node& n) {
  const auto& [op, x, y, g, order] = n;
  constexpr double slope = 2 * std::numbers::inv_sqrtpi;  // of erf at 0
  const Lane a = x[0];
  switch (op) {
    case Opcode::exp:
      return {g * y};
    case Opcode::expm1:
      return {g * (y + 1.0)};
    case Opcode::log:
      return {g / a};
    case Opcode::log1p:
      return {g / (a + 1.0)};
    case Opcode::sin:
      return {g * cos(a)};
    case Opcode::cos:
      return {-(g * sin(a))};
    case Opcode::tanh:
      return {g * one_minus(y * y)};
    case Opcode::sigmoid:
      return {g * (y * one_minus(y))};
    case Opcode::erf:
      return {g * (exp(-(a * a)) * slope)};
    case Opcode::erfc:
      return {g * (exp(-(a * a)) * -slope)};
    case Opcode::rsqrt:
      return {g * (y * y * y * -0.5)};
    case Opcode::pow:
      return pow_gradients(n);
    default:
      return more_gradients(n);
  }
}

class Differentiator {
 public:
  Differentiator(const Program& program, int input) : forward_(program.instructions()), program_(program) {
    std::vector<Type> types = program.input_types();
    types.push_back(program.result_type());
    types.push_back(program.result_type());
    builder_.emplace(types);
    copy_forward();
    mark_active(input);
  }
  Program run();

 private:
  struct Term {
    Id user;
    Lane value;
  };
  void copy_forward();
  void mark_active(int input);
  void propagate(Id id);
  std::optional<Lane> gradient_of(Id id);

  const std::vector<Instr>& forward_;
  const Program& program_;
  std::optional<Builder> builder_;
  std::vector<Lane> lanes_;   // the forward values, the result replaced by y
  std::vector<bool> active_;  // depends on the input through floats
  std::vector<std::vector<Term>> terms_;
};

void Differentiator::copy_forward() {
  for (std::size_t i = 0; i < forward_.size(); ++i) {
    std::vector<Lane> operands;
    for (Id operand : Operands(forward_[i])) operands.push_back(lanes_[operand]);
    const bool replaced = i == program_.result() && !is_leaf(forward_[i].op);
    lanes_.push_back(replaced ? builder_->input(program_.inputs()) : builder_->copy(forward_[i], operands));
  }
}

void Differentiator::mark_active(int input) {
  active_.resize(forward_.size());
  terms_.resize(forward_.size());
  for (std::size_t i = 0; i < forward_.size(); ++i) {
    const Instr& instr = forward_[i];
    active_[i] = instr.op == Opcode::input && instr.imm == static_cast<std::uint64_t>(input);
    for (Id operand : Operands(instr)) active_[i] = active_[i] || active_[operand];
    active_[i] = active_[i] && is_float(instr.type) && instr.op != Opcode::bitcast;
  }
}

// Terms arrive from the last user to the first, and are added from the first to the last.
std::optional<Lane> Differentiator::gradient_of(Id id) {
  std::vector<Term>& terms = terms_[id];
  std::ranges::stable_sort(terms, {}, &Term::user);
  std::optional<Lane> sum;
  for (const Term& term : terms) sum = sum ? *sum + term.value : term.value;
  return sum;
}

void Differentiator::propagate(Id id) {
  const Operands operands(forward_[id]);
  const std::optional<Lane> g = gradient_of(id);
  if (!g) return;
  std::vector<Lane> x;
  for (Id operand : operands) x.push_back(lanes_[operand]);
  const Node node{forward_[id].op, x, lanes_[id], *g, static_cast<int>(forward_[id].imm)};
  const Gradients gradients = is_named(node.op) ? named_gradients(node) : arithmetic_gradients(node);
  for (std::size_t k = 0; k < gradients.size(); ++k)
    if (gradients[k] && active_[operands.ids[k]]) terms_[operands.ids[k]].push_back({id, *gradients[k]});
}

Program Differentiator::run() {
  const Id result = program_.result();
  terms_[result].push_back({result, builder_->input(program_.inputs() + 1)});
  std::optional<Lane> gradient;
  for (std::size_t i = result + 1u; i-- > 0;) {
    if (!active_[i]) continue;
    if (forward_[i].op == Opcode::input)
      gradient = gradient_of(static_cast<Id>(i));
    else
      propagate(static_cast<Id>(i));
  }
  return builder_->finish(gradient ? *gradient : zero_like(lanes_[result]));
}

}  // namespace

Program Program::vjp(int input) const {
  if (input < 0 || input >= inputs())
    throw InternalError(
        {"lanes::Program::vjp", "input", std::to_string(input), "below " + std::to_string(inputs())});
  const bool floats =
      !empty() && is_float(result_type()) && is_float(input_types_[static_cast<std::size_t>(input)]);
  if (!floats || !uses_input(input)) return {};
  return Differentiator(*this, input).run();
}

}  // namespace twofold::lanes
