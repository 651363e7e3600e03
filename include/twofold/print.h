// How tensors print: PyTorch's form, or the one of torch 0.2.
#pragma once

#include <string>
#include <string_view>

#include "twofold/tensor.h"

namespace twofold {

struct PrintOptions {
  int precision = 4;              // digits behind the point
  std::int64_t threshold = 1000;  // above this many elements only the edges are shown
  std::int64_t edge_items = 3;    // of each dimension, then
  int line_width = 80;
  int sci_mode = -1;  // scientific: 1 always, 0 never, -1 where the magnitudes ask for it
};
// The process's options, as torch.set_printoptions sets them.
PrintOptions& print_options();

// The values alone: "[[1., 2.],\n [3., 4.]]", continued lines indented by `indent` more columns. A tensor
// without elements gives "[]".
std::string print_values(const Tensor& tensor, int indent);
// The form of torch 0.2, `type_name` in its last line: "\n 1  2\n[torch.LongTensor of size 2]\n".
std::string print_legacy(const Tensor& tensor, std::string_view type_name);

}  // namespace twofold
