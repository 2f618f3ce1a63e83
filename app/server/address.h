#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

// Host and Origin fields as values: compared whole, never by prefix, suffix or pattern.
namespace atheria::server {

// "Example.org:8765", "[::1]"; the host in lower case, IPv6 with its brackets.
struct HostPort {
  std::string host;
  std::optional<std::uint16_t> port;
  bool operator==(const HostPort&) const = default;
};

// "https://example.org": the port is the scheme's when none is written.
struct Origin {
  std::string scheme;
  std::string host;
  std::uint16_t port = 0;
  bool operator==(const Origin&) const = default;
};

// Empty when it is not exactly a host and at most a port.
std::optional<HostPort> parse_host(std::string_view text);

// Empty for "null", for another scheme than http or https, and for anything after the port.
std::optional<Origin> parse_origin(std::string_view text);

}  // namespace atheria::server
