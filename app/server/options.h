#pragma once

#include <chrono>
#include <cstdint>
#include <string>
#include <vector>

#include "app/server/role.h"

// How a server is set up. Plain data; app/config.h fills it from flags, variables and the file.
namespace atheria::server {

// The bounds PROTOCOL.md states. Tests make the times short.
struct Limits {
  std::size_t connections = 256;
  std::size_t per_address = 64;
  std::size_t header_bytes = 16 * 1024;
  std::size_t header_fields = 64;
  std::size_t body_bytes = 4096;
  std::size_t text_bytes = 64 * 1024;
  std::size_t script_text_bytes = 1280 * 1024;  // of those who may run code: script.run only
  std::size_t binary_bytes = 1024;
  std::size_t upload_part_bytes = 1024 * 1024;  // a binary message of those who may run code
  std::size_t upload_bytes = 1 << 30;           // of one connection, together
  std::size_t uploads = 8;                      // that no op has taken yet
  std::size_t blob_bytes = 256 << 20;  // waiting on one connection: no more numbers are read
  std::size_t look_bytes = 1 << 30;    // that one observer may keep waiting
  std::size_t holds = 64;              // leases, observers and hooks of one connection
  std::size_t forks = 16;              // of one connection, that end with it
  std::size_t guest_laws = 64;         // that clients compute
  std::size_t fragments = 64;          // pieces of a message that are small on average
  std::size_t subscriptions = 32;
  double commands_per_second = 50;
  double command_burst = 100;
  double control_per_second = 10;         // ping, pong
  std::size_t replies = 256;              // waiting: no more requests are read
  std::size_t reply_bytes = 8 << 20;      // the same
  std::size_t texts = 1024;               // waiting, replies and events: close 4409
  std::size_t event_bytes = 256 * 1024;   // waiting
  std::size_t lossless_bytes = 32 << 20;  // frames waiting on one connection
  std::size_t bad_messages = 100;         // in a row
  std::size_t polls = 8;                  // for output of scripts, waiting on one connection
  std::size_t snapshots = 4;              // being sent at a time
  std::size_t worlds = 64;
  std::size_t streams = 64;              // that scripts show
  std::size_t stream_bytes = 256 << 20;  // the newest pictures of all of them

  std::chrono::milliseconds header_time{5000};
  std::chrono::milliseconds keep_alive{30000};
  std::chrono::milliseconds message_time{10000};  // from a message's first byte to its last
  std::chrono::milliseconds no_progress{10000};   // bytes wait and the peer takes none
  std::chrono::milliseconds ping_every{20000};
  std::chrono::milliseconds silence{60000};
  std::chrono::milliseconds request_time{30000};
  std::chrono::milliseconds close_time{2000};
  std::chrono::milliseconds stop_time{3500};
  std::chrono::milliseconds housekeeping{250};
};

struct Grant {
  std::string token;
  Role role = Role::admin;
};

struct ServerOptions {
  std::string host = "127.0.0.1";
  std::uint16_t port = 0;
  std::vector<std::string> allow_hosts;    // "example.org" (the bound port) or "example.org:443"
  std::vector<std::string> allow_origins;  // "https://example.org"
  std::vector<Grant> grants;               // without an admin among them one is made
  Limits limits;
};

}  // namespace atheria::server
