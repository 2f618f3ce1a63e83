#pragma once

#include <array>
#include <cstdint>
#include <deque>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "app/server/options.h"

// Who may come in: tokens, browser sessions, one-time links, and how fast one may guess. All
// secrets are 256 random bits, compared in constant time, kept in memory only. I/O thread only.
namespace atheria::server {

// From the system's random source. Throws Error when it gives none.
std::array<unsigned char, 32> random_bytes();

// 43 characters of base64url from the system's random source.
std::string random_token();

// True when equal; takes as long for any two texts of these lengths.
bool same_secret(std::string_view a, std::string_view b);

// Who a request speaks for.
struct Identity {
  Role role = Role::viewer;
  std::uint64_t session = 0;  // a browser session's number; 0: a token
  bool bearer = false;        // a token came with the request, not a cookie
};

class Auth {
 public:
  using Now = std::function<std::uint64_t()>;  // microseconds, steady

  // Adds an admin token when the grants have none.
  Auth(std::vector<Grant> grants, Now now);

  // The first admin token: what the server tells its owner.
  const std::string& admin_token() const;

  std::optional<Role> role_of(std::string_view token) const;

  // The value of a new session's cookie. The oldest goes when there are 256.
  std::string open_session(Role role);
  std::optional<Identity> session(std::string_view cookie);
  void close_session(std::uint64_t session);

  // A secret that works once, for ten minutes.
  std::string make_link(Role role);
  std::optional<Role> use_link(std::string_view secret);

  // A wrong credential from this address. Returns how many seconds it should wait before the next:
  // 0 for the first five in a minute.
  int failed(const std::string& address);
  std::uint64_t failures() const { return failures_; }

 private:
  struct Session {
    std::uint64_t number;
    std::string cookie;
    Role role;
    std::uint64_t used_us;
  };
  struct Link {
    std::string secret;
    Role role;
    std::uint64_t made_us;
  };
  void forget_old(std::uint64_t now_us);

  std::vector<Grant> grants_;
  Now now_;
  std::vector<Session> sessions_;
  std::vector<Link> links_;
  std::map<std::string, std::deque<std::uint64_t>>
      wrong_;  // address -> times within the last minute
  std::uint64_t next_session_ = 1;
  std::uint64_t failures_ = 0;
};

}  // namespace atheria::server
