#pragma once

#include <boost/asio/steady_timer.hpp>

#include <memory>
#include <string>
#include <vector>

#include "app/protocol/guests.h"
#include "app/server/call.h"
#include "app/server/guest.h"
#include "engine/run/look_queue.h"

namespace atheria::server {

// Copies of a world's channels, all of one step.
struct Look {
  std::uint64_t step = 0;
  std::vector<std::string> channels;
  FieldCopy field;  // [k,...]
};

// A client's observer: takes looks out of a queue, one a request. I/O thread only.
class GuestLook : public Hold, public std::enable_shared_from_this<GuestLook> {
 public:
  GuestLook(Guest& guest, wire::LookWish wish, std::string world);
  ~GuestLook() override;

  void open(const CallPtr& call);  // answers it when the next step is seen
  // Answers when there is a look, the end, or the time is over. Throws Error (busy).
  void next(const CallPtr& call, std::uint64_t wait_ms);
  void status(Call& call);

  Leased leased() const override;

 private:
  void watch(const CallPtr& call);
  void rung();
  void answer(const CallPtr& call);
  void send(Call& call, Look look);

  Guest& guest_;
  const wire::LookWish wish_;
  const std::string world_;
  const std::uint64_t hook_ = Stand::fresh_id();
  std::shared_ptr<LookQueue<Look>> queue_;  // null until it was opened
  CallPtr waiting_;
  boost::asio::steady_timer timer_;
};

}  // namespace atheria::server
