#include "app/server/gate.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>

#include "engine/base/error.h"

namespace atheria::server {
namespace {

constexpr std::string_view kBearerProtocol = "atheria.bearer.";

std::string_view view(boost::core::string_view text) { return {text.data(), text.size()}; }

bool is_wildcard(std::string_view host) {
  return host == "0.0.0.0" || host == "::" || host == "[::]";
}

// The token of an Authorization field or of the subprotocol; empty optional when there is neither.
std::optional<std::string_view> bearer_of(const Request& request) {
  if (request.count(http::field::authorization) > 0) {
    const std::string_view value = view(request[http::field::authorization]);
    if (value.size() > 7 && same_word(value.substr(0, 7), "Bearer ")) return value.substr(7);
    return std::string_view();  // another scheme: no token of ours
  }
  for (const std::string_view protocol : tokens(request, "Sec-WebSocket-Protocol"))
    if (protocol.starts_with(kBearerProtocol)) return protocol.substr(kBearerProtocol.size());
  return std::nullopt;
}

Refusal forbidden(std::string message) { return {403, "not_allowed", std::move(message), 0}; }

}  // namespace

Gate::Gate(const ServerOptions& options, std::uint16_t port, Auth& auth)
    : cookie_name_(fmt::format("atheria_{}", port)), auth_(auth) {
  std::vector<std::string> names = {"localhost", "127.0.0.1", "[::1]"};
  if (!is_wildcard(options.host))
    names.push_back(options.host.find(':') == std::string::npos ? options.host
                                                                : "[" + options.host + "]");
  names.insert(names.end(), options.allow_hosts.begin(), options.allow_hosts.end());
  for (const std::string& name : names) {
    auto host = parse_host(name);
    if (!host) throw Error(fmt::format("allow_host '{}' is not HOST or HOST:PORT", name));
    if (!host->port) host->port = port;
    hosts_.push_back(*host);
    origins_.push_back({"http", host->host, *host->port});
  }
  for (const std::string& text : options.allow_origins) {
    const auto origin = parse_origin(text);
    if (!origin)
      throw Error(
          fmt::format("allow_origin '{}' is not an origin such as https://example.org", text));
    origins_.push_back(*origin);
  }
}

bool Gate::host_allowed(std::string_view text) const {
  const auto host = parse_host(text);
  if (!host) return false;
  return std::any_of(hosts_.begin(), hosts_.end(), [&](const HostPort& allowed) {
    if (allowed.host != host->host) return false;
    return host->port ? allowed.port == host->port : allowed.port == 80 || allowed.port == 443;
  });
}

bool Gate::origin_allowed(std::string_view text) const {
  const auto origin = parse_origin(text);
  return origin && std::find(origins_.begin(), origins_.end(), *origin) != origins_.end();
}

Refusal Gate::wrong_credential(const Peer& peer) const {
  const int wait = auth_.failed(peer.address);
  if (wait > 0)
    return {429, "rate_limited", "too many wrong credentials from this address; wait", wait};
  return {401, "not_allowed", "the credential is not one of this server's", 0};
}

std::variant<std::monostate, Identity, Refusal> Gate::credential(const Request& request,
                                                                 const Peer& peer) const {
  if (const auto token = bearer_of(request)) {
    if (const auto role = auth_.role_of(*token))
      return Identity{.role = *role, .session = 0, .bearer = true};
    return wrong_credential(peer);
  }
  const auto values = cookies(request, cookie_name_);
  for (const std::string_view value : values)
    if (const auto identity = auth_.session(value)) return *identity;
  return std::monostate();
}

Verdict Gate::check(const Request& request, const Policy& policy, const Peer& peer) const {
  using Access = Policy::Access;
  if (!host_allowed(view(request[http::field::host])))
    return Refusal{421, "not_allowed",
                   "this server is not known by the request's Host; --allow-host adds a name", 0};
  const bool has_origin = request.count(http::field::origin) > 0;
  if (has_origin && !origin_allowed(view(request[http::field::origin])))
    return forbidden("the request's Origin is not allowed; --allow-origin adds one");
  if (policy.access() == Access::open) return Identity{};
  const bool socket = policy.access() == Access::socket;
  if (socket && !has_origin && !bearer_of(request))
    return forbidden("without an Origin a bearer token is needed");
  const auto found = credential(request, peer);
  if (const auto* refusal = std::get_if<Refusal>(&found)) return *refusal;
  const auto* identity = std::get_if<Identity>(&found);
  if (identity == nullptr) {
    if (policy.access() == Access::local && peer.loopback) return Identity{};
    return Refusal{401, "not_allowed",
                   "a credential is needed: Authorization: Bearer TOKEN, or the page's link", 0};
  }
  if (policy.access() == Access::bearer && !identity->bearer)
    return forbidden("this needs Authorization: Bearer TOKEN");
  if (request.method() == http::verb::post && !identity->bearer && request["X-Atheria"] != "1")
    return forbidden("a POST with a cookie needs the field X-Atheria: 1");
  if (identity->role < policy.role())
    return forbidden(fmt::format("this needs the role {}; this credential is {}",
                                 to_string(policy.role()), to_string(identity->role)));
  return *identity;
}

}  // namespace atheria::server
