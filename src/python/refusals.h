// Refusals of arguments in the plain API's one line: the call, the argument, got, expected, the user's line.
#pragma once

#include <Python.h>

#include <string>

namespace twofold::python {

// "a str", "an int", "nothing" for null.
std::string described(PyObject* value);
// Sets a TypeError; gives false.
bool refuse_argument(const std::string& op, const std::string& argument, std::string got,
                     std::string expected);
// The Python error that is set came of converting this argument, and names it from here on; gives false.
bool name_argument(const std::string& op, const char* argument);

}  // namespace twofold::python
