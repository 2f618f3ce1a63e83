#include "engine/run/lease.h"

#include <fmt/format.h>

#include <algorithm>
#include <type_traits>
#include <utility>

#include "engine/base/clock.h"

namespace atheria {
namespace {

constexpr std::size_t kRemembered = 64;

double seconds(std::uint64_t from, std::uint64_t to) {
  return static_cast<double>(to - std::min(from, to)) * 1e-6;
}

template <class T, class... Others>
constexpr bool is_one_of = (std::is_same_v<T, Others> || ...);

}  // namespace

void Lease::begin(const command::Park& park, const std::string& world, std::uint64_t now) {
  if (held())
    throw Error(ErrorKind::busy,
                fmt::format("world '{}' is held by {} since {:.1f} s, for {:.1f} s more at most; "
                            "try again later",
                            world, park_->owner, seconds(since_us_, now), seconds(now, until_us())),
                "world");
  park_ = park;
  since_us_ = now;
}

void Lease::expect(std::uint64_t lease, const std::string& world) const {
  if (held() && park_->lease == lease) return;
  for (const auto& ended : ended_)
    if (ended.lease == lease)
      throw Error(ErrorKind::conflict,
                  fmt::format("the lease of world '{}' has ended: {}", world, ended.why));
  throw Error(ErrorKind::not_found,
              fmt::format("world '{}' has no lease {}; park it first", world, lease));
}

command::Park Lease::end(const std::string& why) {
  ended_.push_back({park_->lease, why});
  if (ended_.size() > kRemembered) ended_.pop_front();
  return std::exchange(park_, std::nullopt).value();
}

std::string Lease::expired() const {
  return fmt::format("expired after {:g} s", seconds(0, park_->for_us));
}

bool Lease::touches_field(const CommandBody& body) {
  using namespace command;
  if (const auto* visit = std::get_if<Visit>(&body)) return visit->lease == 0;
  return std::visit(
      [](const auto& one) {
        return !is_one_of<std::decay_t<decltype(one)>, Play, Pause, SetPace, SetGuard, Watch,
                          Unwatch, WatchSeries, Describe, Park, StepParked, Unpark, Hook, Unhook>;
      },
      body);
}

void Lease::defer(Command&& command) {
  if (deferred_.size() >= kMostDeferred)
    throw Error(ErrorKind::busy,
                fmt::format("{} commands wait for {} to let the world go on; try again later",
                            kMostDeferred, owner()));
  deferred_.push_back(std::move(command));
}

std::optional<Command> Lease::next_deferred() {
  if (deferred_.empty()) return std::nullopt;
  auto next = std::move(deferred_.front());
  deferred_.pop_front();
  return next;
}

}  // namespace atheria
