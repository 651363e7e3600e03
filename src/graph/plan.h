// Plan: a program frozen into a flat array of instructions over arrays whose memory is settled.
#pragma once

#include "graph/buffers.h"
#include "graph/program.h"
#include "lanes/execute.h"

namespace twofold::graph {

enum class Action : std::uint8_t {
  flat,    // one lane program over arrays of one shape or a single value
  kernel,  // any other kernel with settled outputs
  view,
  variable,  // the cell's array as it is now, or a copy
  assign,
  dynamic,  // infer, allocate, run: some shape is known only now
};

struct Instruction {
  Action action = Action::kernel;
  const Op* op = nullptr;
  Attrs attrs;
  Location where;
  std::vector<const Array*> in;  // null: absent
  std::vector<Array*> out;
  std::vector<ValueId> out_values;
  std::vector<int> ranks;  // of a host call's results, as the program promised; -1: any
  Ref<Impl> cell;
  bool snapshot = false;
  int wanted = 0;                                 // nobody reads the outputs from this number on
  const lanes::Executable* executable = nullptr;  // of a flat one
  std::vector<lanes::Operand> operands;
  std::vector<lanes::Uniform> uniforms;
  std::int64_t count = 0;
};

class Plan {
 public:
  Plan(Program program, bool reuse);
  ~Plan();
  // `values` in the order of the request's feeds, of the shapes the plan was made for.
  void run(std::span<Impl* const> values, Tensors& fetched);
  // Do the variables still have the shapes that the plan was made for?
  bool fits_variables() const;
  const SessionStats& stats() const { return stats_; }

 private:
  void build(const Program& program, const Layout& layout);
  void add_instruction(const Program& program, const Layout& layout, const Step& step);
  void flatten(Instruction& i) const;
  void hold(const Impl& impl);
  void bind_feeds(std::span<Impl* const> values);
  void bind_fetches(Tensors& fetched);
  void execute(Instruction& i);
  void run_flat(Instruction& i);
  void run_dynamic(Instruction& i);
  void keep_produced(Instruction& i, Tensors made);
  void collect(Tensors& fetched);
  void let_go();
  Array& array(ValueId v) { return arrays_[static_cast<std::size_t>(v)]; }

  std::vector<Array> arrays_;  // one per value
  std::vector<Meta> metas_;
  std::vector<Home> homes_;
  std::vector<Instruction> instructions_;
  std::vector<ValueId> fetches_, feeds_;
  std::vector<std::pair<Ref<Impl>, Meta>> variables_;
  std::vector<Ref<Impl>> constants_;
  std::vector<Tensor> dynamic_;  // during a run
  std::vector<Tensor> packed_;   // strided feeds and cells, packed for a run
  bool calls_out_ = false;       // a host function may give what is fed or read other data meanwhile:
  std::vector<Ref<core::Storage>> held_;  // then the memory is held for the length of a run
  void* arena_ = nullptr;
  std::size_t arena_bytes_ = 0;
  SessionStats stats_;
};

}  // namespace twofold::graph
