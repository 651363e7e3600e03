# Every src/ops/NAME.cpp defines `constinit core::Rows NAME` in namespace twofold::ops, and adding the file is
# all it takes: from the folder this writes the one source that knows them all, families(), which the registry
# walks. What the family files share stands in rows.cpp or in NAME_p.cpp.
file(GLOB family_files CONFIGURE_DEPENDS src/ops/*.cpp)
list(FILTER family_files EXCLUDE REGEX "(/rows|_p|\\.gen)\\.cpp$")
if(family_files)
  foreach(file ${family_files})
    cmake_path(GET file STEM name)
    string(APPEND declarations "extern core::Rows ${name};\n")
    string(APPEND addresses "      &${name},\n")
  endforeach()
  file(CONFIGURE OUTPUT op_families.cpp @ONLY CONTENT [[
// Made by cmake/OpFamilies.cmake from the files in src/ops/.
#include <span>

#include "core/op.h"

namespace twofold::ops {
@declarations@
std::span<const core::Rows* const> families() {
  static constexpr const core::Rows* list[] = {
@addresses@  };
  return list;
}

}  // namespace twofold::ops
]])
  target_sources(twofold PRIVATE ${PROJECT_BINARY_DIR}/op_families.cpp)
endif()
