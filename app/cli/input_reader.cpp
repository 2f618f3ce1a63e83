#include "app/cli/input_reader.h"

#include <poll.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include <boost/asio/post.hpp>

#include <cerrno>
#include <utility>

namespace atheria::cli {

InputReader::InputReader(boost::asio::io_context& io, Line line)
    : io_(io), line_(std::move(line)), stop_fd_(eventfd(0, EFD_CLOEXEC)) {}

InputReader::~InputReader() {
  const std::uint64_t one = 1;
  [[maybe_unused]] const auto told = write(stop_fd_, &one, sizeof one);
  if (thread_.joinable()) thread_.join();
  show();
  close(stop_fd_);
}

void InputReader::ask(bool hidden) {
  if (std::exchange(asked_, true)) return;
  termios now{};
  if (hidden && tcgetattr(STDIN_FILENO, &now) == 0) {
    shown_ = now;
    now.c_lflag &= ~static_cast<tcflag_t>(ECHO);
    tcsetattr(STDIN_FILENO, TCSAFLUSH, &now);
  }
  if (thread_.joinable()) thread_.join();
  thread_ = std::thread([this] { read(); });
}

void InputReader::show() {
  if (shown_) tcsetattr(STDIN_FILENO, TCSAFLUSH, &*shown_);
  shown_.reset();
}

bool InputReader::wait() {
  pollfd files[] = {{STDIN_FILENO, POLLIN, 0}, {stop_fd_, POLLIN, 0}};
  while (poll(files, 2, -1) < 0)
    if (errno != EINTR) return false;
  return files[1].revents == 0;
}

void InputReader::read() {
  std::optional<std::string> line;
  bool end = false;
  while (!line) {
    if (const std::size_t at = buffer_.find('\n'); at != std::string::npos || end) {
      if (at != std::string::npos || !buffer_.empty()) line = buffer_.substr(0, at);
      buffer_.erase(0, at == std::string::npos ? at : at + 1);
      break;
    }
    if (!wait()) return;
    char piece[4096];
    const ssize_t size = ::read(STDIN_FILENO, piece, sizeof piece);
    if (size < 0 && errno == EINTR) continue;
    end = size <= 0;
    if (!end) buffer_.append(piece, static_cast<std::size_t>(size));
  }
  boost::asio::post(io_, [this, line = std::move(line)]() mutable {
    asked_ = false;
    show();
    line_(std::move(line));
  });
}

}  // namespace atheria::cli
