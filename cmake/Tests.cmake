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
  gtest_discover_tests(twofold_tests WORKING_DIRECTORY ${PROJECT_SOURCE_DIR} DISCOVERY_MODE PRE_TEST
                       PROPERTIES TIMEOUT 300)
endif()

# The installed library, used by a project outside the tree.
foreach(compiler g++ clang++-16)
  add_test(NAME package.${compiler}
           COMMAND ${PROJECT_SOURCE_DIR}/tools/package_test.sh ${PROJECT_BINARY_DIR} ${compiler})
endforeach()
