#include "pyhost/load/load.h"

#include <dlfcn.h>
#include <fmt/format.h>

#include <filesystem>

#include "atheria_build.h"
#include "engine/base/error.h"
#include "pyhost/load/probe.h"

namespace atheria::pyhost {
namespace {

void* open_library(const std::string& path, int scope) {
  void* const library = dlopen(path.c_str(), RTLD_NOW | scope);
  if (library == nullptr)
    throw Error(ErrorKind::io, fmt::format("cannot load '{}': {}", path, dlerror()));
  return library;
}

template <class Function>
Function function(void* library, const char* name) {
  void* const found = dlsym(library, name);
  if (found == nullptr)
    throw Error(ErrorKind::io, fmt::format("the plug-in has no {}: it is of another build", name));
  return reinterpret_cast<Function>(found);
}

}  // namespace

std::string plugin_path(const std::string& folder, const std::string& tag) {
  return fmt::format("{}/libatheria_pyhost-{}.so", folder, tag);
}

Host* load_host(const HostConfig& config, const std::string& plugin_folder, jobs::Board& board,
                EngineDoor& door) {
  const PythonFound python = probe_python(config.executable);
  check_python(python);
  check_one_torch(python);
  const std::string path = plugin_path(plugin_folder, python.tag);
  if (!std::filesystem::exists(path))
    throw Error(ErrorKind::not_found, fmt::format("'{}' is missing: ./ath build makes it", path));
  // Extension modules are not linked to libpython: they find its symbols here.
  open_library(python.library, RTLD_GLOBAL);
  void* const plugin = open_library(path, RTLD_LOCAL);
  const std::string built =
      function<decltype(&atheria_pyhost_built_for)>(plugin, "atheria_pyhost_built_for")();
  const std::string wanted =
      fmt::format("{} {} torch {}", build::kVersion, build::kPythonTag, build::kTorchVersion);
  if (built != wanted)
    throw Error(
        fmt::format("'{}' was built for {}, this server is {}: ./ath build", path, built, wanted));
  const auto start = function<decltype(&atheria_pyhost_start)>(plugin, "atheria_pyhost_start");
  return start(&config, &board, &door);
}

}  // namespace atheria::pyhost
