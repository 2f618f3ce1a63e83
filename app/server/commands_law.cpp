#include <fmt/format.h>

#include "app/protocol/guests.h"
#include "app/protocol/law_spec.h"
#include "app/server/commands.h"
#include "app/server/guest.h"
#include "engine/base/log.h"

// Ops by which a client adds a law and computes its steps.
namespace atheria::server {

namespace json = wire::json;

namespace {

const json::object& spec_of(Call& call) {
  const auto* const spec = call.request().args.if_contains("spec");
  if (spec == nullptr || !spec->is_object())
    throw Error(ErrorKind::bad_args, "spec is missing: an object that describes the law",
                "args.spec");
  return spec->get_object();
}

}  // namespace

void register_law(Call& call) {
  guest_of(call);
  const json::object& described = spec_of(call);
  const auto spec = wire::law_spec_of(wire::Args(described, "args.spec"),
                                      "Computed by a client, in Python: slow.");
  if (call.args().boolean("check").value_or(false))
    return call.reply(json::object{{"law", spec.info.name}});
  const auto connection = call.connection();
  call.hub().guest_laws().add(connection, spec, json::serialize(described));
  log::info(fmt::format("law '{}' is computed by {}", spec.info.name, connection->name()));
  call.reply(json::object{{"law", spec.info.name}});
}

void next_law_step(Call& call) {
  const Guest::Reading room(guest_of(call));
  call.hub().guest_laws().next(call.shared_from_this(), wire::wait_of(call.args()));
}

void answer_law_step(Call& call) {
  Guest& guest = guest_of(call);
  const std::uint32_t number = wire::number_of(call.args(), "call");
  auto bytes = guest.uploads().take(wire::number_of(call.args(), "upload"));
  const bool wanted = call.hub().guest_laws().answer(guest.connection(), number, std::move(bytes));
  call.reply(json::object{{"late", !wanted}});
}

void fail_law_step(Call& call) {
  Guest& guest = guest_of(call);
  const bool wanted = call.hub().guest_laws().fail(
      guest.connection(), wire::number_of(call.args(), "call"), wire::reason_of(call.args()));
  call.reply(json::object{{"late", !wanted}});
}

}  // namespace atheria::server
