#include "graph/builtin.h"

namespace twofold::graph {

using core::Effect;

constinit const core::Op placeholder_op{.name = "placeholder", .hidden = true};
constinit const core::Op constant_op{.name = "constant", .hidden = true};
constinit const core::Op variable_op{.name = "variable", .effect = Effect::state, .hidden = true};
constinit const core::Op assign_op{
    .name = "assign", .sig = "value: any", .effect = Effect::state, .hidden = true};
constinit const core::Op group_op{.name = "group", .effect = Effect::state, .hidden = true};

}  // namespace twofold::graph
