#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <variant>
#include <vector>

#include "app/config.h"

// The one table of settings. A name "allow-origin" is the flag --allow-origin, the key allow_origin
// in the file and the variable ATHERIA_ALLOW_ORIGIN.
namespace atheria {

struct Setting {
  using Member = std::variant<std::string Config::*, std::int64_t Config::*, bool Config::*,
                              std::vector<std::string> Config::*>;
  const char* name;
  const char* group;
  Member member;
  const char* value_name;            // in --help: "PORT"
  const char* help;                  // one line
  std::int64_t lo = 0, hi = 0;       // numbers: closed range
  std::vector<std::string> choices;  // text: what may be chosen; empty: anything
};

std::span<const Setting> settings();

std::string key_of(const Setting& setting);       // in the file
std::string variable_of(const Setting& setting);  // in the environment

// A value as found, and where: "--port", "ATHERIA_PORT", "server.toml:3".
struct Found {
  std::variant<std::string, std::int64_t, bool, std::vector<std::string>> value;
  std::string source;
  bool typed = false;  // from TOML: a text is not turned into a number
};

// Checks and stores. Throws Error naming the setting, the value, what would do and the source.
void apply(Config& config, const Setting& setting, const Found& found);

// The value as TOML writes it.
std::string to_toml(const Config& config, const Setting& setting);

// The name nearest to what was written, or empty: "did you mean".
std::string nearest_setting(const std::string& name);

}  // namespace atheria
