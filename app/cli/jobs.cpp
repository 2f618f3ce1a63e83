#include <fmt/format.h>

#include <cstdio>

#include "app/cli/command.h"
#include "app/cli/follow.h"
#include "app/protocol/args.h"

// Words about scripts that run, or did.
namespace atheria::cli {
namespace {

// Connects, asks one thing and gives the result.
json::object ask_once(const std::string& server, const std::string& op, json::object args) {
  asio::io_context io;
  WireClient client(io, find_server(server));
  json::object result;
  const auto task = [&]() -> asio::awaitable<int> {
    co_await client.connect();
    result = co_await client.ask(op, std::move(args));
    co_return 0;
  };
  run_to_end(io, task());
  return result;
}

std::string word(const json::object& object, std::string_view name) {
  const json::value* const value = object.if_contains(name);
  if (value == nullptr || value->is_null()) return "";
  return value->is_string() ? std::string(value->get_string()) : json::serialize(*value);
}

// "done: ok", "queued, 2 before it".
std::string state_of(const json::object& job) {
  const std::string state = word(job, "state");
  if (state == "done") return fmt::format("{} ({})", word(job, "outcome"), word(job, "exitCode"));
  if (state == "cancelling") return fmt::format("stopping, stage {}", word(job, "stage"));
  if (state == "queued" && word(job, "position") != "0")
    return fmt::format("queued, {} before it", word(job, "position"));
  if (job.contains("wantsInput") && job.at("wantsInput") == true) return "waits for input";
  return state;
}

void print_table(const json::object& result) {
  const json::object& python = result.at("python").as_object();
  const std::string reason = word(python, "reason");
  fmt::print("Python: {}{}\n", word(python, "plane"), reason.empty() ? "" : ": " + reason);
  const json::array& jobs = result.at("jobs").as_array();
  if (jobs.empty()) return fmt::print("no scripts yet; 'ath run FILE.py' runs one\n");
  fmt::print("{:<8} {:<22} {:>10} {:<16} {}\n", "JOB", "STATE", "SECONDS", "OWNER", "NAME");
  for (const json::value& one : jobs) {
    const json::object& job = one.as_object();
    fmt::print("{:<8} {:<22} {:>10.1f} {:<16} {}\n", word(job, "job"), state_of(job),
               job.at("wall").to_number<double>(), word(job, "owner"), word(job, "name"));
  }
}

int list(const std::string& server, bool as_json) {
  const json::object result = ask_once(server, "script.list", {});
  if (as_json)
    fmt::print("{}\n", json::serialize(result));
  else
    print_table(result);
  return 0;
}

int stop(const std::string& server, const std::string& job, const std::string& reason, bool force) {
  json::object args{{"job", job}, {"force", force}};
  if (!reason.empty()) args["reason"] = reason;
  const json::object result = ask_once(server, "script.cancel", std::move(args));
  const auto stage = result.at("stage").to_number<int>();
  if (stage <= 1)
    fmt::print("{} was asked to stop; 'ath stop {} --force' does not wait for it\n", job, job);
  else
    fmt::print("{} is being forced to stop\n", job);
  return 0;
}

int show(const std::string& server, const std::string& job, const FollowOptions& options) {
  asio::io_context io;
  WireClient client(io, find_server(server));
  Follower follower(io, client, options);
  const auto task = [&]() -> asio::awaitable<int> {
    co_await client.connect();
    co_return co_await follower.follow(job);
  };
  return run_to_end(io, task());
}

std::shared_ptr<std::string> add_server(CLI::App* command) {
  const auto url = std::make_shared<std::string>();
  command->add_option("--server", *url, "Its address, http://HOST:PORT; its token in ATHERIA_TOKEN")
      ->type_name("URL");
  return url;
}

std::shared_ptr<std::string> add_job(CLI::App* command) {
  const auto job = std::make_shared<std::string>();
  command->add_option("job", *job, "Its name, as 'ath jobs' lists it")
      ->required()
      ->type_name("JOB");
  return job;
}

}  // namespace

void add_jobs(CLI::App& app, const Chosen& chosen) {
  CLI::App* command = app.add_subcommand("jobs", "List the scripts that wait, run and ran");
  const auto url = add_server(command);
  const auto json = std::make_shared<bool>(false);
  command->add_flag("--json", *json, "As the wire has it (PROTOCOL.md section 9)");
  command->callback([=] { *chosen = [=] { return list(*url, *json); }; });
}

void add_output(CLI::App& app, const Chosen& chosen) {
  CLI::App* command = app.add_subcommand(
      "output", "Print what a script printed; the exit code is its own once it is done");
  const auto job = add_job(command);
  const auto url = add_server(command);
  const auto options = std::make_shared<FollowOptions>();
  options->to_the_end = false;
  command->add_flag("--follow", options->to_the_end,
                    "Go on until it is done; Ctrl-C leaves it alone");
  command->add_option("--from", options->from, "The first chunk wanted, as --json numbers them")
      ->type_name("SEQ");
  command->add_flag("--json", options->json, "Lines of JSON, the job's status last");
  command->callback([=] { *chosen = [=] { return show(*url, *job, *options); }; });
}

void add_stop(CLI::App& app, const Chosen& chosen) {
  CLI::App* command = app.add_subcommand("stop", "Stop a script");
  const auto job = add_job(command);
  const auto url = add_server(command);
  const auto reason = std::make_shared<std::string>();
  const auto force = std::make_shared<bool>(false);
  command->add_option("--reason", *reason, "What the script and the list are told")
      ->type_name("TEXT");
  command->add_flag("--force", *force, "Do not wait for it to end by itself");
  command->callback([=] { *chosen = [=] { return stop(*url, *job, *reason, *force); }; });
}

}  // namespace atheria::cli
