#include "app/server/guest.h"

#include <fmt/format.h>

#include <vector>

#include "app/server/connection.h"
#include "app/server/hub.h"
#include "engine/base/error.h"
#include "engine/base/log.h"

namespace atheria::server {
namespace {

constexpr int kMostReadings = 4;  // at a time

}  // namespace

std::uint64_t Stand::fresh_id() {
  // Away from those that code in this process counts up from 1.
  static std::atomic<std::uint64_t> next{std::uint64_t{1} << 62};
  return next++;
}

command::Park Stand::park(const std::shared_ptr<Stand>& stand, std::string owner,
                          std::uint64_t for_us, std::function<void(const std::string& why)> ended) {
  return {.lease = stand->id,
          .owner = std::move(owner),
          .for_us = for_us,
          .enter =
              [stand](Simulation& world) {
                if (stand->given_up)
                  throw Error(ErrorKind::cancelled, "nobody waits for this lease any more");
                stand->standing = standing_of(world);
              },
          .leave = [ended = std::move(ended)](Simulation&, const std::string& why) { ended(why); }};
}

Guest::Guest(Hub& hub, Connection& connection)
    : hub_(hub), connection_(connection), uploads_(hub.limits()) {}

Guest::~Guest() {
  holds_.clear();
  // Deleting joins the world's thread.
  for (const std::string& fork : forks_)
    hub_.run_slowly([&hub = hub_, fork] {
      try {
        hub.worlds().remove(fork);
        boost::asio::post(hub.io(), [&hub, fork] { hub.removed(fork); });
      } catch (const Error&) {
        log::debug(fmt::format("the fork '{}' was gone before its client", fork));
      }
    });
}

void Guest::check_free(std::uint32_t number) {
  if (const auto found = holds_.find(number); found != holds_.end()) {
    if (!found->second->over())
      throw Error(ErrorKind::conflict, fmt::format("the number {} is in use", number));
    holds_.erase(found);
  }
  if (holds_.size() < hub_.limits().holds) return;
  std::erase_if(holds_, [](const auto& one) { return one.second->over(); });
  if (holds_.size() >= hub_.limits().holds)
    throw Error(ErrorKind::too_large,
                fmt::format("a connection has at most {} leases, observers and hooks",
                            hub_.limits().holds));
}

std::shared_ptr<Hold> Guest::at(std::uint32_t number) const {
  const auto found = holds_.find(number);
  if (found == holds_.end())
    throw Error(ErrorKind::not_found,
                fmt::format("this connection holds nothing under the number {}", number));
  return found->second;
}

void Guest::check_forks() const {
  if (forks_.size() >= hub_.limits().forks)
    throw Error(ErrorKind::too_large,
                fmt::format("a connection has at most {} forks that end with it: delete one, or "
                            "keep the next",
                            hub_.limits().forks));
}

Guest::Reading::Reading(Guest& guest) : count_(guest.readings_) {
  ++*count_;
  const bool behind = guest.connection_.blob_bytes() > guest.hub_.limits().blob_bytes;
  if (*count_ <= kMostReadings && !behind) return;
  --*count_;
  throw Error(ErrorKind::busy, "too many numbers are on their way to this connection: read them");
}

void Guest::post(const std::string& world, CommandBody body) {
  try {
    hub_.worlds().post(world, {.body = std::move(body)});
  } catch (const Error& error) {
    // It is gone, or its inbox is full: then what it holds ends by its deadline.
    log::debug(fmt::format("world {}: {}", world, error.what()));
  }
}

}  // namespace atheria::server
