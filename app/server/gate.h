#pragma once

#include <string>
#include <variant>
#include <vector>

#include "app/server/address.h"
#include "app/server/auth.h"
#include "app/server/http.h"

// The one place that decides whether a request may go on: Host, Origin, credential, role. Every
// route passes it, the WebSocket too. I/O thread only.
namespace atheria::server {

// What a route asks of a request. Has no default: a route without a policy does not compile.
class Policy {
 public:
  enum class Access {
    open,    // anybody whose Host and Origin are right
    local,   // anybody on this machine, else a credential
    member,  // a credential of at least `role`
    bearer,  // a token of at least `role`, not a cookie
    socket,  // member; without an Origin only a token will do
  };
  constexpr explicit Policy(Access access, Role role = Role::viewer)
      : access_(access), role_(role) {}
  Policy() = delete;
  constexpr Access access() const { return access_; }
  constexpr Role role() const { return role_; }

 private:
  Access access_;
  Role role_;
};

struct Peer {
  std::string address;  // "127.0.0.1"
  bool loopback = false;
};

using Verdict = std::variant<Identity, Refusal>;

class Gate {
 public:
  // `port` is the bound one; `host` what was asked to listen on. Throws Error when an allowed host
  // or origin is not one.
  Gate(const ServerOptions& options, std::uint16_t port, Auth& auth);

  Verdict check(const Request& request, const Policy& policy, const Peer& peer) const;

  const std::string& cookie_name() const { return cookie_name_; }

  // For a credential that came in a body or a link: 401, or 429 when there were too many.
  Refusal wrong_credential(const Peer& peer) const;

 private:
  std::variant<std::monostate, Identity, Refusal> credential(const Request& request,
                                                             const Peer& peer) const;
  bool host_allowed(std::string_view host) const;
  bool origin_allowed(std::string_view origin) const;

  std::vector<HostPort> hosts_;  // ports filled in
  std::vector<Origin> origins_;
  std::string cookie_name_;
  Auth& auth_;
};

}  // namespace atheria::server
