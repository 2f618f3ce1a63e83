#include <ATen/ATen.h>

#include "pyhost/bindings/fields.h"

namespace atheria::pyhost {

std::vector<std::string> channel_names(const LawInfo& law) {
  std::vector<std::string> names;
  for (const auto& channel : law.channels) names.push_back(channel.name);
  return names;
}

at::Tensor flat(const at::Tensor& planes, const GridSpec& grid) {
  return grid.is_3d() ? planes : planes.squeeze(1);
}

Copied copy_of(const Simulation& world, const std::string& channel) {
  const auto& field = world.field();
  auto numbers = field.dense();
  if (!channel.empty()) numbers = numbers.narrow(0, world.channel_of(channel), 1);
  numbers = flat(numbers, field.grid());
  if (!channel.empty()) numbers = numbers.squeeze(0);
  // Bits unpacked are a copy already, but a part of one would keep all of it.
  return {numbers.clone(at::MemoryFormat::Contiguous), world.step(), world.time()};
}

}  // namespace atheria::pyhost
