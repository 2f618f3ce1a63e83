#include "app/runtime_file.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <signal.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <fstream>

#include "app/protocol/json_text.h"
#include "engine/base/error.h"

namespace atheria {
namespace {

namespace fs = std::filesystem;
namespace json = boost::json;

std::string environment(const char* name) {
  const char* value = std::getenv(name);
  return value != nullptr ? value : "";
}

[[noreturn]] void fail(const std::string& what, const std::string& path) {
  throw Error(ErrorKind::io, fmt::format("cannot {} '{}': {}", what, path, std::strerror(errno)));
}

std::optional<RunningServer> read(const fs::path& path) {
  std::ifstream file(path);
  const std::string text((std::istreambuf_iterator<char>(file)), std::istreambuf_iterator<char>());
  try {
    const json::object object = wire::parse_json(text).as_object();
    return RunningServer{.url = std::string(object.at("url").as_string()),
                         .token = std::string(object.at("token").as_string()),
                         .pid = object.at("pid").to_number<int>(),
                         .version = std::string(object.at("version").as_string())};
  } catch (const std::exception&) {
    return std::nullopt;  // not ours, or of another version
  }
}

}  // namespace

std::string runtime_folder() {
  std::string base = environment("XDG_RUNTIME_DIR");
  if (base.empty()) {
    const std::string home = environment("HOME");
    base = (home.empty() ? "/tmp" : home) + "/.local/state";
  }
  return base + "/atheria";
}

std::string kernel_socket(const std::string& port) {
  return fmt::format("{}/kernel-{}.sock", runtime_folder(), port);
}

void make_runtime_folder() {
  const std::string folder = runtime_folder();
  std::error_code error;
  fs::create_directories(folder, error);
  if (error)
    throw Error(ErrorKind::io, fmt::format("cannot make '{}': {}", folder, error.message()));
  chmod(folder.c_str(), 0700);
}

void write_private(const std::string& path, const std::string& text) {
  const std::string fresh = fmt::format("{}.{}", path, getpid());
  unlink(fresh.c_str());
  const int file = open(fresh.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
  if (file < 0) fail("write", fresh);
  const bool written = write(file, text.data(), text.size()) == static_cast<ssize_t>(text.size());
  close(file);
  if (!written || rename(fresh.c_str(), path.c_str()) != 0) fail("write", path);
}

RuntimeFile::RuntimeFile(std::uint16_t port, const RunningServer& server) {
  make_runtime_folder();
  const std::string path = fmt::format("{}/server-{}.json", runtime_folder(), port);
  write_private(path, json::serialize(json::object{{"url", server.url},
                                                   {"token", server.token},
                                                   {"pid", server.pid},
                                                   {"version", server.version}}) +
                          "\n");
  path_ = path;
}

RuntimeFile::~RuntimeFile() {
  if (!path_.empty()) unlink(path_.c_str());
}

std::vector<RunningServer> running_servers() {
  std::vector<std::pair<fs::file_time_type, RunningServer>> found;
  std::error_code error;
  for (const auto& entry : fs::directory_iterator(runtime_folder(), error)) {
    if (!entry.path().filename().string().starts_with("server-") ||
        entry.path().extension() != ".json")
      continue;
    const auto server = read(entry.path());
    if (server && kill(server->pid, 0) == 0)
      found.emplace_back(entry.last_write_time(error), *server);
  }
  std::sort(found.begin(), found.end(),
            [](const auto& a, const auto& b) { return a.first > b.first; });
  std::vector<RunningServer> servers;
  for (auto& [time, server] : found) servers.push_back(std::move(server));
  return servers;
}

}  // namespace atheria
