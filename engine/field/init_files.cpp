// Starts that somebody drew: patterns and images.
#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <memory>

#include "engine/base/error.h"
#include "engine/field/image.h"
#include "engine/field/init_kinds.h"
#include "engine/field/patterns.h"
#include "engine/field/place.h"
#include "engine/field/read_file.h"
#include "engine/field/rle.h"
#include "engine/field/seed_patterns.h"

namespace atheria {
namespace {

// Coordinates said in the spec go before the pattern's own.
struct Said {
  std::optional<std::int64_t> x, y;
  Corner over(Corner corner) const { return {x.value_or(corner.x), y.value_or(corner.y)}; }
};

std::string all_names() {
  std::vector<std::string> names;
  for (const auto& pattern : life_patterns()) names.push_back(pattern.name);
  for (const auto& name : seed_pattern_names()) names.push_back(name);
  return fmt::format("{}", fmt::join(names, ", "));
}

// Numbers of a drawn creature into the first channels.
void place_seed(Canvas& canvas, const SeedPattern& pattern, const Said& said) {
  const auto& grid = canvas.grid();
  check_fits(pattern.width, pattern.height, grid);
  if (pattern.channels > canvas.channel_count()) {
    throw Error(ErrorKind::unsupported,
                fmt::format("pattern '{}' has {} channels, the law {}", pattern.name,
                            pattern.channels, canvas.channel_count()),
                "init");
  }
  canvas.clear();
  const auto corner =
      said.over({(grid.width - pattern.width) / 2, (grid.height - pattern.height) / 2});
  const float* value = pattern.values.data();
  for (int c = 0; c < pattern.channels; ++c) {
    for (int y = 0; y < pattern.height; ++y) {
      for (int x = 0; x < pattern.width; ++x) {
        canvas.set(c, wrapped(corner.x + x, grid.width), wrapped(corner.y + y, grid.height),
                   canvas.middle_layer(), static_cast<double>(*value++));
      }
    }
  }
}

// Alpha's own, its hidden ones' and colours' share of what a picture's cell says.
void put_colours(Canvas& canvas, std::int64_t x, std::int64_t y, const Rgba& colour) {
  for (int c = 0; c < canvas.channel_count(); ++c) {
    const auto& name = canvas.channels()[static_cast<std::size_t>(c)].name;
    const double value = name == "r"   ? colour.r
                         : name == "g" ? colour.g
                         : name == "b" ? colour.b
                                       : -1;
    canvas.set(c, x, y, canvas.middle_layer(), value >= 0 ? value : canvas.mixed(c, colour.a));
  }
}

bool has_colours(const Canvas& canvas) {
  int found = 0;
  for (const auto& channel : canvas.channels()) {
    found += channel.name == "r" || channel.name == "g" || channel.name == "b";
  }
  return found == 3;
}

int find_channel(const Canvas& canvas, const std::string& name) {
  std::vector<std::string> names;
  for (const auto& channel : canvas.channels()) {
    if (channel.name == name) return static_cast<int>(names.size());
    names.push_back(channel.name);
  }
  throw Error(
      ErrorKind::not_found,
      fmt::format("init image: no channel '{:.40}'; there are: {}", name, fmt::join(names, ", ")),
      "init");
}

void draw_image(Canvas& canvas, const Image& image, const std::string& channel) {
  const auto& grid = canvas.grid();
  const int only = channel.empty() ? -1 : find_channel(canvas, channel);
  const bool coloured = only < 0 && has_colours(canvas);
  canvas.clear();
  const auto cells = resample(image, grid.width, grid.height);
  for (std::int64_t y = 0; y < grid.height; ++y) {
    for (std::int64_t x = 0; x < grid.width; ++x) {
      const auto& colour = cells[static_cast<std::size_t>(y * grid.width + x)];
      if (coloured)
        put_colours(canvas, x, y, colour);
      else if (only < 0)
        canvas.ink(x, y, canvas.middle_layer(), luminance(colour));
      else
        canvas.set(only, x, y, canvas.middle_layer(), canvas.mixed(only, luminance(colour)));
    }
  }
}

}  // namespace

std::string rle_text(const InitSpec& spec) {
  if (spec.kind() != "pattern") return {};
  const int ways = spec.has("name") + spec.has("file") + spec.has("rle");
  if (ways != 1) spec.fail("a pattern needs one of: its name, file= or rle=");
  if (spec.has("rle")) return spec.text("rle");
  if (spec.has("file")) return read_file(spec.text("file"));
  const auto* const known = find_life_pattern(spec.text("name"));
  return known ? known->rle : std::string();
}

Filler pattern_init(const InitSpec& spec) {
  constexpr std::int64_t kFar = 65536;
  const Said said{spec.integer_if_said("x", -kFar, kFar), spec.integer_if_said("y", -kFar, kFar)};
  const auto text = rle_text(spec);
  const auto* const seeded = find_seed_pattern(spec.text("name"));
  if (spec.has("name") && text.empty() && !seeded) {
    throw Error(ErrorKind::not_found,
                fmt::format("no pattern '{:.80}'; there are: {}", spec.text("name"), all_names()),
                "init");
  }
  if (text.empty() && seeded) {
    return [said, seeded](Canvas& canvas, std::uint64_t) { place_seed(canvas, *seeded, said); };
  }
  return [said, pattern = std::make_shared<const RlePattern>(parse_rle(text))](Canvas& canvas,
                                                                               std::uint64_t) {
    check_fits(pattern->width, pattern->height, canvas.grid());
    canvas.clear();
    place(canvas, *pattern, said.over(corner_of(*pattern, canvas.grid())));
  };
}

Filler image_init(const InitSpec& spec) {
  if (!spec.has("file")) spec.fail("an image needs file=PATH");
  return [channel = spec.text("channel"),
          image = std::make_shared<const Image>(read_png(spec.text("file")))](
             Canvas& canvas, std::uint64_t) { draw_image(canvas, *image, channel); };
}

}  // namespace atheria
