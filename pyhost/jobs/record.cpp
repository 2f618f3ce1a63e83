#include "pyhost/jobs/record.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <signal.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cctype>
#include <cerrno>
#include <cstring>
#include <filesystem>
#include <fstream>

#include "app/protocol/json_text.h"
#include "engine/base/error.h"
#include "engine/base/log.h"
#include "engine/base/numbers.h"

namespace atheria::jobs {
namespace {

namespace fs = std::filesystem;
namespace json = boost::json;

// Of a script's name what is good in a file name.
std::string plain(const std::string& name) {
  std::string text;
  for (const unsigned char c : name.substr(0, 48))
    text += std::isalnum(c) || c == '.' || c == '-' || c == '_' ? static_cast<char>(c) : '_';
  return text;
}

// Whole or not at all for whoever reads it, but not synced: this runs on the I/O thread.
void save(const std::string& path, const std::string& text) {
  const std::string fresh = path + ".new";
  std::ofstream file(fresh, std::ios::binary);
  file << text;
  file.close();
  if (!file || rename(fresh.c_str(), path.c_str()) != 0)
    throw Error(ErrorKind::io, fmt::format("cannot write '{}': {}", path, std::strerror(errno)));
}

std::vector<std::pair<std::uint64_t, std::string>> numbered(const std::string& folder) {
  std::vector<std::pair<std::uint64_t, std::string>> found;
  std::error_code error;
  for (const auto& entry : fs::directory_iterator(folder, error)) {
    const std::string name = entry.path().filename().string();
    const auto number = parse_number<std::uint64_t>(name.substr(0, name.find('-')));
    if (number) found.emplace_back(*number, entry.path().string());
  }
  std::sort(found.begin(), found.end());
  return found;
}

json::array list_of(const std::vector<std::string>& texts) {
  json::array list;
  for (const std::string& text : texts) list.emplace_back(text);
  return list;
}

json::object describe(const ScriptSpec& spec, const ScriptStatus& status) {
  json::object record{{"job", status.job},
                      {"name", status.name},
                      {"owner", status.owner},
                      {"state", status.state},
                      {"outcome", status.outcome},
                      {"exitCode", status.exit_code},
                      {"createdUs", status.created_us},
                      {"cpuS", status.cpu_s},
                      {"wallS", status.wall_s},
                      {"chunks", status.out_to},
                      {"lostBytes", status.gap},
                      {"path", spec.path},
                      {"argv", list_of(spec.argv)},
                      {"cwd", spec.cwd},
                      {"world", spec.world},
                      {"process", spec.process_mode},
                      {"leftBehind", list_of(status.left_behind)},
                      {"pid", getpid()}};
  if (status.failure)
    record["failure"] = {{"type", status.failure->type},
                         {"message", status.failure->message},
                         {"text", status.failure->text}};
  return record;
}

std::string text_at(const json::object& object, const char* key) {
  const json::value* value = object.if_contains(key);
  return value != nullptr && value->is_string() ? std::string(value->as_string()) : "";
}

double number_at(const json::object& object, const char* key) {
  const json::value* value = object.if_contains(key);
  return value != nullptr && value->is_number() ? value->to_number<double>() : 0;
}

ScriptStatus status_of(const json::object& record) {
  ScriptStatus status;
  status.job = text_at(record, "job");
  status.name = text_at(record, "name");
  status.owner = text_at(record, "owner");
  status.state = text_at(record, "state");
  status.outcome = text_at(record, "outcome");
  status.exit_code = static_cast<int>(number_at(record, "exitCode"));
  status.created_us = static_cast<std::uint64_t>(number_at(record, "createdUs"));
  status.cpu_s = number_at(record, "cpuS");
  status.wall_s = number_at(record, "wallS");
  status.out_to = static_cast<std::uint64_t>(number_at(record, "chunks"));
  status.gap = static_cast<std::uint64_t>(number_at(record, "lostBytes"));
  if (const json::value* failure = record.if_contains("failure"); failure && failure->is_object()) {
    const json::object& why = failure->as_object();
    status.failure = {text_at(why, "type"), text_at(why, "message"), text_at(why, "text"), {}};
  }
  return status;
}

}  // namespace

Records::Records(std::string folder) : folder_(std::move(folder)) {}

Records::Place Records::add(const ScriptSpec& spec, std::uint64_t from) {
  std::error_code error;
  fs::create_directories(folder_, error);
  const auto there = numbered(folder_);
  for (std::uint64_t number = there.empty() ? from : std::max(from, there.back().first + 1);;
       ++number) {
    const std::string folder = fmt::format("{}/{:06}-{}", folder_, number, plain(spec.name));
    // Another server may have taken the number under another name in the meantime.
    const bool made = mkdir(folder.c_str(), 0700) == 0;
    if (!made && errno != EEXIST)
      throw Error(ErrorKind::io, fmt::format("cannot make '{}' for the script's record: {}", folder,
                                             std::strerror(errno)));
    if (!made) continue;
    save(folder + "/script.py", spec.source);
    return {std::to_string(number), folder};
  }
}

void Records::write(const std::string& folder, const ScriptSpec& spec, const ScriptStatus& status) {
  try {
    save(folder + "/job.json", json::serialize(describe(spec, status)) + "\n");
  } catch (const std::exception& error) {
    log::warning(fmt::format("job {} is not written down: {}", status.job, error.what()));
  }
}

std::vector<Records::Earlier> Records::earlier(std::size_t count) {
  auto folders = numbered(folder_);
  if (folders.size() > count)
    folders.erase(folders.begin(), folders.end() - static_cast<long>(count));
  std::vector<Earlier> found;
  for (const auto& [number, folder] : folders) {
    std::ifstream file(folder + "/job.json");
    const std::string text((std::istreambuf_iterator<char>(file)),
                           std::istreambuf_iterator<char>());
    try {
      json::object record = json::parse(text).as_object();
      ScriptStatus status = status_of(record);
      const auto pid = static_cast<pid_t>(number_at(record, "pid"));
      if (status.state != "done") {
        if (pid > 0 && pid != getpid() && kill(pid, 0) == 0) continue;  // another server's, alive
        status.state = "done";
        status.outcome = "lost";
        status.exit_code = 139;
        record["state"] = "done";
        record["outcome"] = "lost";
        record["exitCode"] = 139;
        save(folder + "/job.json", json::serialize(record) + "\n");
      }
      found.push_back({std::move(status), folder});
    } catch (const std::exception&) {
      continue;  // not ours, or torn
    }
  }
  return found;
}

}  // namespace atheria::jobs
