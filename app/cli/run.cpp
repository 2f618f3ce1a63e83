#include <fmt/format.h>

#include <array>
#include <cmath>
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <iostream>
#include <random>

#include "app/cli/command.h"
#include "app/cli/follow.h"
#include "app/protocol/scripts.h"

namespace atheria::cli {
namespace {

struct RunOptions {
  std::string file, server, world, name;
  std::vector<std::string> args;
  double deadline = 0, grace = 10;  // seconds
  bool pause = false, process = false, keep_torch = false;
  bool json = false, detach = false;
};

std::string read_all(const std::string& file) {
  std::ifstream opened;
  if (file != "-") {
    opened.open(file, std::ios::binary);
    if (!opened || std::filesystem::is_directory(file))
      throw Error(ErrorKind::not_found, fmt::format("cannot read '{}'", file));
  }
  std::istream& in = file == "-" ? std::cin : opened;
  std::string text;
  std::array<char, 65536> piece{};
  while (text.size() <= kLargestSource && (in.read(piece.data(), piece.size()) || in.gcount() > 0))
    text.append(piece.data(), static_cast<std::size_t>(in.gcount()));
  if (text.size() > kLargestSource)
    throw Error(fmt::format("'{}' has over {} bytes; put the rest into modules beside it", file,
                            kLargestSource));
  if (wire::clean_text(text) != text) throw Error(fmt::format("'{}' is not UTF-8 text", file));
  return text;
}

json::object request_of(const RunOptions& options, const Door& door) {
  json::object args{{"source", read_all(options.file)},
                    {"argv", json::value_from(options.args)},
                    {"mode", options.process ? "process" : "server"},
                    {"deadlineMs", std::llround(options.deadline * 1000)},
                    {"graceMs", std::llround(options.grace * 1000)},
                    {"pauseEngine", options.pause},
                    {"keepTorchState", options.keep_torch},
                    {"stdin", !options.detach && options.file != "-"}};
  const bool piped = options.file == "-";
  std::string name = piped ? "stdin" : std::filesystem::path(options.file).filename().string();
  args["name"] = wire::clean_text(options.name.empty() ? name : options.name, 64);
  if (!piped) args["path"] = std::filesystem::absolute(options.file).lexically_normal().string();
  // Our folders mean something to a server on this machine only.
  if (door.local) args["cwd"] = std::filesystem::current_path().string();
  if (!options.world.empty()) args["world"] = options.world;
  return args;
}

// So that a request repeated on another connection runs nothing twice.
std::string make_key() {
  std::random_device random;
  return fmt::format("run-{:08x}{:08x}{:08x}", random(), random(), random());
}

asio::awaitable<json::object> submit(WireClient& client, json::object args) {
  const std::string key = make_key();
  if (json::serialize(args).size() + 256 > client.largest_message())
    throw Error(fmt::format("the script is too large for one message of {} bytes",
                            client.largest_message()));
  bool lost = false;
  try {
    co_return co_await client.ask("script.run", args, key);
  } catch (const Lost&) {
    lost = true;
  }
  if (lost && !co_await client.connect_again())
    throw Lost(fmt::format("the server at {} is gone", client.door().url));
  co_return co_await client.ask("script.run", std::move(args), key);
}

asio::awaitable<int> run_task(WireClient& client, Follower& follower, json::object args,
                              const RunOptions& options) {
  co_await client.connect();
  const json::object accepted = co_await submit(client, std::move(args));
  const std::string job(accepted.at("job").as_string());
  if (options.json) {
    fmt::print("{}\n", json::serialize(accepted));
    std::fflush(stdout);
  }
  if (options.detach) {
    if (!options.json) fmt::print("{}\n", job);
    fmt::print(stderr, "ath: 'ath output {0} --follow' shows it, 'ath stop {0}' ends it\n", job);
    co_return 0;
  }
  const auto position = accepted.at("position").to_number<std::int64_t>();
  if (position > 0) fmt::print(stderr, "ath: {} waits; {} before it\n", job, position);
  co_return co_await follower.follow(job);
}

int run(const RunOptions& options) {
  const Door door = find_server(options.server);
  json::object args = request_of(options, door);
  asio::io_context io;
  WireClient client(io, door);
  Follower follower(io, client, {.json = options.json, .stops = true});
  return run_to_end(io, run_task(client, follower, std::move(args), options));
}

}  // namespace

void add_run(CLI::App& app, const Chosen& chosen) {
  CLI::App* command = app.add_subcommand(
      "run", "Run a Python file inside the server; Ctrl-C stops it, the exit code is its own");
  const auto options = std::make_shared<RunOptions>();
  command->add_option("file", options->file, "The Python file; - reads standard input")
      ->required()
      ->type_name("FILE");
  command->add_option("args", options->args,
                      "What the script finds in sys.argv; after -- if it looks like a flag");
  command->add_option("--attach", options->world, "The world that atheria.current() is")
      ->type_name("WORLD");
  command->add_option("--name", options->name, "What lists call it; the file's name by default");
  command->add_option("--deadline", options->deadline, "Stop it after so many seconds; 0: never")
      ->check(CLI::Range(0.0, 604800.0))
      ->type_name("S");
  command
      ->add_option("--grace", options->grace,
                   "Seconds it has to end by itself when stopped, before it is forced")
      ->check(CLI::Range(0.0, 3600.0))
      ->type_name("S")
      ->capture_default_str();
  command->add_flag("--pause", options->pause, "The worlds pause while it runs");
  command->add_flag("--process", options->process, "In a process of its own, not in the server");
  command->add_flag("--keep-torch-state", options->keep_torch,
                    "Leave torch's settings as the script leaves them");
  command->add_flag("--detach,--no-follow", options->detach,
                    "Print the job's name and leave; 'ath output JOB' shows what it prints");
  command->add_flag("--json", options->json, "Output as lines of JSON, the job's status last");
  command
      ->add_option("--server", options->server,
                   "Its address, http://HOST:PORT; its token in ATHERIA_TOKEN")
      ->type_name("URL");
  command->callback([=] { *chosen = [=] { return run(*options); }; });
}

}  // namespace atheria::cli
