#include "engine/law/nca_weights.h"

#include <ATen/ATen.h>
#include <fmt/format.h>
#include <fmt/ranges.h>

#include "engine/base/error.h"
#include "engine/store/safetensors.h"

namespace atheria {
namespace {

constexpr std::int64_t kMaxHidden = 1024;

at::Tensor take(const Safetensors& file, const std::string& name,
                const std::vector<std::int64_t>& shape) {
  const auto& tensor = file.at(name);
  if (tensor.sizes() != at::IntArrayRef(shape)) {
    throw Error(ErrorKind::io, fmt::format("{}: {} is [{}], a network of {} channels needs [{}]",
                                           file.source, name, fmt::join(tensor.sizes(), ", "),
                                           kNcaChannels, fmt::join(shape, ", ")));
  }
  auto numbers = tensor.to(at::kDouble).contiguous();
  if (!numbers.isfinite().all().item<bool>()) {
    throw Error(ErrorKind::io,
                fmt::format("{}: {} has NaN or infinite numbers", file.source, name));
  }
  return numbers;
}

NcaWeights from_file(const Safetensors& file) {
  const auto& first = file.at("l1.weight");
  const std::int64_t hidden = first.dim() == 2 ? first.size(0) : 0;
  const std::int64_t seen = hidden > 0 && first.size(1) == kNcaSeenDeep ? kNcaSeenDeep : kNcaSeen;
  if (hidden < 1 || hidden > kMaxHidden) {
    throw Error(ErrorKind::io,
                fmt::format("{}: l1.weight is [{}]; it needs [H, {}] with H 1..{}", file.source,
                            fmt::join(first.sizes(), ", "), kNcaSeen, kMaxHidden));
  }
  return {take(file, "l1.weight", {hidden, seen}), take(file, "l1.bias", {hidden}),
          take(file, "l2.weight", {kNcaChannels, hidden}), take(file, "l2.bias", {kNcaChannels})};
}

NcaWeights shipped(const EmbeddedWeights& weights) {
  return from_file(
      parse_safetensors(weights.bytes, fmt::format("shipped weights '{}'", weights.name)));
}

NcaWeights find(const std::string& name_or_path, int seen) {
  for (const auto& weights : embedded_weights())
    if (weights.name == name_or_path) return shipped(weights);
  try {
    return from_file(read_safetensors(name_or_path));
  } catch (const Error& error) {
    if (error.kind() != ErrorKind::not_found) throw;
    throw Error(ErrorKind::not_found,
                fmt::format("no weights '{}': neither a file nor shipped (there are: {})",
                            name_or_path, fmt::join(shipped_nca_weights(seen), ", ")),
                "params.weights");
  }
}

}  // namespace

std::vector<std::string> shipped_nca_weights(int seen) {
  std::vector<std::string> names;
  for (const auto& weights : embedded_weights())
    if (shipped(weights).seen() == seen) names.emplace_back(weights.name);
  return names;
}

NcaWeights load_nca_weights(const std::string& name_or_path, int seen) {
  auto weights = find(name_or_path, seen);
  if (weights.seen() == seen) return weights;
  throw Error(ErrorKind::bad_args,
              fmt::format("weights '{}' have {} inputs a cell; this law's have {}", name_or_path,
                          weights.seen(), seen),
              "params.weights");
}

}  // namespace atheria
