#include <gtest/gtest.h>

#include <fstream>
#include <regex>
#include <set>

#include "app/protocol/ops.h"
#include "app/server/commands.h"
#include "tests/app/server/client_bench.h"

// Requests of one client and what they are answered.
namespace atheria::server {
namespace {

std::map<std::string, std::string> ops_of_protocol() {
  std::ifstream file("app/protocol/PROTOCOL.md");
  std::map<std::string, std::string> ops;
  const std::regex row(R"(^\| ((?:`[a-z.]+`(?:, )?)+) \| ([vosa]) \|.*)");
  const std::regex name("`([a-z.]+)`");
  for (std::string line; std::getline(file, line);) {
    std::smatch found;
    if (!std::regex_match(line, found, row)) continue;
    const std::string names = found[1];
    for (std::sregex_iterator it(names.begin(), names.end(), name), end; it != end; ++it)
      ops[(*it)[1]] = found[2];
  }
  return ops;
}

TEST(Ops, AreThoseOfProtocolMd) {
  const auto written = ops_of_protocol();
  ASSERT_GE(written.size(), 20u) << "the table was not found";
  std::set<std::string> handled;
  for (const OpHandler& handler : op_handlers()) {
    handled.insert(std::string(handler.name));
    ASSERT_TRUE(written.contains(std::string(handler.name)))
        << handler.name << " is not in PROTOCOL.md";
    const wire::Op* op = wire::find_op(handler.name);
    ASSERT_NE(op, nullptr) << handler.name;
    EXPECT_FALSE(op->reserved) << handler.name;
    EXPECT_EQ(std::string(op->role.substr(0, 1)), written.at(std::string(handler.name)))
        << handler.name;
  }
  for (const auto& [name, role] : written)
    EXPECT_TRUE(handled.contains(name)) << name << " has no handler";
}

TEST(Ops, WithARoleAboveOnesOwnAreNotAllowed) {
  HubBench bench;
  FakeClient viewer(bench, Role::viewer);
  FakeClient operating(bench, Role::operate);
  for (const wire::Op& op : wire::ops()) {
    if (op.reserved) continue;
    const std::string name(op.name);
    const std::string viewed = code_of(viewer.ask(name));
    EXPECT_EQ(viewed == "not_allowed", op.role != "viewer") << name;
    const std::string operated = code_of(operating.ask(name));
    EXPECT_EQ(operated == "not_allowed", op.role == "admin" || op.role == "script") << name;
  }
}

TEST(Requests, ReservedAndUnknownOpsAreToldApart) {
  HubBench bench;
  FakeClient client(bench);
  EXPECT_EQ(code_of(client.ask("sim.seek")), "unsupported");
  EXPECT_EQ(code_of(client.ask("sim.explode")), "unknown_op");
}

TEST(Requests, AnswerWithTheStepAtWhichTheyTookEffect) {
  HubBench bench;
  FakeClient client(bench);
  const auto reply = client.ask("sim.pause", {{"world", "one"}});
  EXPECT_EQ(code_of(reply), "ok");
  EXPECT_EQ(reply.at("result").as_object().at("step"), 0);
  EXPECT_EQ(bench.worlds.pauses, 1);
}

TEST(Requests, MayLeaveOutTheWorldWhenThereIsOne) {
  HubBench bench;
  FakeClient client(bench);
  EXPECT_EQ(code_of(client.ask("sim.pause")), "ok");
  bench.worlds.add("two");
  EXPECT_EQ(code_of(client.ask("sim.pause")), "bad_args");
  EXPECT_EQ(code_of(client.ask("sim.pause", {{"world", "three"}})), "not_found");
}

TEST(Requests, NameTheArgumentThatIsWrong) {
  HubBench bench;
  FakeClient client(bench);
  const auto reply = client.ask("sim.step", {{"n", 0}});
  EXPECT_EQ(code_of(reply), "bad_args");
  EXPECT_EQ(reply.at("error").as_object().at("path"), "args.n");
}

TEST(Requests, AnIdInFlightCannotBeUsedAgain) {
  HubBench bench;
  FakeClient client(bench);
  bench.worlds.silent = true;
  client.send("sim.pause");
  client.connection->on_text(R"({"id":1,"op":"ping"})");
  ASSERT_EQ(client.texts.size(), 1u);
  EXPECT_EQ(code_of(client.texts[0]), "id_reuse");
}

TEST(Requests, WithOneKeyRunOnceAndGetTheSameAnswer) {
  HubBench bench;
  FakeClient first(bench), second(bench);
  const auto answer = first.ask("sim.pause", {}, "again");
  const auto same = second.ask("sim.pause", {}, "again");
  EXPECT_EQ(answer.at("result"), same.at("result"));
  EXPECT_EQ(bench.worlds.pauses, 1);
  first.ask("sim.pause", {}, "another");
  EXPECT_EQ(bench.worlds.pauses, 2);
}

TEST(Requests, WithAKeyDoNotTellAViewerWhatAnAdminWasTold) {
  HubBench bench;
  FakeClient admin(bench), viewer(bench, Role::viewer);
  admin.ask("sim.pause", {}, "k");
  EXPECT_EQ(code_of(viewer.ask("sim.pause", {}, "k")), "not_allowed");
}

TEST(Requests, RunAgainUnderTheirKeyWhenTheWorldWasBusy) {
  HubBench bench;
  FakeClient client(bench);
  bench.worlds.busy = true;
  const auto busy = client.ask("sim.pause", {}, "k");
  EXPECT_EQ(code_of(busy), "busy");
  EXPECT_GT(busy.at("error").as_object().at("retryAfterMs").as_int64(), 0);
  bench.worlds.busy = false;
  EXPECT_EQ(code_of(client.ask("sim.pause", {}, "k")), "ok");
}

TEST(Requests, OverTheRateAreRefusedAndSaidWhen) {
  HubBench bench;
  FakeClient client(bench);
  std::size_t refused = 0;
  for (int i = 0; i < 300; ++i) {
    client.send("ping");
    const auto reply = client.reply(client.last_id);
    if (reply && code_of(*reply) == "rate_limited") ++refused;
  }
  EXPECT_GE(refused, 150u);
  EXPECT_FALSE(client.closed) << "answering is enough";
}

TEST(Requests, TimeOutWhenAWorldSaysNothing) {
  Limits limits;
  limits.request_time = std::chrono::milliseconds(0);
  HubBench bench(limits);
  FakeClient client(bench);
  bench.worlds.silent = true;
  const int id = client.send("sim.pause");
  client.connection->tick();
  ASSERT_TRUE(client.reply(id));
  EXPECT_EQ(code_of(*client.reply(id)), "timeout");
  auto late = std::move(bench.worlds.unanswered.back());
  late.reply({});
  bench.io.poll();
  EXPECT_EQ(client.texts.size(), 1u) << "the late answer is not sent";
}

TEST(Requests, ForManyStepsMayTakeAsLongAsTheyNeed) {
  Limits limits;
  limits.request_time = std::chrono::milliseconds(0);
  HubBench bench(limits);
  FakeClient client(bench);
  bench.worlds.silent = true;
  const int id = client.send("sim.step", {{"n", 1000000}});
  client.connection->tick();
  EXPECT_FALSE(client.reply(id));
  bench.worlds.unanswered.back().reply({.error = {}, .step = 1000000});
  bench.run_until([&] { return client.reply(id).has_value(); });
  EXPECT_EQ(client.reply(id)->at("result").as_object().at("step"), 1000000);
}

TEST(Requests, ThatAreNoneAreAnsweredWithIdZeroAndThenClosed) {
  Limits limits;
  limits.bad_messages = 3;
  HubBench bench(limits);
  FakeClient client(bench);
  client.connection->on_text("{");
  client.connection->on_text("[]");
  EXPECT_EQ(client.texts.at(0).at("id"), 0);
  EXPECT_EQ(code_of(client.texts.at(0)), "bad_json");
  EXPECT_EQ(code_of(client.texts.at(1)), "bad_message");
  client.ask("ping");
  client.connection->on_text("x");
  client.connection->on_text("x");
  EXPECT_FALSE(client.closed) << "a good one in between starts the count anew";
  client.connection->on_text("x");
  EXPECT_EQ(client.closed, close_code::policy);
}

TEST(Requests, AreCancelledWhenTheServerStops) {
  HubBench bench;
  FakeClient client(bench);
  bench.worlds.silent = true;
  const int id = client.send("sim.step", {{"n", 5}});
  client.connection->shut_down();
  client.read();
  ASSERT_TRUE(client.reply(id));
  EXPECT_EQ(code_of(*client.reply(id)), "cancelled");
  EXPECT_EQ(client.events("shutdown").size(), 1u);
  EXPECT_EQ(client.closed, close_code::shutdown);
}

TEST(Requests, ToMakeAWorldAreAnsweredWhenItIsThereAndAllHear) {
  HubBench bench;
  FakeClient client(bench), other(bench, Role::viewer);
  const auto reply = client.ask("sim.create", {{"name", "new"}, {"law", "ramp"}});
  EXPECT_EQ(code_of(reply), "ok");
  EXPECT_EQ(reply.at("result").as_object().at("world").as_object().at("name"), "new");
  ASSERT_EQ(other.events("state").size(), 1u);
  EXPECT_EQ(code_of(client.ask("sim.create", {{"name", "new"}, {"law", "ramp"}})), "conflict");
  EXPECT_EQ(code_of(client.ask("sim.delete", {{"world", "new"}})), "ok");
  EXPECT_EQ(other.events("removed").size(), 1u);
}

TEST(Events, AreNumberedAlongTheServersLife) {
  HubBench bench;
  FakeClient one(bench), two(bench);
  bench.hub.broadcast("removed", {{"world", "a"}});
  bench.hub.broadcast("removed", {{"world", "b"}});
  ASSERT_EQ(one.events("removed").size(), 2u);
  const auto first = one.events("removed")[0].at("off").as_int64();
  EXPECT_EQ(one.events("removed")[1].at("off").as_int64(), first + 1);
  EXPECT_EQ(two.events("removed")[0].at("off").as_int64(), first);
}

TEST(Events, TellStateWhenSomethingChangedAndTickOtherwise) {
  HubBench bench;
  FakeClient client(bench);
  WorldState state = bench.worlds.state("one");
  state.step = 10;
  bench.hub.on_state(state);
  bench.run_until([&] { return client.events("tick").size() == 1; });
  EXPECT_EQ(client.events("tick")[0].at("data").as_object().at("step"), 10);
  state.revision = 1;
  bench.hub.on_state(state);
  bench.run_until([&] { return client.events("state").size() == 1; });
  bench.hub.on_failure("one", "psi has NaN");
  bench.run_until([&] { return client.events("failed").size() == 1; });
}

TEST(Events, CloseAClientThatDoesNotReadThem) {
  HubBench bench;
  FakeClient client(bench);
  client.reading = false;
  for (int i = 0; i < 2000; ++i) bench.hub.broadcast("tick", {{"step", i}}, "tick/one");
  EXPECT_FALSE(client.closed) << "only the newest tick waits";
  for (int i = 0; i < 2000; ++i) bench.hub.broadcast("removed", {{"world", i}});
  EXPECT_EQ(client.closed, close_code::slow);
  EXPECT_EQ(bench.hub.metrics().slow_disconnects, 1u);
}

}  // namespace
}  // namespace atheria::server
