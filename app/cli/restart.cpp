#include <boost/asio/as_tuple.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/use_awaitable.hpp>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "app/cli/command.h"
#include "app/cli/wire_client.h"

// The word that helps when Python is stuck: the server begins anew, its worlds go on.
namespace atheria::cli {
namespace {

constexpr std::chrono::seconds kBackAgain{60};
constexpr std::chrono::milliseconds kBetweenTries{100};

std::string_view text(const json::value& value) { return value.as_string(); }

void print_kept(const json::object& result) {
  std::vector<std::string_view> names;
  for (const json::value& world : result.at("worlds").as_array()) names.push_back(text(world));
  fmt::print("kept: {}\n", names.empty() ? "no world" : fmt::format("{}", fmt::join(names, ", ")));
  for (const json::value& one : result.at("left").as_array())
    fmt::print("left: {}: {}\n", text(one.at("world")), text(one.at("reason")));
}

// Until another run of the server answers. Throws Lost when none does.
asio::awaitable<void> wait_for_next(asio::io_context& io, WireClient& client) {
  const std::string before = client.epoch();
  const auto until = std::chrono::steady_clock::now() + kBackAgain;
  asio::steady_timer pause(io);
  while (true) {
    const bool late = std::chrono::steady_clock::now() > until;
    try {
      co_await client.connect();
      if (client.epoch() != before) co_return;
      if (late) throw Lost("the server has not ended: its log says why");
    } catch (const Error&) {
      if (late) throw;
    }
    client.close();
    pause.expires_after(kBetweenTries);
    co_await pause.async_wait(asio::as_tuple(asio::use_awaitable));
  }
}

int restart(const std::string& server) {
  asio::io_context io;
  WireClient client(io, find_server(server));
  const auto task = [&]() -> asio::awaitable<int> {
    co_await client.connect();
    print_kept(co_await client.ask("server.restart", {}));
    co_await wait_for_next(io, client);
    fmt::print("{} is back\n", client.door().url);
    co_return 0;
  };
  return run_to_end(io, task());
}

}  // namespace

void add_restart(CLI::App& app, const Chosen& chosen) {
  CLI::App* command = app.add_subcommand(
      "restart", "Begin the server anew, its worlds as they stand; scripts that run are lost");
  const auto url = std::make_shared<std::string>();
  command->add_option("--server", *url, "Its address, http://HOST:PORT; its token in ATHERIA_TOKEN")
      ->type_name("URL");
  command->callback([=] { *chosen = [=] { return restart(*url); }; });
}

}  // namespace atheria::cli
