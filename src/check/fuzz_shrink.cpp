// Shrinking: smaller programs are tried as long as they fail in the same way.
#include <algorithm>

#include "check/fuzz_run.h"

namespace twofold::check {
namespace {

// Readers of slot `gone` read `instead`; later slots move up.
void renumber(std::vector<Instruction>& list, int gone, int instead) {
  for (Instruction& i : list) {
    for (int& s : i.operands) {
      if (s == gone) s = instead;
      if (s > gone) --s;
    }
    renumber(i.then, gone, instead);
    renumber(i.otherwise, gone, instead);
  }
}

bool reads(const std::vector<Instruction>& list, int slot) {
  return std::any_of(list.begin(), list.end(), [&](const Instruction& i) {
    return std::find(i.operands.begin(), i.operands.end(), slot) != i.operands.end() || reads(i.then, slot) ||
           reads(i.otherwise, slot);
  });
}

class Shrinker {
 public:
  Shrinker(FuzzProgram program, std::string kind) : best_(std::move(program)), kind_(std::move(kind)) {}

  FuzzProgram run() {
    while (shorter() || fewer_inputs() || simpler_bodies() || smaller()) {
    }
    return best_;
  }

 private:
  bool accept(FuzzProgram candidate) {
    if (tries_-- <= 0) return false;
    FuzzProgram checked = candidate;
    if (check_program(checked).failure.kind != kind_) return false;
    best_ = std::move(checked);
    return true;
  }

  bool shorter() {
    for (std::size_t keep = best_.body.size() / 2; keep < best_.body.size();
         keep += (best_.body.size() - keep + 1) / 2) {
      FuzzProgram p = best_;
      p.body.resize(keep);
      if (accept(p)) return true;
    }
    for (std::size_t k = best_.body.size(); k-- > 0;)
      if (removed(k)) return true;
    return false;
  }

  bool removed(std::size_t k) {
    const int slot = static_cast<int>(best_.inputs.size() + k);
    std::vector<int> instead = best_.body[k].operands;
    if (instead.empty() && !best_.inputs.empty()) instead = {0};
    for (int s : instead) {
      FuzzProgram p = best_;
      p.body.erase(p.body.begin() + static_cast<std::ptrdiff_t>(k));
      renumber(p.body, slot, s);
      if (accept(std::move(p))) return true;
    }
    return false;
  }

  bool fewer_inputs() {
    for (std::size_t k = best_.inputs.size(); k-- > 0;) {
      if (reads(best_.body, static_cast<int>(k))) continue;
      FuzzProgram p = best_;
      p.inputs.erase(p.inputs.begin() + static_cast<std::ptrdiff_t>(k));
      renumber(p.body, static_cast<int>(k), -1000);
      if (accept(std::move(p))) return true;
    }
    return false;
  }

  bool simpler_bodies() {
    for (std::size_t k = 0; k < best_.body.size(); ++k)
      for (auto part : {&Instruction::then, &Instruction::otherwise}) {
        if ((best_.body[k].*part).empty()) continue;
        FuzzProgram p = best_;
        (p.body[k].*part).pop_back();
        if (accept(std::move(p))) return true;
      }
    return false;
  }

  bool smaller() {
    for (int runs = 1; runs < best_.runs; ++runs) {
      FuzzProgram p = best_;
      p.runs = runs;
      if (accept(std::move(p))) return true;
    }
    for (std::int64_t size : {5, 3, 2})
      if (resized(size, 1) || resized(size, size - 1)) return true;
    for (std::size_t k = 0; k < best_.inputs.size(); ++k)
      if (plainer(k)) return true;
    return false;
  }

  bool resized(std::int64_t from, std::int64_t to) {
    FuzzProgram p = best_;
    bool changed = false;
    for (Input& in : p.inputs) {
      Dims dims = in.operand.shape.dims();
      for (int d = 0; d < dims.size(); ++d)
        if (dims[d] == from) dims[d] = to, changed = true;
      in.operand.shape = Shape(dims);
    }
    return changed && accept(std::move(p));
  }

  bool plainer(std::size_t k) {
    FuzzProgram p = best_;
    Input& in = p.inputs[k];
    if (!in.operand.strided && !in.resized) return false;
    in.operand.strided = in.resized = false;
    return accept(std::move(p));
  }

  FuzzProgram best_;
  std::string kind_;
  int tries_ = 2000;
};

}  // namespace

FuzzProgram shrink(const FuzzProgram& program, const std::string& kind) {
  return Shrinker(program, kind).run();
}

}  // namespace twofold::check
