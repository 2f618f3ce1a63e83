#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "engine/run/checkpoint.h"

// What a server leaves to the process it becomes: a folder of its owner's (0700) beside the runtime
// files, with restart.json (0600, it holds the admin token) and the planes of each world.
namespace atheria {

struct Restart {
  std::uint16_t port = 0;
  std::string token;  // admin
  std::vector<Checkpoint> worlds;
};

// Names the folder to the new process. Nothing secret stands in it.
constexpr const char* kResumeVariable = "ATHERIA_RESUME";

// A new one. Throws Error (io).
std::string make_restart_folder();

// Throws Error (io).
void write_restart(const std::string& folder, const Restart& restart);

// Deletes restart.json as it reads it; the planes stay until the folder is removed. Throws Error
// (io) when this process did not write it.
Restart read_restart(const std::string& folder);

}  // namespace atheria
