#include "cli/regenerate.h"

#include <cstdio>
#include <filesystem>
#include <fstream>
#include <sstream>

#include "cli/generate.h"

namespace twofold::cli {
namespace {

namespace fs = std::filesystem;

std::string read_text(const fs::path& path) {
  std::ifstream in(path, std::ios::binary);
  std::ostringstream text;
  text << in.rdbuf();
  return text.str();
}

void write_text(const fs::path& path, const std::string& text) {
  fs::create_directories(path.parent_path());
  std::ofstream out(path, std::ios::binary);
  if (!(out << text) || !out.flush()) throw IoError(path.string(), 0, "cannot be written");
}

// The nearest folder at or above the program that has src/ops: the checkout that it was built in.
fs::path repository_root() {
  fs::path folder = fs::read_symlink("/proc/self/exe").parent_path();
  while (!fs::exists(folder / "src/ops") && folder != folder.root_path()) folder = folder.parent_path();
  if (!fs::exists(folder / "src/ops"))
    throw IoError("src/ops", 0, "not found above the program; name the repository with --root");
  return folder;
}

}  // namespace

int regenerate(bool check, const std::string& given_root) {
  const fs::path root = given_root.empty() ? repository_root() : fs::path(given_root);
  int stale = 0;
  for (const auto& [name, text] : generated_files(core::all_families())) {
    if (read_text(root / name) == text) continue;
    ++stale;
    std::printf("%s %s\n", check ? "stale:" : "wrote", name.c_str());
    if (!check) write_text(root / name, text);
  }
  if (check && stale > 0) std::printf("run `twofold generate` and commit the result\n");
  return check && stale > 0 ? 1 : 0;
}

}  // namespace twofold::cli
