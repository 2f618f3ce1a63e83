#include <fmt/format.h>

#include "app/protocol/guests.h"
#include "app/protocol/json.h"
#include "app/server/commands.h"
#include "app/server/guest.h"
#include "app/server/guest_lease.h"

// Ops by which a client has a world to itself: it stands still, and its numbers are read and written.
namespace atheria::server {

namespace json = wire::json;

Guest& guest_of(Call& call) {
  const auto connection = call.connection();
  Guest* const guest = connection ? connection->guest() : nullptr;
  if (guest == nullptr) throw Error(ErrorKind::cancelled, "the connection has ended");
  return *guest;
}

std::string owner_of_holds(Call& call) {
  const auto connection = call.connection();
  const auto owner = wire::clean_text(call.args().text("owner", 64).value_or(""));
  const std::string client = fmt::format("client {}", connection ? connection->name() : "?");
  return owner.empty() ? client : fmt::format("{} ({})", owner, client);
}

namespace {

Hold::Leased leased_of(Call& call) {
  return guest_of(call).at(wire::number_of(call.args(), "lease"))->leased();
}

// What came as an upload, as numbers.
std::shared_ptr<FieldCopy> uploaded(Call& call) {
  const wire::Upload upload = wire::upload_of(call.args());
  auto numbers = std::make_shared<FieldCopy>();
  numbers->bytes = guest_of(call).uploads().take(upload.upload);
  numbers->descr = upload.descr;
  numbers->shape = upload.shape;
  return numbers;
}

// Its step and time as they are after what was asked before.
void reply_standing(Call& call, const Hold::Leased& leased) {
  const auto standing = std::make_shared<Standing>();
  const auto look = [standing](Simulation& world) { *standing = standing_of(world); };
  call.ask(leased.world, command::Visit{look, leased.lease},
           [standing](Call& done, Outcome&) { done.reply(wire::standing_json(*standing)); });
}

}  // namespace

void take_lease(Call& call) {
  Guest& guest = guest_of(call);
  const wire::LeaseWish wish = wire::lease_wish_of(call.args());
  guest.check_free(wish.lease);
  const auto lease = std::make_shared<GuestLease>(guest, wish, call.world(), owner_of_holds(call),
                                                  call.shared_from_this());
  guest.put(wish.lease, lease);
  try {
    lease->begin();
  } catch (const Error& error) {
    call.fail(error);
    guest.drop(wish.lease);
  }
}

void read_lease(Call& call) {
  const auto [world, lease] = leased_of(call);
  const auto copied = std::make_shared<FieldCopy>();
  const auto standing = std::make_shared<Standing>();
  const auto reading = std::make_shared<Guest::Reading>(guest_of(call));
  const auto look = [copied, standing, name = wire::channel_of(call.args())](Simulation& seen) {
    *standing = standing_of(seen);
    auto names = name == "*" ? standing->channels : std::vector{name};
    *copied = read_channels(seen, names);
    if (name != "*") copied->shape.erase(copied->shape.begin());
  };
  call.ask(world, command::Visit{look, lease}, [copied, standing, reading](Call& done, Outcome&) {
    json::object result = wire::numbers_json(*copied);
    result["step"] = wire::integer_json(standing->step);
    result["time"] = wire::number_json(standing->time);
    done.reply_with(std::move(result), std::move(*copied), standing->step);
  });
}

void write_lease(Call& call) {
  const auto [world, lease] = leased_of(call);
  const auto write = [numbers = uploaded(call), name = wire::channel_of(call.args())](
                         Simulation& seen) { write_field(seen, name, *numbers); };
  call.ask(world, command::Visit{write, lease},
           [](Call& done, Outcome& outcome) { reply_step(done, outcome); });
}

void step_lease(Call& call) {
  const auto leased = leased_of(call);
  call.ask(leased.world, command::StepParked{leased.lease, wire::parked_steps_of(call.args())},
           [leased](Call& done, Outcome&) { reply_standing(done, leased); });
}

// A hook's visit is ended like a lease; the hook stays.
void end_lease(Call& call) {
  const std::uint32_t number = wire::number_of(call.args(), "lease");
  Guest& guest = guest_of(call);
  if (const auto lease = guest.find<GuestLease>(number)) return lease->end(call.shared_from_this());
  guest.at(number)->let_go();
  call.reply(json::object{});
}

void load_field(Call& call) {
  const std::string world = call.world();
  const auto load = [numbers = uploaded(call), name = wire::channel_of(call.args())](
                        Simulation& seen) { atheria::load_field(seen, name, *numbers); };
  call.ask(world, command::Visit{load},
           [](Call& done, Outcome& outcome) { reply_step(done, outcome); });
}

}  // namespace atheria::server
