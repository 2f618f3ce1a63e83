#include <fmt/format.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <filesystem>

#include "app/cli/command.h"
#include "engine/base/error.h"

namespace atheria::cli {
namespace {

// The server that was built with this program: beside it.
std::string server_path() {
  std::error_code error;
  const auto self = std::filesystem::read_symlink("/proc/self/exe", error);
  return (error ? std::filesystem::path("atheria-server") : self.parent_path() / "atheria-server")
      .string();
}

int serve(const std::vector<std::string>& flags) {
  const std::string path = server_path();
  std::vector<char*> arguments{const_cast<char*>(path.c_str())};
  for (const std::string& flag : flags) arguments.push_back(const_cast<char*>(flag.c_str()));
  arguments.push_back(nullptr);
  execvp(path.c_str(), arguments.data());
  throw Error(ErrorKind::io, fmt::format("cannot start '{}': {}; ./ath build makes it", path,
                                         std::strerror(errno)));
}

}  // namespace

void add_serve(CLI::App& app, const Chosen& chosen) {
  CLI::App* command =
      app.add_subcommand("serve", "Start the server; flags are atheria-server's own");
  // Everything after the verb is the server's, --help too: one place says what its flags are.
  command->set_help_flag();
  command->prefix_command();
  command->callback(
      [command, chosen] { *chosen = [flags = command->remaining()] { return serve(flags); }; });
}

}  // namespace atheria::cli
