#include "app/config.h"

#include <fmt/format.h>
#include <unistd.h>

#include <toml++/toml.h>
#include <CLI/CLI.hpp>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <optional>

#include "app/config_schema.h"
#include "atheria_build.h"
#include "engine/base/error.h"

namespace atheria {
namespace {

using Sources = std::map<std::string, Found>;  // by setting, the strongest

const char* kExamples = R"(Examples:
  atheria-server --demo
  atheria-server --world life=life,1024x768,init=pattern:gosper-gun --port 9000
  atheria-server --config server.toml --ready-json

Every setting can stand in the file (--config) and in the environment; flags win over variables, variables
over the file. docs/configuration.md has the table.
Exit codes: 0 stopped, 1 failure, 2 usage or configuration, 3 cannot listen, 4 a world cannot be made.)";

std::string did_you_mean(const std::string& name) {
  const std::string nearest = nearest_setting(name);
  return nearest.empty() ? "; --help lists the settings"
                         : fmt::format("; did you mean '{}'?", nearest);
}

const Setting* find_setting(const std::string& key) {
  for (const Setting& setting : settings())
    if (key_of(setting) == key) return &setting;
  return nullptr;
}

std::string read_file(const std::string& path) {
  if (std::filesystem::is_directory(path))
    throw Error(ErrorKind::io, fmt::format("--config: cannot read '{}': it is a directory", path));
  std::ifstream file(path, std::ios::binary);
  std::string text((std::istreambuf_iterator<char>(file)), std::istreambuf_iterator<char>());
  if (!file.is_open() || file.bad())
    throw Error(ErrorKind::io,
                fmt::format("--config: cannot read '{}': {}", path, strerror(errno)));
  return text;
}

Found found_in(const toml::node& node, const std::string& source, const std::string& key) {
  if (const auto* text = node.as_string()) return {text->get(), source, true};
  if (const auto* number = node.as_integer()) return {number->get(), source, true};
  if (const auto* flag = node.as_boolean()) return {flag->get(), source, true};
  if (const auto* array = node.as_array()) {
    std::vector<std::string> list;
    for (const toml::node& item : *array) {
      if (!item.is_string())
        throw Error(
            fmt::format("{}: {} must be a list of texts; an item is not a text", source, key));
      list.push_back(item.as_string()->get());
    }
    return {list, source, true};
  }
  throw Error(fmt::format("{}: {} has a value of a kind no setting takes", source, key));
}

void read_toml(const std::string& path, Sources& sources) {
  toml::table table;
  try {
    table = toml::parse(read_file(path), path);
  } catch (const toml::parse_error& fault) {
    throw Error(fmt::format("{}:{}: not TOML: {}", path, fault.source().begin.line,
                            std::string(fault.description())));
  }
  for (const auto& [key, node] : table) {
    const std::string name(key.str());
    const std::string source = fmt::format("{}:{}", path, key.source().begin.line);
    const Setting* setting = find_setting(name);
    if (setting == nullptr)
      throw Error(fmt::format("{}: no setting '{}'{}", source, name, did_you_mean(name)));
    sources[setting->name] = found_in(node, source, name);
  }
}

// Lists in variables are separated by ';', because worlds have commas in them.
std::vector<std::string> split(const std::string& text) {
  std::vector<std::string> items;
  std::size_t start = 0;
  while (start <= text.size()) {
    const std::size_t end = std::min(text.find(';', start), text.size());
    if (end > start) items.push_back(text.substr(start, end - start));
    start = end + 1;
  }
  return items;
}

bool is_list(const Setting& setting) {
  return std::holds_alternative<std::vector<std::string> Config::*>(setting.member);
}

// Variables of other parts of the project that share our prefix.
bool known_elsewhere(const std::string& name) {
  static const char* others[] = {"ATHERIA_CONFIG", "ATHERIA_TOKEN",       "ATHERIA_PYTHON",
                                 "ATHERIA_PIP_",   "ATHERIA_CMAKE_",      "ATHERIA_URL",
                                 "ATHERIA_CPU_",   "ATHERIA_TORCH_INDEX", "ATHERIA_SERVER_BINARY",
                                 "ATHERIA_TEST_",  "ATHERIA_ISA",         "ATHERIA_GIL_CHECKS",
                                 "ATHERIA_LOCK_"};
  return std::any_of(std::begin(others), std::end(others),
                     [&](const char* other) { return name.starts_with(other); });
}

void read_variables(const Environment& environment, Sources& sources,
                    std::vector<std::string>& warnings) {
  for (const auto& [name, value] : environment) {
    if (!name.starts_with("ATHERIA_")) continue;
    const auto all = settings();
    const auto setting = std::find_if(all.begin(), all.end(),
                                      [&](const Setting& s) { return variable_of(s) == name; });
    if (setting == all.end()) {
      if (!known_elsewhere(name))
        warnings.push_back(fmt::format("{} is no setting of this server{}", name,
                                       did_you_mean(CLI::detail::to_lower(name.substr(8)))));
    } else if (is_list(*setting)) {
      sources[setting->name] = {split(value), name};
    } else {
      sources[setting->name] = {value, name};
    }
  }
}

// The flags as texts: their meaning is checked by the table, like that of every other source.
struct Flags {
  explicit Flags(CLI::App& app) {
    for (const Setting& setting : settings()) {
      const std::string flag = fmt::format("--{}", setting.name);
      CLI::Option* option =
          std::holds_alternative<bool Config::*>(setting.member)
              ? app.add_flag(flag + ",!--no-" + setting.name, flags[setting.name], setting.help)
              : app.add_option(flag, texts[setting.name], help_of(setting))
                    ->type_name(setting.value_name)
                    ->multi_option_policy(is_list(setting) ? CLI::MultiOptionPolicy::TakeAll
                                                           : CLI::MultiOptionPolicy::TakeLast);
      if (is_list(setting)) option->expected(1)->take_all();
      options[setting.name] = option->group(setting.group);
    }
  }

  static std::string help_of(const Setting& setting) {
    std::string help = setting.help;
    if (!setting.choices.empty()) help += fmt::format(" ({})", CLI::detail::join(setting.choices));
    const std::string value = to_toml(Config{}, setting);
    return is_list(setting) || value == "\"\"" ? help : help + " [" + value + "]";
  }

  void collect(Sources& sources) const {
    for (const Setting& setting : settings()) {
      if (options.at(setting.name)->count() == 0) continue;
      const std::string source = fmt::format("--{}", setting.name);
      if (std::holds_alternative<bool Config::*>(setting.member))
        sources[setting.name] = {flags.at(setting.name), source};
      else if (const auto& given = texts.at(setting.name);
               std::ranges::any_of(given, [](auto& text) { return text.starts_with("--"); }))
        throw Error(fmt::format("{} needs a value; --help lists the flags", source));
      else if (is_list(setting))
        sources[setting.name] = {given, source};
      else
        sources[setting.name] = {given.back(), source};
    }
  }

  std::map<std::string, bool> flags;
  std::map<std::string, std::vector<std::string>> texts;
  std::map<std::string, CLI::Option*> options;
};

std::string as_toml(const Config& config, const Sources& sources) {
  std::string text = "# The configuration as it stands; each line's source in the comment.\n";
  for (const Setting& setting : settings()) {
    const auto source = sources.find(setting.name);
    text += fmt::format("{} = {}  # {}\n", key_of(setting), to_toml(config, setting),
                        source == sources.end() ? "default" : source->second.source);
  }
  return text;
}

}  // namespace

Environment read_environment() {
  Environment environment;
  for (char** entry = environ; *entry != nullptr; ++entry) {
    const std::string text = *entry;
    const std::size_t equals = text.find('=');
    if (equals != std::string::npos) environment[text.substr(0, equals)] = text.substr(equals + 1);
  }
  return environment;
}

Loaded load_config(const std::vector<std::string>& args, const Environment& environment) {
  CLI::App app("Runs worlds and shows them to browsers and programs.", "atheria-server");
  app.set_version_flag("--version", fmt::format("atheria-server {}", build::kVersion));
  app.get_formatter()->column_width(34);
  app.footer(kExamples);
  std::string file;
  bool print = false;
  app.add_option("--config", file, "Configuration file (TOML); also ATHERIA_CONFIG")
      ->type_name("FILE");
  app.add_flag("--print-config", print, "Print the configuration as it stands, as TOML, and exit");
  Flags flags(app);
  Loaded loaded;
  try {
    app.parse(std::vector<std::string>(args.rbegin(), args.rend()));
  } catch (const CLI::CallForHelp&) {
    return {.config = {}, .print = app.help(), .warnings = {}};
  } catch (const CLI::CallForVersion& version) {
    return {.config = {}, .print = std::string(version.what()) + "\n", .warnings = {}};
  } catch (const CLI::ParseError& fault) {
    throw Error(fmt::format("{}; --help lists the flags", fault.what()));
  }
  Sources sources;
  if (const auto variable = environment.find("ATHERIA_CONFIG");
      file.empty() && variable != environment.end())
    file = variable->second;
  if (file.starts_with("--"))
    throw Error(fmt::format("--config needs a file, and got the flag {}", file));
  if (!file.empty()) read_toml(file, sources);
  read_variables(environment, sources, loaded.warnings);
  flags.collect(sources);
  for (const Setting& setting : settings())
    if (const auto found = sources.find(setting.name); found != sources.end())
      apply(loaded.config, setting, found->second);
  if (print) loaded.print = as_toml(loaded.config, sources);
  return loaded;
}

}  // namespace atheria
