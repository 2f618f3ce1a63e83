#include <fmt/format.h>

#include "app/cli/client.h"
#include "app/cli/command.h"
#include "app/cli/find_server.h"
#include "app/protocol/json_text.h"
#include "engine/base/error.h"

namespace atheria::cli {
namespace {

int make_link(const std::string& url) {
  const Door door = find_server(url);
  const HttpAnswer answer = http_request("POST", door.url, "/api/v1/link", door.token);
  if (answer.status != 200)
    throw Error(ErrorKind::io,
                fmt::format("{} answered {}: {}", door.url, answer.status, answer.body));
  fmt::print("{}\n",
             std::string_view(wire::parse_json(answer.body).as_object().at("url").as_string()));
  return 0;
}

}  // namespace

void add_link(CLI::App& app, const Chosen& chosen) {
  CLI::App* command =
      app.add_subcommand("link", "Print a new one-time link to a running server's page");
  const auto url = std::make_shared<std::string>();
  command->add_option("--server", *url, "Its address, http://HOST:PORT; its token in ATHERIA_TOKEN")
      ->type_name("URL");
  command->callback([=] { *chosen = [=] { return make_link(*url); }; });
}

}  // namespace atheria::cli
