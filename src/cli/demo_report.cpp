#include "cli/demo_report.h"

#include <filesystem>
#include <nlohmann/json.hpp>

#include "io/file_p.h"

namespace twofold::cli {
namespace {

void make_folder(const std::string& folder) {
  std::error_code code;
  std::filesystem::create_directories(folder, code);
  if (code) throw IoError(folder, 0, "cannot be made: " + code.message());
}

}  // namespace

std::string write_report(const std::string& folder, const std::string& model,
                         const std::vector<Trained>& runs) {
  make_folder(folder);
  nlohmann::ordered_json entry = {{"name", model}, {"accuracy", runs[0].accuracy}};
  for (std::size_t i = 0; i < runs.size(); ++i) {
    const std::string name = modes[i].name;
    save_npz(folder + "/" + name + ".npz", runs[i].weights);
    entry["steps_per_second"][name] = runs[i].steps_per_second;
    entry["weights"][name] = name + ".npz";
  }
  const std::string text = nlohmann::ordered_json{{"models", {entry}}}.dump(2) + "\n";
  io::write_file(folder + "/report.json", std::as_bytes(std::span(text)));
  return folder + "/report.json";
}

}  // namespace twofold::cli
