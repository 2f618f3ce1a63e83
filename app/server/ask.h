#pragma once

#include <boost/asio/awaitable.hpp>

#include <chrono>
#include <string>

#include "app/server/hub.h"

namespace atheria::server {

// Posts to a world and waits for its answer, on the I/O thread. Throws what the world answered, and
// Error when it does not answer in time.
boost::asio::awaitable<Outcome> ask_world(Hub& hub, const std::string& world, CommandBody body);

}  // namespace atheria::server
