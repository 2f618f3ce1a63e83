#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "app/protocol/script_types.h"
#include "engine/run/world.h"

namespace atheria::server {

// What the server counted since it started. I/O thread only.
struct Metrics {
  std::uint64_t connections_total = 0;
  std::uint64_t refused_connections = 0;
  std::uint64_t http_requests = 0;
  std::uint64_t requests = 0;  // of WebSocket clients
  std::uint64_t failed_requests = 0;
  std::uint64_t messages_in = 0;
  std::uint64_t messages_out = 0;
  std::uint64_t bytes_in = 0;
  std::uint64_t bytes_out = 0;
  std::uint64_t frames_offered = 0;
  std::uint64_t frames_sent = 0;
  std::uint64_t dropped_newer = 0;     // a newer frame came before it could be sent
  std::uint64_t dropped_encoder = 0;   // the encoder was behind
  std::uint64_t dropped_full = 0;      // a lossless queue was full
  std::uint64_t slow_disconnects = 0;  // closed with 4409, or took no byte for too long
  std::uint64_t stalled_subscriptions = 0;
  std::uint64_t encodes = 0;  // differences and keys made; shared ones count once
  std::uint64_t quantised = 0;
  double encoder_seconds = 0;
  std::uint64_t scripts = 0;              // taken to be run
  std::uint64_t script_output_bytes = 0;  // handed to clients
  std::uint64_t script_output_lost = 0;   // bytes that scripts wrote and nobody can read
};

// What is so now.
struct Gauges {
  std::size_t connections = 0;
  std::size_t sockets = 0;
  std::size_t subscriptions = 0;
  std::size_t pending_bytes = 0;
  std::uint64_t auth_failures = 0;
  std::vector<WorldState> worlds;
  std::string plane = "off";  // Python's
  std::vector<ScriptStatus> jobs;
};

// Prometheus text format 0.0.4.
std::string metrics_text(const Metrics& metrics, const Gauges& gauges);

}  // namespace atheria::server
