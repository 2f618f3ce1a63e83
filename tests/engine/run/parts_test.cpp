#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <thread>

#include "engine/run/catalog.h"
#include "engine/run/inbox.h"
#include "engine/run/pacer.h"
#include "engine/run/watches.h"

// The parts of a world's thread that need no world.
namespace atheria {
namespace {

TEST(Pacer, AllowsNoMoreThanTheLimit) {
  Pacer pacer;
  pacer.set_limit(100, 0);  // one step each 10 ms
  std::uint64_t steps = 0;
  for (std::uint64_t now = 0; now <= 1'000'000; now += 1000) {
    const auto k = pacer.allowed(now);
    if (k > 0) pacer.took(static_cast<std::uint32_t>(k), now, now + 10);
    steps += k;
  }
  EXPECT_GE(steps, 99U);
  EXPECT_LE(steps, 101U);
}

TEST(Pacer, DoesNotRaceAfterALongGap) {
  Pacer pacer;
  pacer.set_limit(1000, 0);
  for (int i = 0; i < 20; ++i) pacer.took(4096, 0, 1);  // any chunk is allowed
  EXPECT_LE(pacer.allowed(60'000'000), 50U);
}

TEST(Pacer, NamesTheMomentOfTheNextStep) {
  Pacer pacer;
  pacer.set_limit(10, 0);
  EXPECT_EQ(pacer.allowed(0), 1U);
  pacer.took(1, 0, 5);
  EXPECT_EQ(pacer.allowed(5), 0U);
  EXPECT_NEAR(static_cast<double>(pacer.next_us()), 100'000, 2);
  EXPECT_EQ(pacer.allowed(pacer.next_us() + 1), 1U);
}

TEST(Pacer, MeasuresTheRateAndForgetsItOnPause) {
  Pacer pacer;
  for (std::uint64_t i = 0; i < 1000; ++i) pacer.took(1, i * 1000, (i + 1) * 1000);
  EXPECT_NEAR(pacer.rate(1'000'000), 1000, 10);
  pacer.pause();
  EXPECT_EQ(pacer.rate(2'000'000), 0);
}

TEST(Pacer, MakesChunksThatFitTheBudget) {
  Pacer slow, fast;
  for (int i = 0; i < 20; ++i) slow.took(1, 0, 50'000);
  for (int i = 0; i < 20; ++i) fast.took(fast.chunk(), 0, fast.chunk() / 2);
  EXPECT_EQ(slow.chunk(), 1U);
  EXPECT_EQ(fast.chunk(), 4096U);
}

command::Watch watch(std::uint64_t id, double fps, std::uint32_t every = 1) {
  return {id, {.name = "u"}, fps, every};
}

TEST(Watches, StopTheWorldOnlyWhereALookIsDue) {
  Watches watches;
  EXPECT_EQ(watches.until_boundary(3, {}, 0), 0U);
  watches.put(watch(1, 60));
  EXPECT_EQ(watches.until_boundary(3, {}, 0), 0U) << "any step will do";
  watches.put(watch(2, 60, 10));
  EXPECT_EQ(watches.until_boundary(3, {}, 0), 7U);
  watches.put(watch(3, 0, 4));
  EXPECT_EQ(watches.until_boundary(3, {}, 0), 1U);
}

TEST(Watches, CombineTheirStepWithTheWorlds) {
  Watches watches;
  watches.put(watch(1, 0, 4));
  Pace pace;
  pace.every = 6;
  EXPECT_EQ(watches.until_boundary(0, pace, 0), 12U);
  pace.mode = Pace::Mode::full;
  EXPECT_EQ(watches.until_boundary(0, pace, 0), 4U);
}

TEST(Watches, KeepTheirFrameRate) {
  Watches watches;
  watches.put(watch(1, 10));
  int drawn = 0;
  std::uint64_t step = 0;
  for (std::uint64_t now = 0; now < 1'000'000; now += 1000)
    for (auto* due : watches.due(++step, {}, now)) {
      Watches::drawn(*due, step, {}, now);
      ++drawn;
    }
  EXPECT_EQ(drawn, 10);
}

TEST(Watches, DrawAStalePictureOnceWhileTheWorldStands) {
  Watches watches;
  watches.put(watch(1, 60));
  EXPECT_NE(watches.next_stale_us(), 0U);
  for (auto* due : watches.due(5, {}, 1000)) Watches::drawn(*due, 5, {}, 1000);
  EXPECT_EQ(watches.next_stale_us(), 0U);
  EXPECT_TRUE(watches.due(5, {}, 9'000'000).empty());
  watches.touch();
  EXPECT_EQ(watches.due(5, {}, 9'000'000).size(), 1U);
}

TEST(Watches, AnIdIsReplacedNotDoubled) {
  Watches watches;
  watches.put(watch(1, 60));
  watches.put(watch(1, 30));
  EXPECT_EQ(watches.due(0, {}, 0).size(), 1U);
  watches.remove(1);
  EXPECT_TRUE(watches.empty());
}

TEST(Inbox, RefusesWhenFullAndWhenClosed) {
  Inbox inbox;
  for (std::size_t i = 0; i < Inbox::kMost; ++i) inbox.post({command::Describe{}});
  try {
    inbox.post({command::Describe{}});
    FAIL();
  } catch (const Error& error) {
    EXPECT_EQ(error.kind(), ErrorKind::busy);
  }
  EXPECT_EQ(inbox.take().size(), Inbox::kMost);
  inbox.close();
  EXPECT_THROW(inbox.post({command::Describe{}}), Error);
}

TEST(Inbox, WakesWhoWaits) {
  Inbox inbox;
  std::thread poster([&] { inbox.post({command::Describe{}}); });
  inbox.wait(0);
  poster.join();
  EXPECT_EQ(inbox.take().size(), 1U);
}

TEST(ParseWorld, ReadsEveryOption) {
  const auto spec = parse_world(
      "a=gray-scott,64x32,seed=7,init=blobs:count=12,radius=6,F=0.03,fps=30,sps=100,every=4,"
      "paused");
  EXPECT_EQ(spec.name, "a");
  EXPECT_EQ(spec.law, "gray-scott");
  EXPECT_EQ(spec.grid, (GridSpec{64, 32, 1}));
  EXPECT_EQ(spec.seed, 7U);
  EXPECT_EQ(spec.init, "blobs:count=12,radius=6");
  EXPECT_EQ(std::get<double>(spec.params.at("F")), 0.03);
  EXPECT_EQ(spec.pace.max_fps, 30);
  EXPECT_EQ(spec.pace.steps_per_second, 100);
  EXPECT_EQ(spec.pace.every, 4U);
  EXPECT_FALSE(spec.playing);
}

TEST(ParseWorld, ReadsThreeDimensions) {
  EXPECT_EQ(parse_world("v=wave,16x8x4").grid, (GridSpec{16, 8, 4}));
}

TEST(ParseWorld, SaysWhatIsWrong) {
  for (const char* text :
       {"", "a", "a=life", "=life,8x8", "a=nope,8x8", "a=life,8", "a=life,8x8,sed=1",
        "a=life,8x8,seed=x", "a=life,0x8", "a=life,8x8,guard=maybe"})
    EXPECT_THROW(parse_world(text), Error) << text;
}

TEST(Catalog, EverySeriesEndsWithActivity) {
  for (const auto* law : law_catalog())
    EXPECT_EQ(series_of(*law).back().name, "activity") << law->name;
}

}  // namespace
}  // namespace atheria
