#include "app/server/sight.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>

namespace atheria::server {
namespace {

const ViewInfo& find_view(const std::vector<ViewInfo>& views, const std::string& name,
                          const std::string& law) {
  const auto found = std::find_if(views.begin(), views.end(),
                                  [&](const ViewInfo& view) { return view.name == name; });
  if (found != views.end()) return *found;
  std::vector<std::string> names;
  for (const ViewInfo& view : views) names.push_back(view.name);
  throw Error(
      ErrorKind::not_found,
      fmt::format("law '{}' has no view '{}'; there are: {}", law, name, fmt::join(names, ", ")),
      "args.topic");
}

// The same picture however it was asked for.
wire::Subscribe settled(wire::Subscribe wish, const Window& window, const ViewInfo& view) {
  wish.view.roi = window.roi;
  wish.view.fit_width = window.width;
  wish.view.fit_height = window.height;
  if (view.cyclic && wish.view.reduce == Reduce::mean) wish.view.reduce = Reduce::sample;
  return wish;
}

wire::RangeWish range_of(const wire::Subscribe& wish, const ViewInfo& view) {
  if (!view.cyclic) {
    auto range = wish.range;
    range.floor = view.lo, range.ceiling = view.hi;
    return range;
  }
  return {.kind = wire::RangeWish::Kind::fixed, .lo = view.lo, .hi = view.hi};
}

Sight world_sight(Hub& hub, const wire::Subscribe& wish) {
  const WorldState state = hub.worlds().state(wish.world);
  const auto views = hub.worlds().views(state.spec.law);
  const ViewInfo& view = find_view(views, wish.view.name, state.spec.law);
  const Window window = hub.worlds().window(state.spec.grid, wish.view);
  return {.wanted = {settled(wish, window, view), range_of(wish, view)},
          .window = window,
          .channels = view.channels,
          .step = state.step};
}

StreamInfo stream_of(Hub& hub, const std::string& name) {
  try {
    return hub.streams().find(name);
  } catch (const Error& error) {
    throw Error(error.kind(), error.what(), "args.topic");
  }
}

// The wish is kept as it is: the next picture may have another size.
Sight stream_sight(Hub& hub, const wire::Subscribe& wish) {
  if (wish.on_full == wire::OnFull::pause)
    throw Error(ErrorKind::bad_args, "onFull \"pause\" is for worlds: a script's stream goes on",
                "args.onFull");
  if (wish.view.z > 0)
    throw Error(ErrorKind::bad_args, fmt::format("z is {}; a stream has layer 0", wish.view.z),
                "args.z");
  const StreamInfo info = stream_of(hub, wish.view.name);
  const auto& [width, height, channels, usual] = info.shape;
  const Window window = window_of({.width = width, .height = height, .depth = 1}, wish.view);
  Sight sight{.wanted = {wish, wish.range, info.id},
              .window = window,
              .channels = channels,
              .step = info.count};
  if (usual) sight.wanted.range.floor = usual->first, sight.wanted.range.ceiling = usual->second;
  return sight;
}

}  // namespace

Sight sight_of(Hub& hub, const wire::Subscribe& wish) {
  return wish.of_stream() ? stream_sight(hub, wish) : world_sight(hub, wish);
}

wire::json::object description(const Sight& sight) {
  const auto& [roi, lod, width, height] = sight.window;
  const wire::Subscribe& wish = sight.wanted.wish;
  return {{"sub", wish.sub},
          {"topic", wish.topic()},
          {"dtype", wire::to_string(wish.dtype)},
          {"codec", wire::to_string(wish.codec)},
          {"lod", lod},
          {"roi", {roi.x, roi.y, roi.w, roi.h}},
          {"size", {width, height}},
          {"channels", sight.channels}};
}

}  // namespace atheria::server
