#include <fmt/format.h>

#include <boost/asio/steady_timer.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <cstring>

#include "app/bench/house.h"
#include "app/bench/own_server.h"
#include "app/cli/machine.h"
#include "app/cli/wire_client.h"
#include "engine/base/clock.h"

namespace atheria::bench {

namespace asio = cli::asio;
namespace json = cli::json;

namespace {

constexpr std::uint32_t kSub = 1;
constexpr std::size_t kHeader = 80, kFlagsAt = 1, kSeqAt = 32;
constexpr unsigned kLastPart = 2;

// Not within coroutines: gcc 12 cannot have these initializers in an awaited expression.
json::object full_pace() { return {{"world", "w"}, {"pace", {{"mode", "full"}}}}; }
json::object of_world() { return {{"world", "w"}}; }
json::object subscription() { return {{"sub", kSub}, {"topic", "w/v"}}; }
json::object of_sub() { return {{"sub", kSub}}; }

// ACK of a frame: kind, 0, length, sub, seq.
std::string acknowledgement(std::uint32_t seq) {
  std::string bytes{"\x10\0\x0C\0", 4};
  for (const std::uint32_t number : {kSub, seq})
    for (int shift = 0; shift < 32; shift += 8) bytes += static_cast<char>(number >> shift & 0xFF);
  return bytes;
}

class StreamBench {
 public:
  StreamBench(asio::io_context& io, cli::Door door, int rounds, double seconds)
      : io_(io), client_(io, std::move(door)), rounds_(rounds), seconds_(seconds) {}

  asio::awaitable<int> run();

  Shares shares;

 private:
  asio::awaitable<void> pause(double seconds);
  asio::awaitable<double> speed();
  void take(std::string_view message);

  asio::io_context& io_;
  cli::WireClient client_;
  int rounds_;
  double seconds_;
  std::uint64_t frames_ = 0;
};

asio::awaitable<void> StreamBench::pause(double seconds) {
  asio::steady_timer timer(io_,
                           std::chrono::microseconds(static_cast<std::int64_t>(seconds * 1e6)));
  co_await timer.async_wait(asio::use_awaitable);
}

// Steps a second.
asio::awaitable<double> StreamBench::speed() {
  double steps[2];
  std::uint64_t at[2];
  for (int i = 0; i < 2; ++i) {
    if (i == 1) co_await pause(seconds_);
    const json::object reply = co_await client_.ask("sim.get", of_world());
    at[i] = now_us();
    steps[i] = reply.at("world").as_object().at("step").to_number<double>();
  }
  co_return (steps[1] - steps[0]) / (static_cast<double>(at[1] - at[0]) * 1e-6);
}

void StreamBench::take(std::string_view message) {
  if (message.size() < kHeader || (static_cast<unsigned char>(message[kFlagsAt]) & kLastPart) == 0)
    return;
  std::uint32_t seq = 0;
  std::memcpy(&seq, message.data() + kSeqAt, sizeof seq);
  ++frames_;
  client_.send_binary(acknowledgement(seq));
}

asio::awaitable<int> StreamBench::run() {
  co_await client_.connect();
  client_.on_binary([this](std::string_view message) { take(message); });
  co_await client_.ask("sim.set", full_pace());
  co_await pause(seconds_);  // until it runs at its speed
  double shown = 0;
  for (int round = 0; round < rounds_; ++round) {
    const double alone = co_await speed();
    co_await client_.ask("sub", subscription());
    const std::uint64_t begin = now_us();
    const double watched = co_await speed();
    shown += static_cast<double>(now_us() - begin) * 1e-6;
    co_await client_.ask("unsub", of_sub());
    if (alone > 0) shares.values.push_back(watched / alone);
  }
  if (frames_ == 0) throw Error(ErrorKind::internal, "no frame came: nothing was measured");
  shares.how = fmt::format("{:.0f} frames a second", static_cast<double>(frames_) / shown);
  co_return 0;
}

}  // namespace

Shares stream_shares(int side, int rounds, double seconds, int threads) {
  const OwnServer server({"--log-level", "error", "--python", "off", "--threads",
                          std::to_string(threads), "--world",
                          fmt::format("w=gray-scott,{}x{},seed=1", side, side)});
  asio::io_context io;
  StreamBench bench(io, server.door(), rounds, seconds);
  cli::run_to_end(io, bench.run());
  return std::move(bench.shares);
}

}  // namespace atheria::bench
