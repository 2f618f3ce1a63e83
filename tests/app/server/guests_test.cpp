#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "engine/run/catalog.h"
#include "tests/app/server/guest_bench.h"
#include "tests/support/fake_scripts.h"

// Clients that are there at certain steps, compute laws, have worlds and pictures of their own.
namespace atheria::server {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

constexpr std::size_t kCells = 24 * 16;

TEST(RemoteLook, ShowsEveryStepAskedFor) {
  EngineBench bench;
  Program client(bench, Role::script);
  client.get("look.open", {{"look", 1}, {"every", 5}, {"keep", "all"}, {"channels", {"v", "u"}}});
  client.get("sim.step", {{"n", 12}});
  for (const int step : {5, 10}) {
    const auto look = client.get("look.next", {{"look", 1}, {"waitMs", 20000}});
    EXPECT_EQ(look.at("step"), step);
    EXPECT_EQ(json::serialize(look.at("channels")), R"(["v","u"])");
    EXPECT_EQ(json::serialize(look.at("shape")), "[2,16,24]");
    EXPECT_EQ(client.floats(client.last_id).size(), 2 * kCells);
  }
  const auto none = client.get("look.next", {{"look", 1}});
  EXPECT_EQ(none.at("none"), true);
  EXPECT_FALSE(none.contains("ended"));
}

TEST(RemoteLook, WaitsForTheNextOne) {
  EngineBench bench;
  Program client(bench, Role::script);
  client.get("look.open", {{"look", 1}});
  const int waiting = client.send("look.next", {{"look", 1}, {"waitMs", 20000}});
  EXPECT_EQ(client.refusal("look.next", {{"look", 1}, {"waitMs", 20000}}), "busy");
  EXPECT_FALSE(client.reply(waiting));
  client.get("sim.step");
  bench.run_until([&] { return client.reply(waiting).has_value(); });
  EXPECT_EQ(client.reply(waiting)->at("result").as_object().at("step"), 1);
}

TEST(RemoteLook, KeepsTheNewestAndCountsWhatItDrops) {
  EngineBench bench;
  Program client(bench, Role::script);
  client.get("look.open", {{"look", 1}});
  client.get("look.open", {{"look", 2}, {"keep", "all"}, {"maxQueue", 3}});
  client.get("sim.step", {{"n", 10}});
  EXPECT_EQ(client.get("look.next", {{"look", 1}}).at("step"), 10);
  EXPECT_EQ(client.get("look.status", {{"look", 1}}).at("dropped"), 9);
  EXPECT_EQ(client.get("look.next", {{"look", 2}}).at("step"), 8);
  EXPECT_EQ(json::serialize(client.get("look.status", {{"look", 2}})),
            R"({"dropped":7,"waiting":2})");
}

TEST(RemoteLook, MayPauseTheWorldUntilHalfIsTaken) {
  EngineBench bench;
  Program client(bench, Role::script);
  client.get("look.open", {{"look", 1}, {"keep", "all"}, {"maxQueue", 4}, {"onFull", "pause"}});
  client.get("sim.play");
  bench.run_until([&] { return !bench.worlds.state("w").playing; });
  EXPECT_EQ(bench.worlds.state("w").step, 4U);
  for (const int step : {1, 2}) EXPECT_EQ(client.get("look.next", {{"look", 1}}).at("step"), step);
  bench.run_until([&] { return bench.worlds.state("w").step == 6; });
  EXPECT_EQ(client.get("look.status", {{"look", 1}}).at("dropped"), 0);
}

TEST(RemoteLook, EndsWithItsWorld) {
  EngineBench bench;
  Program client(bench);
  client.get("look.open", {{"look", 1}});
  const int waiting = client.send("look.next", {{"look", 1}, {"waitMs", 20000}});
  client.get("sim.delete", {{"world", "w"}});
  bench.run_until([&] { return client.reply(waiting).has_value(); });
  EXPECT_EQ(client.reply(waiting)->at("result").as_object().at("ended"), true);
}

TEST(RemoteLook, OfWhatIsNotThereOrTooMuchIsRefused) {
  Limits limits;
  limits.look_bytes = 10 * 2 * kCells * sizeof(float);
  EngineBench bench(limits);
  Program client(bench, Role::script), other(bench, Role::script);
  EXPECT_EQ(client.refusal("look.open", {{"look", 1}, {"channels", {"w"}}}), "not_found");
  EXPECT_EQ(client.refusal("look.open", {{"look", 2}, {"keep", "all"}, {"maxQueue", 11}}),
            "too_large");
  EXPECT_EQ(client.refusal("look.open", {{"look", 3}, {"maxQueue", 1e18}}), "bad_args");
  EXPECT_EQ(client.refusal("look.open", {{"look", 3}, {"every", 0}}), "bad_args");
  EXPECT_EQ(client.refusal("look.open", {{"look", 3}, {"keep", "most"}}), "bad_args");
  client.get("look.open", {{"look", 4}, {"keep", "all"}, {"maxQueue", 10}});
  EXPECT_EQ(other.refusal("look.next", {{"look", 4}}), "not_found") << "another connection's";
  EXPECT_EQ(client.refusal("lease.read", {{"lease", 4}}), "conflict") << "it holds no world";
  client.get("look.close", {{"look", 4}});
  EXPECT_EQ(client.refusal("look.next", {{"look", 4}}), "not_found");
}

// Has the hook's world stand, and returns the step.
std::int64_t stands(Program& client, int hook) {
  const auto visit = client.get("hook.next", {{"hook", hook}, {"waitMs", 20000}});
  EXPECT_EQ(visit.at("stands"), true);
  return visit.contains("step") ? visit.at("step").as_int64() : -1;
}

TEST(RemoteHook, HasTheWorldStandAtItsSteps) {
  EngineBench bench;
  Program client(bench, Role::script);
  client.get("hook.open", {{"hook", 2}, {"every", 10}, {"budgetMs", 60000}});
  const int stepping = client.send("sim.step", {{"n", 25}});
  EXPECT_EQ(stands(client, 2), 10);
  EXPECT_FALSE(bench.free());
  const Floats ones(kCells, 1);
  client.get("lease.write", with({{"lease", 2}, {"channel", "v"}}, client.numbers(ones, {16, 24})));
  EXPECT_EQ(client.read(2, "v"), ones);
  EXPECT_EQ(stands(client, 2), 20) << "asking again lets it go on";
  client.get("lease.end", {{"lease", 2}});
  bench.run_until([&] { return client.reply(stepping).has_value(); });
  EXPECT_EQ(client.reply(stepping)->at("result").as_object().at("step"), 25);
  EXPECT_EQ(client.refusal("lease.read", {{"lease", 2}}), "conflict");
}

TEST(RemoteHook, OverItsBudgetThreeTimesIsDetachedAndTheWorldGoesOn) {
  EngineBench bench;
  Program client(bench, Role::script);
  client.get("hook.open", {{"hook", 2}, {"budgetMs", 1}});
  EXPECT_EQ(client.get("sim.step", {{"n", 20}}).at("step"), 20) << "nobody came";
  bench.run_until([&] { return client.events("hook_detached").size() == 1; });
  const auto told = client.events("hook_detached")[0].at("data").as_object();
  EXPECT_EQ(told.at("hook"), 2);
  EXPECT_EQ(told.at("world"), "w");
  EXPECT_EQ(told.at("reason"), "it took longer than its budget of 1 ms 3 times");
  const auto next = client.get("hook.next", {{"hook", 2}, {"waitMs", 20000}});
  EXPECT_EQ(next.at("stands"), false);
  EXPECT_EQ(next.at("detached"), told.at("reason"));
}

TEST(RemoteHook, ThatFailedIsDetachedWithItsReason) {
  EngineBench bench;
  Program client(bench, Role::script);
  client.get("hook.open", {{"hook", 2}, {"budgetMs", 60000}});
  const int stepping = client.send("sim.step", {{"n", 5}});
  stands(client, 2);
  client.get("hook.fail", {{"hook", 2}, {"reason", "ZeroDivisionError"}});
  bench.run_until([&] { return client.reply(stepping).has_value(); });
  EXPECT_EQ(client.events("hook_detached")[0].at("data").as_object().at("reason"),
            "ZeroDivisionError");
  client.get("hook.close", {{"hook", 2}});
}

TEST(RemoteHook, EndsWithItsConnectionAtOnce) {
  EngineBench bench;
  Program other(bench, Role::script);
  int stepping = 0;
  {
    Program client(bench, Role::script);
    client.get("hook.open", {{"hook", 2}, {"budgetMs", 60000}});
    stepping = other.send("sim.step", {{"n", 5}});
    stands(client, 2);
  }
  bench.run_until([&] { return other.reply(stepping).has_value(); });
  EXPECT_EQ(other.reply(stepping)->at("result").as_object().at("step"), 5);
}

TEST(RemoteHook, ThatIsClosedWhileItsWorldComesToStandLeavesItFree) {
  EngineBench bench;
  Program client(bench, Role::script);
  for (int i = 1; i <= 50; ++i) {
    client.get("hook.open", {{"hook", 2}, {"budgetMs", 60000}});
    const int stepping = client.send("sim.step", {{"n", 2}});
    client.get("hook.close", {{"hook", 2}});  // before it can be told that the world stands
    bench.run_until([&] { return client.reply(stepping).has_value(); });
    ASSERT_EQ(client.reply(stepping)->at("result").as_object().at("step"), 2 * i);
  }
}

json::object spec(const std::string& name, json::object more = {}) {
  return {{"spec", with({{"name", name}, {"channels", json::array{json::object{{"name", "q"}}}}},
                        std::move(more))}};
}

// Takes one step to compute and answers with twice the numbers.
json::object compute(Program& client) {
  const auto asked = client.get("law.next", {{"waitMs", 20000}});
  if (asked.at("call").is_null()) return asked;
  Floats values = client.floats(client.last_id);
  for (float& value : values) value *= 2;
  const auto upload = client.upload(values);
  EXPECT_EQ(client.get("law.answer", {{"call", asked.at("call")}, {"upload", upload}}).at("late"),
            false);
  return asked;
}

TEST(RemoteLaw, IsComputedByItsClient) {
  EngineBench bench;
  Program client(bench, Role::script);
  client.get(
      "law.register",
      spec("twice", {{"params", json::array{json::object{
                                    {"name", "k"}, {"value", 0.5}, {"lo", 0}, {"hi", 1}}}}}));
  bench.add("d", "twice", 8, 4);
  client.get("field.load",
             with({{"world", "d"}, {"channel", "q"}}, client.numbers(Floats(32, 1), {4, 8})));
  const int stepping = client.send("sim.step", {{"world", "d"}, {"n", 2}});
  for (const int t : {0, 1}) {
    const auto asked = compute(client);
    EXPECT_EQ(asked.at("t"), t);
    EXPECT_EQ(asked.at("law"), "twice");
    EXPECT_EQ(json::serialize(asked.at("params")), R"({"k":5E-1})");
    EXPECT_EQ(json::serialize(asked.at("shape")), "[1,4,8]");
  }
  bench.run_until([&] { return client.reply(stepping).has_value(); });
  EXPECT_EQ(code_of(*client.reply(stepping)), "ok");
  EXPECT_EQ(cell(client, "d", "q"), 4);
}

TEST(RemoteLaw, PausesItsWorldsWithTheReasonWhenItsClientIsGone) {
  EngineBench bench;
  Program other(bench, Role::script);
  int stepping = 0;
  {
    Program client(bench, Role::script);
    client.get("law.register", spec("leaves"));
    bench.add("d", "leaves", 8, 4);
    stepping = other.send("sim.step", {{"world", "d"}, {"n", 5}});
    compute(client);
    client.get("law.next", {{"waitMs", 20000}});  // and never answers
  }
  bench.run_until([&] { return other.reply(stepping).has_value(); });
  EXPECT_EQ(code_of(*other.reply(stepping)), "cancelled");
  EXPECT_FALSE(bench.worlds.state("d").playing);
  EXPECT_THAT(bench.worlds.state("d").failure,
              HasSubstr("the client that registered the law has gone; register it again"));
}

TEST(RemoteLaw, RegisteredAgainGoesOnWhereItsWorldsStand) {
  EngineBench bench;
  {
    Program first(bench, Role::script);
    first.get("law.register", spec("again"));
    bench.add("d", "again", 8, 4);
  }
  Program second(bench, Role::script);
  second.get("law.register", spec("again"));
  second.get("field.load",
             with({{"world", "d"}, {"channel", "q"}}, second.numbers(Floats(32, 1), {4, 8})));
  const int stepping = second.send("sim.step", {{"world", "d"}});
  compute(second);
  bench.run_until([&] { return second.reply(stepping).has_value(); });
  EXPECT_EQ(code_of(*second.reply(stepping)), "ok");
  std::size_t named = 0;
  for (const LawInfo* law : law_catalog()) named += law->name == "again" ? 1 : 0;
  EXPECT_EQ(named, 1U);
}

TEST(RemoteLaw, ThatAnswersOtherBytesThanWereAskedForPausesItsWorld) {
  EngineBench bench;
  Program client(bench, Role::script);
  client.get("law.register", spec("short"));
  bench.add("d", "short", 8, 4);
  const int stepping = client.send("sim.step", {{"world", "d"}});
  const auto asked = client.get("law.next", {{"waitMs", 20000}});
  client.get("law.answer", {{"call", asked.at("call")}, {"upload", client.upload(Floats(31))}});
  bench.run_until([&] { return client.reply(stepping).has_value(); });
  EXPECT_THAT(bench.worlds.state("d").failure, HasSubstr("answered 124 bytes for a field of 128"));
}

TEST(RemoteLaw, ThatFailsOrIsSlowPausesItsWorldAndSaysWhy) {
  EngineBench bench;
  Program client(bench, Role::script);
  client.get("law.register", spec("slow", {{"budget_ms", 50}}));
  bench.add("d", "slow", 8, 4);
  int stepping = client.send("sim.step", {{"world", "d"}});
  auto asked = client.get("law.next", {{"waitMs", 20000}});
  client.get("law.fail", {{"call", asked.at("call")}, {"reason", "raised ValueError: no"}});
  bench.run_until([&] { return client.reply(stepping).has_value(); });
  EXPECT_THAT(bench.worlds.state("d").failure, HasSubstr("raised ValueError: no"));
  stepping = client.send("sim.step", {{"world", "d"}});
  asked = client.get("law.next", {{"waitMs", 20000}});
  bench.run_until([&] { return client.reply(stepping).has_value(); });
  EXPECT_THAT(bench.worlds.state("d").failure, HasSubstr("within its budget of 50 ms"));
  EXPECT_EQ(
      client.get("law.answer", {{"call", asked.at("call")}, {"upload", client.upload(Floats(32))}})
          .at("late"),
      true);
}

TEST(RemoteLaw, WaitsForNobodyWhenItsWorldIsPausedOrDeleted) {
  EngineBench bench;
  Program client(bench);
  client.get("law.register", spec("patient", {{"budget_ms", 60000}}));
  bench.add("d", "patient", 8, 4);
  client.get("sim.play", {{"world", "d"}});
  client.get("law.next", {{"waitMs", 20000}});
  client.get("sim.pause", {{"world", "d"}});
  EXPECT_EQ(bench.worlds.state("d").step, 0U);
  client.get("sim.play", {{"world", "d"}});
  client.get("law.next", {{"waitMs", 20000}});
  client.get("sim.delete", {{"world", "d"}});
}

TEST(RemoteLaw, OfAnotherConnectionCannotBeAnswered) {
  EngineBench bench;
  Program client(bench, Role::script), other(bench, Role::script);
  EXPECT_EQ(other.refusal("law.next", {{"waitMs", 20000}}), "conflict") << "it has registered none";
  client.get("law.register", spec("mine"));
  bench.add("d", "mine", 8, 4);
  client.send("sim.step", {{"world", "d"}});
  const auto asked = client.get("law.next", {{"waitMs", 20000}});
  EXPECT_EQ(other.refusal("law.answer",
                          {{"call", asked.at("call")}, {"upload", other.upload(Floats(32))}}),
            "not_found");
  EXPECT_EQ(other.refusal("law.fail", {{"call", asked.at("call")}}), "not_found");
  EXPECT_EQ(client.refusal("law.answer", {{"call", 4000000}, {"upload", 1}}), "bad_args");
}

TEST(RemoteLaw, DescribedWronglyNamesWhatIsWrong) {
  EngineBench bench;
  Program client(bench, Role::script);
  EXPECT_EQ(client.refusal("law.register"), "bad_args");
  EXPECT_EQ(client.refusal("law.register", {{"spec", 3}}), "bad_args");
  EXPECT_EQ(client.refusal("law.register", spec("life")), "conflict") << "built in";
  EXPECT_EQ(client.refusal("law.register", spec("a b")), "bad_args");
  EXPECT_EQ(client.refusal("law.register", spec("x", {{"budget_ms", 1e9}})), "bad_args");
  EXPECT_EQ(client.refusal("law.register", spec("x", {{"dtypes", {"f16"}}})), "bad_args");
  client.get("law.register", with(spec("only-looked-at"), {{"check", true}}));
  EXPECT_EQ(client.refusal("sim.create", {{"name", "x"}, {"law", "only-looked-at"}}),
            "not_allowed");
  for (const LawInfo* law : law_catalog()) EXPECT_NE(law->name, "only-looked-at");
}

TEST(Fork, HasItsParentsFieldAndSettingsAndEndsWithItsConnection) {
  EngineBench bench;
  Program parent(bench);
  parent.get("sim.set", {{"params", {{"F", 0.03}}}});
  parent.get("sim.step", {{"n", 7}});
  {
    Program client(bench, Role::script);
    const auto world = client.get("sim.fork", {{"world", "w"}}).at("world").as_object();
    EXPECT_EQ(world.at("name"), "w-1");
    EXPECT_EQ(world.at("step"), 0);
    EXPECT_EQ(number(world.at("params").as_object().at("F")), 0.03);
    client.get("lease.take", {{"lease", 1}, {"world", "w"}});
    client.get("lease.take", {{"lease", 2}, {"world", "w-1"}});
    EXPECT_EQ(client.read(1), client.read(2));
    for (const int lease : {1, 2}) client.get("lease.end", {{"lease", lease}});
    client.get("sim.fork", {{"world", "w-1"}, {"name", "kept"}, {"keep", true}});
    EXPECT_EQ(client.refusal("sim.fork", {{"world", "w-1"}, {"name", "kept"}}), "conflict");
  }
  bench.run_until([&] { return parent.events("removed").size() == 1; });
  EXPECT_EQ(parent.events("removed")[0].at("data").as_object().at("world"), "w-1");
  EXPECT_EQ(bench.worlds.state("kept").step, 0U);
}

TEST(Fork, OfWhichTheNameWasGivenToAnotherWorldLeavesThatAlone) {
  EngineBench bench;
  Program other(bench);
  {
    Program client(bench, Role::script);
    client.get("sim.fork", {{"world", "w"}});
    other.get("sim.delete", {{"world", "w-1"}});
    other.get("sim.create", {{"name", "w-1"}, {"law", "life"}, {"size", {64, 64}}});
  }
  // Deleting and this are done one after the other.
  other.get("sim.create", {{"name", "later"}, {"law", "life"}, {"size", {64, 64}}});
  EXPECT_EQ(bench.worlds.state("w-1").spec.law, "life");
}

TEST(Fork, AreOfABoundedNumber) {
  Limits limits;
  limits.forks = 1;
  EngineBench bench(limits);
  Program client(bench, Role::script);
  client.get("sim.fork", {{"world", "w"}});
  EXPECT_EQ(client.refusal("sim.fork", {{"world", "w"}}), "too_large");
  client.get("sim.fork", {{"world", "w"}, {"keep", true}});
}

TEST(RemoteStream, ShowsPicturesAndTellsOfThem) {
  EngineBench bench;
  Program client(bench, Role::script);
  const auto put = [&](const std::string& name, json::array shape, std::size_t numbers) {
    return client.ask("stream.put", {{"stream", name},
                                     {"upload", client.upload(Floats(numbers, 0.5F))},
                                     {"shape", std::move(shape)},
                                     {"range", {0, 2}}});
  };
  EXPECT_EQ(put("loss", {2, 3}, 6).at("result").as_object().at("puts"), 1);
  EXPECT_EQ(put("loss", {3, 2, 3}, 18).at("result").as_object().at("puts"), 2);
  EXPECT_EQ(json::serialize(client.get("stream.list").at("streams")),
            R"([{"stream":"loss","shape":[3,2,3],"range":[0E0,2E0],"puts":2}])");
  EXPECT_EQ(code_of(put("loss", {2, 3}, 5)), "bad_args");
  EXPECT_EQ(code_of(put("loss", {4294967296, 4294967296}, 5)), "bad_args");
  EXPECT_EQ(code_of(put("a/b", {2, 3}, 6)), "bad_args");
  client.get("stream.drop", {{"stream", "loss"}});
  EXPECT_EQ(client.refusal("stream.drop", {{"stream", "loss"}}), "not_found");
}

TEST(Jobs, TellHowFarTheyAreAndAskForTime) {
  EngineBench bench;
  testing::FakeScripts python;
  bench.hub.attach_scripts(&python);
  Program client(bench, Role::script);
  const auto job = client.get("script.run", {{"source", "x"}}).at("job");
  client.get("script.progress", {{"job", job}, {"fraction", 0.25}, {"text", "a quarter"}});
  EXPECT_EQ(client.get("script.status", {{"job", job}}).at("progress"), json::value(0.25));
  EXPECT_EQ(client.get("script.grace", {{"job", job}, {"seconds", 60}}).at("seconds"), 0.0);
  client.get("script.cancel", {{"job", job}});
  EXPECT_EQ(client.get("script.grace", {{"job", job}, {"seconds", 60}}).at("seconds"), 60.0);
  EXPECT_EQ(client.refusal("script.progress", {{"job", job}, {"fraction", 2}}), "bad_args");
  EXPECT_EQ(client.refusal("script.progress", {{"job", "none"}, {"fraction", 0}}), "not_found");
  bench.hub.attach_scripts(nullptr);
}

}  // namespace
}  // namespace atheria::server
