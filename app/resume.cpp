#include "app/resume.h"

#include <fmt/format.h>

#include <algorithm>
#include <cstdlib>
#include <filesystem>

#include "engine/base/error.h"
#include "engine/base/log.h"

namespace atheria {

std::optional<Resumed> Resumed::take() {
  const char* const variable = std::getenv(kResumeVariable);
  if (variable == nullptr) return std::nullopt;
  const std::string folder = variable;
  unsetenv(kResumeVariable);
  try {
    return Resumed(folder, read_restart(folder));
  } catch (const Error& error) {
    log::error(fmt::format("nothing resumed: {}", error.what()));
    return std::nullopt;
  }
}

void Resumed::put_into(server::ServerOptions& options) const {
  options.port = left_.port;
  const bool has_admin =
      std::ranges::count(options.grants, server::Role::admin, &server::Grant::role) > 0;
  if (!has_admin) options.grants.push_back({left_.token, server::Role::admin});
}

void Resumed::put_into(EngineWorlds& worlds) const {
  bool all = true;
  for (const Checkpoint& world : left_.worlds) {
    try {
      worlds.resume(world);
      std::error_code ignored;
      std::filesystem::remove(world.file, ignored);
    } catch (const std::exception& error) {
      log::error(fmt::format("world '{}' is not resumed: {}; its planes at step {} stay in '{}'",
                             world.spec.name, error.what(), world.step, world.file));
      all = false;
    }
  }
  std::error_code ignored;
  if (all) std::filesystem::remove_all(folder_, ignored);
}

}  // namespace atheria
