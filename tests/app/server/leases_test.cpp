#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "app/server/commands.h"
#include "tests/app/server/guest_bench.h"

// Worlds that stand still for a client elsewhere.
namespace atheria::server {
namespace {

using ::testing::Each;
using ::testing::HasSubstr;

constexpr std::size_t kCells = 24 * 16;

std::string message_of(const json::object& reply) {
  return std::string(reply.at("error").as_object().at("message").as_string());
}

TEST(RemoteLease, TellsWhereTheWorldStandsAndWhatItsFieldIs) {
  EngineBench bench;
  Program client(bench, Role::script);
  const auto standing = client.get("lease.take", {{"lease", 3}, {"world", "w"}, {"owner", "me"}});
  EXPECT_EQ(json::serialize(standing.at("channels")), R"(["u","v"])");
  EXPECT_EQ(json::serialize(standing.at("shape")), "[2,16,24]");
  EXPECT_EQ(standing.at("dtype"), "<f4");
  EXPECT_EQ(standing.at("step"), 0);
  EXPECT_EQ(bench.worlds.state("w").leased_by, "me (client c1)");
}

TEST(RemoteLease, ReadsAndWritesTheFieldAndNothingElseStays) {
  EngineBench bench;
  Program client(bench, Role::script);
  client.get("lease.take", {{"lease", 3}});
  EXPECT_EQ(client.read(3).size(), 2 * kCells);
  const Floats quarter(kCells, 0.25F);
  client.get("lease.write",
             with({{"lease", 3}, {"channel", "v"}}, client.numbers(quarter, {16, 24})));
  EXPECT_EQ(client.read(3, "v"), quarter);
  const Floats both(2 * kCells, 0.5F);
  client.get("lease.write", with({{"lease", 3}}, client.numbers(both, {2, 16, 24})));
  client.get("lease.end", {{"lease", 3}});
  bench.run_until([&] { return bench.free(); });
  EXPECT_EQ(cell(client, "w", "u"), 0.5);
  EXPECT_EQ(bench.worlds.state("w").undo, 0U) << "it is no edit";
  EXPECT_EQ(client.refusal("lease.read", {{"lease", 3}}), "not_found");
}

TEST(RemoteLease, OfBitsReadsAndWritesBytes) {
  EngineBench bench;
  bench.add("life", "life", 70, 5);
  Program client(bench, Role::script);
  const auto standing = client.get("lease.take", {{"lease", 1}, {"world", "life"}});
  EXPECT_EQ(standing.at("dtype"), "|u1");
  std::vector<std::uint8_t> cells(70 * 5, 1);
  client.connection->on_binary(wire::encode_upload({9, cells.size(), 0, cells}));
  client.get("lease.write", {{"lease", 1}, {"upload", 9}, {"shape", {1, 5, 70}}, {"dtype", "|u1"}});
  client.get("lease.read", {{"lease", 1}});
  EXPECT_EQ(client.blob(client.last_id), cells);
}

TEST(RemoteLease, SendsLargeFieldsInPartsThatFit) {
  EngineBench bench;
  bench.add("large", "gray-scott", 400, 300);
  Program client(bench, Role::script);
  client.get("lease.take", {{"lease", 1}, {"world", "large"}});
  EXPECT_EQ(client.read(1).size(), 2U * 400 * 300);
  EXPECT_GE(client.parts.size(), 4U);
  for (const auto& part : client.parts) EXPECT_LE(part.size(), wire::kPartLimit);
  EXPECT_EQ(client.parts.back()[1], wire::flag::last_part);
  EXPECT_EQ(client.parts.front()[1], 0);
}

TEST(RemoteLease, StepsAndStaysHeld) {
  EngineBench bench;
  Program client(bench, Role::script);
  client.get("lease.take", {{"lease", 3}});
  EXPECT_EQ(client.get("lease.step", {{"lease", 3}, {"n", 5}}).at("step"), 5);
  EXPECT_FALSE(bench.free());
  EXPECT_EQ(client.get("lease.read", {{"lease", 3}}).at("step"), 5);
}

TEST(RemoteLease, ThatAnotherHasIsWaitedForAndThenSaysWho) {
  EngineBench bench;
  Program first(bench, Role::script), second(bench, Role::script);
  first.get("lease.take", {{"lease", 1}, {"owner", "train.py"}});
  const auto busy = second.ask("lease.take", {{"lease", 1}, {"waitMs", 30}});
  EXPECT_EQ(code_of(busy), "busy");
  EXPECT_THAT(message_of(busy), HasSubstr("held by train.py (client c1)"));
  const int waiting = second.send("lease.take", {{"lease", 1}, {"waitMs", 20000}});
  first.get("lease.end", {{"lease", 1}});
  bench.run_until([&] { return second.reply(waiting).has_value(); });
  EXPECT_EQ(code_of(*second.reply(waiting)), "ok");
}

TEST(RemoteLease, ExpiresTellsSoAndRefusesWhatComesLate) {
  EngineBench bench;
  Program client(bench, Role::script);
  client.get("lease.take", {{"lease", 4}, {"deadlineMs", 5}});
  bench.run_until([&] { return client.events("lease_ended").size() == 1; });
  const auto told = client.events("lease_ended")[0].at("data").as_object();
  EXPECT_EQ(told.at("lease"), 4);
  EXPECT_EQ(told.at("reason"), "expired after 0.005 s");
  const auto late = client.ask(
      "lease.write", with({{"lease", 4}}, client.numbers(Floats(2 * kCells), {2, 16, 24})));
  EXPECT_EQ(code_of(late), "conflict");
  EXPECT_THAT(message_of(late), HasSubstr("expired after 0.005 s"));
  EXPECT_EQ(client.refusal("lease.step", {{"lease", 4}}), "conflict");
  EXPECT_EQ(client.refusal("lease.end", {{"lease", 4}}), "ok") << "its end was what was wanted";
  client.get("lease.take", {{"lease", 4}});
}

TEST(RemoteLease, EndsWithItsConnectionAtOnce) {
  EngineBench bench;
  {
    Program client(bench, Role::script);
    client.get("lease.take", {{"lease", 1}, {"deadlineMs", 86'400'000}});
  }
  bench.run_until([&] { return bench.free(); });
}

TEST(RemoteLease, EndsInTheMiddleOfItsStepsWhenItsClientGoes) {
  EngineBench bench;
  {
    Program client(bench, Role::script);
    client.get("lease.take", {{"lease", 1}, {"deadlineMs", 86'400'000}});
    client.send("lease.step", {{"lease", 1}, {"n", 1'000'000'000}});
  }
  bench.run_until([&] { return bench.free(); });
}

TEST(RemoteLease, StepsUnderWayAreEndedByNone) {
  EngineBench bench;
  Program client(bench, Role::script);
  client.get("lease.take", {{"lease", 1}});
  const int stepping = client.send("lease.step", {{"lease", 1}, {"n", 1'000'000'000}});
  client.get("lease.step", {{"lease", 1}, {"n", 0}});
  bench.run_until([&] { return client.reply(stepping).has_value(); });
  EXPECT_EQ(code_of(*client.reply(stepping)), "cancelled");
  EXPECT_FALSE(bench.free());
}

TEST(RemoteLease, ThatNobodyWaitsForAnyMoreNeverBegins) {
  EngineBench bench;
  Program first(bench, Role::script);
  first.get("lease.take", {{"lease", 1}});
  {
    Program second(bench, Role::script);
    second.send("lease.take", {{"lease", 1}, {"waitMs", 20000}});
    bench.io.poll();
  }
  Program third(bench, Role::script);
  const int waiting = third.send("lease.take", {{"lease", 1}, {"waitMs", 20000}});
  third.get("lease.end", {{"lease", 1}});
  bench.run_until([&] { return third.reply(waiting).has_value(); });
  EXPECT_EQ(code_of(*third.reply(waiting)), "cancelled");
  first.get("lease.end", {{"lease", 1}});
  EXPECT_EQ(first.get("sim.step", {{"n", 3}}).at("step"), 3) << "nobody has it";
}

TEST(RemoteLease, OfAnotherConnectionIsNotFound) {
  EngineBench bench;
  Program first(bench, Role::script), second(bench, Role::script);
  first.get("lease.take", {{"lease", 77}});
  for (const char* op : {"lease.read", "lease.step", "lease.end"})
    EXPECT_EQ(second.refusal(op, {{"lease", 77}}), "not_found") << op;
  EXPECT_EQ(second.refusal("lease.write", with({{"lease", 77}}, second.numbers(Floats(4), {2, 2}))),
            "not_found");
  EXPECT_FALSE(bench.free());
}

TEST(RemoteLease, WithTheWorldEndsWithIt) {
  EngineBench bench;
  Program client(bench);
  client.get("lease.take", {{"lease", 1}});
  client.get("sim.delete", {{"world", "w"}});
  bench.run_until([&] { return client.events("lease_ended").size() == 1; });
  EXPECT_EQ(client.events("lease_ended")[0].at("data").as_object().at("reason"),
            "the world was deleted");
  EXPECT_EQ(client.refusal("lease.step", {{"lease", 1}}), "conflict");
}

TEST(RemoteLease, NumbersAreOfTheClientsChoiceWithinReason) {
  EngineBench bench;
  Program client(bench, Role::script);
  for (const json::value& number : {json::value(0), json::value(-1), json::value(1e300),
                                    json::value("1"), json::value(nullptr), json::value(2.5)})
    EXPECT_EQ(client.refusal("lease.take", {{"lease", number}}), "bad_args") << number;
  EXPECT_EQ(client.refusal("lease.take"), "bad_args");
  client.get("lease.take", {{"lease", 2147483647}});
  EXPECT_EQ(client.refusal("lease.take", {{"lease", 2147483647}}), "conflict");
  for (const json::value& deadline : {json::value(0), json::value(-1), json::value(1e18)})
    EXPECT_EQ(client.refusal("lease.take", {{"lease", 5}, {"deadlineMs", deadline}}), "bad_args");
  EXPECT_EQ(client.refusal("lease.take", {{"lease", 5}, {"waitMs", 20001}}), "bad_args");
  EXPECT_EQ(client.refusal("lease.take", {{"lease", 5}, {"world", "none"}}), "not_found");
  EXPECT_EQ(client.refusal("lease.step", {{"lease", 2147483647}, {"n", -1}}), "bad_args");
}

TEST(RemoteLease, AreOfABoundedNumber) {
  Limits limits;
  limits.holds = 2;
  EngineBench bench(limits);
  bench.add("x");
  bench.add("y");
  Program client(bench, Role::script);
  client.get("lease.take", {{"lease", 1}, {"world", "w"}});
  client.get("lease.take", {{"lease", 2}, {"world", "x"}});
  EXPECT_EQ(client.refusal("lease.take", {{"lease", 3}, {"world", "y"}}), "too_large");
}

class WrongWrite : public ::testing::TestWithParam<std::pair<const char*, json::object>> {};

TEST_P(WrongWrite, IsRefusedAndChangesNothing) {
  EngineBench bench;
  Program client(bench, Role::script);
  client.get("lease.take", {{"lease", 1}});
  const Floats before = client.read(1);
  const std::uint32_t upload = client.upload(Floats(kCells, 7));
  json::object args{
      {"lease", 1}, {"channel", "u"}, {"upload", upload}, {"shape", {16, 24}}, {"dtype", "<f4"}};
  const auto reply = client.ask("lease.write", with(args, GetParam().second));
  EXPECT_EQ(code_of(reply), GetParam().first) << json::serialize(reply);
  EXPECT_EQ(client.read(1), before);
}

INSTANTIATE_TEST_SUITE_P(
    RemoteLease, WrongWrite,
    ::testing::Values(std::pair("bad_args", json::object{{"shape", {16, 23}}}),
                      std::pair("bad_args", json::object{{"shape", {24, 16}}}),
                      std::pair("bad_args", json::object{{"shape", {1, 16, 24}}}),
                      std::pair("bad_args", json::object{{"shape", {4294967296, 4294967296}}}),
                      std::pair("bad_args", json::object{{"shape", {-1, 24}}}),
                      std::pair("bad_args", json::object{{"shape", json::array{}}}),
                      std::pair("bad_args", json::object{{"shape", {0, 24}}}),
                      std::pair("bad_args", json::object{{"dtype", "<f8"}}),
                      std::pair("bad_args", json::object{{"dtype", "|u1"}}),
                      std::pair("bad_args", json::object{{"dtype", "object"}}),
                      std::pair("bad_args", json::object{{"channel", "*"}}),
                      std::pair("not_found", json::object{{"channel", "w"}}),
                      std::pair("bad_args", json::object{{"upload", 999}})));

TEST(FieldLoad, IsAnEditThatUndoTakesBackOfAnyType) {
  EngineBench bench;
  Program client(bench, Role::script);
  const double before = cell(client, "w", "u");
  client.get("field.load", with({{"world", "w"}, {"channel", "u"}},
                                client.numbers(Floats(kCells, 0.375F), {16, 24})));
  EXPECT_EQ(cell(client, "w", "u"), 0.375);
  client.get("field.undo");
  EXPECT_EQ(cell(client, "w", "u"), before);
  const std::vector<std::uint8_t> ones(kCells, 1);
  client.connection->on_binary(wire::encode_upload({9, ones.size(), 0, ones}));
  client.get("field.load",
             {{"channel", "v"}, {"upload", 9}, {"shape", {16, 24}}, {"dtype", "|b1"}});
  EXPECT_EQ(cell(client, "w", "v"), 1);
}

TEST(Guests, NeedATokenForAnyOfIt) {
  EngineBench bench;
  Program page(bench, Identity{.role = Role::admin, .session = 5});
  for (const OpHandler& handler : op_handlers()) {
    if (!handler.guest) continue;
    const std::string name(handler.name);
    EXPECT_EQ(page.refusal(name, {{"lease", 1}}), "not_allowed") << name;
  }
  page.connection->on_binary(wire::encode_upload({1, 1, 0, std::vector<std::uint8_t>{1}}));
  EXPECT_EQ(page.closed, close_code::policy) << "it may not send bytes either";
}

TEST(Guests, AreNotCountedByTheRate) {
  EngineBench bench;
  Program client(bench, Role::script);
  client.get("lease.take", {{"lease", 1}});
  for (int i = 0; i < 300; ++i) EXPECT_EQ(client.refusal("lease.step", {{"lease", 1}}), "ok");
  EXPECT_EQ(bench.worlds.state("w").step, 300U);
}

TEST(Guests, ThatBreakTheRulesOfUploadsAreClosed) {
  EngineBench bench;
  Program client(bench, Role::script);
  client.get("lease.take", {{"lease", 1}});
  const std::vector<std::uint8_t> bytes(10);
  client.connection->on_binary(wire::encode_upload({1, 100, 0, bytes}));
  client.connection->on_binary(wire::encode_upload({1, 100, 50, bytes}));
  EXPECT_EQ(client.closed, close_code::policy);
  client.connection->finish();
  bench.run_until([&] { return bench.free(); });
}

TEST(Guests, WhoseUploadIsNotAllThereAreToldSo) {
  EngineBench bench;
  Program client(bench, Role::script);
  client.connection->on_binary(wire::encode_upload({1, 1536, 0, std::vector<std::uint8_t>(10)}));
  const auto reply =
      client.ask("field.load", {{"upload", 1}, {"channel", "u"}, {"shape", {16, 24}}});
  EXPECT_THAT(message_of(reply), HasSubstr("10 of the 1536 bytes"));
}

}  // namespace
}  // namespace atheria::server
