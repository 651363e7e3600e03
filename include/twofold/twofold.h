// Everything: #include <twofold/twofold.h>
#pragma once

#include "twofold/collections.h"
#include "twofold/control.h"
#include "twofold/data.h"
#include "twofold/dtype.h"
#include "twofold/error.h"
#include "twofold/function.h"
#include "twofold/generator.h"
#include "twofold/graph.h"
#include "twofold/io.h"
#include "twofold/nn.h"
#include "twofold/ops.h"
#include "twofold/optim.h"
#include "twofold/print.h"
#include "twofold/samples.h"
#include "twofold/shape.h"
#include "twofold/tensor.h"
