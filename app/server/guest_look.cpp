#include "app/server/guest_look.h"

#include <fmt/format.h>

#include "app/server/connection.h"
#include "app/server/hub.h"
#include "engine/run/field_bytes.h"

namespace atheria::server {

namespace json = wire::json;

namespace {

bool keeps_all(const wire::LookWish& wish) { return wish.keep == wire::Keep::all; }
std::size_t most_of(const wire::LookWish& wish) { return keeps_all(wish) ? wish.most : 1; }

auto copying(const std::vector<std::string>& wanted) {
  return [wanted](const Simulation& world) {
    const Standing now = standing_of(world);
    const auto& channels = wanted.empty() ? now.channels : wanted;
    return Look{now.step, channels, read_channels(world, channels)};
  };
}

}  // namespace

GuestLook::GuestLook(Guest& guest, wire::LookWish wish, std::string world)
    : guest_(guest), wish_(std::move(wish)), world_(std::move(world)), timer_(guest.hub().io()) {}

GuestLook::~GuestLook() {
  if (waiting_) waiting_->fail({.code = "cancelled", .message = "the observer was closed"});
  if (!queue_) return;
  queue_->close();
  guest_.post(world_, command::Unhook{hook_});
}

// First whether the world has such channels, and how large a look is.
void GuestLook::open(const CallPtr& call) {
  const auto bytes = std::make_shared<std::size_t>(0);
  const auto look = [bytes, names = wish_.channels](Simulation& world) {
    *bytes = read_channels(world, names.empty() ? standing_of(world).channels : names).bytes.size();
  };
  const auto watch = [bytes, weak = weak_from_this()](Call& done, Outcome&) {
    const auto self = weak.lock();
    if (!self) return done.fail({.code = "cancelled", .message = "the observer was closed"});
    const std::size_t most = most_of(self->wish_);
    if (*bytes > self->guest_.hub().limits().look_bytes / most)
      throw Error(ErrorKind::too_large,
                  fmt::format("{} looks of {} bytes are more than the {} an observer may keep",
                              most, *bytes, self->guest_.hub().limits().look_bytes),
                  "maxQueue");
    self->watch(done.shared_from_this());
  };
  call->ask(world_, command::Visit{look}, watch);
}

void GuestLook::watch(const CallPtr& call) {
  const auto ring =
      on_io(guest_.hub().io(), weak_from_this(), [](GuestLook& self) { self.rung(); });
  const auto opened = [](Call& done, Outcome& outcome) {
    done.reply(json::object{{"step", wire::integer_json(outcome.step)}});
  };
  guest_.hub().worlds().post_hook(world_, [&](WorldAccess::Post within) {
    const LookRules rules{wish_.every, most_of(wish_), wish_.pauses && keeps_all(wish_)};
    queue_ =
        std::make_shared<LookQueue<Look>>(rules, copying(wish_.channels), std::move(within), ring);
    return Command{queue_->hook(hook_), call->receiver(opened)};
  });
}

void GuestLook::rung() {
  if (queue_ && queue_->wants_play()) guest_.post(world_, command::Play{});
  if (queue_ && waiting_ && queue_->ready()) answer(std::exchange(waiting_, nullptr));
}

void GuestLook::next(const CallPtr& call, std::uint64_t wait_ms) {
  if (!queue_) throw Error(ErrorKind::conflict, "the observer is not open yet", "look");
  if (waiting_) throw Error(ErrorKind::busy, "a request for this observer waits already", "look");
  const Guest::Reading room(guest_);
  if (queue_->ready() || wait_ms == 0) return answer(call);
  waiting_ = call;
  timer_.expires_after(std::chrono::milliseconds(wait_ms));
  timer_.async_wait([weak = weak_from_this(), call](const boost::system::error_code& error) {
    const auto self = weak.lock();
    if (error || !self || self->waiting_ != call) return;
    self->answer(std::exchange(self->waiting_, nullptr));
  });
}

void GuestLook::answer(const CallPtr& call) {
  timer_.cancel();
  auto look = queue_->next();
  if (queue_->wants_play()) guest_.post(world_, command::Play{});
  if (look) return send(*call, std::move(*look));
  json::object result{{"none", true}, {"dropped", queue_->dropped()}};
  if (queue_->finished()) result["ended"] = true;
  call->reply(std::move(result));
}

void GuestLook::send(Call& call, Look look) {
  json::object result = wire::numbers_json(look.field);
  result["step"] = wire::integer_json(look.step);
  result["time"] = wire::number_json(look.field.time);
  result["channels"] = json::array(look.channels.begin(), look.channels.end());
  result["dropped"] = queue_->dropped();
  call.reply_with(std::move(result), std::move(look.field), look.step);
}

void GuestLook::status(Call& call) {
  if (!queue_) throw Error(ErrorKind::conflict, "the observer is not open yet", "look");
  call.reply(json::object{{"dropped", queue_->dropped()}, {"waiting", queue_->waiting()}});
}

Hold::Leased GuestLook::leased() const {
  throw Error(ErrorKind::conflict, "an observer holds no world", "lease");
}

}  // namespace atheria::server
