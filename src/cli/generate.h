// `twofold generate`: what is made from the rows and committed. Files are named *.gen.*.
#pragma once

#include <map>
#include <span>
#include <string>

#include "core/op.h"

namespace twofold::cli {

// Path (from the repository's root) -> text of every generated file.
std::map<std::string, std::string> generated_files(std::span<const core::Rows* const> families);

}  // namespace twofold::cli
