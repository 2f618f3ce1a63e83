#pragma once

#include <boost/asio/steady_timer.hpp>

#include <cstdint>
#include <memory>
#include <string>

#include "app/protocol/guests.h"
#include "app/server/call.h"
#include "app/server/guest.h"

namespace atheria::server {

// A client's lease: the world stands still until the client lets go, its time is over, or it is
// gone. Waits for another's lease to end. I/O thread only.
class GuestLease : public Hold, public std::enable_shared_from_this<GuestLease> {
 public:
  // `call` is answered when it is held, or why not.
  GuestLease(Guest& guest, wire::LeaseWish wish, std::string world, std::string owner,
             CallPtr call);
  ~GuestLease() override;

  void begin();                   // once; throws Error when the world takes no commands
  void end(const CallPtr& call);  // answers it when the world has it back

  Leased leased() const override;
  bool over() const override { return !why_.empty(); }

 private:
  void ask();
  void parked(const Outcome& outcome);
  void try_again();
  void ended(const std::string& why);
  void refuse(const Error& why);

  Guest& guest_;
  const wire::LeaseWish wish_;
  const std::string world_, owner_;
  const std::uint64_t until_us_;  // for how long to wait for another
  CallPtr call_;                  // null once it was answered
  std::shared_ptr<Stand> stand_;  // null: it is not, or not any more, asked for
  std::string why_;               // it has ended; empty: not yet
  boost::asio::steady_timer retry_;
};

}  // namespace atheria::server
