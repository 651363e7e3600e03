# What a build needs from the system: where something is missing, one line says what and how to get it.

# Ends the configuration unless FOUND.
function(twofold_needs found what package)
  if(NOT found)
    message(FATAL_ERROR "Twofold needs ${what}: `./run setup` installs it (Debian's package ${package})")
  endif()
endfunction()

include(CheckLanguage)
check_language(CXX)
twofold_needs("${CMAKE_CXX_COMPILER}" "a C++20 compiler" g++)
enable_language(CXX)
