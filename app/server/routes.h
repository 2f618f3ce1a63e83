#pragma once

#include <boost/asio/awaitable.hpp>

#include <span>
#include <string>
#include <string_view>

#include "app/server/http.h"
#include "app/server/site.h"

// The HTTP routes: PROTOCOL.md section 8. I/O thread only.
namespace atheria::server {

namespace asio = boost::asio;

struct Visit {
  Site& site;
  const Request& request;
  const Peer& peer;
  Identity identity;  // what the gate found; a viewer's on open routes
  std::string name;   // what stood in place of '*'
};

using RouteHandler = asio::awaitable<Response> (*)(Visit& visit);

namespace method {
constexpr unsigned get = 1;
constexpr unsigned head = 2;
constexpr unsigned post = 4;
}  // namespace method

struct Route {
  std::string_view path;  // '*' stands for one segment; the last route's is any path at all
  unsigned methods;
  Policy policy;
  RouteHandler handler;  // null: the WebSocket, which the caller upgrades
};

std::span<const Route> routes();

struct Match {
  const Route* route = nullptr;
  std::string name;
};

// The route of a path with a method it takes; a Refusal (404, 405) when there is none.
std::variant<Match, Refusal> find_route(const Request& request);

// "GET, HEAD": what a 405 tells.
std::string allowed_methods(const Request& request);

// The parts of a WebSocket request that have nothing to do with who asks: 405, 426 or 400, in that
// order.
std::optional<Refusal> check_upgrade(const Request& request);

// Route, handshake fields for the WebSocket, gate: in the order PROTOCOL.md gives.
struct Admission {
  const Route* route = nullptr;
  std::string name;
  Identity identity;
};
std::variant<Admission, Refusal> admit(const Site& site, const Request& request, const Peer& peer);

// The page's file, for the last route and for tests.
asio::awaitable<Response> get_asset(Visit& visit);

// Handlers of other files.
asio::awaitable<Response> get_login(Visit& visit);
asio::awaitable<Response> post_login(Visit& visit);
asio::awaitable<Response> post_logout(Visit& visit);
asio::awaitable<Response> post_link(Visit& visit);
asio::awaitable<Response> get_field(Visit& visit);
asio::awaitable<Response> get_snapshot(Visit& visit);

}  // namespace atheria::server
