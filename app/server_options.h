#pragma once

#include "app/config.h"
#include "app/server/options.h"

namespace atheria {

// What the server needs of a configuration: tokens read, the address judged. Throws Error: a token
// file that cannot be used, an address beyond loopback without --insecure.
server::ServerOptions server_options(const Config& config);

// The lines of a token file: [ROLE] TOKEN, '#' starts a comment. Throws Error naming file and line.
std::vector<server::Grant> read_tokens(const std::string& path);

}  // namespace atheria
