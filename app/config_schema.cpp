#include "app/config_schema.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <numeric>

#include "engine/base/error.h"
#include "engine/base/numbers.h"

namespace atheria {
namespace {

const std::vector<Setting>& table() {
  static const std::vector<Setting> all = {
      {"host", "Network", &Config::host, "ADDRESS", "Address to listen on", 0, 0, {}},
      {"port",
       "Network",
       &Config::port,
       "PORT",
       "Port to listen on; 0 takes a free one",
       0,
       65535,
       {}},
      {"allow-host",
       "Network",
       &Config::allow_host,
       "HOST[:PORT]",
       "Another name browsers may reach this server by; repeatable",
       0,
       0,
       {}},
      {"allow-origin",
       "Network",
       &Config::allow_origin,
       "ORIGIN",
       "A page's origin that may connect, as https://example.org; repeatable",
       0,
       0,
       {}},
      {"insecure",
       "Network",
       &Config::insecure,
       "",
       "Allow an address beyond loopback though traffic is not encrypted",
       0,
       0,
       {}},
      {"max-connections",
       "Network",
       &Config::max_connections,
       "N",
       "Connections at a time",
       1,
       10000,
       {}},
      {"max-per-address",
       "Network",
       &Config::max_per_address,
       "N",
       "Connections at a time from one address",
       1,
       10000,
       {}},
      {"token-file",
       "Network",
       &Config::token_file,
       "FILE",
       "Tokens, one a line: [ROLE] TOKEN; without it an admin token is made at each start",
       0,
       0,
       {}},
      {"world",
       "Worlds",
       &Config::world,
       "SPEC",
       "NAME=LAW,WxH[xD][,seed=N][,init=...] (docs/worlds.md); repeatable",
       0,
       0,
       {}},
      {"demo", "Worlds", &Config::demo, "", "Start the demonstration worlds", 0, 0, {}},
      {"max-worlds", "Worlds", &Config::max_worlds, "N", "Worlds at a time", 1, 1024, {}},
      {"max-memory",
       "Worlds",
       &Config::max_memory,
       "MIB",
       "Memory for the fields of all worlds; 0 is what the machine has",
       0,
       std::int64_t{1} << 24,
       {}},
      {"python",
       "Python",
       &Config::python,
       "PATH",
       "The Python that runs scripts and notebooks in this server: its python3, or \"off\"; "
       "without it the "
       "project's .venv",
       0,
       0,
       {}},
      {"runs",
       "Python",
       &Config::runs,
       "DIR",
       "Where every script leaves its record: source, output, how it ended",
       0,
       0,
       {}},
      {"kernel",
       "Python",
       &Config::kernel,
       "FILE",
       "Serve a notebook on Jupyter's connection file, and stop when it has gone",
       0,
       0,
       {}},
      {"threads",
       "Threads",
       &Config::threads,
       "N",
       "Threads that step worlds; 0: one per core",
       0,
       1024,
       {}},
      {"torch-threads",
       "Threads",
       &Config::torch_threads,
       "N",
       "Threads torch uses for one operation",
       1,
       1024,
       {}},
      {"ready-json",
       "Output",
       &Config::ready_json,
       "",
       "When ready, print one line of JSON on stdout instead of the link",
       0,
       0,
       {}},
      {"log-level",
       "Output",
       &Config::log_level,
       "LEVEL",
       "Least serious lines to log",
       0,
       0,
       {"debug", "info", "warning", "error"}},
  };
  return all;
}

std::string replaced(std::string text, char from, char to) {
  std::replace(text.begin(), text.end(), from, to);
  return text;
}

[[noreturn]] void refuse(const Setting& setting, const Found& found, const std::string& shown,
                         const std::string& wanted) {
  throw Error(
      fmt::format("{}: {} must be {}, got {}", found.source, key_of(setting), wanted, shown));
}

std::string show(const Found& found) {
  if (const auto* text = std::get_if<std::string>(&found.value)) return fmt::format("'{}'", *text);
  if (const auto* number = std::get_if<std::int64_t>(&found.value)) return std::to_string(*number);
  if (const auto* flag = std::get_if<bool>(&found.value)) return *flag ? "true" : "false";
  return fmt::format("{}", std::get<std::vector<std::string>>(found.value));
}

std::string wanted_number(const Setting& setting) {
  return fmt::format("a whole number {}..{}", setting.lo, setting.hi);
}

std::int64_t number_from(const Setting& setting, const Found& found) {
  std::int64_t number = 0;
  if (const auto* given = std::get_if<std::int64_t>(&found.value)) {
    number = *given;
  } else {
    const auto* text = std::get_if<std::string>(&found.value);
    if (text == nullptr || found.typed) refuse(setting, found, show(found), wanted_number(setting));
    const auto read = parse_number<std::int64_t>(*text);
    if (!read) refuse(setting, found, show(found), wanted_number(setting));
    number = *read;
  }
  if (number < setting.lo || number > setting.hi)
    refuse(setting, found, show(found), wanted_number(setting));
  return number;
}

bool flag_from(const Setting& setting, const Found& found) {
  if (const auto* flag = std::get_if<bool>(&found.value)) return *flag;
  if (const auto* text = std::get_if<std::string>(&found.value); text != nullptr && !found.typed) {
    if (*text == "true" || *text == "1" || *text == "yes" || *text == "on") return true;
    if (*text == "false" || *text == "0" || *text == "no" || *text == "off") return false;
  }
  refuse(setting, found, show(found), "true or false");
}

std::string text_from(const Setting& setting, const Found& found) {
  const auto* text = std::get_if<std::string>(&found.value);
  if (text == nullptr) refuse(setting, found, show(found), "a text");
  const auto& choices = setting.choices;
  if (!choices.empty() && std::find(choices.begin(), choices.end(), *text) == choices.end())
    refuse(setting, found, show(found), fmt::format("one of {}", fmt::join(choices, ", ")));
  return *text;
}

std::vector<std::string> list_from(const Setting& setting, const Found& found) {
  if (const auto* list = std::get_if<std::vector<std::string>>(&found.value)) return *list;
  refuse(setting, found, show(found), "a list of texts");
}

struct Apply {
  Config& config;
  const Setting& setting;
  const Found& found;
  void operator()(std::int64_t Config::* member) const {
    config.*member = number_from(setting, found);
  }
  void operator()(bool Config::* member) const { config.*member = flag_from(setting, found); }
  void operator()(std::string Config::* member) const {
    config.*member = text_from(setting, found);
  }
  void operator()(std::vector<std::string> Config::* member) const {
    config.*member = list_from(setting, found);
  }
};

std::string quoted(const std::string& text) {
  std::string out = "\"";
  for (const char c : text) {
    if (c == '"' || c == '\\') out += '\\';
    if (static_cast<unsigned char>(c) < 0x20)
      out += fmt::format("\\u{:04x}", static_cast<int>(c));
    else
      out += c;
  }
  return out + "\"";
}

struct Print {
  const Config& config;
  std::string operator()(std::int64_t Config::* member) const {
    return std::to_string(config.*member);
  }
  std::string operator()(bool Config::* member) const { return config.*member ? "true" : "false"; }
  std::string operator()(std::string Config::* member) const { return quoted(config.*member); }
  std::string operator()(std::vector<std::string> Config::* member) const {
    std::vector<std::string> items;
    for (const std::string& item : config.*member) items.push_back(quoted(item));
    return fmt::format("[{}]", fmt::join(items, ", "));
  }
};

// Levenshtein's distance.
std::size_t distance(const std::string& a, const std::string& b) {
  std::vector<std::size_t> row(b.size() + 1);
  std::iota(row.begin(), row.end(), std::size_t{0});
  for (std::size_t i = 1; i <= a.size(); ++i) {
    std::size_t diagonal = row[0];
    row[0] = i;
    for (std::size_t j = 1; j <= b.size(); ++j) {
      const std::size_t above = row[j];
      row[j] = std::min({row[j] + 1, row[j - 1] + 1, diagonal + (a[i - 1] == b[j - 1] ? 0 : 1)});
      diagonal = above;
    }
  }
  return row.back();
}

}  // namespace

std::span<const Setting> settings() { return table(); }

std::string key_of(const Setting& setting) { return replaced(setting.name, '-', '_'); }

std::string variable_of(const Setting& setting) {
  std::string name = "ATHERIA_" + key_of(setting);
  std::transform(name.begin(), name.end(), name.begin(),
                 [](char c) { return 'a' <= c && c <= 'z' ? static_cast<char>(c - 32) : c; });
  return name;
}

void apply(Config& config, const Setting& setting, const Found& found) {
  std::visit(Apply{config, setting, found}, setting.member);
}

std::string to_toml(const Config& config, const Setting& setting) {
  return std::visit(Print{config}, setting.member);
}

std::string nearest_setting(const std::string& name) {
  std::string best;
  std::size_t best_distance = std::max<std::size_t>(2, name.size() / 3) + 1;
  for (const Setting& setting : table()) {
    const std::size_t d = distance(replaced(name, '_', '-'), setting.name);
    if (d < best_distance) {
      best = setting.name;
      best_distance = d;
    }
  }
  return best;
}

}  // namespace atheria
