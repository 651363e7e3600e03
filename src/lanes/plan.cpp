#include "lanes/plan_p.h"

#include <algorithm>
#include <cstring>

#include "lanes/builder.h"
#include "lanes/horner_p.h"
#include "twofold/error.h"

namespace twofold::lanes {
namespace {

using Plan = Executable::Plan;
using Slot = Plan::Slot;

[[noreturn]] void refuse(const char* argument, std::string got, std::string expected) {
  throw InternalError({"lanes::Executable", argument, std::move(got), std::move(expected)});
}

void check_types(const Program& program, std::span<const Dtype> inputs, Dtype output) {
  if (program.empty()) refuse("program", "an empty program", "one with a result");
  const auto& types = program.input_types();
  if (inputs.size() != types.size())
    refuse("inputs", std::to_string(inputs.size()) + " dtypes", std::to_string(types.size()));
  for (std::size_t i = 0; i < inputs.size(); ++i)
    if (type_of(inputs[i]) != types[i]) refuse("inputs", std::string(name_of(inputs[i])), name_of(types[i]));
  if (type_of(output) != program.result_type())
    refuse("output", std::string(name_of(output)), name_of(program.result_type()));
}

Dtype dtype_of_type(Type t) {
  constexpr Dtype dtypes[type_count] = {Dtype::bool_, Dtype::u8,  Dtype::i8,  Dtype::i16,
                                        Dtype::i32,   Dtype::i64, Dtype::f32, Dtype::f64};
  return dtypes[static_cast<int>(t)];
}

// Assigns a slot to every value. A bitcast is its operand's slot under another type.
class Allocator {
 public:
  Allocator(Plan& plan, const Program& program)
      : plan_(plan), instructions_(program.instructions()), chains_(find_horner_chains(program)) {
    find_roots(program.result());
    assign_leaves();
    for (std::size_t i = 0; i < instructions_.size(); ++i)
      if (makes_step(static_cast<Id>(i))) emit(static_cast<Id>(i));
    finish(program.result());
  }

  // What lies in each constant's tile: one value repeated, or the coefficients of a chain.
  struct Constant {
    Type type;
    std::vector<std::uint64_t> values;
  };
  const std::vector<Constant>& constants() const { return constants_; }

 private:
  struct Reads {
    Id ids[3];
    int count = 0;
    const Id* begin() const { return ids; }
    const Id* end() const { return ids + count; }
  };
  Reads reads_of(Id id) const;
  bool makes_step(Id id) const;
  void find_roots(Id result);
  void assign_leaves();
  Slot add_constant(Type type, std::vector<std::uint64_t> values);
  void emit(Id id);
  void finish(Id result);
  Slot take_register();
  void release_operands(Id id, bool of_same_type);
  std::uint16_t loop_for(Id id) const;

  Plan& plan_;
  const std::vector<Instr>& instructions_;
  HornerChains chains_;
  std::vector<Constant> constants_;
  std::vector<Id> roots_;     // the value whose slot a value shares: itself, or what it is a bitcast of
  std::vector<Id> last_use_;  // per root, the last instruction that reads it
  std::vector<bool> read_;    // per root, whether a step reads it as a tile
  std::vector<Slot> slots_;   // per root
  std::unordered_map<Id, Slot> coefficients_;  // of chains
  std::vector<Slot> free_;
};

Allocator::Reads Allocator::reads_of(Id id) const {
  if (chains_.absorbed[id]) return {};
  const auto chain = chains_.ending_at.find(id);
  if (chain != chains_.ending_at.end()) return {{chain->second.first, chain->second.x}, 2};
  const Operands operands(instructions_[id]);
  return {{operands.ids[0], operands.ids[1], operands.ids[2]}, operands.count};
}

bool Allocator::makes_step(Id id) const {
  const Opcode op = instructions_[id].op;
  return !is_leaf(op) && op != Opcode::bitcast && !chains_.absorbed[id];
}

void Allocator::find_roots(Id result) {
  roots_.resize(instructions_.size());
  last_use_.resize(instructions_.size());
  read_.resize(instructions_.size());
  slots_.resize(instructions_.size());
  for (std::size_t i = 0; i < instructions_.size(); ++i) {
    const Instr& instr = instructions_[i];
    roots_[i] = instr.op == Opcode::bitcast ? roots_[instr.a] : static_cast<Id>(i);
    for (Id operand : reads_of(static_cast<Id>(i))) {
      last_use_[roots_[operand]] = static_cast<Id>(i);
      read_[roots_[operand]] = true;
    }
  }
  read_[roots_[result]] = true;
}

Slot Allocator::add_constant(Type type, std::vector<std::uint64_t> values) {
  constants_.push_back({type, std::move(values)});
  return static_cast<Slot>(plan_.constants++);
}

// Constants and uniforms first: the slots of what follows depend on how many there are.
void Allocator::assign_leaves() {
  for (std::size_t i = 0; i < instructions_.size(); ++i) {
    const Instr& instr = instructions_[i];
    if (instr.op == Opcode::constant && read_[i]) slots_[i] = add_constant(instr.type, {instr.imm});
    if (instr.op == Opcode::uniform)
      plan_.uniforms.push_back({static_cast<int>(instr.imm), instr.type, dtype_of_type(instr.type)});
  }
  for (const auto& [id, chain] : chains_.ending_at)
    coefficients_[id] = add_constant(instructions_[id].type, chain.coefficients);
  int uniforms = 0;
  for (std::size_t i = 0; i < instructions_.size(); ++i) {
    const Instr& instr = instructions_[i];
    const int imm = static_cast<int>(instr.imm);
    if (instr.op == Opcode::uniform) slots_[i] = plan_.uniform_slot(uniforms++);
    if (instr.op == Opcode::input)
      slots_[i] = plan_.input_slot(imm), plan_.inputs[static_cast<std::size_t>(imm)].used = true;
    if (instr.op == Opcode::index) slots_[i] = plan_.index_slot(), plan_.uses_index = true;
  }
}

Slot Allocator::take_register() {
  if (free_.empty()) return plan_.register_slot(plan_.registers++);
  const Slot slot = free_.back();
  free_.pop_back();
  return slot;
}

// A loop may write over an operand of its result's type, never over a narrower or wider one.
void Allocator::release_operands(Id id, bool of_same_type) {
  const Reads reads = reads_of(id);
  for (int k = 0; k < reads.count; ++k) {
    const Id root = roots_[reads.ids[k]];
    bool repeated = false;
    for (int j = 0; j < k; ++j) repeated = repeated || roots_[reads.ids[j]] == root;
    const bool dies = last_use_[root] == id && makes_step(root) && !repeated;
    const bool same = instructions_[reads.ids[k]].type == instructions_[id].type;
    if (dies && same == of_same_type) free_.push_back(slots_[root]);
  }
}

std::uint16_t Allocator::loop_for(Id id) const {
  const Instr& instr = instructions_[id];
  const Type from = instructions_[instr.a].type;
  const auto chain = chains_.ending_at.find(id);
  if (chain != chains_.ending_at.end())
    return static_cast<std::uint16_t>(horner_loop_of(instr.type, chain->second.coefficients.size()));
  if (instr.op == Opcode::convert) return static_cast<std::uint16_t>(convert_loop_of(from, instr.type));
  return static_cast<std::uint16_t>(loop_of(instr.op, instr.op == Opcode::select ? instr.type : from));
}

void Allocator::emit(Id id) {
  Plan::Step step{loop_for(id), 0, 0, 0, 0};
  Slot* operand_slots[3] = {&step.a, &step.b, &step.c};
  const Reads reads = reads_of(id);
  for (int k = 0; k < reads.count; ++k) *operand_slots[k] = slots_[roots_[reads.ids[k]]];
  if (const auto found = coefficients_.find(id); found != coefficients_.end()) step.c = found->second;
  release_operands(id, true);
  slots_[id] = step.out = take_register();
  release_operands(id, false);
  plan_.steps.push_back(step);
}

void Allocator::finish(Id result) {
  const Id root = roots_[result];
  plan_.result = slots_[root];
  const bool last = makes_step(root) && plan_.steps.back().out == plan_.result;
  plan_.in_place = is_native(plan_.output) && last;
}

bool is_direct(const Plan& plan) {
  if (plan.steps.size() != 1 || !plan.in_place || plan.constants || !plan.uniforms.empty() || plan.uses_index)
    return false;
  return std::ranges::all_of(plan.inputs, [](const Plan::Input& i) { return !i.used || is_native(i.dtype); });
}

// Without constants and uniforms, the slots of the step are the numbers of its inputs.
void make_direct(Plan& plan, const Program& program) {
  int operands = 0;
  for (const Instr& i : program.instructions())
    if (i.op != Opcode::bitcast) operands = std::max(operands, arity_of(i.op));
  Plan::Step& step = plan.steps[0];
  if (operands < 2) step.b = step.a;
  if (operands < 3) step.c = step.a;
  const Slot slots[] = {step.a, step.b, step.c};
  for (int k = 0; k < 3; ++k) plan.direct_steps[k] = plan.inputs[slots[k]].size;
  plan.direct_steps[3] = static_cast<std::int64_t>(size_of(plan.output));
  plan.direct = true;
}

void size_tiles(Plan& plan, const Program& program) {
  int width = 1;
  for (const Instr& i : program.instructions()) width = std::max(width, width_of(i.type));
  const int owned = std::max(1, plan.slots() - plan.constants);
  const int room = (scratch_bytes / owned - 64) / width / smallest_tile * smallest_tile;
  if (room < smallest_tile || plan.slots() > slot_limit)
    refuse("program", std::to_string(plan.slots()) + " values at once", "fewer");
  plan.tile = std::min({room, largest_tile, 8 * largest_tile / (2 * std::max(width, 4))});
  plan.tile_bytes = plan.tile * width + 64;
  plan.tile_bytes = (plan.tile_bytes + 63) / 64 * 64;
}

void fill_constants(Plan& plan, const std::vector<Allocator::Constant>& constants) {
  plan.constant_tiles.resize(static_cast<std::size_t>(plan.constants) * plan.tile_bytes / sizeof(CacheLine));
  for (int i = 0; i < plan.constants; ++i) {
    const auto& [type, values] = constants[static_cast<std::size_t>(i)];
    const std::size_t width = static_cast<std::size_t>(width_of(type));
    std::byte* tile = plan.constant_tile(i);
    for (std::size_t k = 0; k < static_cast<std::size_t>(plan.tile); ++k)
      std::memcpy(tile + k * width, &values[k % values.size()], width);
  }
}

}  // namespace

Executable::Plan::Plan(const Program& lowered, std::span<const Dtype> input_dtypes, Dtype output_dtype)
    : output(output_dtype) {
  for (Dtype d : input_dtypes) inputs.push_back({d, static_cast<std::int64_t>(size_of(d))});
  const Allocator allocator(*this, lowered);
  if (is_direct(*this)) make_direct(*this, lowered);
  size_tiles(*this, lowered);
  fill_constants(*this, allocator.constants());
}

Executable::Executable(const Program& program, std::span<const Dtype> inputs, Dtype output) {
  check_types(program, inputs, output);
  program.verify();
  plan_ = std::make_unique<Plan>(lower(program), inputs, output);
}
Executable::Executable(const Program& program, std::initializer_list<Dtype> inputs, Dtype output)
    : Executable(program, std::span(inputs.begin(), inputs.size()), output) {}
Executable::Executable(Executable&&) noexcept = default;
Executable::~Executable() = default;

}  // namespace twofold::lanes
