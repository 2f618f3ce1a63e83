#include "engine/run/watches.h"

#include <algorithm>
#include <numeric>

namespace atheria {
namespace {

// A frame can be taken at multiples of this step: both the watch's and the world's wish.
std::uint64_t grid_of(const Watches::Watch& watch, const Pace& pace) {
  const std::uint64_t own = std::max<std::uint32_t>(watch.what.every, 1);
  if (pace.mode != Pace::Mode::every) return own;
  return std::lcm(own, std::uint64_t{std::max<std::uint32_t>(pace.every, 1)});
}

bool uncapped(const Watches::Watch& watch) { return watch.what.max_fps <= 0; }

std::uint64_t period_us(const Watches::Watch& watch, const Pace& pace) {
  if (uncapped(watch)) return 0;
  const double fps =
      pace.max_fps > 0 ? std::min(watch.what.max_fps, pace.max_fps) : watch.what.max_fps;
  return static_cast<std::uint64_t>(1e6 / fps);
}

}  // namespace

void Watches::put(const command::Watch& what) {
  remove(what.id);
  all_.push_back({what});
}

void Watches::remove(std::uint64_t id) {
  std::erase_if(all_, [id](const Watch& watch) { return watch.what.id == id; });
}

void Watches::touch() {
  for (auto& watch : all_) watch.dirty = true;
}

std::uint64_t Watches::until_boundary(std::uint64_t step, const Pace& pace,
                                      std::uint64_t now) const {
  if (pace.mode == Pace::Mode::manual) return 0;
  std::uint64_t nearest = 0;
  for (const auto& watch : all_) {
    if (now < watch.next_us) continue;
    const auto grid = grid_of(watch, pace);
    const auto steps = grid - step % grid;
    if (grid == 1 && !uncapped(watch)) continue;  // any step will do: no need to cut the chunk
    nearest = nearest == 0 ? steps : std::min(nearest, steps);
  }
  return nearest;
}

std::vector<Watches::Watch*> Watches::due(std::uint64_t step, const Pace& pace, std::uint64_t now) {
  std::vector<Watch*> found;
  for (auto& watch : all_) {
    if (now < watch.next_us) continue;
    const bool stepped = pace.mode != Pace::Mode::manual && step != watch.seen_step &&
                         step % grid_of(watch, pace) == 0;
    if (watch.dirty || stepped) found.push_back(&watch);
  }
  return found;
}

void Watches::drawn(Watch& watch, std::uint64_t step, const Pace& pace, std::uint64_t now) {
  const auto period = period_us(watch, pace);
  watch.dirty = false;
  watch.seen_step = step;
  // Keeps the beat when on time, and does not hurry when more than a beat late.
  watch.next_us = watch.next_us + period > now ? watch.next_us + period : now + period;
}

std::uint64_t Watches::next_stale_us() const {
  std::uint64_t soonest = 0;
  for (const auto& watch : all_)
    if (watch.dirty)
      soonest = soonest == 0 ? std::max<std::uint64_t>(watch.next_us, 1)
                             : std::min(soonest, std::max<std::uint64_t>(watch.next_us, 1));
  return soonest;
}

bool Watches::needs_previous() const {
  return std::any_of(all_.begin(), all_.end(),
                     [](const Watch& watch) { return watch.what.view.name == "change"; });
}

}  // namespace atheria
