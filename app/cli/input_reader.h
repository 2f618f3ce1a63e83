#pragma once

#include <boost/asio/io_context.hpp>

#include <termios.h>
#include <functional>
#include <optional>
#include <string>
#include <thread>

namespace atheria::cli {

// Lines of standard input, one at a time and only when asked: what nobody asks for stays for
// others. Reads on a thread of its own, so that a terminal shared with the shell is never made
// non-blocking.
class InputReader {
 public:
  // Called on io's thread: a line without its newline, or nothing at the end.
  using Line = std::function<void(std::optional<std::string>)>;

  InputReader(boost::asio::io_context& io, Line line);
  ~InputReader();
  InputReader(const InputReader&) = delete;
  InputReader& operator=(const InputReader&) = delete;

  // The next line; once at a time. `hidden`: a terminal does not show what is typed.
  void ask(bool hidden);
  bool asked() const { return asked_; }

 private:
  void read();
  bool wait();  // false: stop
  void show();  // the terminal echoes again

  boost::asio::io_context& io_;
  const Line line_;
  const int stop_fd_;
  bool asked_ = false;
  std::string buffer_;  // read and not yet asked for; the thread's while it runs
  std::optional<termios> shown_;
  std::thread thread_;
};

}  // namespace atheria::cli
