#pragma once

#include <boost/asio/io_context.hpp>
#include <boost/asio/post.hpp>

#include <atomic>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <set>
#include <string>
#include <utility>

#include "app/server/uploads.h"
#include "engine/run/command.h"
#include "engine/run/field_bytes.h"

namespace atheria::server {

class Connection;
class Hub;

// For another thread: has `then(self, arguments...)` done on the I/O thread, unless self is gone by
// then. Only the I/O thread ever holds self, so only there it is destroyed.
template <class Self, class Then>
auto on_io(boost::asio::io_context& io, std::weak_ptr<Self> self, Then then) {
  return [&io, self = std::move(self), then = std::move(then)](auto... arguments) {
    boost::asio::post(io, [self, then, ... arguments = std::move(arguments)]() mutable {
      if (const auto still = self.lock()) then(*still, std::move(arguments)...);
    });
  };
}

// A world that stands still for a client, as the world's thread and the I/O thread share it.
struct Stand {
  const std::uint64_t id = fresh_id();  // of the engine's lease
  std::atomic<bool> given_up = false;   // nobody waits for it any more: it does not begin
  Standing standing = {};               // written when it begins, before anybody is told

  // What the world is asked. `ended` is called last, on the world's thread.
  static command::Park park(const std::shared_ptr<Stand>& stand, std::string owner,
                            std::uint64_t for_us,
                            std::function<void(const std::string& why)> ended);

  // A number no other lease or hook of this process has.
  static std::uint64_t fresh_id();
};

// Something a client holds under a number. Its destructor lets go of it, without waiting.
class Hold {
 public:
  virtual ~Hold() = default;

  // The engine's lease of a world that stands still for this, and its world. Throws Error
  // (conflict) when there is none (any more).
  struct Leased {
    std::string world;
    std::uint64_t lease = 0;
  };
  virtual Leased leased() const = 0;
  virtual void let_go() {}                     // what stands for it goes on; it stays
  virtual bool over() const { return false; }  // only remembered, to say why
};

// What one connection has of worlds as code in the server would: uploads on their way, leases,
// observers, hooks, forks. All of it ends with the connection. I/O thread only.
class Guest {
 public:
  Guest(Hub& hub, Connection& connection);
  ~Guest();
  Guest(const Guest&) = delete;
  Guest& operator=(const Guest&) = delete;

  Hub& hub() { return hub_; }
  Connection& connection() { return connection_; }
  Uploads& uploads() { return uploads_; }

  // Throws Error: conflict when the number is in use, too_large when there are too many.
  void check_free(std::uint32_t number);
  void put(std::uint32_t number, std::shared_ptr<Hold> hold) { holds_[number] = std::move(hold); }
  // Nothing happens when it is not there.
  void drop(std::uint32_t number) { holds_.erase(number); }
  // Null when there is none of that kind.
  template <class Kind>
  std::shared_ptr<Kind> find(std::uint32_t number) const {
    const auto found = holds_.find(number);
    return found == holds_.end() ? nullptr : std::dynamic_pointer_cast<Kind>(found->second);
  }
  // Throws Error (not_found).
  std::shared_ptr<Hold> at(std::uint32_t number) const;

  // A world that is deleted when this ends. Throws Error (too_large) before it is made.
  void check_forks() const;
  void forked(const std::string& world) { forks_.insert(world); }
  void forget_fork(const std::string& world) { forks_.erase(world); }

  // Copies of numbers under way; throws Error (busy) when too many are, or wait to be read.
  class Reading {
   public:
    explicit Reading(Guest& guest);
    ~Reading() { --*count_; }
    Reading(const Reading&) = delete;
    Reading& operator=(const Reading&) = delete;

   private:
    const std::shared_ptr<std::atomic<int>> count_;  // counted down on any thread
  };

  void post(const std::string& world, CommandBody body);  // what goes wrong does not matter

 private:
  Hub& hub_;
  Connection& connection_;
  Uploads uploads_;
  std::map<std::uint32_t, std::shared_ptr<Hold>> holds_;
  std::set<std::string> forks_;
  std::shared_ptr<std::atomic<int>> readings_ = std::make_shared<std::atomic<int>>(0);
};

}  // namespace atheria::server
