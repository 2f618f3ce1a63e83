#include <fmt/format.h>
#include <unistd.h>

#include <chrono>
#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <future>
#include <memory>
#include <optional>
#include <thread>

#include "app/config.h"
#include "app/demo.h"
#include "app/engine_worlds.h"
#include "app/launch.h"
#include "app/protocol/json_text.h"
#include "app/python_plane.h"
#include "app/restarter.h"
#include "app/resume.h"
#include "app/runtime_file.h"
#include "app/server/server.h"
#include "app/server_options.h"
#include "atheria_build.h"
#include "engine/base/error.h"
#include "engine/base/log.h"
#include "engine/run/engine.h"

// Configuration -> engine -> server -> worlds -> signals. What can be tested stands in the
// libraries.
namespace atheria {
namespace {

constexpr std::chrono::milliseconds kWorldsEnd{1000};

void set_log_level(const std::string& name) {
  using log::Level;
  log::set_level(name == "debug"     ? Level::debug
                 : name == "warning" ? Level::warning
                 : name == "error"   ? Level::error
                                     : Level::info);
}

void tell_ready(const Config& config, server::Server& server, const EngineWorlds& worlds) {
  std::string text;
  if (config.ready_json) {
    text = boost::json::serialize(boost::json::object{{"ready", true},
                                                      {"http", server.url()},
                                                      {"ws", server.websocket_url()},
                                                      {"token", server.token()},
                                                      {"pid", getpid()},
                                                      {"version", build::kVersion}}) +
           "\n";
  } else {
    text = fmt::format("\nAtheria {} is running. Open this link; it works once:\n\n  {}\n\n",
                       build::kVersion, server.login_link());
    for (const WorldState& state : worlds.states())
      text += fmt::format("  {:<12} {:<16} {}\n", state.spec.name, state.spec.law,
                          fmt::format("{} x {}", state.spec.grid.width, state.spec.grid.height));
    text += "\n'ath link' makes another link. Ctrl-C stops.\n";
  }
  std::fputs(text.c_str(), stdout);
  std::fflush(stdout);
}

// A world that cannot be made is told by name: there may be many.
void create(EngineWorlds& worlds, const std::string& text) {
  try {
    worlds.create(parse_world(text));
  } catch (const Error& error) {
    const std::string name = fmt::format("world '{}'", text.substr(0, text.find('=')));
    if (std::string_view(error.what()).starts_with("world '")) throw;
    throw Error(error.kind(), fmt::format("{}: {}", name, error.what()), error.path());
  }
}

void create_worlds(EngineWorlds& worlds, const Config& config) {
  if (config.demo)
    for (const std::string& spec : demo_worlds()) create(worlds, spec);
  for (const std::string& spec : config.world) create(worlds, spec);
}

// Ends their threads between two steps. A step of a huge world takes seconds, and nothing is lost by not waiting.
void end_worlds(std::unique_ptr<EngineWorlds> worlds) {
  std::promise<void> ended;
  auto end = ended.get_future();
  std::thread([worlds = std::move(worlds), ended = std::move(ended)]() mutable {
    worlds.reset();
    ended.set_value();
  }).detach();
  if (end.wait_for(kWorldsEnd) == std::future_status::timeout)
    log::warning("a world is in the middle of a long step: not waiting for its end");
}

std::string beside_this_program() {
  std::error_code error;
  return std::filesystem::read_symlink("/proc/self/exe", error).parent_path().string();
}

PythonPlane::Options python_options(const Config& config, server::Server& server) {
  PythonPlane::Options options;
  if (config.python != "off")
    options.host.executable = config.python.empty() ? build::kPython : config.python;
  options.host.package = std::string(build::kSourceDir) + "/pyhost/python";
  options.host.socket = kernel_socket(std::to_string(server.port()));
  options.host.kernel = config.kernel;
  options.host.kernel_ended = [&server] { server.stop(); };
  options.host.url = server.url();
  options.host.token = server.token();
  options.plugin_folder = beside_this_program();
  options.runs = std::filesystem::absolute(config.runs).string();
  return options;
}

// Whoever has the address needs no file.
void write_runtime_file(const server::Server& server, std::optional<RuntimeFile>& file) {
  try {
    file.emplace(server.port(),
                 RunningServer{server.url(), server.token(), getpid(), build::kVersion});
  } catch (const Error& error) {
    log::warning(
        fmt::format("neither 'ath' nor a notebook finds this server by itself: {}; set "
                    "XDG_RUNTIME_DIR or HOME to a folder of yours",
                    error.what()));
  }
}

volatile std::sig_atomic_t hurry = 0;

// The first signal was the server's own; scripts have their grace until another comes.
void hurry_on_signals() {
  for (const int signal : {SIGINT, SIGTERM}) std::signal(signal, [](int) { hurry = 1; });
}

[[noreturn]] void begin_anew(const Launch& launch, PythonPlane& python, const std::string& folder) {
  python.abandon();
  std::fflush(nullptr);
  try {
    launch.again(kResumeVariable, folder);
  } catch (const Error& error) {
    log::error(fmt::format("{}; the worlds stay in '{}'", error.what(), folder));
  }
  std::_Exit(kExitFailure);  // around threads that may never end
}

int run(const Launch& launch) {
  int stage = kExitUsage;
  try {
    const std::optional<Resumed> resumed = Resumed::take();
    const Loaded loaded = load_config(launch.arguments(), read_environment());
    if (!loaded.print.empty())
      return std::fputs(loaded.print.c_str(), stdout) < 0 ? kExitFailure : kExitOk;
    const Config& config = loaded.config;
    set_log_level(config.log_level);
    for (const std::string& warning : loaded.warnings) log::warning(warning);
    server::ServerOptions options = server_options(config);
    if (resumed) resumed->put_into(options);
    stage = kExitFailure;
    start_engine({.threads = static_cast<int>(config.threads),
                  .torch_threads = static_cast<int>(config.torch_threads)});
    stage = kExitCannotBind;
    server::Server server(options);
    stage = kExitBadWorld;
    auto owned = std::make_unique<EngineWorlds>(server.sink(), options.limits.worlds,
                                                static_cast<std::size_t>(config.max_memory) << 20);
    EngineWorlds& worlds = *owned;
    if (resumed)
      resumed->put_into(worlds);
    else
      create_worlds(worlds, config);
    stage = kExitFailure;
    server.attach(worlds);
    std::optional<RuntimeFile> file;
    write_runtime_file(server, file);
    Restarter restarter({.program = launch.program()}, server, worlds);
    // After all that may throw: once its threads run, only _Exit ends the process safely.
    auto python = std::make_unique<PythonPlane>(python_options(config, server), server, worlds);
    server.stop_on_signals();
    tell_ready(config, server, worlds);
    const std::size_t count = worlds.states().size();
    log::info(fmt::format("{} on {}, {} world{}", resumed ? "again" : "listening", server.url(),
                          count, count == 1 ? "" : "s"));
    server.run();
    hurry_on_signals();
    if (const std::string folder = restarter.end(); !folder.empty()) {
      // The runtime file stays: it is the same process, port and token.
      if (hurry == 0) begin_anew(launch, *python, folder);
      std::error_code ignored;
      std::filesystem::remove_all(folder, ignored);
    }
    file.reset();
    python->stop([] { return hurry != 0; });
    python.release();  // its threads may still use it: the process ends around them
    end_worlds(std::move(owned));
    log::info("stopped");
    // Not through destructors: a world in the middle of a long step may still use all of the above.
    std::fflush(nullptr);
    std::_Exit(kExitOk);
  } catch (const std::exception& error) {
    fmt::print(stderr, "atheria-server: {}\n", error.what());
    // A host or an origin that is none is a wrong value, wherever it is noticed.
    const auto* ours = dynamic_cast<const Error*>(&error);
    if (stage == kExitCannotBind && ours != nullptr && ours->kind() == ErrorKind::bad_args)
      return kExitUsage;
    return stage;
  }
}

}  // namespace
}  // namespace atheria

int main(int argc, char** argv) {
  const atheria::Launch launch(argc, argv);
  std::signal(SIGPIPE, SIG_IGN);
  return atheria::run(launch);
}
