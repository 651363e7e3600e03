// Recorder: what apply() needs to know of a graph. graph/ implements it; core never sees more.
#pragma once

#include "core/impl.h"
#include "core/op.h"

namespace twofold::core {

class Recorder : public Counted {
 public:
  virtual ~Recorder() = default;
  // Appends a node; concrete inputs are captured. Returns symbolic outputs.
  virtual Tensors record(const Op& op, std::span<Impl* const> in, const Attrs& attrs,
                         const Location& where) = 0;
  // The symbolic root that stands for a concrete tensor in this graph: a variable's current value, or a
  // constant.
  virtual Tensor capture(Impl& concrete, const Location& where) = 0;
  // An in-place statement: `root` stands for `value` from now on, and so does the variable behind it, if any.
  virtual void wrote(Impl& root, const Tensor& value, const Location& where) = 0;
  // The variable's value when what is recorded next runs: after what the open control dependencies wait for.
  virtual Tensor read_now(Impl& variable, const Location& where) = 0;
  // variables[i] = values[i], as part of making `results`: gives the results anew, which wait for it.
  virtual Tensors assign_before(const Tensors& results, const Tensors& variables, const Tensors& values,
                                const Location& where) = 0;
  // The hooks of a node: of all its outputs; a variable's hang on the variable.
  virtual std::shared_ptr<Hooks>& hooks(std::int32_t node) = 0;
};

// The graph open on this thread, or null.
Recorder* open_recorder();
// Opens `graph` (null: closes whatever is open) for the length of this object. One that outlives the scope
// around it, as a Python program can make it, has nothing to put back.
class RecorderScope {
 public:
  explicit RecorderScope(Recorder* graph);
  ~RecorderScope();
  RecorderScope(const RecorderScope&) = delete;
  RecorderScope& operator=(const RecorderScope&) = delete;

 private:
  Recorder* before_;
  RecorderScope* outer_;
};

// The graph that an operation on these inputs belongs to; null means: run now.
Recorder* recorder_for(std::span<Impl* const> in);

}  // namespace twofold::core
