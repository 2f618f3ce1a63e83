#pragma once

#include "app/protocol/json_text.h"
#include "app/server/feeds.h"
#include "app/server/hub.h"
#include "engine/view/window.h"

namespace atheria::server {

// What a subscription will show, as things are now.
struct Sight {
  Wanted wanted;  // settled: clients whose wishes come to the same share one watch
  Window window;
  int channels = 1;
  std::uint64_t step = 0;
};

// Throws Error when there is no such world, view or stream, or its field has no such place.
Sight sight_of(Hub& hub, const wire::Subscribe& wish);

// The reply, without `step`.
wire::json::object description(const Sight& sight);

}  // namespace atheria::server
