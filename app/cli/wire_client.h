#pragma once

#include <boost/asio/awaitable.hpp>
#include <boost/asio/io_context.hpp>

#include <chrono>
#include <cstdint>
#include <exception>
#include <functional>
#include <memory>
#include <string>
#include <string_view>

#include "app/cli/find_server.h"
#include "app/protocol/json_text.h"
#include "engine/base/error.h"

namespace atheria::cli {

namespace asio = boost::asio;
namespace json = wire::json;

// The server said no.
struct Refused : Error {
  Refused(const std::string& message, std::string the_code, int retry_ms)
      : Error(ErrorKind::io, message), code(std::move(the_code)), retry_after_ms(retry_ms) {}
  std::string code;
  int retry_after_ms;
};

// The connection ended, or never came to be.
struct Lost : Error {
  explicit Lost(const std::string& message, bool nobody = false)
      : Error(ErrorKind::io, message), nobody_listens(nobody) {}
  bool nobody_listens;
};

// Speaks atheria.v1 with a server: requests and their replies; events are passed over, and so are
// frames unless somebody asks for them. Everything on the one thread that runs `io`.
class WireClient {
 public:
  WireClient(asio::io_context& io, Door door);
  ~WireClient();

  // Until hello has come. Throws Lost, Refused (the upgrade was). Again after the connection ended.
  asio::awaitable<void> connect(std::chrono::milliseconds limit = std::chrono::seconds(10));

  // After the connection ended: tries for so long. False: nobody answers, or another run of the
  // server, which knows nothing of what was asked before.
  asio::awaitable<bool> connect_again(std::chrono::milliseconds limit = std::chrono::seconds(5));

  // The result. Throws Lost, Refused.
  asio::awaitable<json::object> ask(std::string op, json::object args, std::string key = {});

  // Called with each binary message of this connection.
  void on_binary(std::function<void(std::string_view)> take);
  void send_binary(std::string bytes);

  const Door& door() const { return door_; }
  const json::object& hello() const { return hello_; }
  std::string epoch() const;            // of the server's run
  std::size_t largest_message() const;  // bytes it takes
  void close();

 private:
  struct Link;  // one connection; its reader and writer share it

  asio::io_context& io_;
  const Door door_;
  std::shared_ptr<Link> link_;
  json::object hello_;
  std::uint32_t next_id_ = 0;
};

constexpr int kExitCancelled = 130;

// Runs one task to its end and gives its result, or throws what it threw; what else runs on `io`
// stops with it. Stopped before its end it gives kExitCancelled.
int run_to_end(asio::io_context& io, asio::awaitable<int> task);

}  // namespace atheria::cli
