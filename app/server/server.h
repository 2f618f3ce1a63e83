#pragma once

#include <boost/asio/io_context.hpp>
#include <boost/asio/signal_set.hpp>

#include <memory>
#include <optional>
#include <set>
#include <string>

#include "app/server/auth.h"
#include "app/server/http_session.h"
#include "app/server/hub.h"
#include "app/server/listener.h"
#include "app/server/options.h"
#include "app/server/site.h"

namespace atheria::server {

// A server: listens from the constructor on, serves in run(). The thread that runs it is the I/O
// thread. Worlds report to sink() and must end before the server does.
class Server {
 public:
  explicit Server(ServerOptions options);  // throws Error (io) when it cannot listen
  ~Server();

  FrameSink& sink() { return hub_; }
  void attach(WorldAccess& worlds) { hub_.attach(worlds); }  // before run()

  std::uint16_t port() const { return listener_.port(); }
  const std::string& url() const { return site_.url; }  // "http://127.0.0.1:8765"
  std::string websocket_url() const;
  const std::string& token() const { return auth_.admin_token(); }
  std::string login_link();  // works once; before run() or on the I/O thread

  // Serves until stop() has been called and all connections have ended, or the time for it is over.
  void run();
  // SIGINT or SIGTERM is stop(); more of them change nothing, its time is limited. Before run().
  void stop_on_signals();
  void stop();  // any thread

  Hub& hub() { return hub_; }
  boost::asio::io_context& io() { return io_; }

 private:
  void accept(Tcp::socket socket, Peer peer);
  void refuse(Tcp::socket socket);
  void begin_stop();
  void await_end();

  boost::asio::io_context io_{1};
  const ServerOptions options_;
  Listener listener_;
  Auth auth_;
  Hub hub_;
  Site site_;
  // Shared with the sessions' deleters: the last of them goes with the io_context.
  std::shared_ptr<std::set<HttpSession*>> http_ = std::make_shared<std::set<HttpSession*>>();
  boost::asio::signal_set signals_;
  boost::asio::steady_timer end_;
  std::uint64_t stop_us_ = 0;  // when the stop began
  bool told_full_ = false;
};

}  // namespace atheria::server
