#include <gtest/gtest.h>

#include "tests/app/server/client_bench.h"

// From a world's frame to a client's pictures.
namespace atheria::server {
namespace {

json::object wish(int sub, json::object more = {}) {
  json::object args{{"sub", sub}, {"topic", "one/u"}, {"range", {0, 1}}};
  for (const auto& [key, value] : more) args[key] = value;
  return args;
}

class Streams : public ::testing::Test {
 protected:
  void show(std::uint64_t step, float value) { bench_.worlds.show(step, value); }
  // Shows a frame and waits until the client has it; ACKs it.
  wire::DecodedFrame next(FakeClient& client, std::uint64_t step, float value,
                          std::uint32_t sub = 1) {
    show(step, value);
    std::vector<wire::DecodedFrame> got;
    bench_.run_until([&] {
      client.connection->woken();
      for (auto& frame : client.frames()) got.push_back(std::move(frame));
      return !got.empty();
    });
    if (got.empty()) return {};
    client.ack(sub, got.back().seq);
    return std::move(got.back());
  }

  HubBench bench_;
};

TEST_F(Streams, SayWhatWasChosen) {
  FakeClient client(bench_);
  const auto reply = client.ask("sub", wish(1, {{"dtype", {"u8", "f16"}}}));
  ASSERT_EQ(code_of(reply), "ok");
  const auto& result = reply.at("result").as_object();
  EXPECT_EQ(result.at("dtype"), "u8");
  EXPECT_EQ(result.at("codec"), "lz4");
  EXPECT_EQ(result.at("size"), (json::array{64, 32}));
  EXPECT_EQ(result.at("step"), 0);
}

TEST_F(Streams, BeginWithAKeyAndGoOnWithDifferences) {
  FakeClient client(bench_);
  client.ask("sub", wish(1));
  const auto first = next(client, 1, 0.25F);
  EXPECT_TRUE(first.key);
  EXPECT_EQ(first.seq, 1u);
  EXPECT_NEAR(first.values().at(5), 0.25, 0.002);
  const auto second = next(client, 2, 0.75F);
  EXPECT_FALSE(second.key);
  EXPECT_FALSE(second.gap);
  EXPECT_NEAR(second.values().at(5), 0.75, 0.002);
}

TEST_F(Streams, AreEncodedOnceForAllWhoSeeTheSame) {
  FakeClient one(bench_), two(bench_), three(bench_);
  for (FakeClient* client : {&one, &two, &three}) client->ask("sub", wish(1));
  EXPECT_EQ(bench_.hub.feeds().watches(), 1u);
  EXPECT_EQ(bench_.worlds.watches.size(), 1u);
  for (std::uint64_t step = 1; step <= 4; ++step) {
    show(step, 0.1F * static_cast<float>(step));
    std::size_t arrived = 0;
    bench_.run_until([&] {
      for (FakeClient* client : {&one, &two, &three}) {
        client->connection->woken();
        for (const auto& frame : client->frames()) client->ack(1, frame.seq), ++arrived;
      }
      return arrived == 3;
    });
  }
  EXPECT_EQ(bench_.hub.metrics().encodes, 4u);
  EXPECT_EQ(bench_.hub.metrics().quantised, 4u);
  EXPECT_EQ(bench_.hub.metrics().frames_sent, 12u);
}

TEST_F(Streams, ShareAWatchWhenOnlyTheTypeDiffers) {
  FakeClient client(bench_);
  client.ask("sub", wish(1));
  client.ask("sub", wish(2, {{"dtype", "f32"}, {"maxFps", 30}}));
  EXPECT_EQ(bench_.hub.feeds().watches(), 1u);
  EXPECT_EQ(bench_.worlds.watches.begin()->second.max_fps, 60);
  client.ask("unsub", {{"sub", 1}});
  EXPECT_EQ(bench_.worlds.watches.begin()->second.max_fps, 30)
      << "as fast as the fastest who is left";
  client.ask("unsub", {{"sub", 2}});
  EXPECT_TRUE(bench_.worlds.watches.empty());
}

TEST_F(Streams, EndTheirWatchWithTheConnection) {
  {
    FakeClient client(bench_);
    client.ask("sub", wish(1));
    EXPECT_EQ(bench_.worlds.watches.size(), 1u);
  }
  EXPECT_TRUE(bench_.worlds.watches.empty());
  EXPECT_EQ(bench_.hub.connections(), 0u);
}

TEST_F(Streams, HoldBackAtTheWindowAndThenSendTheNewest) {
  FakeClient client(bench_);
  client.ask("sub", wish(1, {{"window", 1}, {"maxFps", 240}}));
  show(1, 0.1F);
  bench_.run_until([&] { return client.parts.size() == 1; });
  for (std::uint64_t step = 2; step <= 6; ++step) {
    show(step, 0.1F * static_cast<float>(step));
    // Not before its rate allows it is a frame offered at all.
    bench_.run_until([&] {
      client.connection->woken();
      return bench_.hub.metrics().frames_offered == step;
    });
  }
  EXPECT_EQ(client.parts.size(), 1u) << "the window is 1";
  client.frames();
  client.ack(1, 1);
  bench_.run_until([&] { return !client.parts.empty(); });
  const auto frames = client.frames();
  ASSERT_EQ(frames.size(), 1u);
  EXPECT_EQ(frames[0].step, 6u);
  EXPECT_EQ(frames[0].seq, 6u);
  EXPECT_TRUE(frames[0].gap);
  EXPECT_EQ(bench_.hub.metrics().dropped_newer, 4u);
}

TEST_F(Streams, StartWithAKeyAgainAfterAnUpdate) {
  FakeClient client(bench_);
  client.ask("sub", wish(1));
  next(client, 1, 0.2F);
  next(client, 2, 0.3F);
  const auto reply = client.ask("sub.update", {{"sub", 1}, {"dtype", "u16"}});
  EXPECT_EQ(reply.at("result").as_object().at("dtype"), "u16");
  const auto frame = next(client, 3, 0.4F);
  EXPECT_TRUE(frame.key);
  EXPECT_EQ(frame.dtype, wire::Dtype::u16n);
  EXPECT_EQ(code_of(client.ask("sub.update", {{"sub", 9}})), "not_found");
}

TEST_F(Streams, RestAtZeroFramesASecondUntilUpdated) {
  FakeClient client(bench_);
  const auto reply = client.ask("sub", wish(1, {{"maxFps", 0}}));
  EXPECT_EQ(code_of(reply), "ok");
  EXPECT_TRUE(bench_.worlds.watches.empty());
  client.ask("sub.update", {{"sub", 1}, {"maxFps", 60}});
  EXPECT_TRUE(next(client, 1, 0.5F).key);
  client.ask("sub.update", {{"sub", 1}, {"maxFps", 0}});
  EXPECT_TRUE(bench_.worlds.watches.empty());
}

TEST_F(Streams, OfOneFrameAreGoneAfterIt) {
  FakeClient client(bench_);
  client.ask("sub", wish(1, {{"mode", "once"}}));
  show(1, 0.5F);
  bench_.run_until([&] { return !client.parts.empty() && bench_.worlds.watches.empty(); });
  EXPECT_EQ(code_of(client.ask("unsub", {{"sub", 1}})), "not_found");
  client.ack(1, 1);
  EXPECT_FALSE(client.closed) << "the ACK of a frame that was sent";
}

TEST_F(Streams, WithoutLossSendEveryFrame) {
  FakeClient client(bench_);
  client.ask("sub", wish(1, {{"mode", "lossless"}, {"window", 16}}));
  EXPECT_EQ(bench_.worlds.watches.begin()->second.max_fps, 0) << "every frame";
  client.reading = false;
  for (std::uint64_t step = 1; step <= 10; ++step) show(step, 0.05F * static_cast<float>(step));
  bench_.run_until([&] { return bench_.hub.metrics().frames_offered == 10; });
  client.reading = true;
  std::vector<std::uint64_t> steps;
  bench_.run_until([&] {
    client.read();
    for (const auto& frame : client.frames()) steps.push_back(frame.step), client.ack(1, frame.seq);
    return steps.size() == 10;
  });
  for (std::size_t i = 0; i < steps.size(); ++i) EXPECT_EQ(steps[i], i + 1);
  EXPECT_TRUE(client.events("sub_gap").empty());
}

TEST(StreamLimits, DropTheOldestAndSayWhichWhenLosslessIsFull) {
  Limits limits;
  limits.lossless_bytes =
      60'000;  // a frame's codes and a little: about 2 KB; floats in the mailbox 8 KB
  HubBench bench(limits);
  FakeClient client(bench);
  client.ask("sub", wish(1, {{"mode", "lossless"}, {"window", 1}}));
  for (std::uint64_t step = 1; step <= 60; ++step) {
    bench.worlds.show(step, 0.01F * static_cast<float>(step));
    bench.run_until([&] { return bench.hub.metrics().quantised >= step; });
  }
  EXPECT_TRUE(client.events("sub_gap").empty()) << "nothing is told while nothing is taken";
  const auto before = client.frames();
  client.ack(1, before.back().seq);
  bench.run_until([&] { return !client.events("sub_gap").empty(); });
  ASSERT_EQ(client.events("sub_gap").size(), 1U);
  const auto gap = client.events("sub_gap")[0].at("data").as_object();
  EXPECT_EQ(gap.at("sub"), 1);
  EXPECT_EQ(gap.at("from"), before.back().seq + 1);
  std::vector<wire::DecodedFrame> after;
  bench.run_until([&] {
    if (after.empty()) after = client.frames();
    return !after.empty();
  });
  EXPECT_EQ(gap.at("to"), after.front().seq - 1);
}

TEST(StreamLimits, CloseThoseWhoAskedForItWhenLosslessIsFull) {
  Limits limits;
  limits.lossless_bytes = 5'000;
  HubBench bench(limits);
  FakeClient client(bench);
  client.ask("sub", wish(1, {{"mode", "lossless"}, {"window", 1}, {"onFull", "close"}}));
  for (std::uint64_t step = 1; step <= 10; ++step) {
    bench.worlds.show(step, 0.05F * static_cast<float>(step));
    bench.run_until([&] { return bench.hub.metrics().quantised >= step; });
  }
  bench.run_until([&] { return client.closed.has_value(); });
  EXPECT_EQ(client.closed, close_code::slow);
}

TEST(StreamLimits, PauseTheWorldForAnOperatorOnly) {
  Limits limits;
  limits.lossless_bytes = 5'000;
  HubBench bench(limits);
  FakeClient viewer(bench, Role::viewer), client(bench, Role::operate);
  const auto args = wish(1, {{"mode", "lossless"}, {"window", 1}, {"onFull", "pause"}});
  EXPECT_EQ(code_of(viewer.ask("sub", args)), "not_allowed");
  client.ask("sub", args);
  for (std::uint64_t step = 1; step <= 10; ++step) {
    bench.worlds.show(step, 0.05F * static_cast<float>(step));
    bench.run_until([&] { return bench.hub.metrics().quantised >= step; });
  }
  bench.run_until([&] { return bench.worlds.pauses > 0; });
  EXPECT_FALSE(client.closed);
}

TEST(StreamLimits, AllowSoManySubscriptions) {
  Limits limits;
  limits.subscriptions = 2;
  HubBench bench(limits);
  FakeClient client(bench);
  EXPECT_EQ(code_of(client.ask("sub", wish(1))), "ok");
  EXPECT_EQ(code_of(client.ask("sub", wish(1))), "conflict");
  EXPECT_EQ(code_of(client.ask("sub", wish(2))), "ok");
  EXPECT_EQ(code_of(client.ask("sub", wish(3))), "too_large");
}

TEST_F(Streams, OfThingsThatDoNotExistAreRefused) {
  FakeClient client(bench_);
  EXPECT_EQ(code_of(client.ask("sub", {{"sub", 1}, {"topic", "two/u"}})), "not_found");
  EXPECT_EQ(code_of(client.ask("sub", {{"sub", 1}, {"topic", "one/w"}})), "not_found");
  EXPECT_EQ(code_of(client.ask("sub", {{"sub", 0}, {"topic", "one/u"}})), "bad_args");
  bench_.worlds.busy = true;
  EXPECT_EQ(code_of(client.ask("sub", wish(1))), "busy");
  bench_.worlds.busy = false;
  EXPECT_EQ(code_of(client.ask("sub", wish(1))), "ok") << "nothing was left of the one that failed";
}

TEST_F(Streams, CloseWhoAcknowledgesWhatWasNeverSent) {
  FakeClient client(bench_);
  client.ask("sub", wish(1));
  client.ack(7, 1);
  EXPECT_FALSE(client.closed) << "an unknown sub is ignored";
  client.ack(1, 1);
  EXPECT_EQ(client.closed, close_code::policy);
}

TEST_F(Streams, ForgiveAnAckOfTheSubscriptionThatHadTheNumberBefore) {
  FakeClient client(bench_);
  client.ask("sub", wish(1));
  next(client, 1, 0.1F);
  client.ask("unsub", {{"sub", 1}});
  client.ask("sub", wish(1));
  client.ack(1, 1);
  EXPECT_FALSE(client.closed);
}

TEST_F(Streams, CloseWhoSendsOtherBytes) {
  FakeClient client(bench_);
  const std::vector<std::uint8_t> garbage = {1, 2, 3};
  client.connection->on_binary(garbage);
  EXPECT_EQ(client.closed, close_code::policy);
}

TEST_F(Streams, EndWithTheirWorldAndWithTheirView) {
  FakeClient client(bench_);
  client.ask("sub", wish(1));
  client.ask("sub", {{"sub", 2}, {"topic", "one/phase"}});
  WorldState other = bench_.worlds.state("one");
  other.spec.law = "other";
  other.revision = 5;
  bench_.hub.on_state(other);
  bench_.run_until([&] { return client.events("sub_ended").size() == 2; });
  bench_.worlds.add("two");
  bench_.hub.created(bench_.worlds.state("two"));
  client.ask("sub", {{"sub", 3}, {"topic", "two/u"}});
  client.ask("sim.delete", {{"world", "two"}});
  EXPECT_EQ(client.events("sub_ended").size(), 3u);
  EXPECT_TRUE(bench_.worlds.watches.empty());
}

TEST_F(Streams, OfCyclicViewsUseTheirOwnRangeAndNoMeans) {
  FakeClient client(bench_);
  client.ask("sub", {{"sub", 1}, {"topic", "one/phase"}, {"range", {0, 1}}});
  EXPECT_EQ(bench_.worlds.watches.begin()->second.view.reduce, Reduce::sample);
  const auto frame = next(client, 1, -3.0F);
  EXPECT_NEAR(frame.values().at(0), -3.0, 0.02) << "not clamped to the wish";
}

TEST_F(Streams, OfSeriesSendRowsWithTheirNames) {
  FakeClient client(bench_);
  const auto reply = client.ask("sub", {{"sub", 4}, {"topic", "one/series"}});
  EXPECT_EQ(reply.at("result").as_object().at("columns"), (json::array{"step", "time", "mass"}));
  bench_.hub.on_sample("one", {.step = 3, .time = 1.5, .made_us = 1, .values = {42}});
  bench_.run_until([&] { return client.parts.size() == 1; });
  const auto header = wire::decode_header(client.parts[0]);
  EXPECT_EQ(header.kind, wire::Kind::series);
  EXPECT_EQ(header.w, 3);
  EXPECT_EQ(header.h, 1);
  client.ack(4, 1);
  EXPECT_FALSE(client.closed);
  client.ack(4, 9);
  EXPECT_EQ(client.closed, close_code::policy);
}

TEST_F(Streams, DoNotPileUpBehindAClientThatDoesNotRead) {
  FakeClient client(bench_);
  client.ask("sub", wish(1, {{"maxFps", 240}}));
  client.reading = false;
  for (std::uint64_t step = 1; step <= 50; ++step) {
    const auto before = bench_.hub.metrics().quantised;
    show(step, 0.01F * static_cast<float>(step));
    bench_.run_until([&] { return bench_.hub.metrics().quantised > before; });
  }
  bench_.run_until([&] { return client.connection->pending_bytes() > 0; });
  EXPECT_LT(client.connection->pending_bytes(), 2 * (wire::kHeaderSize + 64 * 32));
  EXPECT_FALSE(client.closed);
}

TEST_F(Streams, TellTheirNumbersOnceASecond) {
  FakeClient client(bench_);
  client.ask("sub", wish(1));
  next(client, 1, 0.5F);
  client.connection->tick();
  const auto stats = client.events("stats");
  ASSERT_EQ(stats.size(), 1u);
  const auto& row = stats[0].at("data").as_object().at("subs").as_array().at(0).as_object();
  EXPECT_EQ(row.at("sent"), 1);
  EXPECT_EQ(row.at("acked"), 1);
  client.connection->tick();
  EXPECT_EQ(client.events("stats").size(), 1u) << "not twice in a second";
}

}  // namespace
}  // namespace atheria::server
