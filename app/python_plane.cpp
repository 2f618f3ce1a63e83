#include "app/python_plane.h"

#include <fmt/format.h>

#include <boost/asio/post.hpp>
#include <future>

#include "engine/base/error.h"
#include "engine/base/log.h"
#include "pyhost/load/load.h"

namespace atheria {

namespace {

constexpr std::chrono::milliseconds kLook{50};
constexpr std::chrono::milliseconds kChildrenEnd{2000};
constexpr std::chrono::milliseconds kAfterForce{2500};  // stage 2, and a little

}  // namespace

// The worlds as Python reaches them: the engine's own, and clients are told of new and deleted ones.
class PythonPlane::Door : public pyhost::EngineDoor {
 public:
  Door(server::Server& server, EngineWorlds& worlds) : server_(server), worlds_(worlds) {}

  std::vector<WorldState> states() override { return worlds_.states(); }
  std::shared_ptr<Runner> find(const std::string& name) override { return worlds_.find(name); }
  WorldState create(const WorldSpec& spec) override {
    const WorldState state = worlds_.create(spec);
    boost::asio::post(server_.io(), [&hub = server_.hub(), state] { hub.created(state); });
    return state;
  }
  void remove(const std::string& name) override {
    worlds_.remove(name);
    boost::asio::post(server_.io(), [&hub = server_.hub(), name] { hub.removed(name); });
  }
  std::uint64_t put_stream(StreamPicture picture) override {
    return server_.hub().streams().put(std::move(picture));
  }
  void drop_stream(const std::string& name) override { server_.hub().streams().drop(name); }
  std::vector<StreamInfo> streams() override { return server_.hub().streams().list(); }

 private:
  server::Server& server_;
  EngineWorlds& worlds_;
};

PythonPlane::PythonPlane(Options options, server::Server& server, EngineWorlds& worlds)
    : options_(std::move(options)),
      board_({.folder = options_.runs}),
      door_(std::make_unique<Door>(server, worlds)) {
  server.hub().attach_scripts(&board_);
  if (options_.host.executable.empty()) {
    board_.set_health(
        {"off", "this server was started without it (python = \"off\")", {}, {}, {}, {}, {}});
    return;
  }
  processes_ = std::make_unique<jobs::Processes>(
      jobs::Processes::Options{options_.host.executable, options_.host.package, options_.host.url,
                               options_.host.token},
      board_);
  board_.set_health({"starting", {}, {}, {}, options_.host.executable, {}, {}});
  loader_ = std::thread([this] { load(); });
}

PythonPlane::~PythonPlane() {
  if (loader_.joinable()) loader_.join();
}

void PythonPlane::load() {
  try {
    host_ = pyhost::load_host(options_.host, options_.plugin_folder, board_, *door_);
  } catch (const std::exception& error) {
    log::error(fmt::format("no Python: {}", error.what()));
    board_.set_health({"failed", error.what(), {}, {}, options_.host.executable, {}, {}});
    if (options_.host.kernel_ended && !options_.host.kernel.empty()) options_.host.kernel_ended();
  }
}

void PythonPlane::stop(const std::function<bool()>& hurry) {
  board_.close("the server is stopping");
  while (!board_.idle() && !hurry() && board_.health().plane != "stuck")
    std::this_thread::sleep_for(kLook);
  board_.force();
  abandon();
  // One that is still being looked for takes seconds; the end of the process ends it too.
  pyhost::Host* const host = host_;
  if (host == nullptr) return loader_.joinable() ? loader_.detach() : void();
  if (!host->stop(kAfterForce))
    log::warning("Python does not end: native code that never returns; going without it");
}

void PythonPlane::abandon() {
  // One that left its pipes to another program would keep us waiting.
  std::promise<void> ended;
  const auto end = ended.get_future();
  std::thread([processes = std::move(processes_), ended = std::move(ended)]() mutable {
    processes.reset();
    ended.set_value();
  }).detach();
  end.wait_for(kChildrenEnd);
}

}  // namespace atheria
