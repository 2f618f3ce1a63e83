#include "app/protocol/subscribe.h"

#include <fmt/format.h>

#include "engine/base/error.h"

namespace atheria::wire {
namespace {

constexpr std::int64_t kLargestSub = 2147483647;
constexpr double kLargestRange = 1e38;  // the span must be a finite float

template <class Enum>
std::optional<Enum> first_known(const Args& args, std::string_view name,
                                std::initializer_list<Enum> known) {
  const auto wishes = args.texts(name);
  if (!wishes) return std::nullopt;
  for (const std::string& wish : *wishes)
    for (const Enum one : known)
      if (wish == to_string(one)) return one;
  std::string names;
  for (const Enum one : known)
    names += fmt::format("{}{}", names.empty() ? "" : ", ", to_string(one));
  throw Error(ErrorKind::unsupported, fmt::format("{}: this server has {}", name, names),
              args.path_of(name));
}

void read_topic(Subscribe& sub, const Args& args) {
  const auto topic = args.text("topic");
  constexpr std::string_view rule = "WORLD/VIEW, WORLD/series or stream/NAME";
  if (!topic) args.missing("topic", rule);
  const std::size_t slash = topic->find('/');
  if (slash == topic->npos || slash == 0 || slash + 1 == topic->size()) args.wrong("topic", rule);
  sub.world = topic->substr(0, slash);
  sub.view.name = topic->substr(slash + 1);
  sub.series = sub.view.name == "series" && !sub.of_stream();
  if (sub.series) sub.max_fps = 20;
}

std::optional<RangeWish> range_of(const Args& args) {
  using Kind = RangeWish::Kind;
  const json::value* const value = args.value("range");
  if (value == nullptr) return std::nullopt;
  if (value->is_string())
    return RangeWish{.kind = *args.choice<Kind>(
                         "range", {{"auto", Kind::automatic}, {"symmetric", Kind::symmetric}})};
  const auto range = *args.numbers("range", 2, 2, -kLargestRange, kLargestRange);
  if (range[0] >= range[1]) args.wrong("range", "\"auto\", \"symmetric\" or [lo, hi] with lo < hi");
  return RangeWish{.kind = Kind::fixed, .lo = range[0], .hi = range[1]};
}

void read_picture(Subscribe& sub, const Args& args) {
  ViewSpec& view = sub.view;
  if (const auto roi = args.integers("roi", 4, 4, 0, 65536))
    view.roi = {static_cast<int>(roi->at(0)), static_cast<int>(roi->at(1)),
                static_cast<int>(roi->at(2)), static_cast<int>(roi->at(3))};
  if (const auto fit = args.integers("fit", 2, 2, 1, 8192)) {
    view.fit_width = static_cast<int>(fit->at(0));
    view.fit_height = static_cast<int>(fit->at(1));
  }
  view.reduce = args.choice<Reduce>("reduce", {{"mean", Reduce::mean},
                                               {"min", Reduce::min},
                                               {"max", Reduce::max},
                                               {"sample", Reduce::sample}})
                    .value_or(view.reduce);
  view.depth = args.choice<Depth>("depth", {{"slice", Depth::slice}, {"max", Depth::max}})
                   .value_or(view.depth);
  view.z = static_cast<int>(args.integer("z", -1, 65535).value_or(view.z));
}

void read_wishes(Subscribe& sub, const Args& args) {
  sub.max_fps = args.number("maxFps", 0, 240).value_or(sub.max_fps);
  sub.every = static_cast<std::uint32_t>(args.integer("every", 1, 1'000'000).value_or(sub.every));
  sub.dtype = first_known(args, "dtype", {Dtype::u8n, Dtype::u16n, Dtype::f16, Dtype::f32})
                  .value_or(sub.dtype);
  sub.codec = first_known(args, "codec", {Codec::raw, Codec::lz4}).value_or(sub.codec);
  sub.range = range_of(args).value_or(sub.range);
  sub.window = static_cast<int>(args.integer("window", 1, 16).value_or(sub.window));
  sub.crc = args.boolean("crc").value_or(sub.crc);
  sub.on_full =
      args.choice<OnFull>(
              "onFull", {{"gap", OnFull::gap}, {"close", OnFull::close}, {"pause", OnFull::pause}})
          .value_or(sub.on_full);
}

}  // namespace

std::uint32_t sub_of(const Args& args) {
  const auto sub = args.integer("sub", 1, kLargestSub);
  if (!sub) args.missing("sub", "a whole number of the client's choice, 1..2147483647");
  return static_cast<std::uint32_t>(*sub);
}

Subscribe subscribe_of(const Args& args) {
  Subscribe sub;
  sub.sub = sub_of(args);
  read_topic(sub, args);
  sub.mode = args.choice<SubMode>("mode", {{"latest", SubMode::latest},
                                           {"lossless", SubMode::lossless},
                                           {"once", SubMode::once}})
                 .value_or(SubMode::latest);
  read_picture(sub, args);
  read_wishes(sub, args);
  return sub;
}

Subscribe updated(const Subscribe& now, const Args& args) {
  for (const std::string_view fixed : {"topic", "mode"})
    if (args.has(fixed)) args.wrong(fixed, "left out: a subscription keeps it");
  Subscribe sub = now;
  read_picture(sub, args);
  read_wishes(sub, args);
  return sub;
}

std::string_view to_string(Dtype dtype) {
  constexpr std::string_view names[] = {"u8", "u16", "f16", "f32", "i8", "f64"};
  return names[static_cast<std::size_t>(dtype)];
}

std::string_view to_string(Codec codec) { return codec == Codec::raw ? "raw" : "lz4"; }

}  // namespace atheria::wire
