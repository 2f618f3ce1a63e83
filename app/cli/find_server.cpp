#include "app/cli/find_server.h"

#include <fmt/format.h>

#include <cstdlib>

#include "app/runtime_file.h"
#include "engine/base/error.h"

namespace atheria::cli {

Door find_server(const std::string& url) {
  const char* variable = std::getenv("ATHERIA_TOKEN");
  const std::string token = variable != nullptr ? variable : "";
  const auto running = running_servers();
  if (url.empty()) {
    if (running.empty())
      throw Error(
          ErrorKind::io,
          "no server of yours runs on this machine; 'ath serve --demo' starts one, --server URL "
          "with ATHERIA_TOKEN names another");
    return {running.front().url, running.front().token, true};
  }
  for (const RunningServer& server : running)
    if (server.url == url) return {url, token.empty() ? server.token : token, true};
  if (token.empty())
    throw Error(ErrorKind::io, fmt::format("no token for {}: put it into ATHERIA_TOKEN", url));
  return {url, token, false};
}

Target parse_url(const std::string& url) {
  constexpr std::string_view scheme = "http://";
  if (!url.starts_with(scheme))
    throw Error(fmt::format(
        "'{}' is not the address of a server: it looks like http://127.0.0.1:8765", url));
  std::string rest = url.substr(scheme.size());
  rest = rest.substr(0, rest.find('/'));
  const std::size_t colon = rest.rfind(':');
  if (colon == std::string::npos || rest.back() == ']') return {rest, "80"};
  return {rest.substr(0, colon), rest.substr(colon + 1)};
}

std::string Target::address() const {
  return host.starts_with('[') ? host.substr(1, host.size() - 2) : host;
}

}  // namespace atheria::cli
