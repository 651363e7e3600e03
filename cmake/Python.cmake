# The extension module: linked statically, so that the wheel stands alone. Built by scikit-build-core (`pip
# install .`) or by the preset `python`.
find_package(Python 3.10 QUIET COMPONENTS Interpreter Development.Module NumPy)
twofold_needs("${Python_Development.Module_FOUND}" "the headers of Python 3.10 or newer" python3-dev)
execute_process(COMMAND ${Python_EXECUTABLE} -m nanobind --cmake_dir OUTPUT_VARIABLE nanobind_ROOT
                OUTPUT_STRIP_TRAILING_WHITESPACE COMMAND_ERROR_IS_FATAL ANY)
find_package(nanobind CONFIG REQUIRED)

# Thread-local data without a call: the module may not be the first library that uses it, but it is small.
set_target_properties(twofold PROPERTIES POSITION_INDEPENDENT_CODE ON)
target_compile_options(twofold PRIVATE -fvisibility=hidden -ftls-model=initial-exec)

twofold_sources(python_sources src/python)
nanobind_add_module(_core NB_STATIC NOMINSIZE ${python_sources})
target_include_directories(_core PRIVATE src)
target_compile_options(_core PRIVATE -ftls-model=initial-exec)
target_link_libraries(_core PRIVATE twofold Python::NumPy)
# The C++ runtime too: the wheel stands alone, and loads beside libraries that have used up static TLS. A sanitizer
# needs the shared one, which it intercepts.
if(NOT CMAKE_CXX_FLAGS MATCHES "-fsanitize")
  target_link_options(_core PRIVATE -static-libstdc++ -static-libgcc)
endif()
# The headers of Python, NumPy and nanobind are not as strict as ours.
target_include_directories(_core SYSTEM BEFORE PRIVATE ${nanobind_ROOT}/../include)
target_compile_options(_core PRIVATE -Wno-pedantic -Wno-missing-field-initializers -Wno-cast-function-type
                       -Wno-shadow)
target_compile_options(nanobind-static PRIVATE -w)
install(TARGETS _core LIBRARY DESTINATION twofold)
