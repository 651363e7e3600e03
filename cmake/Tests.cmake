# All tests are one program (one link, one set of flags); ctest runs its tests one by one, so that
# `ctest -j2` keeps both cores busy.
enable_testing()
find_package(GTest REQUIRED)
include(GoogleTest)

file(GLOB_RECURSE test_sources CONFIGURE_DEPENDS tests/*_test.cpp)
if(test_sources)
  add_executable(twofold_tests ${test_sources})
  set_target_properties(twofold_tests PROPERTIES RUNTIME_OUTPUT_DIRECTORY ${PROJECT_BINARY_DIR}/tests)
  target_include_directories(twofold_tests PRIVATE src tests)
  target_link_libraries(twofold_tests PRIVATE twofold $<TARGET_NAME_IF_EXISTS:twofold_check> GTest::gtest_main
                        Threads::Threads)
  target_precompile_headers(twofold_tests PRIVATE cmake/precompiled.h <gtest/gtest.h>)
  # g++ 12 sees an overrun inside std::string there.
  set_source_files_properties(tests/io/npy_test.cpp PROPERTIES COMPILE_OPTIONS
    "$<$<CXX_COMPILER_ID:GNU>:-Wno-array-bounds>;$<$<CXX_COMPILER_ID:GNU>:-Wno-stringop-overflow>")
  gtest_discover_tests(twofold_tests WORKING_DIRECTORY ${PROJECT_SOURCE_DIR} DISCOVERY_MODE PRE_TEST
                       PROPERTIES TIMEOUT 300)
endif()

# The installed library, used by a project outside the tree.
foreach(compiler g++ clang++-16)
  add_test(NAME package.${compiler}
           COMMAND ${PROJECT_SOURCE_DIR}/tools/package_test.sh ${PROJECT_BINARY_DIR} ${compiler})
endforeach()

# CONTRIBUTING.md followed literally: its row in its file, and the new operation conforms and gets its function.
set(with_row ${PROJECT_BINARY_DIR}/with_row/elementary.cpp)
add_custom_command(OUTPUT ${with_row}
                   COMMAND ${CMAKE_COMMAND} -E make_directory ${PROJECT_BINARY_DIR}/with_row
                   COMMAND ${PROJECT_SOURCE_DIR}/tools/add_row.sh > ${with_row}
                   DEPENDS CONTRIBUTING.md src/ops/elementary.cpp tools/add_row.sh)
add_executable(twofold_with_row ${with_row} $<TARGET_OBJECTS:twofold_cli>)
set_target_properties(twofold_with_row PROPERTIES RUNTIME_OUTPUT_DIRECTORY ${PROJECT_BINARY_DIR}/with_row)
target_include_directories(twofold_with_row PRIVATE src)
target_link_libraries(twofold_with_row PRIVATE twofold_check)
add_test(NAME add_operation.conforms COMMAND twofold_with_row conformance --row mish)
add_test(NAME add_operation.generates COMMAND twofold_with_row generate --root ${PROJECT_BINARY_DIR}/with_row)
