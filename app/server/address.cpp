#include "app/server/address.h"

#include <algorithm>

#include "engine/base/numbers.h"

namespace atheria::server {
namespace {

std::string lower(std::string_view text) {
  std::string out(text);
  for (char& c : out)
    if ('A' <= c && c <= 'Z') c = static_cast<char>(c + 32);
  return out;
}

bool is_host_name(std::string_view text) {
  return !text.empty() && std::all_of(text.begin(), text.end(), [](char c) {
    return ('a' <= c && c <= 'z') || ('0' <= c && c <= '9') || c == '-' || c == '.' || c == '_';
  });
}

bool is_ip6(std::string_view text) {
  return text.size() >= 2 && std::all_of(text.begin(), text.end(), [](char c) {
           return ('a' <= c && c <= 'f') || ('0' <= c && c <= '9') || c == ':' || c == '.';
         });
}

std::optional<std::uint16_t> parse_port(std::string_view text) {
  const auto port = parse_number<std::uint16_t>(text);
  return port == 0 ? std::nullopt : port;
}

}  // namespace

std::optional<HostPort> parse_host(std::string_view text) {
  const std::string whole = lower(text);
  std::size_t end = 0;
  if (whole.starts_with('[')) {
    end = whole.find(']');
    if (end == std::string::npos || !is_ip6(std::string_view(whole).substr(1, end - 1)))
      return std::nullopt;
    ++end;
  } else {
    end = std::min(whole.find(':'), whole.size());
    if (!is_host_name(std::string_view(whole).substr(0, end))) return std::nullopt;
  }
  HostPort parsed{whole.substr(0, end), std::nullopt};
  if (end == whole.size()) return parsed;
  if (whole[end] != ':') return std::nullopt;
  parsed.port = parse_port(std::string_view(whole).substr(end + 1));
  if (!parsed.port) return std::nullopt;
  return parsed;
}

std::optional<Origin> parse_origin(std::string_view text) {
  const std::size_t colon = text.find("://");
  if (colon == std::string_view::npos) return std::nullopt;
  const std::string scheme = lower(text.substr(0, colon));
  if (scheme != "http" && scheme != "https") return std::nullopt;
  const auto host = parse_host(text.substr(colon + 3));
  if (!host) return std::nullopt;
  const std::uint16_t usual = scheme == "http" ? 80 : 443;
  return Origin{scheme, host->host, host->port.value_or(usual)};
}

}  // namespace atheria::server
