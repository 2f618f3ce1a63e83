#include "app/server/routes.h"

#include <fmt/format.h>

#include <algorithm>
#include <boost/beast/core/detail/base64.hpp>
#include <boost/json/serialize.hpp>

#include "app/server/call.h"
#include "app/web/assets.h"

namespace atheria::server {

namespace json = wire::json;

namespace {

using Access = Policy::Access;

Response plain(std::string text, int status = 200) {
  Response response;
  response.status = status;
  response.type = "text/plain; charset=utf-8";
  response.text = std::move(text);
  response.fields.emplace_back("Cache-Control", "no-store");
  return response;
}

asio::awaitable<Response> get_health(Visit&) { co_return plain("ok\n"); }

// One line: "python: idle 3.11.2 torch 2.13.0", "python: failed: no torch in ...".
std::string python_line(const PythonHealth& health) {
  std::string line = "python: " + health.plane;
  if (!health.python.empty()) line += " " + health.python;
  if (!health.torch.empty()) line += " torch " + health.torch;
  if (!health.reason.empty()) line += ": " + health.reason;
  line = wire::clean_text(line, 1024);
  std::ranges::replace_if(line, [](unsigned char c) { return c < 32; }, ' ');
  return line + "\n";
}

// The engine's readiness decides; Python's is told and hides nothing.
asio::awaitable<Response> get_ready(Visit& visit) {
  const std::string python = python_line(visit.site.hub.scripts().health());
  co_return visit.site.ready ? plain("ready\n" + python) : plain("not ready\n" + python, 503);
}

asio::awaitable<Response> get_metrics(Visit& visit) {
  const Hub& hub = visit.site.hub;
  Gauges now;
  now.connections = hub.connections();
  now.sockets = visit.site.sockets.taken();
  for (const auto& connection : hub.connection_list()) {
    now.subscriptions += connection->subscriptions();
    now.pending_bytes += connection->pending_bytes();
  }
  now.auth_failures = visit.site.auth.failures();
  now.worlds = visit.site.hub.worlds().states();
  now.plane = hub.scripts().health().plane;
  now.jobs = hub.scripts().jobs();
  Response response = plain(metrics_text(visit.site.hub.metrics(), now));
  response.type = "text/plain; version=0.0.4; charset=utf-8";
  co_return response;
}

asio::awaitable<Response> get_laws(Visit& visit) {
  co_return json_response(json::serialize(json::object{{"laws", visit.site.hub.laws_json()}}));
}

asio::awaitable<Response> get_worlds(Visit& visit) {
  co_return json_response(json::serialize(json::object{{"worlds", visit.site.hub.worlds_json()}}));
}

asio::awaitable<Response> get_world(Visit& visit) {
  const Hub& hub = visit.site.hub;
  co_return json_response(
      json::serialize(hub.world_json(visit.site.hub.worlds().state(visit.name))));
}

constexpr unsigned kRead = method::get | method::head;

constexpr Route kRoutes[] = {
    {"/ws", method::get, Policy(Access::socket), nullptr},
    // No HEAD: looking at a link must not use it up.
    {"/login", method::get, Policy(Access::open), get_login},
    {"/login", method::post, Policy(Access::open), post_login},
    {"/logout", method::post, Policy(Access::open), post_logout},
    {"/healthz", kRead, Policy(Access::open), get_health},
    {"/readyz", kRead, Policy(Access::open), get_ready},
    {"/metrics", kRead, Policy(Access::local), get_metrics},
    {"/api/v1/link", method::post, Policy(Access::bearer), post_link},
    {"/api/v1/laws", kRead, Policy(Access::member), get_laws},
    {"/api/v1/worlds", kRead, Policy(Access::member), get_worlds},
    {"/api/v1/worlds/*", kRead, Policy(Access::member), get_world},
    {"/api/v1/worlds/*/field.npy", kRead, Policy(Access::member), get_field},
    {"/api/v1/snapshot", kRead, Policy(Access::member), get_snapshot},
    {"*", kRead, Policy(Access::open), get_asset},
};

// What stood for the '*', or nothing when the path is another.
std::optional<std::string> match(std::string_view pattern, std::string_view path) {
  const std::size_t star = pattern.find('*');
  if (star == std::string_view::npos) return path == pattern ? std::optional("") : std::nullopt;
  if (pattern == "*") return std::string(path);
  const std::string_view before = pattern.substr(0, star), after = pattern.substr(star + 1);
  if (path.size() <= before.size() + after.size() || !path.starts_with(before) ||
      !path.ends_with(after))
    return std::nullopt;
  const std::string_view name =
      path.substr(before.size(), path.size() - before.size() - after.size());
  if (name.find('/') != std::string_view::npos) return std::nullopt;
  return std::string(name);
}

unsigned bit_of(http::verb verb) {
  switch (verb) {
    case http::verb::get:
      return method::get;
    case http::verb::head:
      return method::head;
    case http::verb::post:
      return method::post;
    default:
      return 0;
  }
}

bool knows_asset(std::string_view path) {
  const auto assets = web::web_assets();
  return std::any_of(assets.begin(), assets.end(),
                     [&](const auto& asset) { return asset.path == path; });
}

// Whether the route is this path's; the page's files are only those there are.
std::optional<std::string> match_route(const Route& route, std::string_view path) {
  auto name = match(route.path, path == "/" && route.path == "*" ? "/index.html" : path);
  if (name && route.path == "*" && !knows_asset(*name)) return std::nullopt;
  return name;
}

Refusal upgrade_needed(const std::string& message) { return {426, "bad_args", message, 0}; }

}  // namespace

std::span<const Route> routes() { return kRoutes; }

std::variant<Match, Refusal> find_route(const Request& request) {
  const std::string_view path = path_of(request);
  bool there = false;
  for (const Route& route : kRoutes) {
    auto name = match_route(route, path);
    if (!name) continue;
    if ((route.methods & bit_of(request.method())) != 0) return Match{&route, std::move(*name)};
    there = true;
  }
  if (there) return Refusal{405, "bad_args", "the method is not one this path takes", 0};
  return Refusal{404, "not_found", "nothing is here; PROTOCOL.md section 8 lists the paths", 0};
}

std::string allowed_methods(const Request& request) {
  unsigned bits = 0;
  for (const Route& route : kRoutes)
    if (match_route(route, path_of(request))) bits |= route.methods;
  std::string text;
  for (const auto& [bit, word] :
       {std::pair{method::get, "GET"}, {method::head, "HEAD"}, {method::post, "POST"}})
    if ((bits & bit) != 0) text += (text.empty() ? "" : ", ") + std::string(word);
  return text;
}

std::optional<Refusal> check_upgrade(const Request& request) {
  const auto has = [&](std::string_view field, std::string_view word) {
    const auto words = tokens(request, field);
    return std::any_of(words.begin(), words.end(),
                       [&](std::string_view found) { return same_word(found, word); });
  };
  if (!has("Connection", "upgrade") || !has("Upgrade", "websocket"))
    return upgrade_needed(
        "this path speaks WebSocket: send Connection: Upgrade and Upgrade: websocket");
  if (request[http::field::sec_websocket_version] != "13")
    return upgrade_needed("Sec-WebSocket-Version must be 13");
  const auto key = request[http::field::sec_websocket_key];
  char decoded[32];
  const auto [size, read] = key.size() == 24
                                ? boost::beast::detail::base64::decode(decoded, key.data(), 24)
                                : std::pair<std::size_t, std::size_t>{};
  if (size != 16)
    return Refusal{400, "bad_args", "Sec-WebSocket-Key must be 16 bytes in base64", 0};
  const auto offered = tokens(request, "Sec-WebSocket-Protocol");
  if (std::find(offered.begin(), offered.end(), "atheria.v1") == offered.end())
    return Refusal{400, "bad_args",
                   "Sec-WebSocket-Protocol must offer one this server speaks: atheria.v1", 0};
  return std::nullopt;
}

std::variant<Admission, Refusal> admit(const Site& site, const Request& request, const Peer& peer) {
  auto found = find_route(request);
  if (auto* refusal = std::get_if<Refusal>(&found)) return std::move(*refusal);
  auto& [route, name] = std::get<Match>(found);
  if (route->handler == nullptr)
    if (auto refusal = check_upgrade(request)) return std::move(*refusal);
  auto verdict = site.gate.check(request, route->policy, peer);
  if (auto* refusal = std::get_if<Refusal>(&verdict)) return std::move(*refusal);
  return Admission{route, std::move(name), std::get<Identity>(verdict)};
}

asio::awaitable<Response> get_asset(Visit& visit) {
  Response response;
  for (const auto& asset : web::web_assets()) {
    if (asset.path != visit.name) continue;
    const std::string etag = fmt::format("\"{}\"", asset.etag);
    response.fields = {{"ETag", etag}, {"Cache-Control", "no-cache"}, {"Vary", "Accept-Encoding"}};
    response.type = asset.content_type;
    const auto held = tokens(visit.request, "If-None-Match");
    if (std::any_of(held.begin(), held.end(),
                    [&](auto tag) { return tag == etag || tag == "*"; })) {
      response.status = 304;
      co_return response;
    }
    const auto accepted = tokens(visit.request, "Accept-Encoding");
    const bool gzip = !asset.gzip.empty() &&
                      std::any_of(accepted.begin(), accepted.end(), [](std::string_view word) {
                        return same_word(word.substr(0, word.find(';')), "gzip") &&
                               word.find("q=0") == std::string_view::npos;
                      });
    response.bytes = gzip ? asset.gzip : asset.plain;
    if (gzip) response.fields.emplace_back("Content-Encoding", "gzip");
    co_return response;
  }
  co_return refused({404, "not_found", "nothing is here", 0});
}

}  // namespace atheria::server
