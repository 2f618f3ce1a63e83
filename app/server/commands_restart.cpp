#include <fmt/format.h>

#include "app/server/commands.h"
#include "app/server/restart_access.h"
#include "engine/base/log.h"

// The op that ends the server and begins it anew with its worlds as they stand. No Python takes
// part: it is what helps when Python is stuck.
namespace atheria::server {

namespace json = wire::json;

namespace {

json::object kept_json(const RestartAccess::Kept& kept) {
  json::array worlds, left;
  for (const std::string& world : kept.worlds) worlds.emplace_back(world);
  for (const auto& [world, reason] : kept.left)
    left.push_back({{"world", world}, {"reason", reason}});
  return {{"worlds", std::move(worlds)}, {"left", std::move(left)}};
}

}  // namespace

void restart_server(Call& call) {
  RestartAccess* const access = call.hub().restarter();
  if (access == nullptr) throw Error(ErrorKind::unsupported, "this server cannot restart itself");
  const auto connection = call.connection();
  const std::string who = connection ? connection->name() : "?";
  const auto kept = std::make_shared<RestartAccess::Kept>();
  const auto tell = [kept, access, who](Call& done, Outcome&) {
    log::info(fmt::format("restarting, asked by {} ({}): {} worlds kept, {} left", who,
                          to_string(done.role()), kept->worlds.size(), kept->left.size()));
    done.reply(kept_json(*kept));
    access->go();
  };
  access->save(
      [kept, receive = call.receiver(tell)](RestartAccess::Kept found, std::optional<Error> error) {
        *kept = std::move(found);
        receive({.error = std::move(error)});
      });
}

}  // namespace atheria::server
