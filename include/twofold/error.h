// Errors: one hierarchy, one line of text, and the same facts as data.
//
// Everything Twofold refuses, it refuses with a class derived from `Error`. The class says what kind
// of mistake it was; the fields say where and what; `what()` words it in one line:
//
//   try { add(x, y); } catch (const twofold::ShapeError& e) { std::puts(e.what()); }
//   // add: argument 'y': got f32[3], expected a shape that broadcasts with f32[2] (main.cpp:12)
#pragma once

#include <cstdint>
#include <exception>
#include <source_location>
#include <string>

namespace twofold {

// The user's file and line. Empty (file == nullptr) when nobody knows it.
struct Location {
  const char* file = nullptr;
  std::uint32_t line = 0;

  constexpr Location() = default;
  constexpr Location(const char* f, std::uint32_t l) : file(f), line(l) {}
  constexpr Location(const std::source_location& s) : file(s.file_name()), line(s.line()) {}  // NOLINT
  explicit operator bool() const { return file != nullptr; }
};

// "main.cpp:12", or "" when unknown.
std::string to_string(const Location& where);

class Error : public std::exception {
 public:
  // What a thrower knows. Whoever catches it on the way to the user adds the rest.
  struct Facts {
    std::string op;        // the operation, or the public call
    std::string argument;  // its argument, empty when the whole call is at fault
    std::string got;
    std::string expected;
    std::string note{};  // a second place or what to do, at the end of the line
  };

  explicit Error(Facts facts) : facts_(std::move(facts)) {}
  const char* what() const noexcept override;

  const Facts& facts() const { return facts_; }
  const Location& where() const { return where_; }
  // The kind of mistake as a word: "shape", "dtype", "index", ...
  virtual const char* kind() const noexcept { return "error"; }

  // Fill in what the throw site did not know; what it did know stays.
  void locate(const char* op, const Location& where);
  // The user called `op`, which is written with the operation at fault.
  void rename(const char* op);

 private:
  Facts facts_;
  Location where_;
  mutable std::string text_;  // made on the first call of what()
};

// clang-format off
struct ShapeError : Error { using Error::Error; const char* kind() const noexcept override { return "shape"; } };
struct DtypeError : Error { using Error::Error; const char* kind() const noexcept override { return "dtype"; } };
struct IndexError : Error { using Error::Error; const char* kind() const noexcept override { return "index"; } };
struct ValueError : Error { using Error::Error; const char* kind() const noexcept override { return "value"; } };
struct StateError : Error { using Error::Error; const char* kind() const noexcept override { return "state"; } };   // right call, wrong time
struct GraphError : Error { using Error::Error; const char* kind() const noexcept override { return "graph"; } };   // wrong graph, feed, fetch
struct MemoryError : Error { using Error::Error; const char* kind() const noexcept override { return "memory"; } };
struct InternalError : Error { using Error::Error; const char* kind() const noexcept override { return "internal"; } };  // our bug
// clang-format on

// A file that cannot be read or written: names file, byte offset and reason.
struct IoError : Error {
  IoError(std::string file, std::uint64_t offset, std::string reason);
  const char* kind() const noexcept override { return "io"; }
  std::uint64_t offset = 0;
};

}  // namespace twofold
