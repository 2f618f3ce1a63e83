#include <ATen/ATen.h>
#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <cstring>

#include "engine/run/simulation.h"
#include "engine/view/render.h"

// What a simulation answers when asked for numbers: exact, in the field's own precision.
namespace atheria {
namespace {

const char* descr_of(const at::Tensor& numbers) {
  if (numbers.scalar_type() == at::kFloat) return "<f4";
  return numbers.scalar_type() == at::kDouble ? "<f8" : "|u1";
}

FieldCopy copy_of(const at::Tensor& tensor) {
  const auto numbers = tensor.to(at::kCPU).contiguous();
  FieldCopy copy;
  copy.bytes.resize(numbers.nbytes());
  std::memcpy(copy.bytes.data(), numbers.const_data_ptr(), copy.bytes.size());
  copy.descr = descr_of(numbers);
  copy.shape = numbers.sizes().vec();
  return copy;
}

}  // namespace

int Simulation::channel_of(const std::string& name) const {
  std::vector<std::string> names;
  for (std::size_t i = 0; i < law().channels.size(); ++i) {
    if (law().channels[i].name == name) return static_cast<int>(i);
    names.push_back(law().channels[i].name);
  }
  throw Error(ErrorKind::not_found,
              fmt::format("law '{}' has no channel '{}'; there are: {}", law().name, name,
                          fmt::join(names, ", ")),
              "channel");
}

FieldCopy Simulation::read(const std::string& channel) const {
  auto numbers = field_->dense();
  if (!field_->grid().is_3d()) numbers = numbers.squeeze(1);
  if (channel != "*") numbers = numbers[channel.empty() ? 0 : channel_of(channel)];
  FieldCopy copy = copy_of(numbers);
  copy.time = time();
  return copy;
}

ProbeResult Simulation::probe(int x, int y, int z) const {
  ProbeResult result{atheria::probe(*field_, x, y, z), {}};
  const auto& channels = law().channels;
  for (const auto& view : views_of(law())) {
    const auto same = [&](const Channel& channel) { return channel.name == view.name; };
    if (view.channels == 1 && std::none_of(channels.begin(), channels.end(), same))
      result.views.emplace_back(view.name,
                                view_value(law(), *field_, view.name, x, y, z, previous()));
  }
  return result;
}

std::vector<double> Simulation::measure() const {
  const auto now = field_->dense();
  auto values = law_->measure(now, setup_);
  double activity = 0;
  if (const auto* before = previous())
    activity = (now.to(at::kDouble) - before->dense().to(at::kDouble)).abs().mean().item<double>();
  values.push_back(activity);
  return values;
}

}  // namespace atheria
