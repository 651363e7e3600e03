// FuzzProgram: a short list of instructions over numbered slots, which one interpreter runs in both modes.
//
//   %0 = feed f32[2,3]
//   %1 = exp(%0)                     each instruction fills the next slot; an in-place one repeats its target
//   %2 = add_(%1, %0)
#pragma once

#include <string>
#include <vector>

#include "check/operands.h"
#include "twofold/graph.h"

namespace twofold::check {

enum class Verb : std::uint8_t {
  row,       // an operation of the table
  write,     // operands[0] changed in place; `op` says how (full: fill_, identity: copy_)
  assign,    // operands[0], a variable, becomes operands[1]
  gradient,  // of sum(operands[0]) with respect to operands[1]
  backward,  // the same through Tensor::backward and a parameter's grad()
  cond,      // on sum(operands[0]) > 0
  loop,      // operands[0] is the variable, `count` the most iterations
};

struct Instruction {
  Verb verb = Verb::row;
  const core::Op* op = nullptr;
  std::vector<int> operands;  // slots; inside a body, -1 - k is its k-th local value
  core::Attrs attrs;
  int generator = -1;    // which of the program's generators a random row draws from
  bool no_grad = false;  // a write without history
  bool again = false;    // a gradient that can be differentiated; a loop whose condition looks at the data
  std::int64_t count = 0;
  std::vector<Instruction> then, otherwise;  // bodies; a loop uses the first
};

enum class Role : std::uint8_t { feed, constant, parameter, buffer };

struct Input {
  Role role = Role::feed;
  Operand operand;
  std::uint64_t key = 0;
  bool resized = false;  // the first dimension differs from run to run
};

struct FuzzProgram {
  std::uint64_t seed = 1;
  std::int64_t number = 0;
  int runs = 2;
  std::vector<Input> inputs;
  std::vector<Instruction> body;

  int slots() const { return static_cast<int>(inputs.size() + body.size()); }
};

// What an execution owns: variables and generators, which live from run to run.
struct World {
  explicit World(const FuzzProgram& program);
  std::vector<Tensor> variables;  // by input; undefined for feeds and constants
  std::vector<Generator> generators;
};

// A feed or constant as run number `run` sees it.
Tensor input_value(const FuzzProgram& program, std::size_t input, int run);

// The interpreter. The same code runs eagerly and inside Graph::build.
class Interpreter {
 public:
  Interpreter(const FuzzProgram& program, const World& world, bool graph, Tensors inputs)
      : program_(program), world_(world), graph_(graph), slots_(std::move(inputs)) {}
  void step(const Instruction& instruction);
  void run();
  int position() const { return position_; }  // of the instruction that runs, or failed
  const Tensors& slots() const { return slots_; }
  Tensors& slots() { return slots_; }
  const std::vector<Operation>& operations() const { return operations_; }

 private:
  Tensor result(const Instruction& i);
  Tensor row(const Instruction& i, const Tensors& locals);
  Tensor write(const Instruction& i);
  Tensor assigned(const Instruction& i);
  Tensor gradient(const Instruction& i);
  Tensor through_backward(const Tensor& total, Tensor x);
  Tensor chosen(const Instruction& i);
  Tensor looped(const Instruction& i);
  Tensor body(const std::vector<Instruction>& list, Tensors locals, const Tensor& otherwise);
  Tensor operand(int slot, const Tensors& locals) const;

  const FuzzProgram& program_;
  const World& world_;
  bool graph_;
  Tensors slots_;
  std::vector<Operation> operations_;
  int position_ = 0;
};

// One eager run's slots to start from: feeds are no leaves, so that they may be written to.
Tensors eager_inputs(const FuzzProgram& program, const World& world, int run);

FuzzProgram make_program(std::uint64_t seed, std::int64_t number);
std::string to_string(const FuzzProgram& program);

}  // namespace twofold::check
