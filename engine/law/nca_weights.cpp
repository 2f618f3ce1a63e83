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
  if (hidden < 1 || hidden > kMaxHidden) {
    throw Error(ErrorKind::io,
                fmt::format("{}: l1.weight is [{}]; it needs [H, {}] with H 1..{}", file.source,
                            fmt::join(first.sizes(), ", "), kNcaSeen, kMaxHidden));
  }
  return {take(file, "l1.weight", {hidden, kNcaSeen}), take(file, "l1.bias", {hidden}),
          take(file, "l2.weight", {kNcaChannels, hidden}), take(file, "l2.bias", {kNcaChannels})};
}

}  // namespace

std::vector<std::string> shipped_nca_weights() {
  std::vector<std::string> names;
  for (const auto& shipped : embedded_weights()) names.emplace_back(shipped.name);
  return names;
}

NcaWeights load_nca_weights(const std::string& name_or_path) {
  for (const auto& [name, bytes] : embedded_weights()) {
    if (name == name_or_path) {
      return from_file(parse_safetensors(bytes, fmt::format("shipped weights '{}'", name)));
    }
  }
  try {
    return from_file(read_safetensors(name_or_path));
  } catch (const Error& error) {
    if (error.kind() != ErrorKind::not_found) throw;
    throw Error(ErrorKind::not_found,
                fmt::format("no weights '{}': neither a file nor shipped (there are: {})",
                            name_or_path, fmt::join(shipped_nca_weights(), ", ")),
                "params.weights");
  }
}

}  // namespace atheria
