#include "app/server/guest_hook.h"

#include <fmt/format.h>

#include "app/server/connection.h"
#include "app/server/hub.h"
#include "engine/base/log.h"

namespace atheria::server {

namespace json = wire::json;

namespace {

void give_back(Hub& hub, const std::string& world, std::uint64_t lease) {
  try {
    hub.worlds().post(world, {.body = command::Unpark{lease}});
  } catch (const Error& error) {
    log::debug(fmt::format("world {}: {}", world, error.what()));
  }
}

}  // namespace

GuestHook::GuestHook(Guest& guest, wire::HookWish wish, std::string world, std::string owner)
    : guest_(guest),
      wish_(wish),
      world_(std::move(world)),
      owner_(std::move(owner)),
      timer_(guest.hub().io()) {}

GuestHook::~GuestHook() {
  health_->detach("closed");
  if (waiting_) waiting_->fail({.code = "cancelled", .message = "the hook was closed"});
  let_go(pending_);
  let_go(current_);
  if (opened_) guest_.post(world_, command::Unhook{hook_});
}

void GuestHook::open(const CallPtr& call) {
  auto& io = guest_.hub().io();
  // Dies with the engine's hook: on the world's thread, or with the world.
  struct End {
    std::shared_ptr<HookHealth> health;
    std::function<void()> news;
    End(std::shared_ptr<HookHealth> of, std::function<void()> tell)
        : health(std::move(of)), news(std::move(tell)) {}
    ~End() {
      if (health->detach("the world was deleted")) news();
    }
    End(const End&) = delete;
    End& operator=(const End&) = delete;
  };
  const auto news = on_io(io, weak_from_this(), [](GuestHook& self) { self.tell_detached(); });
  // Who is gone by then gives the world back.
  const auto parked = [&hub = guest_.hub(), weak = weak_from_this(),
                       world = world_](const std::shared_ptr<Stand>& stand) {
    boost::asio::post(hub.io(), [&hub, weak, world, stand] {
      if (const auto self = weak.lock()) return self->parked(stand);
      give_back(hub, world, stand->id);
    });
  };
  const auto left =
      on_io(io, weak_from_this(),
            [](GuestHook& self, std::uint64_t id, const std::string& why) { self.left(id, why); });
  const auto end = std::make_shared<End>(health_, news);
  const auto stop = [end, parked, left, wish = wish_, owner = owner_](const auto& post) {
    if (!end->health->detached().empty()) return false;
    const auto stand = std::make_shared<Stand>();
    const auto ended = [health = end->health, left, id = stand->id,
                        budget = wish.budget_ms](const std::string& why) {
      if (why.starts_with("expired")) health->late(budget);
      left(id, why);
    };
    // Taken before the world's next step. When somebody else's lease begins at this very step, this
    // one is not waited for.
    post({Stand::park(stand, owner, static_cast<std::uint64_t>(1e3 * wish.budget_ms), ended),
          [parked, stand](const Outcome& outcome) {
            if (!outcome.error) parked(stand);
          }});
    return true;
  };
  const auto opened = [](Call& done, Outcome& outcome) {
    done.reply(json::object{{"step", wire::integer_json(outcome.step)}});
  };
  guest_.hub().worlds().post_hook(world_, [&](WorldAccess::Post within) {
    const auto hooked = [stop, within = std::move(within)](Simulation&) { return stop(within); };
    return Command{command::Hook{hook_, wish_.every, hooked}, call->receiver(opened)};
  });
  opened_ = true;
}

void GuestHook::parked(const std::shared_ptr<Stand>& stand) {
  pending_ = {stand, {}};
  if (waiting_) answer(std::exchange(waiting_, nullptr));
}

void GuestHook::left(std::uint64_t stand, const std::string& why) {
  for (Visit* const visit : {&pending_, &current_})
    if (visit->stand && visit->stand->id == stand) visit->why = why;
  if (!pending_.why.empty()) pending_ = {};
  if (!health_->detached().empty()) tell_detached();
}

void GuestHook::next(const CallPtr& call, std::uint64_t wait_ms) {
  if (waiting_) throw Error(ErrorKind::busy, "a request for this hook waits already", "hook");
  let_go(current_);
  if (pending_.stand || !health_->detached().empty() || wait_ms == 0) return answer(call);
  waiting_ = call;
  timer_.expires_after(std::chrono::milliseconds(wait_ms));
  timer_.async_wait([weak = weak_from_this(), call](const boost::system::error_code& error) {
    const auto self = weak.lock();
    if (error || !self || self->waiting_ != call) return;
    self->answer(std::exchange(self->waiting_, nullptr));
  });
}

void GuestHook::answer(const CallPtr& call) {
  timer_.cancel();
  if (pending_.stand) {
    current_ = std::exchange(pending_, {});
    json::object result = wire::standing_json(current_.stand->standing);
    result["stands"] = true;
    return call->reply(std::move(result));
  }
  const std::string detached = health_->detached();
  json::object result{{"stands", false}, {"detached", nullptr}};
  if (!detached.empty()) result["detached"] = detached;
  call->reply(std::move(result));
}

void GuestHook::let_go(Visit& visit) {
  const Visit gone = std::exchange(visit, {});
  if (gone.stand && gone.why.empty()) guest_.post(world_, command::Unpark{gone.stand->id});
}

void GuestHook::fail(const std::string& why) {
  if (health_->detach(why))
    log::warning(fmt::format("world {}: {} failed and was detached: {}", world_, owner_, why));
  tell_detached();
  let_go(current_);
  let_go(pending_);
}

// Once; whoever waits hears it too.
void GuestHook::tell_detached() {
  const std::string why = health_->detached();
  if (!std::exchange(told_, true)) {
    log::info(
        fmt::format("world {}: {} is detached: {}", world_, owner_, why.substr(0, why.find('\n'))));
    guest_.connection().push_event(guest_.hub().event(
        "hook_detached", {{"hook", wish_.hook}, {"world", world_}, {"reason", why}}));
  }
  if (waiting_) answer(std::exchange(waiting_, nullptr));
}

Hold::Leased GuestHook::leased() const {
  if (!current_.stand)
    throw Error(ErrorKind::conflict, "the world does not stand for this hook", "lease");
  if (!current_.why.empty())
    throw Error(ErrorKind::conflict,
                fmt::format("the lease of world '{}' has ended: {}", world_, current_.why),
                "lease");
  return {world_, current_.stand->id};
}

}  // namespace atheria::server
