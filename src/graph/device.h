// Device names, PyTorch's ("cpu", "cuda:0") and TensorFlow's ("/job:localhost/device:CPU:0", "/gpu:0").
#pragma once

#include <string_view>

#include "graph/state.h"

namespace twofold::graph {

// ValueError unless it is such a name; "" is one, for anywhere.
void check_device_name(std::string_view name);
// Is it here, on this machine? A checked name.
bool device_is_present(std::string_view name);

// GraphError if the node, or one of a body that it runs, is for a device that is not there.
void check_device(const Node& node);

}  // namespace twofold::graph
