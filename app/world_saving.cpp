#include "app/world_saving.h"

#include <fmt/format.h>

#include <atomic>
#include <future>
#include <utility>

#include "engine/base/error.h"

namespace atheria {
namespace {

using Clock = std::chrono::steady_clock;

constexpr std::chrono::milliseconds kLook{20};
constexpr std::uint64_t kHoldUs = 3600'000'000;  // longer than any disk takes

// Beyond what others in this process count to.
std::uint64_t fresh_lease() {
  static std::atomic<std::uint64_t> next{std::uint64_t{1} << 63};
  return next++;
}

std::future<Outcome> post(Runner& world, CommandBody body) {
  const auto promise = std::make_shared<std::promise<Outcome>>();
  auto outcome = promise->get_future();
  world.post({std::move(body), [promise](Outcome done) { promise->set_value(std::move(done)); }});
  return outcome;
}

}  // namespace

// The world's thread writes `made` before it answers.
struct WorldSaving::Shared {
  std::atomic<bool> begun = false;
  std::atomic<bool> given_up = false;
  Checkpoint made = {};
  std::future<Outcome> parked = {};
  std::future<Outcome> described = {};
};

WorldSaving::WorldSaving(std::shared_ptr<Runner> world, std::string file)
    : world_(std::move(world)),
      name_(world_->state().spec.name),
      lease_(fresh_lease()),
      shared_(std::make_shared<Shared>()) {
  const auto write = [shared = shared_, file = std::move(file)](Simulation& simulation) {
    if (shared->given_up) throw Error(ErrorKind::cancelled, "the restart was called off");
    shared->begun = true;
    shared->made = save(simulation, file);
  };
  shared_->parked = post(*world_, command::Park{.lease = lease_,
                                                .owner = "server.restart",
                                                .for_us = kHoldUs,
                                                .enter = write,
                                                .leave = {},
                                                .takes_over = true});
  shared_->described = post(*world_, command::Describe{});
}

Checkpoint WorldSaving::wait(Clock::time_point until, const std::function<bool()>& ended) {
  while (shared_->described.wait_for(kLook) != std::future_status::ready) {
    if (ended()) throw Error(ErrorKind::cancelled, "the server is stopping");
    if (!shared_->begun && Clock::now() >= until)
      throw Error(ErrorKind::busy,
                  fmt::format("world '{}' did not answer in time: it is in the middle of a long "
                              "step; try again, or pause it first",
                              name_));
  }
  if (const auto parked = shared_->parked.get(); parked.error) throw *parked.error;
  const Outcome described = shared_->described.get();
  if (described.error) throw *described.error;
  // What only the world's thread knows.
  const auto& state = std::get<WorldState>(described.data);
  shared_->made.spec.playing = state.spec.playing;
  shared_->made.failure = state.failure;
  return shared_->made;
}

void WorldSaving::call_off() {
  shared_->given_up = true;
  try {
    world_->post({command::Unpark{lease_, "the restart was called off"}});
  } catch (const Error&) {  // it is being deleted
  }
}

}  // namespace atheria
