#pragma once

#include <boost/asio/steady_timer.hpp>

#include <memory>
#include <string>

#include "app/protocol/guests.h"
#include "app/server/call.h"
#include "app/server/guest.h"
#include "engine/run/hook_health.h"

namespace atheria::server {

// A client's hook: at certain steps its world stands still for the client, at most for its budget.
// I/O thread only.
class GuestHook : public Hold, public std::enable_shared_from_this<GuestHook> {
 public:
  GuestHook(Guest& guest, wire::HookWish wish, std::string world, std::string owner);
  ~GuestHook() override;

  void open(const CallPtr& call);  // answers it when the next step is seen
  // Lets the world go on, if it still stands, and answers when it stands again, the hook was
  // detached, or the time is over. Throws Error (busy).
  void next(const CallPtr& call, std::uint64_t wait_ms);
  void fail(const std::string& why);  // the world goes on without it

  Leased leased() const override;
  void let_go() override { let_go(current_); }

 private:
  struct Visit {
    std::shared_ptr<Stand> stand;
    std::string why;  // it has ended; empty: it stands
  };

  void parked(const std::shared_ptr<Stand>& stand);
  void left(std::uint64_t stand, const std::string& why);
  void answer(const CallPtr& call);
  void let_go(Visit& visit);
  void tell_detached();

  Guest& guest_;
  const wire::HookWish wish_;
  const std::string world_, owner_;
  const std::uint64_t hook_ = Stand::fresh_id();
  const std::shared_ptr<HookHealth> health_ = std::make_shared<HookHealth>();
  bool opened_ = false;
  bool told_ = false;
  Visit pending_, current_;  // nobody asked for it yet; the client's
  CallPtr waiting_;
  boost::asio::steady_timer timer_;
};

}  // namespace atheria::server
