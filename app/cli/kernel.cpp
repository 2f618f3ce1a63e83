#include <fmt/format.h>
#include <poll.h>
#include <pwd.h>
#include <sys/signalfd.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <csignal>
#include <cstdlib>
#include <cstring>
#include <filesystem>

#include "app/cli/command.h"
#include "app/cli/find_server.h"
#include "app/cli/machine.h"
#include "app/protocol/json_text.h"
#include "app/runtime_file.h"
#include "atheria_build.h"
#include "engine/base/error.h"
#include "pyhost/jobs/spawn.h"

// Jupyter's side: kernelspecs, and the connector, which Jupyter takes for the kernel's process while
// the kernel itself is in the server.
namespace atheria::cli {
namespace {

namespace json = boost::json;

struct AttachOptions {
  std::string world, file, server;
  bool share = false;
};

std::string user_name() {
  const passwd* const entry = getpwuid(geteuid());
  return entry != nullptr ? entry->pw_name : std::to_string(geteuid());
}

// Connected to the server's door for notebooks.
int knock(const std::string& server) {
  const Door door = find_server(server);
  if (!door.local)
    throw Error(
        ErrorKind::unsupported,
        fmt::format(
            "{} is on another machine: a notebook attaches to a server beside it; 'ath run' and "
            "atheria.connect() reach that one",
            door.url));
  const std::string path = kernel_socket(parse_url(door.url).port);
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  if (path.size() >= sizeof address.sun_path)
    throw Error(ErrorKind::io, fmt::format("'{}' is too long", path));
  std::memcpy(address.sun_path, path.data(), path.size());
  const int socket = ::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
  if (socket < 0 ||
      connect(socket, reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0)
    throw Error(
        ErrorKind::io,
        fmt::format("{} takes no notebooks at '{}' ({}); 'ath doctor' says how Python is there",
                    door.url, path, std::strerror(errno)));
  return socket;
}

// SIGTERM, SIGINT and SIGHUP as something to poll: they detach, the world and the server go on.
int end_signals() {
  sigset_t ends;
  sigemptyset(&ends);
  for (const int signal : {SIGTERM, SIGINT, SIGHUP}) sigaddset(&ends, signal);
  sigprocmask(SIG_BLOCK, &ends, nullptr);
  return signalfd(-1, &ends, SFD_CLOEXEC);
}

// One line of the server's; the exit code when it was the last.
std::optional<int> heed(const std::string& line) {
  const json::object told = wire::parse_json(line).as_object();
  const std::string state(told.at("state").as_string());
  const std::string text(told.at("text").as_string());
  fmt::print(stderr, "ath kernel: {}{}{}\n", state, text.empty() ? "" : ": ", text);
  if (state == "refused") return 1;
  if (state == "closed") return 0;
  return std::nullopt;
}

int attach(const AttachOptions& options) {
  const int socket = knock(options.server);
  const std::string wish = json::serialize(json::object{
                               {"file", std::filesystem::absolute(options.file).string()},
                               {"owner", fmt::format("{} (process {})", user_name(), getppid())},
                               {"world", options.world},
                               {"share", options.share}}) +
                           "\n";
  if (write(socket, wish.data(), wish.size()) != static_cast<ssize_t>(wish.size()))
    throw Error(ErrorKind::io, "the server went away");
  std::array<pollfd, 2> ends{{{socket, POLLIN, 0}, {end_signals(), POLLIN, 0}}};
  std::string text;
  for (;;) {
    if (poll(ends.data(), ends.size(), -1) < 0) continue;
    if (ends[1].revents != 0) return 0;  // leaving the socket detaches
    std::array<char, 4096> bytes{};
    const auto count = read(socket, bytes.data(), bytes.size());
    if (count <= 0) throw Error(ErrorKind::io, "the server has gone");
    text.append(bytes.data(), static_cast<std::size_t>(count));
    for (std::size_t end = 0; (end = text.find('\n')) != std::string::npos; text.erase(0, end + 1))
      if (const auto code = heed(text.substr(0, end))) return *code;
  }
}

// The package knows kernelspecs; this program and the server beside it stand in them by whole path.
int specs(const std::vector<std::string>& words) {
  std::error_code error;
  const auto self = std::filesystem::read_symlink("/proc/self/exe", error);
  std::vector<std::string> command{build::kPython,
                                   "-m",
                                   "atheria.kernelspec",
                                   "--ath",
                                   self.string(),
                                   "--server",
                                   (self.parent_path() / "atheria-server").string()};
  command.insert(command.end(), words.begin(), words.end());
  const std::string package = std::string(build::kSourceDir) + "/pyhost/python";
  setenv("PYTHONPATH", package.c_str(), 1);
  const auto arguments = jobs::pointers(command);
  execvp(arguments[0], arguments.data());
  throw Error(ErrorKind::io,
              fmt::format("cannot start '{}': {}", command[0], std::strerror(errno)));
}

void add_attach(CLI::App& kernel, const Chosen& chosen) {
  CLI::App* command = kernel.add_subcommand("attach",
                                            "Attach a notebook to the running server; what Jupyter "
                                            "starts, and stays while its kernel lives");
  const auto options = std::make_shared<AttachOptions>();
  command->add_option("file", options->file, "Jupyter's connection file")
      ->required()
      ->type_name("FILE");
  command->add_option("--world", options->world, "What atheria.current() is; else the only one")
      ->type_name("WORLD");
  command
      ->add_option("--server", options->server,
                   "Its address, http://HOST:PORT; else the newest here")
      ->type_name("URL");
  command->add_flag("--share", options->share,
                    "Join the notebook that is attached already: the same kernel and names");
  command->callback([=] { *chosen = [=] { return attach(*options); }; });
}

void add_specs(CLI::App& kernel, const Chosen& chosen, const std::string& verb,
               const std::string& about) {
  CLI::App* command = kernel.add_subcommand(verb, about);
  const auto worlds = std::make_shared<std::vector<std::string>>();
  const auto prefix = std::make_shared<std::string>();
  command
      ->add_option("world", *worlds, "One entry for each of these worlds besides the two for all")
      ->type_name("WORLD");
  command->add_option("--prefix", *prefix, "Under PREFIX/share/jupyter instead of your own folder")
      ->type_name("PREFIX");
  command->callback([=] {
    *chosen = [=] {
      std::vector<std::string> words{verb};
      if (!prefix->empty()) words.insert(words.end(), {"--prefix", *prefix});
      words.insert(words.end(), worlds->begin(), worlds->end());
      return specs(words);
    };
  });
}

}  // namespace

void add_kernel(CLI::App& app, const Chosen& chosen) {
  CLI::App* kernel =
      app.add_subcommand("kernel", "Notebooks: make Jupyter know this server, attach to it");
  kernel->require_subcommand(1);
  add_specs(*kernel, chosen, "install",
            "Write the kernelspecs: 'Atheria (attach)' and 'Atheria (new)' appear in Jupyter");
  add_specs(*kernel, chosen, "remove", "Take them away again");
  add_attach(*kernel, chosen);
}

}  // namespace atheria::cli
