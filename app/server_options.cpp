#include "app/server_options.h"

#include <fmt/format.h>
#include <sys/stat.h>

#include <algorithm>
#include <cstring>
#include <fstream>
#include <sstream>

#include "app/server/listener.h"
#include "engine/base/error.h"
#include "engine/base/log.h"

namespace atheria {
namespace {

constexpr std::size_t kTokenLength = 43;

bool is_token(const std::string& text) {
  return text.size() == kTokenLength && std::all_of(text.begin(), text.end(), [](unsigned char c) {
           return std::isalnum(c) || c == '-' || c == '_';
         });
}

// Never quotes what stands there: it may be a secret with a typing error.
server::Grant parse_grant(const std::string& line, const std::string& where) {
  std::istringstream words(line);
  std::string first, second, more;
  words >> first >> second >> more;
  const auto role = server::parse_role(second.empty() ? "admin" : first);
  const std::string& token = second.empty() ? first : second;
  if (!role || !more.empty())
    throw Error(fmt::format("{}: a line is [ROLE] TOKEN; roles are viewer, operator, script, admin",
                            where));
  if (!is_token(token))
    throw Error(fmt::format(
        "{}: a token is {} characters of base64url (256 random bits); this would make one: "
        "openssl rand -base64 32 | tr '+/' '-_' | tr -d '='",
        where, kTokenLength));
  return {token, *role};
}

void check_exposure(const Config& config) {
  if (config.insecure || server::is_loopback(config.host)) return;
  throw Error(fmt::format(
      "host {} can be reached from other machines, and nothing is encrypted: keep 127.0.0.1 "
      "behind a reverse proxy with TLS, or say --insecure on a network you trust",
      config.host));
}

}  // namespace

std::vector<server::Grant> read_tokens(const std::string& path) {
  std::ifstream file(path);
  if (!file.is_open())
    throw Error(ErrorKind::io,
                fmt::format("token_file: cannot read '{}': {}", path, std::strerror(errno)));
  struct stat about{};
  if (stat(path.c_str(), &about) == 0 && (about.st_mode & 077) != 0)
    log::warning(fmt::format("'{}' can be read by others; chmod 600 it", path));
  std::vector<server::Grant> grants;
  std::string line;
  for (int number = 1; std::getline(file, line); ++number) {
    line = line.substr(0, line.find('#'));
    if (line.find_first_not_of(" \t\r") == std::string::npos) continue;
    grants.push_back(parse_grant(line, fmt::format("{}:{}", path, number)));
  }
  if (grants.empty()) throw Error(fmt::format("token_file: '{}' has no token in it", path));
  return grants;
}

server::ServerOptions server_options(const Config& config) {
  check_exposure(config);
  server::ServerOptions options;
  options.host = config.host;
  options.port = static_cast<std::uint16_t>(config.port);
  options.allow_hosts = config.allow_host;
  options.allow_origins = config.allow_origin;
  if (!config.token_file.empty()) options.grants = read_tokens(config.token_file);
  options.limits.connections = static_cast<std::size_t>(config.max_connections);
  options.limits.per_address = static_cast<std::size_t>(config.max_per_address);
  options.limits.worlds = static_cast<std::size_t>(config.max_worlds);
  return options;
}

}  // namespace atheria
