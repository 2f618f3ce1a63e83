#include "engine/field/canvas.h"

#include <ATen/ATen.h>
#include <fmt/format.h>

#include "engine/base/error.h"
#include "engine/base/pool.h"

namespace atheria {

std::int64_t wrapped(std::int64_t at, std::int64_t side) {
  const auto rest = at % side;
  return rest < 0 ? rest + side : rest;
}

Canvas::Canvas(Field& field, const std::vector<Channel>& channels, bool complex)
    : field_(field),
      channels_(channels),
      complex_(complex),
      columns_(field.planes().size(3)),
      numbers_(field.planes().mutable_data_ptr()) {
  if (!field.device().is_cpu() || field.channels() != channel_count()) {
    throw Error(ErrorKind::internal,
                fmt::format("a start needs a CPU field of {} channels; this one has {} on {}",
                            channels.size(), field.channels(), field.device().str()));
  }
}

std::int64_t Canvas::row(int channel, std::int64_t y, std::int64_t z) const {
  return ((channel * std::int64_t{grid().depth} + z) * grid().height + y) * columns_;
}

void Canvas::set(int channel, std::int64_t x, std::int64_t y, std::int64_t z, double value) {
  const auto start = row(channel, y, z);
  switch (field_.dtype()) {
    case Dtype::f32:
      static_cast<float*>(numbers_)[start + x] = static_cast<float>(value);
      return;
    case Dtype::f64:
      static_cast<double*>(numbers_)[start + x] = value;
      return;
    case Dtype::bits:
      break;
  }
  auto& word = static_cast<std::uint64_t*>(numbers_)[start + x / 64];
  const auto bit = std::uint64_t{1} << (x % 64);
  word = value > 0.5 ? word | bit : word & ~bit;
}

double Canvas::get(int channel, std::int64_t x, std::int64_t y, std::int64_t z) const {
  const auto start = row(channel, y, z);
  switch (field_.dtype()) {
    case Dtype::f32:
      return static_cast<const float*>(numbers_)[start + x];
    case Dtype::f64:
      return static_cast<const double*>(numbers_)[start + x];
    case Dtype::bits:
      break;
  }
  return static_cast<double>(
      static_cast<const std::uint64_t*>(numbers_)[start + x / 64] >> (x % 64) & 1);
}

double Canvas::mixed(int channel, double amount) const {
  const auto& of = channels_[static_cast<std::size_t>(channel)];
  return of.background * (1 - amount) + of.ink * amount;
}

void Canvas::ink(std::int64_t x, std::int64_t y, std::int64_t z, double amount) {
  for (int c = 0; c < channel_count(); ++c) set(c, x, y, z, mixed(c, amount));
}

void Canvas::clear() {
  auto& planes = field_.planes();
  planes.zero_();
  for (int c = 0; c < channel_count(); ++c) {
    const double background = mixed(c, 0);
    if (background == 0) continue;
    if (!bits())
      planes[c].fill_(background);
    else if (background > 0.5)
      each_row([&](std::int64_t y, std::int64_t z) {
        for (std::int64_t x = 0; x < grid().width; ++x) set(c, x, y, z, 1);
      });
  }
}

void Canvas::each_row(const std::function<void(std::int64_t, std::int64_t)>& body) const {
  const std::int64_t height = grid().height;
  shared_pool().bands(height * grid().depth, [&](std::int64_t begin, std::int64_t end) {
    for (auto i = begin; i < end; ++i) body(i % height, i / height);
  });
}

}  // namespace atheria
