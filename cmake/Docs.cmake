# The pages' C++ runs: README.md and docs/NAME.md become the programs build/docs/NAME, and ctest compares what they print
# with what the pages show.
file(GLOB pages CONFIGURE_DEPENDS README.md docs/*.md)
foreach(page ${pages})
  file(STRINGS ${page} has_code REGEX "^```cpp" LIMIT_COUNT 1)
  if(has_code)
    cmake_path(GET page STEM name)
    set(source ${PROJECT_BINARY_DIR}/docs/${name}.cpp)
    add_custom_command(OUTPUT ${source} COMMAND ${PROJECT_SOURCE_DIR}/tools/pages.py program ${page} > ${source}
                       DEPENDS ${page} tools/pages.py)
    add_executable(page_${name} ${source})
    # One function per block: optimising them takes longer than running them.
    set_target_properties(page_${name} PROPERTIES OUTPUT_NAME ${name} RUNTIME_OUTPUT_DIRECTORY ${PROJECT_BINARY_DIR}/docs
                          COMPILE_OPTIONS -O0)
    target_link_libraries(page_${name} PRIVATE twofold)
    add_test(NAME docs.${name} COMMAND ${PROJECT_SOURCE_DIR}/tools/pages.py check ${page} $<TARGET_FILE:page_${name}>)
  endif()
endforeach()
