// The node kinds that are not operations on values: they have no kernels, the executor knows them.
#pragma once

#include "core/op.h"

namespace twofold::graph {

extern const core::Op placeholder_op;  // fed when the graph runs
extern const core::Op constant_op;     // Node::value
extern const core::Op variable_op;     // the current value of the cell in Node::value
extern const core::Op assign_op;       // cell = input
extern const core::Op group_op;        // nothing, after its control inputs

}  // namespace twofold::graph
