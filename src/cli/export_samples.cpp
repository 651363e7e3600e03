#include "cli/export_samples.h"

#include <filesystem>
#include <map>
#include <nlohmann/json.hpp>

#include "check/control_rows.h"
#include "check/trial.h"
#include "core/impl.h"
#include "io/file_p.h"
#include "twofold/io.h"

namespace twofold::cli {
namespace {

using check::Sample;
using check::Trial;
using core::Attr;
using core::Op;
using Json = nlohmann::ordered_json;

template <class List>
Json numbers(const List& list) {
  Json out = Json::array();
  for (int i = 0; i < list.size(); ++i) out.push_back(list[i]);
  return out;
}

Json shape_of(const Tensor& t) {
  Json out = Json::array();
  for (int d = 0; d < t.rank(); ++d) out.push_back(t.shape()[d]);
  return out;
}

// Null for what text cannot give: generators, functions.
Json attribute(const Attr& attr) {
  if (const auto* flag = std::get_if<bool>(&attr)) return *flag;
  if (const auto* integer = std::get_if<std::int64_t>(&attr)) return *integer;
  if (const auto* real = std::get_if<double>(&attr)) return *real;
  if (const auto* dtype = std::get_if<Dtype>(&attr)) return std::string(name_of(*dtype));
  if (const auto* dims = std::get_if<Dims>(&attr)) return numbers(*dims);
  if (const auto* text = std::get_if<std::string>(&attr)) return *text;
  return nullptr;
}

Json attributes(const Op& op, const Sample& sample) {
  Json out = Json::object();
  for (int i = 0; i < sample.attrs.size(); ++i)
    out[std::string(op.sig.attr(i).name)] = attribute(sample.attrs[i]);
  return out;
}

Json operand(const Op& op, const Tensor& x, int i, const std::string& key) {
  return {{"parameter", std::string(op.sig.tensor(i).name)},
          {"key", key},
          {"dtype", std::string(name_of(x.dtype()))},
          {"shape", shape_of(x)},
          {"strides", numbers(x.impl()->array.strides)}};
}

Json sample_entry(const Op& op, const Sample& sample, const std::string& key, NamedTensors& arrays) {
  const Trial trial(op, sample);
  Json operands = Json::array();
  for (const Tensor& x : trial.inputs()) {
    const int i = static_cast<int>(operands.size());
    arrays.emplace_back(key + "/" + std::to_string(i), x.dtype() == bf16 ? x.to(f32) : x);
    operands.push_back(operand(op, x, i, arrays.back().first));
  }
  Json entry = {{"text", sample.text}, {"operands", operands}, {"attributes", attributes(op, sample)}};
  if (sample.refused) entry["refused"] = sample.kind;
  return entry;
}

}  // namespace

int export_samples(const std::string& folder) {
  NamedTensors arrays;
  std::map<std::string, Json> rows;
  for (const Op* op : check::checkable_rows()) {
    if (core::find_op(op->name).hidden) continue;
    Json& samples = rows[op->name];
    for (const Sample& sample : check::parse_samples(*op))
      samples.push_back(
          sample_entry(*op, sample, std::string(op->name) + "/" + std::to_string(samples.size()), arrays));
  }
  std::filesystem::create_directories(folder);
  save_npz(folder + "/operands.npz", arrays);
  const std::string text = Json(rows).dump(1) + "\n";
  io::write_file(folder + "/index.json", std::as_bytes(std::span(text)));
  return 0;
}

}  // namespace twofold::cli
