#pragma once

#include <deque>
#include <functional>
#include <map>
#include <string>
#include <vector>

#include "app/protocol/subscribe.h"
#include "app/server/outbox.h"
#include "app/server/world_access.h"
#include "engine/run/frame.h"

namespace atheria::server {

// One client's WORLD/series: rows gather and leave as one message at its own rate. I/O thread only.
class SeriesSubscription {
 public:
  explicit SeriesSubscription(wire::Subscribe wish) : wish_(std::move(wish)) {}

  const wire::Subscribe& wish() const { return wish_; }
  void update(wire::Subscribe wish) { wish_ = std::move(wish); }

  void add(const Sample& sample);
  // The next message when it is time; otherwise sets `wake_us` if time alone will make it so.
  std::optional<OutgoingFrame> take(std::uint64_t now, std::uint64_t& wake_us);
  void sent() { sending_ = false; }
  bool acked(std::uint32_t seq) const { return seq >= 1 && seq <= seq_; }
  std::uint32_t last_sent() const { return seq_; }

 private:
  wire::Subscribe wish_;
  std::vector<Sample> rows_;
  bool sending_ = false;
  bool gap_ = false;
  std::uint32_t seq_ = 0;
  std::uint64_t next_us_ = 0;
};

// Who follows which world's series, and how fast each world must sample. I/O thread only.
class SeriesFeeds {
 public:
  using Follower = std::function<void(const Sample&)>;

  void attach(WorldAccess& worlds) { worlds_ = &worlds; }

  // Returns a number for leave(). Throws Error when there is no such world.
  std::uint64_t join(const std::string& world, double hz, Follower follower,
                     std::function<void(Outcome)> reply);
  void change(std::uint64_t member, double hz);
  void leave(std::uint64_t member);

  void deliver(const std::string& world, const Sample& sample);

 private:
  struct Member {
    std::string world;
    double hz;
    Follower follower;
  };
  void watch(const std::string& world, std::function<void(Outcome)> reply);

  WorldAccess* worlds_ = nullptr;
  std::map<std::uint64_t, Member> members_;
  std::uint64_t next_ = 1;
};

}  // namespace atheria::server
