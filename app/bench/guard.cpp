#include <fmt/format.h>

#include "app/bench/house.h"
#include "engine/base/error.h"
#include "engine/run/bench.h"

namespace atheria::bench {
namespace {

WorldSpec world_with(Guard guard, int side) {
  WorldSpec spec;
  spec.name = "bench";
  spec.law = "gray-scott";
  spec.grid = {.width = side, .height = side, .depth = 1};
  spec.init = "noise";
  spec.guard = guard;
  return spec;
}

double rate(PlayBench& world, double seconds) {
  const Timing timing = world.run(seconds);
  if (timing.steps == 0) throw Error(ErrorKind::internal, "a playing world took no step");
  return static_cast<double>(timing.steps) / timing.wall_seconds;
}

}  // namespace

Shares guard_shares(int side, int rounds, double seconds) {
  PlayBench with(world_with(Guard::pause, side)), without(world_with(Guard::off, side));
  for (PlayBench* const world : {&with, &without}) rate(*world, seconds);  // warms up
  Shares shares;
  for (int round = 0; round < rounds; ++round) {
    const double guarded = rate(with, seconds);
    shares.values.push_back(guarded / rate(without, seconds));
  }
  shares.how = fmt::format("Gray-Scott, {0} x {0}", side);
  return shares;
}

}  // namespace atheria::bench
