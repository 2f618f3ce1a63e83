#pragma once

#include <stdexcept>
#include <string>

namespace atheria {

// What kind of trouble it is: decides the wire's error code and the exit code of a command.
enum class ErrorKind {
  bad_args,     // the caller's value is wrong: say which, and what would do
  not_found,    // a name that does not exist
  conflict,     // it exists already, or the state does not allow it
  unsupported,  // a thing this build, law or device cannot do
  too_large,    // over a stated limit
  not_allowed,  // the caller may not
  busy,         // would do later
  cancelled,    // another command came in between
  io,           // a file or a socket
  internal,     // our own mistake
};

// The one exception type. The message says what was tried, what was found, what would do.
class Error : public std::runtime_error {
 public:
  explicit Error(const std::string& message) : Error(ErrorKind::bad_args, message) {}
  Error(ErrorKind kind, const std::string& message, std::string path = {})
      : std::runtime_error(message), kind_(kind), path_(std::move(path)) {}

  ErrorKind kind() const { return kind_; }

  // Which argument it was about, as the caller names it ("args.r"); empty if none.
  const std::string& path() const { return path_; }

 private:
  ErrorKind kind_;
  std::string path_;
};

}  // namespace atheria
