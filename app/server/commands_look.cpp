#include "app/protocol/guests.h"
#include "app/server/commands.h"
#include "app/server/guest_hook.h"
#include "app/server/guest_look.h"

// Ops by which a client is there at certain steps: with copies, beside the world, or while it stands.
namespace atheria::server {

namespace json = wire::json;

namespace {

// Throws Error (not_found).
template <class Kind>
std::shared_ptr<Kind> hold_of(Call& call, std::string_view name) {
  const std::uint32_t number = wire::number_of(call.args(), name);
  if (auto hold = guest_of(call).find<Kind>(number)) return hold;
  throw Error(ErrorKind::not_found, "this connection has no such " + std::string(name),
              std::string(name));
}

// Puts it under its number and begins; without it when it cannot.
template <class Kind>
void open(Call& call, std::uint32_t number, const std::shared_ptr<Kind>& hold) {
  Guest& guest = guest_of(call);
  guest.put(number, hold);
  try {
    hold->open(call.shared_from_this());
  } catch (const Error&) {
    guest.drop(number);
    throw;
  }
}

}  // namespace

void open_look(Call& call) {
  const wire::LookWish wish = wire::look_wish_of(call.args());
  guest_of(call).check_free(wish.look);
  open(call, wish.look, std::make_shared<GuestLook>(guest_of(call), wish, call.world()));
}

void next_look(Call& call) {
  hold_of<GuestLook>(call, "look")->next(call.shared_from_this(), wire::wait_of(call.args()));
}

void read_look_status(Call& call) { hold_of<GuestLook>(call, "look")->status(call); }

void close_look(Call& call) {
  hold_of<GuestLook>(call, "look");
  guest_of(call).drop(wire::number_of(call.args(), "look"));
  call.reply(json::object{});
}

void open_hook(Call& call) {
  const wire::HookWish wish = wire::hook_wish_of(call.args());
  guest_of(call).check_free(wish.hook);
  const std::string owner =
      "a hook of " + owner_of_holds(call) + " at every " + std::to_string(wish.every) + " steps";
  open(call, wish.hook, std::make_shared<GuestHook>(guest_of(call), wish, call.world(), owner));
}

void next_hook(Call& call) {
  hold_of<GuestHook>(call, "hook")->next(call.shared_from_this(), wire::wait_of(call.args()));
}

void fail_hook(Call& call) {
  hold_of<GuestHook>(call, "hook")->fail(wire::reason_of(call.args()));
  call.reply(json::object{});
}

void close_hook(Call& call) {
  hold_of<GuestHook>(call, "hook");
  guest_of(call).drop(wire::number_of(call.args(), "hook"));
  call.reply(json::object{});
}

}  // namespace atheria::server
