#include "twofold/error.h"

#include <cstring>

namespace twofold {
namespace {

// Users know their files by their last component; the full path is in Location.
const char* file_name(const char* path) {
  const char* slash = std::strrchr(path, '/');
  return slash ? slash + 1 : path;
}

std::string sentence(const Error::Facts& f) {
  std::string s;
  auto part = [&s](const char* joint, const std::string& before, const std::string& word) {
    if (word.empty()) return;
    if (!s.empty()) s += joint;
    s += before + word;
  };
  part("", "", f.op);
  part(": ", "argument ", f.argument.empty() ? "" : "'" + f.argument + "'");
  part(": ", "got ", f.got);
  part(f.got.empty() ? ": " : ", ", "expected ", f.expected);
  part("; ", "", f.note);
  return s;
}

}  // namespace

std::string to_string(const Location& where) {
  if (!where) return "";
  return std::string(file_name(where.file)) + ":" + std::to_string(where.line);
}

const char* Error::what() const noexcept {
  try {
    if (text_.empty()) {
      text_ = sentence(facts_);
      if (where_) text_ += " (" + to_string(where_) + ")";
    }
    return text_.c_str();
  } catch (...) {
    return "twofold::Error (no memory left to word it)";
  }
}

void Error::locate(const char* op, const Location& where) {
  if (facts_.op.empty() && op) facts_.op = op;
  if (!where_) where_ = where;
  text_.clear();
}

void Error::rename(const char* op) {
  facts_.op = op;
  text_.clear();
}

IoError::IoError(std::string file, std::uint64_t at, std::string reason)
    : Error({.op = std::move(file),
             .argument = "",
             .got = "",
             .expected = "",
             .note = "offset " + std::to_string(at) + ": " + std::move(reason)}),
      offset(at) {}

}  // namespace twofold
