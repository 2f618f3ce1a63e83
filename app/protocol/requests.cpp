#include "app/protocol/requests.h"

#include <fmt/format.h>

#include <algorithm>
#include <cctype>

namespace atheria::wire {
namespace {

constexpr std::int64_t kLongestSide = 65536;
constexpr double kLargest = 1e30;  // a field's number, or a parameter's, from outside
constexpr double kFarthest = 1e7;  // cells; strokes wrap around
constexpr std::size_t kLongestText = kTextLimit;

bool is_rle(std::string_view text) { return text.starts_with('#') || text.starts_with("x ="); }

// Stricter than field/init.h reads it: whatever might be a path is one. What follows rle= is text.
bool names_a_file(std::string_view text) {
  std::string head(text.substr(0, std::min(text.find(":rle="), text.find(",rle="))));
  std::ranges::transform(head, head.begin(), [](unsigned char c) { return std::tolower(c); });
  const auto has = [&](std::string_view part) { return head.find(part) != head.npos; };
  return head.starts_with("image") || has("file") || has(".rle") || has(".png") || has("/") ||
         has("\\");
}

// A starting state that opens no file of the server's.
std::optional<std::string> init_of(const Args& args) {
  auto init = args.text("init", kLongestText);
  if (init && !is_rle(*init) && names_a_file(*init))
    throw Error(ErrorKind::not_allowed,
                "init cannot name a file of the server over the wire; send a pattern's text as rle",
                args.path_of("init"));
  return init;
}

// RLE text in a form that can only be read as RLE, never as a path.
std::optional<std::string> rle_of(const Args& args) {
  auto rle = args.text("rle", kLongestText);
  if (!rle) return rle;
  rle->erase(0, std::min(rle->find_first_not_of(" \t\r\n"), rle->size()));
  if (rle->empty()) args.wrong("rle", "RLE text");
  return is_rle(*rle) ? rle : "pattern:rle=" + *rle;
}

GridSpec grid_of(const Args& args) {
  const auto size = args.integers("size", 2, 3, 1, kLongestSide);
  if (!size) return {};
  GridSpec grid;
  grid.width = static_cast<int>(size->at(0));
  grid.height = static_cast<int>(size->at(1));
  if (size->size() == 3) grid.depth = static_cast<int>(size->at(2));
  return grid;
}

std::optional<Guard> guard_of(const Args& args) {
  return args.choice<Guard>("guard", {{"pause", Guard::pause}, {"off", Guard::off}});
}

ParamMap params_in(const Args& args) {
  const json::object* const object = args.object("params");
  return object == nullptr ? ParamMap{} : params_of(*object, args.path_of("params"));
}

}  // namespace

std::string world_of(const Args& args) { return args.text("world").value_or(""); }

ParamMap params_of(const json::object& object, const std::string& path) {
  ParamMap params;
  const Args args(object, path);
  for (const auto& [key, value] : object) {
    const std::string name(key);
    if (value.is_string())
      params[name] = *args.text(name, kLongestText);
    else if (value.is_number())
      params[name] = *args.number(name, -kLargest, kLargest);
    else
      args.wrong(name, "a number or text");
  }
  return params;
}

Pace pace_of(const Args& args, const Pace& now) {
  const json::object* const object = args.object("pace");
  if (object == nullptr) return now;
  const Args inner(*object, args.path_of("pace"));
  using Mode = Pace::Mode;
  Pace pace = now;
  pace.mode =
      inner
          .choice<Mode>("mode",
                        {{"every", Mode::every}, {"manual", Mode::manual}, {"full", Mode::full}})
          .value_or(now.mode);
  pace.every = static_cast<std::uint32_t>(inner.integer("every", 1, 1'000'000).value_or(now.every));
  pace.max_fps = inner.number("maxFps", 0, 240).value_or(now.max_fps);
  pace.steps_per_second = inner.number("stepsPerSecond", 0, 1e9).value_or(now.steps_per_second);
  return pace;
}

WorldSpec world_spec_of(const Args& args) {
  WorldSpec spec;
  const auto name = args.text("name");
  const auto law = args.text("law");
  if (!name) args.missing("name", "what shall the world be called?");
  if (!law) args.missing("law", "law.list names them");
  spec.name = *name;
  spec.law = *law;
  spec.preset = args.text("preset").value_or("");
  spec.params = params_in(args);
  spec.grid = grid_of(args);
  spec.dtype = args.text("dtype").value_or("");
  spec.device = args.text("device").value_or("cpu");
  spec.path = args.text("path").value_or("fast");
  spec.init = init_of(args).value_or("");
  spec.seed = args.unsigned64("seed").value_or(0);
  spec.pace = pace_of(args, {});
  spec.guard = guard_of(args).value_or(Guard::pause);
  spec.playing = args.boolean("playing").value_or(true);
  return spec;
}

command::Step step_of(const Args& args) {
  return {static_cast<std::uint64_t>(args.integer("n", 1, 1'000'000'000).value_or(1))};
}

std::vector<CommandBody> set_of(const Args& args, const Pace& now) {
  std::vector<CommandBody> commands;
  const bool start = args.has("law") || args.has("preset") || args.has("init");
  if (start)
    commands.push_back(command::SetLaw{.law = args.text("law").value_or(""),
                                       .preset = args.text("preset").value_or(""),
                                       .params = params_in(args),
                                       .init = init_of(args).value_or("")});
  else if (args.has("params"))
    commands.push_back(command::SetParams{params_in(args)});
  if (args.has("pace")) commands.push_back(command::SetPace{pace_of(args, now)});
  if (const auto guard = guard_of(args)) commands.push_back(command::SetGuard{*guard});
  if (commands.empty())
    throw Error(ErrorKind::bad_args, "sim.set needs params, pace, guard, law, preset or init",
                "args");
  return commands;
}

command::Seed seed_of(const Args& args) {
  if (args.has("rle") && args.has("init"))
    args.wrong("rle", "alone: rle and init are two ways to say the same");
  const auto rle = rle_of(args);
  return {.seed = args.unsigned64("seed"), .init = rle ? *rle : init_of(args).value_or("")};
}

command::PaintStroke paint_of(const Args& args) {
  Paint paint;
  paint.tool = args.choice<Tool>("tool", {{"brush", Tool::brush},
                                          {"erase", Tool::erase},
                                          {"noise", Tool::noise},
                                          {"stamp", Tool::stamp}})
                   .value_or(Tool::brush);
  const json::array* const points = args.array("points");
  constexpr std::string_view rule = "an array of 1..256 points [x, y]";
  if (points == nullptr) args.missing("points", rule);
  if (points->empty() || points->size() > 256) args.wrong("points", rule);
  for (std::size_t i = 0; i < points->size(); ++i) {
    // Named like its place, so that a wrong one is found: args.points[3].
    const std::string name = fmt::format("points[{}]", i);
    const json::object one{{name, points->at(i)}};
    const auto xy = *Args(one).numbers(name, 2, 2, -kFarthest, kFarthest);
    paint.points.push_back({static_cast<float>(xy[0]), static_cast<float>(xy[1])});
  }
  paint.z = static_cast<int>(args.integer("z", -1, kLongestSide - 1).value_or(-1));
  paint.radius = static_cast<float>(args.number("radius", 0.5, 512).value_or(4));
  paint.value = static_cast<float>(args.number("value", -kLargest, kLargest).value_or(1));
  paint.softness = static_cast<float>(args.number("softness", 0, 1).value_or(0));
  paint.channel = args.text("channel").value_or("");
  paint.pattern = args.text("pattern", kLongestText).value_or("");
  if (paint.tool == Tool::stamp && paint.pattern.empty())
    args.missing("pattern", "a stamp needs a pattern's name or RLE text");
  paint.stroke = args.unsigned64("stroke").value_or(0);
  return {std::move(paint)};
}

command::Probe probe_of(const Args& args) {
  const auto at = [&](std::string_view name) { return args.integer(name, 0, kLongestSide - 1); };
  const auto x = at("x"), y = at("y"), z = at("z");
  if (!x) args.missing("x", "the cell's column");
  if (!y) args.missing("y", "the cell's row");
  return {static_cast<int>(*x), static_cast<int>(*y), static_cast<int>(z.value_or(0))};
}

command::ReadHistogram histogram_of(const Args& args) {
  command::ReadHistogram read;
  read.view = args.text("view").value_or("");
  read.bins = static_cast<int>(args.integer("bins", 1, 4096).value_or(64));
  if (const auto range = args.numbers("range", 2, 2, -1e300, 1e300)) {
    read.lo = range->at(0);
    read.hi = range->at(1);
    if (read.lo >= read.hi) args.wrong("range", "[lo, hi] with lo < hi");
  }
  return read;
}

}  // namespace atheria::wire
