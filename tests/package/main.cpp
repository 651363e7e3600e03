#include <cstdio>

#include "twofold/error.h"
#include "twofold/shape.h"

int main() {
  try {
    twofold::Shape{-5};
  } catch (const twofold::ShapeError& e) {
    std::puts(e.what());
    return 0;
  }
  return 1;
}
