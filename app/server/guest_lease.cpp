#include "app/server/guest_lease.h"

#include <fmt/format.h>

#include "app/server/connection.h"
#include "app/server/hub.h"
#include "engine/base/clock.h"

namespace atheria::server {

namespace json = wire::json;

namespace {

constexpr std::chrono::milliseconds kRetry{5};

}  // namespace

GuestLease::GuestLease(Guest& guest, wire::LeaseWish wish, std::string world, std::string owner,
                       CallPtr call)
    : guest_(guest),
      wish_(wish),
      world_(std::move(world)),
      owner_(std::move(owner)),
      until_us_(now_us() + 1000 * wish_.wait_ms),
      call_(std::move(call)),
      retry_(guest.hub().io()) {}

GuestLease::~GuestLease() {
  if (call_) call_->fail({.code = "cancelled", .message = "it is not waited for any more"});
  if (!stand_ || over()) return;
  stand_->given_up = true;
  guest_.post(world_, command::Unpark{stand_->id, "its client has gone"});
}

void GuestLease::begin() { ask(); }

void GuestLease::ask() {
  stand_ = std::make_shared<Stand>();
  auto& io = guest_.hub().io();
  const auto mine = [id = stand_->id](const GuestLease& self) {
    return self.stand_ && self.stand_->id == id;
  };
  auto ended = on_io(io, weak_from_this(), [mine](GuestLease& self, const std::string& why) {
    if (mine(self)) self.ended(why);
  });
  auto parked = on_io(io, weak_from_this(), [mine](GuestLease& self, const Outcome& outcome) {
    if (mine(self)) self.parked(outcome);
  });
  guest_.hub().worlds().post(
      world_, {.body = Stand::park(stand_, owner_, wish_.deadline_us, ended), .reply = parked});
}

void GuestLease::parked(const Outcome& outcome) {
  if (!outcome.error) {
    if (const auto call = std::exchange(call_, nullptr))
      call->reply(wire::standing_json(stand_->standing));
    return;
  }
  stand_ = nullptr;
  if (outcome.error->kind() != ErrorKind::busy || now_us() >= until_us_)
    return refuse(*outcome.error);
  retry_.expires_after(kRetry);
  retry_.async_wait([weak = weak_from_this()](const boost::system::error_code& error) {
    const auto self = weak.lock();
    if (!error && self) self->try_again();
  });
}

void GuestLease::try_again() {
  try {
    ask();
  } catch (const Error& error) {
    stand_ = nullptr;
    refuse(error);
  }
}

void GuestLease::refuse(const Error& why) {
  const auto self = shared_from_this();
  if (const auto call = std::exchange(call_, nullptr)) call->fail(why);
  guest_.drop(wish_.lease);
}

// It ended by itself: its client is told, and whoever asks for it later.
void GuestLease::ended(const std::string& why) {
  why_ = why;
  guest_.connection().push_event(guest_.hub().event(
      "lease_ended", {{"lease", wish_.lease}, {"world", world_}, {"reason", why}}));
}

void GuestLease::end(const CallPtr& call) {
  const auto self = shared_from_this();
  const auto reply = [call](std::uint64_t step) {
    call->reply(json::object{{"step", wire::integer_json(step)}});
  };
  if (stand_ && !over()) {
    auto& io = guest_.hub().io();
    const auto done = [reply, &io](const Outcome& outcome) {
      boost::asio::post(io, [reply, step = outcome.step] { reply(step); });
    };
    try {
      guest_.hub().worlds().post(world_, {.body = command::Unpark{stand_->id}, .reply = done});
    } catch (const Error& error) {
      if (error.kind() == ErrorKind::busy) throw;
      reply(stand_->standing.step);  // the world is gone, and the lease with it
    }
  } else {
    reply(stand_ ? stand_->standing.step : 0);
  }
  stand_ = nullptr;
  guest_.drop(wish_.lease);
}

Hold::Leased GuestLease::leased() const {
  if (over())
    throw Error(ErrorKind::conflict,
                fmt::format("the lease of world '{}' has ended: {}", world_, why_), "lease");
  if (!stand_ || call_)
    throw Error(ErrorKind::conflict,
                fmt::format("the lease of world '{}' has not begun yet", world_), "lease");
  return {world_, stand_->id};
}

}  // namespace atheria::server
