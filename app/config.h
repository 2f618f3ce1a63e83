#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <vector>

// What the server is told at start: flags over environment over file over defaults, all by one
// table (config_schema.h). docs/configuration.md lists it for people.
namespace atheria {

// How a command ends; scripts rely on the numbers.
enum ExitCode {
  kExitOk = 0,
  kExitFailure = 1,
  kExitUsage = 2,       // a flag, a variable or the configuration file is wrong
  kExitCannotBind = 3,  // the port is in use, or the address is not ours
  kExitBadWorld = 4,    // a world's spec or its law
};

struct Config {
  std::string host = "127.0.0.1";
  std::int64_t port = 8765;
  std::vector<std::string> allow_host;
  std::vector<std::string> allow_origin;
  bool insecure = false;
  std::int64_t max_connections = 256;
  std::int64_t max_per_address = 64;
  std::string token_file;

  std::vector<std::string> world;
  bool demo = false;
  std::int64_t max_worlds = 64;
  std::int64_t max_memory = 0;  // MiB of fields

  std::string python;  // empty: the one this was built with; "off": none
  std::string runs = "runs";
  std::string kernel;  // Jupyter's connection file

  std::int64_t threads = 0;
  std::int64_t torch_threads = 1;

  bool ready_json = false;
  std::string log_level = "info";
};

using Environment = std::map<std::string, std::string>;
Environment read_environment();

// A configuration, or text to print instead of starting (--help, --version, --print-config).
struct Loaded {
  Config config;
  std::string print;                  // empty: start
  std::vector<std::string> warnings;  // a variable that looks like ours and is not
};

// `args` without the program's name. Throws Error (bad_args, io) that names key, value, what would
// do and where the value came from.
Loaded load_config(const std::vector<std::string>& args, const Environment& environment);

}  // namespace atheria
