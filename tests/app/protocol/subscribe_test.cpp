#include "app/protocol/subscribe.h"

#include <gmock/gmock.h>

#include "engine/base/error.h"

namespace atheria::wire {
namespace {

using testing::HasSubstr;

Subscribe read(std::string_view text) {
  const json::object args = parse_json(text).as_object();
  return subscribe_of(Args(args));
}

std::string fault(const std::string& more) {
  try {
    read(R"({"sub":1,"topic":"a/u",)" + more + "}");
  } catch (const Error& error) {
    return error.path();
  }
  return "none";
}

TEST(Subscribe, ReadsTheExampleOfTheProtocol) {
  const Subscribe sub = read(
      R"({"sub":1,"topic":"lenia/u","mode":"lossless","maxFps":30,"every":2,"roi":[0,64,2048,1024],
          "fit":[1024,768],"reduce":"max","z":5,"depth":"max","dtype":["u8","f16"],
          "range":"symmetric","codec":["raw","lz4"],"window":4,"crc":true,"onFull":"pause"})");
  EXPECT_EQ(sub.topic(), "lenia/u");
  EXPECT_EQ(sub.mode, SubMode::lossless);
  EXPECT_EQ(sub.view.roi, (Roi{0, 64, 2048, 1024}));
  EXPECT_EQ(sub.view.fit_height, 768);
  EXPECT_EQ(sub.view.reduce, Reduce::max);
  EXPECT_EQ(sub.view.depth, Depth::max);
  EXPECT_EQ(sub.dtype, Dtype::u8n);
  EXPECT_EQ(sub.codec, Codec::raw);
  EXPECT_EQ(sub.range.kind, RangeWish::Kind::symmetric);
  EXPECT_EQ(sub.on_full, OnFull::pause);
  EXPECT_TRUE(sub.crc);
}

TEST(Subscribe, HasTheDefaultsOfTheProtocol) {
  const Subscribe sub = read(R"({"sub":1,"topic":"a/u"})");
  EXPECT_EQ(sub.mode, SubMode::latest);
  EXPECT_EQ(sub.max_fps, 60);
  EXPECT_EQ(sub.window, 3);
  EXPECT_EQ(sub.codec, Codec::lz4);
  EXPECT_EQ(sub.range.kind, RangeWish::Kind::automatic);
  EXPECT_EQ(sub.view.fit_width, 1024);
  EXPECT_EQ(sub.view.z, -1);
  EXPECT_FALSE(sub.series);
}

TEST(Subscribe, KnowsASeries) {
  const Subscribe sub = read(R"({"sub":2,"topic":"a.b-c/series"})");
  EXPECT_TRUE(sub.series);
  EXPECT_EQ(sub.world, "a.b-c");
  EXPECT_EQ(sub.max_fps, 20);
  EXPECT_EQ(sub.topic(), "a.b-c/series");
}

TEST(Subscribe, TakesTheFirstWishItKnows) {
  EXPECT_EQ(read(R"({"sub":1,"topic":"a/u","dtype":["f8","f16","u8"]})").dtype, Dtype::f16);
  EXPECT_EQ(read(R"({"sub":1,"topic":"a/u","codec":"raw"})").codec, Codec::raw);
  EXPECT_EQ(fault(R"("dtype":["f8","f64"])"), "args.dtype");
  EXPECT_EQ(fault(R"("codec":[])"), "args.codec");
}

TEST(Subscribe, NamesTheArgumentThatIsWrong) {
  EXPECT_EQ(fault(R"("maxFps":241)"), "args.maxFps");
  EXPECT_EQ(fault(R"("every":0)"), "args.every");
  EXPECT_EQ(fault(R"("roi":[0,0,1])"), "args.roi");
  EXPECT_EQ(fault(R"("roi":[-1,0,1,1])"), "args.roi");
  EXPECT_EQ(fault(R"("fit":[0,1])"), "args.fit");
  EXPECT_EQ(fault(R"("fit":[8193,1])"), "args.fit");
  EXPECT_EQ(fault(R"("window":17)"), "args.window");
  EXPECT_EQ(fault(R"("mode":"some")"), "args.mode");
  EXPECT_EQ(fault(R"("range":[1,0])"), "args.range");
  EXPECT_EQ(fault(R"("range":[0,1e39])"), "args.range");
  EXPECT_EQ(fault(R"("range":"wide")"), "args.range");
  EXPECT_EQ(fault(R"("range":7)"), "args.range");
  EXPECT_EQ(fault(R"("sub":0)"), "args.sub");
  EXPECT_EQ(fault(R"("sub":2147483648)"), "args.sub");
  for (const char* topic : {"a", "/u", "a/", "", "/"})
    EXPECT_EQ(fault(std::string(R"("topic":")") + topic + "\""), "args.topic") << topic;
}

TEST(Subscribe, IsUpdatedInPartsAndKeepsTheRest) {
  const Subscribe before = read(R"({"sub":1,"topic":"a/u","maxFps":30,"range":[0,2]})");
  const json::object change{{"maxFps", 0}, {"fit", {100, 50}}};
  const Subscribe after = updated(before, Args(change));
  EXPECT_EQ(after.max_fps, 0);
  EXPECT_EQ(after.view.fit_width, 100);
  EXPECT_EQ(after.range, before.range);
  EXPECT_EQ(after.topic(), "a/u");
  const json::object topic{{"topic", "b/v"}};
  EXPECT_THROW(updated(before, Args(topic)), Error);
}

}  // namespace
}  // namespace atheria::wire
