#include <gtest/gtest.h>

#include "app/server/flow.h"
#include "app/server/idempotency.h"
#include "app/server/mailbox.h"
#include "app/server/outbox.h"
#include "app/server/rate.h"

// The small classes that decide and do not act: no sockets, no threads, clocks by hand.
namespace atheria::server {
namespace {

Outbox::Text text(const std::string& words) { return std::make_shared<const std::string>(words); }

OutgoingFrame frame(std::uint32_t sub, std::uint32_t seq, int parts) {
  auto encoded = std::make_shared<wire::EncodedFrame>();
  for (int i = 0; i < parts; ++i) {
    wire::Part part;
    part.header.part = static_cast<std::uint16_t>(i);
    part.header.parts = static_cast<std::uint16_t>(parts);
    part.header.flags = wire::flag::key;
    part.payload = std::make_shared<const std::vector<std::uint8_t>>(10);
    encoded->parts.push_back(part);
  }
  return {.sub = sub, .seq = seq, .base_seq = 0, .gap = false, .encoded = encoded};
}

std::string next(Outbox& outbox) {
  const auto message = outbox.take();
  if (!message) return "";
  return message->text ? *message->text : "sub" + std::to_string(message->sub);
}

TEST(Outbox, SendsRepliesBeforeEventsBeforeFrames) {
  const Limits limits;
  Outbox outbox(limits);
  outbox.push_frame(frame(1, 1, 1));
  outbox.push_event(text("event"));
  outbox.push_reply(text("reply"));
  EXPECT_EQ(next(outbox), "reply");
  EXPECT_EQ(next(outbox), "event");
  EXPECT_EQ(next(outbox), "sub1");
  EXPECT_TRUE(outbox.empty());
}

TEST(Outbox, LetsRepliesInBetweenThePartsOfAFrame) {
  const Limits limits;
  Outbox outbox(limits);
  outbox.push_frame(frame(1, 1, 2));
  EXPECT_EQ(next(outbox), "sub1");
  outbox.push_reply(text("reply"));
  EXPECT_EQ(next(outbox), "reply");
  const auto last = outbox.take();
  ASSERT_TRUE(last);
  EXPECT_TRUE(last->last_part);
}

TEST(Outbox, KeepsOnlyTheNewestEventOfAKeyAndPutsItLast) {
  const Limits limits;
  Outbox outbox(limits);
  outbox.push_event(text("tick 1"), "tick");
  outbox.push_event(text("removed"));
  outbox.push_event(text("tick 2"), "tick");
  EXPECT_EQ(outbox.events(), 2u);
  EXPECT_EQ(next(outbox), "removed");
  EXPECT_EQ(next(outbox), "tick 2");
}

TEST(Outbox, OverflowsByCountAndByBytesOfEvents) {
  Limits limits;
  limits.texts = 2;
  Outbox outbox(limits);
  outbox.push_event(text("a"));
  outbox.push_reply(text("b"));
  EXPECT_FALSE(outbox.overflowed());
  outbox.push_reply(text("c"));
  EXPECT_TRUE(outbox.overflowed());
  Outbox other(limits);
  other.push_event(text(std::string(limits.event_bytes + 1, 'x')));
  EXPECT_TRUE(other.overflowed());
}

TEST(Outbox, WantsNoRequestsWhileTooManyRepliesWait) {
  Limits limits;
  limits.replies = 1;
  Outbox outbox(limits);
  EXPECT_TRUE(outbox.wants_requests());
  outbox.push_reply(text("a"));
  EXPECT_FALSE(outbox.wants_requests());
}

TEST(Outbox, TakesBackOnlyFramesNotBegun) {
  const Limits limits;
  Outbox outbox(limits);
  outbox.push_frame(frame(1, 1, 2));
  outbox.push_frame(frame(2, 1, 2));
  next(outbox);
  EXPECT_FALSE(outbox.take_back(1));
  EXPECT_TRUE(outbox.take_back(2));
  EXPECT_EQ(outbox.bytes(), wire::kHeaderSize + 10);
}

TEST(RateLimit, AllowsABurstAndThenItsRate) {
  RateLimit limit(50, 100);
  int taken = 0;
  while (limit.take(1_s)) ++taken;
  EXPECT_EQ(taken, 100);
  EXPECT_EQ(limit.retry_after_ms(1_s), 20);
  EXPECT_FALSE(limit.take(1_s + 19_ms));
  EXPECT_TRUE(limit.take(1_s + 21_ms));
}

TEST(RateLimit, NeverSavesMoreThanTheBurst) {
  RateLimit limit(50, 2);
  limit.take(1_s);
  EXPECT_TRUE(limit.take(1000_s));
  EXPECT_TRUE(limit.take(1000_s));
  EXPECT_FALSE(limit.take(1000_s));
}

TEST(Flow, StopsAtTheWindowUntilAnAckComes) {
  Flow flow(60, 2);
  flow.sent(1, 1_s);
  flow.sent(2, 1_s);
  EXPECT_FALSE(flow.open(1_s));
  EXPECT_TRUE(flow.acked(1, 1_s + 10_ms));
  EXPECT_TRUE(flow.open(1_s + 10_ms));
}

TEST(Flow, RefusesAcksOfFramesNeverSent) {
  Flow flow(60, 3);
  EXPECT_FALSE(flow.acked(1, 1_s));
  flow.sent(1, 1_s);
  flow.sent(3, 1_s);  // 2 was dropped
  EXPECT_FALSE(flow.acked(4, 1_s));
  EXPECT_FALSE(flow.acked(0, 1_s));
  EXPECT_FALSE(flow.acked(2, 1_s));
  EXPECT_TRUE(flow.acked(3, 1_s));
  EXPECT_TRUE(flow.acked(3, 1_s)) << "twice is harmless";
}

TEST(Flow, GivesOneFrameASecondAfterFiveSecondsAndStallsAfterThirty) {
  Flow flow(60, 1);
  flow.sent(1, 1_s);
  EXPECT_FALSE(flow.tick(5_s));
  EXPECT_FALSE(flow.open(5_s));
  EXPECT_FALSE(flow.tick(6_s));
  EXPECT_EQ(flow.state(), Flow::State::slow);
  EXPECT_TRUE(flow.open(6_s));
  flow.sent(2, 6_s);
  EXPECT_FALSE(flow.open(6_s + 900_ms));
  EXPECT_TRUE(flow.open(7_s));
  EXPECT_TRUE(flow.tick(31_s));
  EXPECT_FALSE(flow.open(40_s));
  EXPECT_FALSE(flow.tick(41_s)) << "said once";
  flow.update(60, 1);
  EXPECT_TRUE(flow.open(41_s));
}

TEST(Flow, FlowsAgainWithTheFirstAckAfterASlowTime) {
  Flow flow(60, 1);
  flow.sent(1, 1_s);
  flow.tick(7_s);
  flow.acked(1, 8_s);
  EXPECT_EQ(flow.state(), Flow::State::flowing);
  EXPECT_TRUE(flow.open(8_s));
}

// A line with a round trip of 200 ms and a client that shows every frame: 60 x 0.2 + 2.
TEST(Flow, OpensTheWindowForALongLine) {
  Flow flow(60, 3);
  std::uint64_t now = 1_s;
  std::uint32_t sent = 0, acked = 0;
  std::deque<std::uint64_t> sent_at;
  for (int i = 0; i < 10'000; ++i, now += 1_ms) {
    if (flow.due(now) && flow.open(now)) flow.sent(++sent, now), sent_at.push_back(now);
    if (!sent_at.empty() && now >= sent_at.front() + 200_ms)
      flow.acked(++acked, now), sent_at.pop_front();
  }
  EXPECT_GE(flow.window(), 13);
  EXPECT_LE(flow.window(), 16);
}

// A client that needs 100 ms for each frame must not be given a queue of old ones.
TEST(Flow, KeepsTheWindowSmallForASlowClientNearby) {
  Flow flow(60, 3);
  std::uint64_t now = 1_s, done_at = 0;
  std::uint32_t sent = 0, acked = 0;
  for (int i = 0; i < 20'000; ++i, now += 1_ms) {
    if (flow.due(now) && flow.open(now)) {
      flow.sent(++sent, now);
      if (sent == acked + 1) done_at = now + 100_ms;
    }
    if (sent > acked && now >= done_at) flow.acked(++acked, now), done_at = now + 100_ms;
  }
  EXPECT_LE(flow.window(), 4);
}

TEST(Flow, PacesItselfToItsOwnRate) {
  Flow flow(10, 16);
  EXPECT_TRUE(flow.due(1_s));
  flow.sent(1, 1_s);
  EXPECT_FALSE(flow.due(1_s + 50_ms));
  EXPECT_GT(flow.next_us(1_s + 50_ms), 1_s + 50_ms);
  EXPECT_TRUE(flow.due(1_s + 100_ms));
  Flow hidden(0, 3);
  EXPECT_FALSE(hidden.due(1_s));
}

std::string answer_seven(std::uint32_t id) { return std::to_string(id) + ": seven"; }

TEST(Idempotency, AnswersTheSecondFromMemory) {
  Idempotency cache;
  std::string got;
  const auto waiter = [&](const Idempotency::Answer& answer) { got = answer(9); };
  EXPECT_TRUE(cache.first("k", 1_s, waiter));
  EXPECT_FALSE(cache.first("k", 2_s, waiter));
  EXPECT_EQ(got, "") << "the first still runs";
  cache.answered("k", answer_seven, 10, 3_s);
  EXPECT_EQ(got, "9: seven");
  got.clear();
  EXPECT_FALSE(cache.first("k", 60_s, waiter));
  EXPECT_EQ(got, "9: seven");
}

TEST(Idempotency, ForgetsAfterAMinute) {
  Idempotency cache;
  cache.first("k", 1_s, {});
  cache.answered("k", answer_seven, 10, 1_s);
  EXPECT_TRUE(cache.first("k", 62_s, {}));
}

TEST(Idempotency, BoundsWhatItRemembers) {
  Idempotency cache;
  for (int i = 0; i < 100; ++i) {
    cache.first(std::to_string(i), 1_s, {});
    cache.answered(std::to_string(i), answer_seven, 1 << 20, 1_s);
  }
  EXPECT_LE(cache.size(), 8u);
}

TEST(Idempotency, RunsAgainWhatWasGivenUp) {
  Idempotency cache;
  cache.first("k", 1_s, {});
  cache.given_up("k", answer_seven);
  EXPECT_TRUE(cache.first("k", 2_s, {}));
}

std::shared_ptr<const Frame> picture(std::uint64_t step) {
  auto frame = std::make_shared<Frame>();
  frame->step = step;
  frame->picture.values.resize(1000);
  return frame;
}

TEST(Mailbox, KeepsTheNewestAndWakesOnce) {
  Mailbox box(false, 1 << 20);
  EXPECT_TRUE(box.put(picture(1)));
  EXPECT_FALSE(box.put(picture(2)));
  const auto batch = box.take();
  ASSERT_EQ(batch.frames.size(), 1u);
  EXPECT_EQ(batch.frames[0]->step, 2u);
  EXPECT_EQ(batch.lost, 1u);
  EXPECT_FALSE(box.done());
  EXPECT_TRUE(box.put(picture(3)));
}

TEST(Mailbox, AsksToBeEmptiedAgainWhenMoreCameMeanwhile) {
  Mailbox box(false, 1 << 20);
  box.put(picture(1));
  box.take();
  EXPECT_FALSE(box.put(picture(2))) << "somebody is at it";
  EXPECT_TRUE(box.done());
  EXPECT_EQ(box.take().frames.size(), 1u);
  EXPECT_FALSE(box.done());
}

TEST(Mailbox, QueuesUpToItsLimitWhenLossless) {
  Mailbox box(true, 10'000);
  for (std::uint64_t step = 1; step <= 5; ++step) box.put(picture(step));
  const auto batch = box.take();
  ASSERT_EQ(batch.frames.size(), 2u);  // each has 4000 bytes
  EXPECT_EQ(batch.frames[0]->step, 4u);
  EXPECT_EQ(batch.lost, 3u);
}

}  // namespace
}  // namespace atheria::server
