#include "pyhost/host/kernel_door.h"

#include <fmt/format.h>
#include <poll.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <filesystem>
#include <utility>
#include <vector>

#include "app/protocol/json_text.h"
#include "engine/base/clock.h"
#include "engine/base/error.h"
#include "engine/base/locks.h"
#include "engine/base/log.h"
#include "pyhost/host/interrupt.h"
#include "pyhost/jobs/board.h"

namespace atheria::pyhost {
namespace {

namespace json = boost::json;

constexpr std::size_t kLongestLine = 8192;
constexpr std::size_t kMostClients = 64;
constexpr int kInsistMs = 200;

sockaddr_un address_of(const std::string& path) {
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  if (path.size() >= sizeof address.sun_path)
    throw Error(ErrorKind::io, fmt::format("'{}' is too long for a Unix socket ({} bytes at most)",
                                           path, sizeof address.sun_path - 1));
  std::memcpy(address.sun_path, path.data(), path.size());
  return address;
}

bool answers(const std::string& path) {
  const sockaddr_un address = address_of(path);
  const int socket = ::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
  const bool there =
      connect(socket, reinterpret_cast<const sockaddr*>(&address), sizeof address) == 0;
  close(socket);
  return there;
}

// Those of servers that were killed, beside ours. A young one may be somebody's who does not listen yet.
void remove_stale(const std::string& path) {
  namespace fs = std::filesystem;
  constexpr auto kYoung = std::chrono::seconds(60);
  std::error_code error;
  for (const auto& entry : fs::directory_iterator(fs::path(path).parent_path(), error)) {
    const std::string name = entry.path().filename().string();
    if (!name.starts_with("kernel-") || !name.ends_with(".sock") || !entry.is_socket(error))
      continue;
    const auto age = fs::file_time_type::clock::now() - entry.last_write_time(error);
    if (error || age < kYoung || entry.path().string().size() >= sizeof sockaddr_un{}.sun_path)
      continue;
    if (!answers(entry.path().string())) fs::remove(entry.path(), error);
  }
}

int listen_at(const std::string& path) {
  if (path.empty()) return -1;
  const sockaddr_un address = address_of(path);
  remove_stale(path);
  if (answers(path))
    throw Error(ErrorKind::io, fmt::format("another server listens at '{}'", path));
  unlink(path.c_str());
  const int socket = ::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
  // The mode is set before anybody can connect, not after.
  if (socket >= 0) fchmod(socket, 0600);
  if (socket < 0 ||
      bind(socket, reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0 ||
      chmod(path.c_str(), 0600) != 0 || listen(socket, 16) != 0) {
    const std::string why = std::strerror(errno);
    if (socket >= 0) close(socket);
    throw Error(ErrorKind::io, fmt::format("cannot listen at '{}': {}", path, why));
  }
  return socket;
}

bool same_user(int socket) {
  ucred peer{};
  socklen_t size = sizeof peer;
  return getsockopt(socket, SOL_SOCKET, SO_PEERCRED, &peer, &size) == 0 && peer.uid == geteuid();
}

void say(int socket, const std::string& state, const std::string& text) {
  const std::string line = json::serialize(json::object{{"state", state}, {"text", text}}) + "\n";
  [[maybe_unused]] const auto sent =
      send(socket, line.data(), line.size(), MSG_NOSIGNAL | MSG_DONTWAIT);
}

}  // namespace

KernelDoor::KernelDoor(std::string path, jobs::Board& board)
    : path_(std::move(path)),
      board_(board),
      listener_(listen_at(path_)),
      wake_(eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK)),
      thread_([this] { run(); }) {}

KernelDoor::~KernelDoor() {
  {
    const Locked lock(mutex_);
    closing_ = true;
    for (const auto& [socket, client] : clients_) say(socket, "closed", "the server has ended");
  }
  eventfd_write(wake_, 1);
  const BlockingScope waits("waits for the notebooks' door while it holds Python's lock");
  thread_.join();
  if (!path_.empty()) unlink(path_.c_str());
}

void KernelDoor::run() {
  for (;;) {
    std::vector<pollfd> sockets{{listener_, POLLIN, 0}, {wake_, POLLIN, 0}};  // poll() skips a -1
    {
      const Locked lock(mutex_);
      if (closing_) break;
      for (const auto& [socket, client] : clients_) sockets.push_back({socket, POLLIN, 0});
    }
    end_cells();
    if (poll(sockets.data(), sockets.size(), leaving() ? kInsistMs : -1) < 0 && errno != EINTR)
      break;
    eventfd_t ignored;
    eventfd_read(wake_, &ignored);
    if ((sockets[0].revents & POLLIN) != 0) accept_one();
    for (std::size_t i = 2; i < sockets.size(); ++i)
      if (sockets[i].revents != 0 && !read_some(sockets[i].fd)) drop(sockets[i].fd);
  }
  const Locked lock(mutex_);
  for (const auto& [socket, client] : clients_) close(socket);
  clients_.clear();
  if (listener_ >= 0) close(listener_);
  close(wake_);
}

void KernelDoor::accept_one() {
  const int socket = accept4(listener_, nullptr, nullptr, SOCK_CLOEXEC | SOCK_NONBLOCK);
  if (socket < 0) return;
  const Locked lock(mutex_);
  if (!same_user(socket) || clients_.size() >= kMostClients) {
    log::warning("a notebook's connector was refused: another user's, or too many");
    close(socket);
    return;
  }
  clients_[socket] = {};
}

bool KernelDoor::read_some(int socket) {
  char bytes[4096];
  const auto count = recv(socket, bytes, sizeof bytes, 0);
  if (count < 0) return errno == EAGAIN || errno == EINTR;
  if (count == 0) return false;
  std::string line;
  {
    const Locked lock(mutex_);
    Client& client = clients_[socket];
    client.line.append(bytes, static_cast<std::size_t>(count));
    const std::size_t end = client.line.find('\n');
    if (end == std::string::npos) return client.line.size() <= kLongestLine;
    line = client.line.substr(0, end);
    client.line.erase(0, end + 1);
  }
  take_line(socket, line);
  return true;
}

void KernelDoor::open(const std::string& file, const std::string& owner,
                      std::function<void()> ended) {
  {
    const Locked lock(mutex_);
    own_file_ = file;
    ended_ = std::move(ended);
  }
  board_.add_task(
      json::serialize(json::object{{"kind", "kernel"}, {"file", file}, {"owner", owner}}));
}

// {"file": "/.../kernel-1.json", "owner": "ada", "world": "", "share": false}
void KernelDoor::take_line(int socket, const std::string& line) {
  std::string file;
  try {
    json::object task = wire::parse_json(line).as_object();
    task["kind"] = "kernel";
    file = std::string(task.at("file").as_string());
    {
      const Locked lock(mutex_);
      Client& client = clients_[socket];
      if (!client.file.empty()) return;
      client.file = file;
      const bool others =
          std::ranges::any_of(clients_, [](const auto& one) { return one.second.open; });
      const json::value* const share = task.if_contains("share");
      client.shared = others && share != nullptr && share->is_bool() && share->as_bool();
    }
    const PythonHealth health = board_.health();
    if (health.plane == "failed" || health.plane == "stuck")
      throw Error(fmt::format("Python is {} in this server: {}", health.plane, health.reason));
    board_.add_task(json::serialize(task));
  } catch (const std::exception& error) {
    if (file.empty())
      say(socket, "refused", "that is no request for a notebook");
    else
      tell(file, "refused", error.what());
  }
}

void KernelDoor::drop(int socket) {
  Client gone;
  {
    const Locked lock(mutex_);
    const auto found = clients_.find(socket);
    if (found == clients_.end()) return;
    gone = found->second;
    clients_.erase(found);
    close(socket);
  }
  // One that was refused has no kernel to close.
  if (!gone.open) return;
  if (!gone.shared) {
    const Locked lock(mutex_);
    leaving_[gone.file] = now_us();
  }
  board_.add_task(json::serialize(json::object{{"kind", "close_kernel"}, {"file", gone.file}}));
}

// Python's own thread, which would close the kernel, may be in a cell that never ends.
void KernelDoor::end_cells() {
  std::uint64_t since = 0;
  {
    const Locked lock(mutex_);
    for (const auto& [file, time] : leaving_) since = since == 0 ? time : std::min(since, time);
  }
  if (since != 0) Interrupt::end_cell("the notebook has gone", since);
}

bool KernelDoor::leaving() {
  const Locked lock(mutex_);
  return !leaving_.empty();
}

void KernelDoor::opened(const std::string& file, const std::string& error) {
  tell(file, error.empty() ? "open" : "refused", error);
  if (!error.empty()) closed(file, false);
}

void KernelDoor::closed(const std::string& file, bool restarting) {
  tell(file, "closed", restarting ? "restarting" : "");
  std::function<void()> ended;
  {
    const Locked lock(mutex_);
    leaving_.erase(file);
    if (file == own_file_) ended = std::exchange(ended_, nullptr);
  }
  if (ended) ended();
}

void KernelDoor::tell(const std::string& file, const std::string& state, const std::string& text) {
  const Locked lock(mutex_);
  for (auto& [socket, client] : clients_) {
    if (client.file != file) continue;
    client.open = state == "open";
    say(socket, state, text);
    // Its end comes back through run() as the connector's own leaving.
    if (!client.open) shutdown(socket, SHUT_WR);
  }
}

}  // namespace atheria::pyhost
