# examples/NAME.cpp becomes build/examples/NAME. Where there is examples/NAME.txt, NAME prints that; so do its twins in
# examples/python/, which tests/python/test_twins.py runs. A program that knows the argument `graph` prints it both ways.
twofold_programs(examples)
file(GLOB outputs CONFIGURE_DEPENDS examples/*.txt)
foreach(output ${outputs})
  cmake_path(GET output STEM name)
  if(TARGET ${name})
    file(STRINGS examples/${name}.cpp knows_graph REGEX "`graph`" LIMIT_COUNT 1)
    set(ways eager)
    if(knows_graph)
      list(APPEND ways graph)
    endif()
    foreach(way ${ways})
      add_test(NAME twins.${name}.${way} WORKING_DIRECTORY ${PROJECT_SOURCE_DIR}
               COMMAND sh -c "\"$0\" ${way} | diff \"$1\" -" $<TARGET_FILE:${name}> ${output})
    endforeach()
  endif()
endforeach()

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
