#include "app/restart_file.h"

#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <fstream>

#include "app/protocol/json.h"
#include "app/protocol/requests.h"
#include "app/runtime_file.h"
#include "engine/base/error.h"

namespace atheria {
namespace {

namespace fs = std::filesystem;
namespace json = wire::json;

// The arguments of sim.create.
json::object spec_json(const WorldSpec& spec) {
  return {{"name", spec.name},
          {"law", spec.law},
          {"preset", spec.preset},
          {"params", wire::params_json(spec.params)},
          {"size", {spec.grid.width, spec.grid.height, spec.grid.depth}},
          {"dtype", spec.dtype},
          {"device", spec.device},
          {"path", spec.path},
          {"init", spec.init},
          {"seed", wire::integer_json(spec.seed)},
          {"pace", wire::pace_json(spec.pace)},
          {"guard", spec.guard == Guard::pause ? "pause" : "off"},
          {"playing", spec.playing}};
}

WorldSpec spec_of(json::object args) {
  // The operator's own may name a file or be long; from a client neither is taken.
  const std::string init(args.at("init").as_string());
  args.erase("init");
  WorldSpec spec = wire::world_spec_of(wire::Args(args));
  spec.init = init;
  return spec;
}

json::object world_json(const Checkpoint& world) {
  return {{"create", spec_json(world.spec)},
          {"origin", spec_json(world.origin)},
          {"step", world.step},
          {"time", wire::number_json(world.time)},
          {"anchorStep", world.anchor_step},
          {"anchorTime", wire::number_json(world.anchor_time)},
          {"failure", world.failure},
          {"file", fs::path(world.file).filename().string()}};
}

Checkpoint world_of(const json::object& object, const std::string& folder) {
  const std::string file(object.at("file").as_string());
  return {.spec = spec_of(object.at("create").as_object()),
          .origin = spec_of(object.at("origin").as_object()),
          .step = object.at("step").to_number<std::uint64_t>(),
          .time = object.at("time").to_number<double>(),
          .anchor_step = object.at("anchorStep").to_number<std::uint64_t>(),
          .anchor_time = object.at("anchorTime").to_number<double>(),
          .failure = std::string(object.at("failure").as_string()),
          .file = fmt::format("{}/{}", folder, fs::path(file).filename().string())};
}

[[noreturn]] void refuse(const std::string& folder, const std::string& why) {
  throw Error(ErrorKind::io, fmt::format("{}={}: {}", kResumeVariable, folder, why));
}

void check_owner(const std::string& folder) {
  struct stat about{};
  if (lstat(folder.c_str(), &about) != 0) refuse(folder, std::strerror(errno));
  if (!S_ISDIR(about.st_mode) || about.st_uid != geteuid() || (about.st_mode & 077) != 0)
    refuse(folder, "not a folder of ours that nobody else may open");
}

}  // namespace

std::string make_restart_folder() {
  make_runtime_folder();
  std::string folder = runtime_folder() + "/restart-XXXXXX";  // mkdtemp makes it 0700
  if (mkdtemp(folder.data()) == nullptr)
    throw Error(ErrorKind::io, fmt::format("cannot make a folder in '{}': {}", runtime_folder(),
                                           std::strerror(errno)));
  return folder;
}

void write_restart(const std::string& folder, const Restart& restart) {
  json::array worlds;
  for (const Checkpoint& world : restart.worlds) worlds.push_back(world_json(world));
  write_private(folder + "/restart.json",
                json::serialize(json::object{{"pid", getpid()},
                                             {"port", restart.port},
                                             {"token", restart.token},
                                             {"worlds", std::move(worlds)}}));
}

Restart read_restart(const std::string& folder) {
  check_owner(folder);
  const std::string path = folder + "/restart.json";
  std::ifstream file(path);
  if (!file) refuse(folder, "no restart.json there: it is read once");
  const std::string text((std::istreambuf_iterator<char>(file)), std::istreambuf_iterator<char>());
  unlink(path.c_str());
  try {
    const json::object object = wire::parse_json(text).as_object();
    // A process keeps its number when it becomes another program; nobody else has it.
    if (object.at("pid").to_number<int>() != getpid()) refuse(folder, "another process wrote it");
    Restart restart{.port = object.at("port").to_number<std::uint16_t>(),
                    .token = std::string(object.at("token").as_string()),
                    .worlds = {}};
    for (const json::value& world : object.at("worlds").as_array())
      restart.worlds.push_back(world_of(world.as_object(), folder));
    return restart;
  } catch (const Error&) {
    throw;
  } catch (const std::exception& error) {
    refuse(folder, error.what());
  }
}

}  // namespace atheria
