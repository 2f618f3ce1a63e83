#include "app/server/auth.h"

#include <sys/random.h>

#include <algorithm>
#include <array>
#include <cerrno>

#include "app/server/clock.h"
#include "engine/base/error.h"

namespace atheria::server {
namespace {

constexpr std::size_t kSessions = 256;
constexpr std::size_t kLinks = 64;
constexpr std::size_t kAddresses = 1024;
constexpr std::size_t kFreeFailures = 5;
constexpr std::uint64_t kSessionLife = 7 * 24 * 3600_s;  // since it was last used
constexpr std::uint64_t kLinkLife = 600_s;
constexpr std::uint64_t kFailureWindow = 60_s;

}  // namespace

std::array<unsigned char, 32> random_bytes() {
  std::array<unsigned char, 32> bytes{};
  std::size_t have = 0;
  while (have < bytes.size()) {
    const ssize_t got = getrandom(bytes.data() + have, bytes.size() - have, 0);
    if (got < 0 && errno == EINTR) continue;
    if (got <= 0) throw Error(ErrorKind::internal, "the system's random source gives nothing");
    have += static_cast<std::size_t>(got);
  }
  return bytes;
}

std::string random_token() {
  constexpr char digits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
  std::string text;
  unsigned bits = 0;
  int have = 0;
  for (const unsigned char byte : random_bytes()) {
    bits = bits << 8 | byte;
    for (have += 8; have >= 6; have -= 6) text += digits[bits >> (have - 6) & 63];
  }
  text += digits[bits << (6 - have) & 63];
  return text;
}

bool same_secret(std::string_view a, std::string_view b) {
  if (a.size() != b.size()) return false;
  volatile unsigned char difference = 0;
  for (std::size_t i = 0; i < a.size(); ++i)
    difference = static_cast<unsigned char>(difference | (a[i] ^ b[i]));
  return difference == 0;
}

Auth::Auth(std::vector<Grant> grants, Now now) : grants_(std::move(grants)), now_(std::move(now)) {
  const bool has_admin = std::any_of(grants_.begin(), grants_.end(),
                                     [](const Grant& grant) { return grant.role == Role::admin; });
  if (!has_admin) grants_.push_back({random_token(), Role::admin});
}

const std::string& Auth::admin_token() const {
  return std::find_if(grants_.begin(), grants_.end(),
                      [](const Grant& grant) { return grant.role == Role::admin; })
      ->token;
}

std::optional<Role> Auth::role_of(std::string_view token) const {
  std::optional<Role> role;
  for (const Grant& grant : grants_)
    if (same_secret(grant.token, token)) role = grant.role;
  return role;
}

void Auth::forget_old(std::uint64_t now_us) {
  std::erase_if(sessions_, [&](const Session& s) { return now_us - s.used_us > kSessionLife; });
  std::erase_if(links_, [&](const Link& link) { return now_us - link.made_us > kLinkLife; });
  if (wrong_.size() < kAddresses) return;
  std::erase_if(wrong_,
                [&](const auto& entry) { return now_us - entry.second.back() > kFailureWindow; });
}

std::string Auth::open_session(Role role) {
  const std::uint64_t now_us = now_();
  forget_old(now_us);
  if (sessions_.size() >= kSessions)
    sessions_.erase(
        std::min_element(sessions_.begin(), sessions_.end(),
                         [](const Session& a, const Session& b) { return a.used_us < b.used_us; }));
  sessions_.push_back({next_session_++, random_token(), role, now_us});
  return sessions_.back().cookie;
}

std::optional<Identity> Auth::session(std::string_view cookie) {
  const std::uint64_t now_us = now_();
  forget_old(now_us);
  std::optional<Identity> found;
  for (Session& session : sessions_) {
    if (!same_secret(session.cookie, cookie)) continue;
    session.used_us = now_us;
    found = Identity{.role = session.role, .session = session.number, .bearer = false};
  }
  return found;
}

void Auth::close_session(std::uint64_t session) {
  std::erase_if(sessions_, [&](const Session& s) { return s.number == session; });
}

std::string Auth::make_link(Role role) {
  const std::uint64_t now_us = now_();
  forget_old(now_us);
  if (links_.size() >= kLinks) links_.erase(links_.begin());
  links_.push_back({random_token(), role, now_us});
  return links_.back().secret;
}

std::optional<Role> Auth::use_link(std::string_view secret) {
  forget_old(now_());
  std::optional<Role> role;
  for (const Link& link : links_)
    if (same_secret(link.secret, secret)) role = link.role;
  std::erase_if(links_, [&](const Link& link) { return same_secret(link.secret, secret); });
  return role;
}

int Auth::failed(const std::string& address) {
  const std::uint64_t now_us = now_();
  forget_old(now_us);
  ++failures_;
  // A table full of fresh addresses: nobody new is remembered, everybody new waits.
  if (wrong_.size() >= kAddresses && !wrong_.contains(address)) return 60;
  auto& times = wrong_[address];
  while (!times.empty() && now_us - times.front() > kFailureWindow) times.pop_front();
  if (times.size() >= kFreeFailures)
    return static_cast<int>((times.front() + kFailureWindow - now_us) / 1_s) + 1;
  times.push_back(now_us);
  return 0;
}

}  // namespace atheria::server
