#include "engine/run/field_bytes.h"

#include <ATen/ATen.h>
#include <fmt/format.h>
#include <fmt/ranges.h>

#include <array>
#include <cstring>
#include <utility>

#include "engine/run/simulation.h"

namespace atheria {
namespace {

using Shape = std::vector<std::int64_t>;

constexpr auto kTypes =
    std::to_array<std::pair<std::string_view, at::ScalarType>>({{"<f4", at::kFloat},
                                                                {"<f8", at::kDouble},
                                                                {"<f2", at::kHalf},
                                                                {"|u1", at::kByte},
                                                                {"|i1", at::kChar},
                                                                {"<i2", at::kShort},
                                                                {"<i4", at::kInt},
                                                                {"<i8", at::kLong},
                                                                {"|b1", at::kBool}});

at::ScalarType type_of(const std::string& descr) {
  for (const auto& [name, type] : kTypes)
    if (name == descr) return type;
  std::vector<std::string_view> names;
  for (const auto& [name, type] : kTypes) names.push_back(name);
  throw Error(ErrorKind::bad_args,
              fmt::format("a type is one of {}; got '{}'", fmt::join(names, " "), descr), "dtype");
}

std::string descr_of(const Field& field) {
  if (field.dtype() == Dtype::bits) return "|u1";
  return field.dtype() == Dtype::f64 ? "<f8" : "<f4";
}

Shape shape_of(const Simulation& world, const std::string& channel) {
  const GridSpec& grid = world.field().grid();
  Shape shape;
  if (channel == "*")
    shape.push_back(world.field().channels());
  else
    world.channel_of(channel);  // throws when there is none
  if (grid.is_3d()) shape.push_back(grid.depth);
  shape.insert(shape.end(), {grid.height, grid.width});
  return shape;
}

// The bytes as [c,d,h,w], or [d,h,w] for one channel; not a copy. Throws Error when they are not
// those of that shape.
at::Tensor planes_of(const Simulation& world, const std::string& channel, const FieldCopy& values) {
  const Shape want = shape_of(world, channel);
  if (values.shape != want)
    throw Error(ErrorKind::bad_args,
                fmt::format("the values need shape [{}], got [{}]", fmt::join(want, ", "),
                            fmt::join(values.shape, ", ")),
                "values");
  std::size_t bytes = check_descr(values.descr);
  for (const std::int64_t side : want) bytes *= static_cast<std::size_t>(side);
  if (values.bytes.size() != bytes)
    throw Error(ErrorKind::bad_args,
                fmt::format("the values [{}] of type {} are {} bytes, got {}",
                            fmt::join(want, ", "), values.descr, bytes, values.bytes.size()),
                "values");
  // Nobody writes through it.
  auto numbers = at::from_blob(const_cast<std::uint8_t*>(values.bytes.data()), want,
                               at::TensorOptions(type_of(values.descr)));
  return world.field().grid().is_3d() ? numbers : numbers.unsqueeze(channel == "*" ? 1 : 0);
}

}  // namespace

std::size_t check_descr(const std::string& descr) { return at::elementSize(type_of(descr)); }

Standing standing_of(const Simulation& world) {
  Standing standing{world.step(), world.time(), {}, descr_of(world.field()), shape_of(world, "*")};
  for (const Channel& channel : world.law().channels) standing.channels.push_back(channel.name);
  return standing;
}

FieldCopy read_channels(const Simulation& world, const std::vector<std::string>& channels) {
  FieldCopy all;
  Shape shape = shape_of(world, "*");
  shape.front() = static_cast<std::int64_t>(channels.size());
  const at::Tensor dense = world.field().dense();
  for (const std::string& channel : channels) {
    const auto plane = dense[world.channel_of(channel)].to(at::kCPU).contiguous();
    const auto* const bytes = static_cast<const std::uint8_t*>(plane.const_data_ptr());
    all.bytes.reserve(channels.size() * plane.nbytes());
    all.bytes.insert(all.bytes.end(), bytes, bytes + plane.nbytes());
  }
  all.descr = descr_of(world.field());
  all.shape = std::move(shape);
  all.time = world.time();
  return all;
}

void write_field(Simulation& world, const std::string& channel, const FieldCopy& values) {
  const auto numbers = planes_of(world, channel, values);
  if (values.descr != descr_of(world.field()))
    throw Error(ErrorKind::bad_args,
                fmt::format("the field is of type {}, the values of {}", descr_of(world.field()),
                            values.descr),
                "dtype");
  Field& field = world.field_to_write();
  const bool bits = field.dtype() == Dtype::bits;
  auto planes = bits ? field.dense() : field.planes();
  (channel == "*" ? planes : planes[world.channel_of(channel)]).copy_(numbers);
  if (bits) field.set_dense(planes);
}

void load_field(Simulation& world, const std::string& channel, const FieldCopy& values) {
  world.load(channel == "*" ? "" : channel, planes_of(world, channel, values));
}

struct FieldParcel::Numbers {
  at::Tensor dense;
};

void FieldParcel::take(const Simulation& world) {
  numbers_ = std::make_shared<const Numbers>(Numbers{world.field().dense().clone()});
}

void FieldParcel::put_into(Simulation& world) const { world.load("", numbers_->dense); }

}  // namespace atheria
