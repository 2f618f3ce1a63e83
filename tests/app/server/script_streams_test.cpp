#include <gtest/gtest.h>

#include "tests/app/server/client_bench.h"

// From a script's `atheria.stream.put` to a client's pictures.
namespace atheria::server {
namespace {

StreamPicture picture(const std::string& name, float value, int width = 8, int height = 4,
                      int channels = 1) {
  return {.name = name,
          .shape = {.width = width, .height = height, .channels = channels},
          .values = std::vector<float>(std::size_t(width) * height * channels, value)};
}

json::object wish(int sub, json::object more = {}) {
  json::object args{{"sub", sub}, {"topic", "stream/loss"}, {"dtype", "f32"}};
  for (const auto& [key, value] : more) args[key] = value;
  return args;
}

// What put() throws.
Error refusal(HubBench& bench, StreamPicture wrong) {
  try {
    bench.hub.streams().put(std::move(wrong));
  } catch (const Error& error) {
    return error;
  }
  return Error("nothing was thrown");
}

class ScriptStreamsTest : public ::testing::Test {
 protected:
  std::uint64_t put(float value, int width = 8, int height = 4) {
    return bench_.hub.streams().put(picture("loss", value, width, height));
  }
  // The next frame; ACKs it.
  wire::DecodedFrame next(FakeClient& client, std::uint32_t sub = 1) {
    std::vector<wire::DecodedFrame> got;
    bench_.run_until([&] {
      client.connection->woken();
      if (got.empty()) got = client.frames();
      return !got.empty();
    });
    if (got.empty()) return {};
    client.ack(sub, got.back().seq);
    return std::move(got.back());
  }

  HubBench bench_;
};

TEST_F(ScriptStreamsTest, ShowTheNewestToWhoeverSubscribesLater) {
  put(0.25F);
  EXPECT_EQ(put(0.5F), 2U);
  FakeClient viewer(bench_, Role::viewer);
  const auto reply = viewer.ask("sub", wish(1));
  ASSERT_EQ(code_of(reply), "ok") << "a viewer may watch";
  const auto& result = reply.at("result").as_object();
  EXPECT_EQ(result.at("topic"), "stream/loss");
  EXPECT_EQ(result.at("size"), (json::array{8, 4}));
  EXPECT_EQ(result.at("step"), 2);
  const auto frame = next(viewer);
  EXPECT_TRUE(frame.key);
  EXPECT_EQ(frame.step, 2U);
  EXPECT_EQ(frame.values(), std::vector<double>(32, 0.5)) << "f32 is exact";
}

TEST_F(ScriptStreamsTest, GoOnWithWhatIsPutAfterTheSubscription) {
  FakeClient client(bench_);
  EXPECT_EQ(code_of(client.ask("sub", wish(1))), "not_found");
  put(0.25F);
  ASSERT_EQ(code_of(client.ask("sub", wish(1, {{"dtype", "u8"}, {"range", {0, 1}}}))), "ok");
  EXPECT_TRUE(next(client).key);
  put(0.75F);
  const auto second = next(client);
  EXPECT_FALSE(second.key) << "a difference, as for worlds";
  EXPECT_EQ(second.step, 2U);
  EXPECT_GE(second.time, 0);
  EXPECT_NEAR(second.values().at(5), 0.75, 0.003);
}

TEST_F(ScriptStreamsTest, KeepOnlyTheNewestForWhoDoesNotKeepUp) {
  put(0);
  FakeClient client(bench_);
  client.ask("sub", wish(1, {{"window", 1}, {"maxFps", 240}}));
  next(client);
  for (int i = 1; i <= 1000; ++i) put(static_cast<float>(i));
  wire::DecodedFrame last;
  while (last.step < 1001) last = next(client);
  EXPECT_EQ(last.values().front(), 1000.0F);
  EXPECT_LT(bench_.hub.metrics().quantised, 500U) << "not one picture each";
}

TEST_F(ScriptStreamsTest, GiveEveryPictureWithoutLoss) {
  put(0);
  FakeClient client(bench_);
  client.ask("sub", wish(1, {{"mode", "lossless"}, {"window", 16}}));
  for (int i = 1; i <= 20; ++i) put(static_cast<float>(i));
  std::vector<std::uint64_t> steps;
  bench_.run_until([&] {
    client.connection->woken();
    for (const auto& frame : client.frames()) {
      steps.push_back(frame.step);
      client.ack(1, frame.seq);
    }
    return steps.size() == 21;
  });
  for (std::size_t i = 0; i < steps.size(); ++i) EXPECT_EQ(steps[i], i + 1);
  EXPECT_TRUE(client.events("sub_gap").empty());
}

TEST(ScriptStreamLimits, LeaveAGapThatIsToldWhenLosslessIsFull) {
  Limits limits;
  limits.lossless_bytes = 10'000;
  HubBench bench(limits);
  bench.hub.streams().put(picture("loss", 0, 16, 16));
  FakeClient client(bench);
  client.ask("sub", wish(1, {{"mode", "lossless"}, {"window", 1}}));
  for (int i = 1; i <= 50; ++i) {
    bench.hub.streams().put(picture("loss", static_cast<float>(i), 16, 16));
    const auto want = static_cast<std::uint64_t>(i + 1);
    bench.run_until([&] { return bench.hub.metrics().quantised >= want; });
  }
  const auto before = client.frames();
  ASSERT_FALSE(before.empty());
  client.ack(1, before.back().seq);
  bench.run_until([&] { return !client.events("sub_gap").empty(); });
  const auto gap = client.events("sub_gap")[0].at("data").as_object();
  EXPECT_EQ(gap.at("from"), before.back().seq + 1);
}

TEST_F(ScriptStreamsTest, BeginAnewWithAnotherShape) {
  put(0.5F);
  FakeClient client(bench_);
  bench_.run_until([&] { return client.events("topic").size() == 1; });
  client.ask("sub", wish(1));
  next(client);
  put(0.5F);
  EXPECT_FALSE(next(client).key);
  const auto told = client.events("topic").size();
  put(0.75F, 16, 12);
  const auto frame = next(client);
  EXPECT_TRUE(frame.key);
  EXPECT_EQ(frame.width, 16);
  EXPECT_EQ(frame.height, 12);
  EXPECT_EQ(frame.values(), std::vector<double>(16 * 12, 0.75));
  bench_.run_until([&] { return client.events("topic").size() == told + 1; });
  const auto data = client.events("topic").back().at("data").as_object();
  EXPECT_EQ(data.at("topic"), "stream/loss");
  EXPECT_EQ(data.at("shape"), (json::array{12, 16}));
  EXPECT_TRUE(data.at("range").is_null());
}

TEST_F(ScriptStreamsTest, ShowAPartOrASmallerPictureAsWorldsDo) {
  auto ramp = picture("loss", 0, 256, 128);
  for (std::size_t i = 0; i < ramp.values.size(); ++i)
    ramp.values[i] = static_cast<float>(i % 256) + 1000 * static_cast<float>(i / 256);
  bench_.hub.streams().put(ramp);
  FakeClient client(bench_);
  const auto small = client.ask("sub", wish(1, {{"fit", {64, 64}}}));
  EXPECT_EQ(small.at("result").as_object().at("lod"), 2);
  const auto mean = next(client);
  EXPECT_EQ(mean.width, 64);
  EXPECT_EQ(mean.values().front(), 1501.5F) << "the mean of cells 0..3 of rows 0..3";
  client.ask("sub", wish(2, {{"roi", {64, 0, 64, 64}}, {"fit", {64, 64}}}));
  const auto part = next(client, 2);
  EXPECT_EQ(part.width, 64);
  EXPECT_EQ(part.values().front(), 64.0F);
  EXPECT_EQ(code_of(client.ask("sub", wish(3, {{"roi", {300, 0, 4, 4}}}))), "bad_args");
  put(1);
  bench_.run_until([&] { return client.events("sub_ended").size() == 1; });
  const auto ended = client.events("sub_ended")[0].at("data").as_object();
  EXPECT_EQ(ended.at("sub"), 2);
  EXPECT_NE(std::string(ended.at("reason").as_string()).find("outside"), std::string::npos);
}

TEST_F(ScriptStreamsTest, OfThreeChannelsKeepThemApart) {
  auto colours = picture("loss", 0, 4, 2, 3);
  std::fill(colours.values.begin() + 8, colours.values.begin() + 16, 1.0F);
  bench_.hub.streams().put(colours);
  FakeClient client(bench_);
  const auto reply = client.ask("sub", wish(1));
  EXPECT_EQ(reply.at("result").as_object().at("channels"), 3);
  const std::vector<double> want(colours.values.begin(), colours.values.end());
  EXPECT_EQ(next(client).values(), want);
}

TEST_F(ScriptStreamsTest, EndTheirSubscriptionsWhenDropped) {
  put(0.5F);
  FakeClient client(bench_);
  client.ask("sub", wish(1));
  bench_.hub.streams().drop("loss");
  put(0.25F);
  bench_.run_until([&] { return client.events("sub_ended").size() == 1; });
  const auto data = client.events("sub_ended")[0].at("data").as_object();
  EXPECT_EQ(data.at("reason"), "the stream was dropped");
  EXPECT_EQ(bench_.hub.feeds().watches(), 0U);
  EXPECT_EQ(code_of(client.ask("sub", wish(1))), "ok") << "the new one of that name";
  EXPECT_EQ(next(client).step, 1U);
  bench_.hub.streams().drop("loss");
  bench_.run_until([&] { return client.events("sub_ended").size() == 2; });
  EXPECT_EQ(client.events("topic_removed").back().at("data").as_object().at("topic"),
            "stream/loss");
  EXPECT_THROW(bench_.hub.streams().drop("loss"), Error);
}

TEST_F(ScriptStreamsTest, StandInHello) {
  bench_.hub.streams().put(
      {.name = "series", .shape = {.width = 2, .height = 1, .range = {{-1, 1}}}, .values = {0, 1}});
  FakeClient client(bench_);
  const auto hello = wire::parse_json(bench_.hub.hello(*client.connection)).as_object();
  const auto& topic = hello.at("topics").as_array().back().as_object();
  EXPECT_EQ(topic.at("topic"), "stream/series");
  EXPECT_EQ(topic.at("shape"), (json::array{1, 2}));
  EXPECT_EQ(topic.at("range"), (json::array{-1, 1}));
  EXPECT_EQ(hello.at("limits").as_object().at("streams"), 64);
  const auto reply = client.ask("sub", wish(1, {{"topic", "stream/series"}}));
  EXPECT_TRUE(reply.at("result").as_object().contains("size"))
      << "a picture: streams have no measures";
}

TEST_F(ScriptStreamsTest, RefuseWhatIsForWorlds) {
  put(1);
  FakeClient client(bench_);
  const auto pause = client.ask("sub", wish(1, {{"mode", "lossless"}, {"onFull", "pause"}}));
  EXPECT_EQ(code_of(pause), "bad_args");
  EXPECT_EQ(code_of(client.ask("sub", wish(1, {{"z", 3}}))), "bad_args");
}

TEST(ScriptStreamLimits, BoundNamesShapesCountAndBytes) {
  Limits limits;
  limits.streams = 2;
  limits.stream_bytes = 1000;
  HubBench bench(limits);
  for (const std::string& name :
       {std::string(), std::string("a b"), std::string("a/b"), std::string(65, 'x')})
    EXPECT_EQ(refusal(bench, picture(name, 0)).path(), "topic") << name;
  EXPECT_EQ(refusal(bench, picture("a", 0, 0, 4)).path(), "values");
  EXPECT_EQ(refusal(bench, picture("a", 0, 2, 2, 2)).path(), "values");
  auto ranged = picture("a", 0);
  ranged.shape.range = {{1, 1}};
  EXPECT_EQ(refusal(bench, ranged).path(), "range");
  EXPECT_TRUE(bench.hub.streams().list().empty()) << "nothing is left of what was refused";

  bench.hub.streams().put(picture("a", 0));         // 128 bytes
  bench.hub.streams().put(picture("b", 0, 16, 8));  // 512
  EXPECT_EQ(refusal(bench, picture("c", 0, 1, 1)).kind(), ErrorKind::too_large) << "two are there";
  const Error full = refusal(bench, picture("a", 0, 16, 8));
  EXPECT_EQ(full.kind(), ErrorKind::too_large);
  EXPECT_NE(std::string(full.what()).find("stream 'a' needs"), std::string::npos) << full.what();
  bench.hub.streams().put(picture("b", 0, 8, 8));
  bench.hub.streams().put(picture("a", 0, 16, 8));
  EXPECT_EQ(bench.hub.streams().find("a").count, 2U) << "what was refused does not count";
}

}  // namespace
}  // namespace atheria::server
