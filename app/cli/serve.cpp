#include <fmt/format.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>

#include "app/cli/command.h"
#include "app/cli/machine.h"
#include "engine/base/error.h"

namespace atheria::cli {
namespace {

int serve(const std::vector<std::string>& flags) {
  const std::string path = program_beside("atheria-server");
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
