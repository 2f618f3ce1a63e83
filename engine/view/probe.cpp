#include <fmt/format.h>

#include <array>
#include <cmath>

#include "engine/base/error.h"
#include "engine/view/render.h"
#include "engine/view/source.h"

namespace atheria {

namespace {

void check_cell(const GridSpec& grid, int x, int y, int z) {
  struct Axis {
    const char* name;
    int value, side;
  };
  const std::array<Axis, 3> axes = {
      {{"x", x, grid.width}, {"y", y, grid.height}, {"z", z, grid.depth}}};
  for (const Axis& axis : axes) {
    if (axis.value >= 0 && axis.value < axis.side) continue;
    throw Error(ErrorKind::bad_args,
                fmt::format("{} is {}; the field has cells 0..{} that way", axis.name, axis.value,
                            axis.side - 1),
                std::string("args.") + axis.name);
  }
}

double density(const std::vector<double>& values) {
  double sum = 0;
  for (std::size_t pair = 0; pair + 1 < values.size(); pair += 2) {
    sum += values[pair] * values[pair] + values[pair + 1] * values[pair + 1];
  }
  return sum;
}

double change(const std::vector<double>& now, const std::vector<double>& before) {
  double sum = 0;
  for (std::size_t channel = 0; channel < now.size(); ++channel) {
    sum += std::abs(now[channel] - before[channel]);
  }
  return sum;
}

}  // namespace

std::vector<double> probe(const Field& field, int x, int y, int z) {
  check_cell(field.grid(), x, y, z);
  std::vector<double> values;
  for (int channel = 0; channel < field.channels(); ++channel) {
    values.push_back(field.value(channel, x, y, z));
  }
  return values;
}

double view_value(const LawInfo& law, const Field& field, const std::string& view, int x, int y,
                  int z, const Field* previous) {
  const ViewInfo info = find_view(law, view);
  if (info.channels != 1) {
    throw Error(ErrorKind::unsupported,
                fmt::format("view '{}' has {} channels, not one value", info.name, info.channels),
                "args.view");
  }
  const std::vector<double> now = probe(field, x, y, z);
  const CellSource source = single_source(law, info.name);
  switch (source.quantity) {
    case Quantity::density:
      return density(now);
    case Quantity::phase:
      return std::atan2(now[1] + 0.0, now[0] + 0.0);
    case Quantity::change: {
      const bool known = previous != nullptr && same_shape(field, *previous);
      return known ? change(now, probe(*previous, x, y, z)) : 0;
    }
    default:
      return now[source.channel];
  }
}

}  // namespace atheria
