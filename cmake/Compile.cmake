# How everything here is compiled. Flags stay in this project: nothing is passed on to who links Twofold.

if(PROJECT_IS_TOP_LEVEL)
  if(NOT CMAKE_BUILD_TYPE)
    set(CMAKE_BUILD_TYPE Release)
  endif()
  set(CMAKE_CXX_FLAGS_RELEASE "-O2")
  set(CMAKE_EXPORT_COMPILE_COMMANDS ON)
endif()
set(CMAKE_CXX_STANDARD 20)
set(CMAKE_CXX_EXTENSIONS OFF)

# Bits may not depend on whether a compiler contracts a*b+c: fma only where the source says so.
add_compile_options(-ffp-contract=off -Wall -Wextra -Wshadow -Wpedantic -Werror
                    $<$<CXX_COMPILER_ID:GNU>:-Wno-restrict>)  # g++ 12 sees overlaps where std::string has none

# Tuned for the machines of the last ten years (any x86-64 still runs it): small objects are cleared by a few
# stores, where generic tuning takes a string instruction that costs as much as a small addition.
if(CMAKE_SYSTEM_PROCESSOR MATCHES "x86_64|AMD64")
  add_compile_options(-mtune=skylake)
endif()

find_program(CCACHE ccache)
if(CCACHE AND NOT CMAKE_CXX_COMPILER_LAUNCHER)
  # A precompiled header is cached only when ccache need not compare its defines and times.
  set(CMAKE_CXX_COMPILER_LAUNCHER ${CMAKE_COMMAND} -E env CCACHE_SLOPPINESS=pch_defines,time_macros ${CCACHE})
  add_compile_options($<$<CXX_COMPILER_ID:GNU>:-fpch-preprocess>)
endif()

# twofold_sources(variable folder...): every .cpp below the folders.
function(twofold_sources variable)
  list(TRANSFORM ARGN APPEND "/*.cpp" OUTPUT_VARIABLE patterns)
  file(GLOB_RECURSE files CONFIGURE_DEPENDS ${patterns})
  set(${variable} ${files} PARENT_SCOPE)
endfunction()

# twofold_hot_path(target file...): compiled as one unit, so that what every small call goes through is inlined
# across files (a sixth of its time); the other sources stay separate. g++ at -O2 would inline too little.
function(twofold_hot_path target)
  set_target_properties(${target} PROPERTIES UNITY_BUILD ON UNITY_BUILD_MODE GROUP)
  set_source_files_properties(${ARGN} PROPERTIES UNITY_GROUP hot)
  target_compile_options(${target} PRIVATE $<$<CXX_COMPILER_ID:GNU>:--param=inline-unit-growth=200
                         --param=max-inline-insns-auto=60>)
endfunction()

# Files named isa/<name>.cpp are one source compiled once per instruction set and chosen at run time. They
# hold the innermost loops only, so they alone get -O3 and forgo errno and floating-point traps.
function(twofold_isa_flags)
  set(common -fno-math-errno -fno-trapping-math $<$<CONFIG:Release>:-O3>
             $<$<CXX_COMPILER_ID:Clang>:-Wno-pass-failed>)  # a loop that stays scalar under a sanitizer is no fault
  set(avx2 -mavx2 -mfma -mf16c -mbmi2)
  set(avx512 -mavx512f -mavx512bw -mavx512dq -mavx512vl -mfma -mf16c -mbmi2)
  list(FILTER ARGN INCLUDE REGEX "/isa/[^/]*\\.cpp$")
  foreach(file ${ARGN})
    cmake_path(GET file STEM isa)
    set_source_files_properties(${file} PROPERTIES COMPILE_OPTIONS "${common};${${isa}}"
                                SKIP_PRECOMPILE_HEADERS ON)
  endforeach()
endfunction()

# twofold_programs(folder library...): each folder/NAME.cpp becomes the program build/folder/NAME; the
# target `folder` builds them all.
function(twofold_programs folder)
  add_custom_target(${folder})
  file(GLOB files CONFIGURE_DEPENDS ${folder}/*.cpp)
  foreach(file ${files})
    cmake_path(GET file STEM name)
    add_executable(${name} ${file})
    set_target_properties(${name} PROPERTIES RUNTIME_OUTPUT_DIRECTORY ${PROJECT_BINARY_DIR}/${folder})
    target_link_libraries(${name} PRIVATE twofold ${ARGN})
    add_dependencies(${folder} ${name})
  endforeach()
endfunction()
