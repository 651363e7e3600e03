// What each instruction of a fuzzed program means, in both modes.
#include "check/fuzz_program.h"
#include "core/apply.h"
#include "twofold/control.h"
#include "twofold/ops.h"

namespace twofold::check {
namespace {

constexpr int generator_count = 4;

core::Attrs drawing_from(const core::Op& op, const core::Attrs& attrs, const Generator& generator) {
  std::vector<core::Attr> values;
  for (int i = 0; i < attrs.size(); ++i)
    values.push_back(op.sig.attr(i).kind == core::Kind::generator ? core::Attr(generator) : attrs[i]);
  return core::Attrs(std::move(values));
}

// Only what the program owns may be written to: a graph holds a copy of a constant.
bool is_constant(const FuzzProgram& program, int slot) {
  return slot < static_cast<int>(program.inputs.size()) &&
         program.inputs[static_cast<std::size_t>(slot)].role == Role::constant;
}

}  // namespace

World::World(const FuzzProgram& program) {
  for (std::size_t i = 0; i < program.inputs.size(); ++i) {
    const Input& input = program.inputs[i];
    const bool variable = input.role == Role::parameter || input.role == Role::buffer;
    const Tensor start = variable ? make_operand(input.operand, input.key) : Tensor();
    variables.push_back(!variable                       ? Tensor()
                        : input.role == Role::parameter ? parameter(start)
                                                        : buffer(start));
  }
  for (int g = 0; g < generator_count; ++g)
    generators.push_back(
        Generator(program.seed, static_cast<std::uint64_t>(program.number * generator_count + g)));
}

Tensor input_value(const FuzzProgram& program, std::size_t input, int run) {
  const Input& i = program.inputs[input];
  if (i.role == Role::constant) return make_operand(i.operand, i.key);
  Operand operand = i.operand;
  if (i.resized) {
    Dims dims = operand.shape.dims();
    dims[0] += run;
    operand.shape = Shape(dims);
  }
  return make_operand(operand, i.key + static_cast<std::uint64_t>(run));
}

Tensors eager_inputs(const FuzzProgram& program, const World& world, int run) {
  Tensors out;
  for (std::size_t i = 0; i < program.inputs.size(); ++i) {
    Tensor t = world.variables[i];
    if (!t.defined()) t = input_value(program, i, run);
    if (program.inputs[i].role == Role::feed) {
      if (is_floating(t.dtype())) t = t.detach().set_requires_grad();
      t = identity(t);
    }
    out.push_back(t);
  }
  return out;
}

void Interpreter::run() {
  for (position_ = 0; position_ < static_cast<int>(program_.body.size()); ++position_)
    step(program_.body[static_cast<std::size_t>(position_)]);
}

// An instruction whose operand is no gradient (none flowed) does nothing.
void Interpreter::step(const Instruction& i) {
  for (int slot : i.operands)
    if (!slots_[static_cast<std::size_t>(slot)].defined()) return slots_.push_back({});
  slots_.push_back(result(i));
}

Tensor Interpreter::result(const Instruction& i) {
  switch (i.verb) {
    case Verb::write:
      return write(i);
    case Verb::assign:
      return assigned(i);
    case Verb::gradient:
    case Verb::backward:
      return gradient(i);
    case Verb::cond:
      return chosen(i);
    case Verb::loop:
      return looped(i);
    default:
      return row(i, {});
  }
}

Tensor Interpreter::operand(int slot, const Tensors& locals) const {
  return slot >= 0 ? slots_[static_cast<std::size_t>(slot)] : locals[static_cast<std::size_t>(-1 - slot)];
}

Tensor Interpreter::row(const Instruction& i, const Tensors& locals) {
  Tensors in;
  for (int slot : i.operands) in.push_back(operand(slot, locals));
  if (i.generator < 0) return core::apply(*i.op, in, i.attrs)[0];
  const Generator& g = world_.generators[static_cast<std::size_t>(i.generator)];
  return core::apply(*i.op, in, drawing_from(*i.op, i.attrs, g))[0];
}

Tensor Interpreter::write(const Instruction& i) {
  if (is_constant(program_, i.operands[0])) return {};
  Tensor target = operand(i.operands[0], {});
  NoGrad off(i.no_grad);
  const std::string_view how = i.op->name;
  if (how == "full") return target.fill_(i.attrs.real(0));
  const Tensor value = operand(i.operands[1], {});
  return how == "add"   ? target.add_(value)
         : how == "sub" ? target.sub_(value)
         : how == "mul" ? target.mul_(value)
         : how == "div" ? target.div_(value)
                        : target.copy_(value);
}

Tensor Interpreter::assigned(const Instruction& i) {
  const Tensor variable = operand(i.operands[0], {});
  operations_.push_back(assign(variable, operand(i.operands[1], {})));
  return {};
}

// backward() visits every leaf, so it may also refuse for the sake of another one: then grad() tells about x.
Tensor Interpreter::through_backward(const Tensor& total, Tensor x) {
  Tensor found;
  x.zero_grad();
  try {
    total.backward({}, true);
    found = x.grad();
  } catch (const StateError&) {
    found = grad({total}, {x}, {.retain_graph = true, .allow_unused = true})[0];
  }
  for (Tensor v : world_.variables)
    if (v.defined()) v.zero_grad();
  return found;
}

Tensor Interpreter::gradient(const Instruction& i) {
  const Tensor total = sum(operand(i.operands[0], {}));
  Tensor x = operand(i.operands[1], {}), found;
  if (graph_) {
    found = gradients({total}, {x})[0];
  } else if (!total.requires_grad()) {
    return {};  // eager code refuses to differentiate a constant, a graph has no gradient to give
  } else if (i.verb == Verb::gradient) {
    found = grad({total}, {x}, {.retain_graph = true, .create_graph = i.again, .allow_unused = true})[0];
  } else {
    found = through_backward(total, x);
  }
  if (!found.defined()) return {};
  // Which other gradients share its memory is nobody's promise.
  const Tensor own = identity(found);
  return i.again ? own : detach(own);
}

Tensor Interpreter::body(const std::vector<Instruction>& list, Tensors locals, const Tensor& otherwise) {
  for (const Instruction& i : list) locals.push_back(row(i, locals));
  return list.empty() ? otherwise : locals.back();
}

Tensor Interpreter::chosen(const Instruction& i) {
  const Tensor x = operand(i.operands[0], {});
  return cond(
      gt(sum(x), 0), [&] { return Tensors{body(i.then, {}, x)}; },
      [&] { return Tensors{body(i.otherwise, {}, x)}; })[0];
}

Tensor Interpreter::looped(const Instruction& i) {
  auto more = [&](const Tensors& v) {
    const Tensor counted = lt(v[0], i.count);
    return i.again ? logical_and(counted, lt(sum(v[1]), 20)) : counted;
  };
  auto next = [&](const Tensors& v) { return Tensors{add(v[0], 1), body(i.then, v, v[1])}; };
  return while_loop(more, next, {tensor(std::int64_t{0}), operand(i.operands[0], {})})[1];
}

}  // namespace twofold::check
