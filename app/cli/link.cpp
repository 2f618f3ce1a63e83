#include <fmt/format.h>

#include <cstdlib>

#include "app/cli/client.h"
#include "app/cli/command.h"
#include "app/protocol/json_text.h"
#include "app/runtime_file.h"
#include "engine/base/error.h"

namespace atheria::cli {
namespace {

struct Door {
  std::string url;
  std::string token;
};

// The server meant: the one named, with ATHERIA_TOKEN or its file's token; else the newest on this
// machine.
Door find_server(const std::string& url) {
  const char* variable = std::getenv("ATHERIA_TOKEN");
  const std::string token = variable != nullptr ? variable : "";
  const auto running = running_servers();
  if (url.empty()) {
    if (running.empty())
      throw Error(
          ErrorKind::io,
          "no server of yours runs on this machine; 'ath serve --demo' starts one, --server URL "
          "with ATHERIA_TOKEN names another");
    return {running.front().url, running.front().token};
  }
  for (const RunningServer& server : running)
    if (server.url == url && token.empty()) return {url, server.token};
  if (token.empty())
    throw Error(ErrorKind::io, fmt::format("no token for {}: put it into ATHERIA_TOKEN", url));
  return {url, token};
}

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
