#include "app/restarter.h"

#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <filesystem>
#include <set>
#include <utility>

#include "app/restart_file.h"
#include "engine/base/log.h"
#include "engine/run/catalog.h"

namespace atheria {

Restarter::Restarter(Options options, server::Server& server, EngineWorlds& worlds)
    : options_(std::move(options)), server_(server), worlds_(worlds) {
  server_.hub().attach_restarter(this);
}

Restarter::~Restarter() { end(); }

void Restarter::save(std::function<void(Kept kept, std::optional<Error> error)> done) {
  if (busy_.exchange(true))
    throw Error(ErrorKind::conflict, "the server is about to restart already");
  if (thread_.joinable()) thread_.join();
  thread_ = std::thread([this, done = std::move(done)] {
    try {
      done(save_all(), std::nullopt);
    } catch (const std::exception& error) {
      call_off();
      log::warning(fmt::format("no restart: {}", error.what()));
      const auto* const ours = dynamic_cast<const Error*>(&error);
      const bool later = ours != nullptr && ours->kind() == ErrorKind::busy;
      busy_ = false;
      done({}, Error(later ? ErrorKind::busy : ErrorKind::conflict,
                     fmt::format("no restart, the server goes on: {}", error.what())));
    }
  });
}

void Restarter::go() {
  going_ = true;
  server_.stop();
}

std::string Restarter::end() {
  ending_ = true;
  if (thread_.joinable()) thread_.join();
  if (going_) return folder_;
  call_off();
  return {};
}

Restarter::Kept Restarter::save_all() {
  if (access(options_.program.c_str(), X_OK) != 0)
    throw Error(ErrorKind::io,
                fmt::format("cannot start '{}' again: {}", options_.program, std::strerror(errno)));
  folder_ = make_restart_folder();
  Kept kept;
  Restart restart{.port = server_.port(), .token = server_.token(), .worlds = {}};
  std::set<std::string> seen;
  // Again and again, until none was made meanwhile.
  for (bool more = true; more;) {
    more = false;
    const std::size_t first = savings_.size();
    for (const WorldState& state : worlds_.states())
      if (seen.insert(state.spec.name).second) more = begin(state.spec.name, kept) || more;
    finish(first, restart.worlds);
  }
  std::erase_if(restart.worlds, [this](const Checkpoint& one) { return !there(one.spec.name); });
  write_restart(folder_, restart);
  for (const Checkpoint& one : restart.worlds) kept.worlds.push_back(one.spec.name);
  return kept;
}

// False: there is nothing to wait for.
bool Restarter::begin(const std::string& world, Kept& kept) {
  try {
    auto runner = worlds_.find(world);
    const std::string law = runner->state().spec.law;
    if (!is_built_in(law)) {
      kept.left.emplace_back(
          world, fmt::format("its law '{}' is Python's own: a script must register it again", law));
      return false;
    }
    const std::string file = fmt::format("{}/{}.safetensors", folder_, savings_.size());
    savings_.push_back(std::make_unique<WorldSaving>(std::move(runner), file));
    return true;
  } catch (const Error&) {
    if (there(world)) throw;
    return false;
  }
}

void Restarter::finish(std::size_t from, std::vector<Checkpoint>& made) {
  const auto until = std::chrono::steady_clock::now() + options_.patience;
  for (std::size_t at = from; at < savings_.size(); ++at) {
    try {
      made.push_back(savings_[at]->wait(until, [this] { return ending_.load(); }));
    } catch (const Error&) {
      if (ending_ || there(savings_[at]->name())) throw;
    }
  }
}

bool Restarter::there(const std::string& world) const {
  const auto states = worlds_.states();
  return std::ranges::any_of(states, [&](const auto& state) { return state.spec.name == world; });
}

void Restarter::call_off() {
  for (const auto& saving : savings_) saving->call_off();
  savings_.clear();
  std::error_code ignored;
  if (!folder_.empty()) std::filesystem::remove_all(folder_, ignored);
  folder_.clear();
}

}  // namespace atheria
