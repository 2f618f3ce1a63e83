#include "app/protocol/messages.h"

#include <gmock/gmock.h>

#include <random>
#include <set>

#include "app/protocol/ops.h"

namespace atheria::wire {
namespace {

using testing::HasSubstr;
using testing::Not;

// "code id", or "request".
std::string verdict(std::string_view text) {
  const auto read = parse_request(text);
  if (std::holds_alternative<Request>(read)) return "request";
  const auto& bad = std::get<Unreadable>(read);
  return bad.fault.code + " " + std::to_string(bad.id);
}

TEST(ParseRequest, ReadsTheEnvelope) {
  const auto read =
      parse_request(R"({"id":7,"op":"sim.step","args":{"n":10},"key":"k","later":1})");
  const auto& request = std::get<Request>(read);
  EXPECT_EQ(request.id, 7u);
  EXPECT_EQ(request.op, "sim.step");
  EXPECT_EQ(request.args.at("n"), 10);
  EXPECT_EQ(request.key, "k");
}

TEST(ParseRequest, NeedsNoArgsAndNoKey) {
  const auto read = parse_request(R"({"id":2147483647,"op":"ping"})");
  EXPECT_TRUE(std::get<Request>(read).args.empty());
  EXPECT_TRUE(std::get<Request>(read).key.empty());
}

TEST(ParseRequest, AnswersWithIdZeroWhatHasNone) {
  EXPECT_EQ(verdict("garbage"), "bad_json 0");
  EXPECT_EQ(verdict(R"({"id":1,"op":"x","args":{"n":1e999}})"), "bad_json 0");
  EXPECT_EQ(verdict("[]"), "bad_message 0");
  EXPECT_EQ(verdict("7"), "bad_message 0");
  EXPECT_EQ(verdict("{}"), "bad_message 0");
  for (const char* id : {"0", "-1", "2147483648", "1.5", "\"1\"", "null", "18446744073709551615"})
    EXPECT_EQ(verdict(std::string(R"({"op":"ping","id":)") + id + "}"), "bad_message 0") << id;
}

TEST(ParseRequest, AnswersWithItsIdWhatElseIsWrong) {
  EXPECT_EQ(verdict(R"({"id":5})"), "bad_message 5");
  EXPECT_EQ(verdict(R"({"id":5,"op":7})"), "bad_message 5");
  EXPECT_EQ(verdict(R"({"id":5,"op":""})"), "bad_message 5");
  EXPECT_EQ(verdict(R"({"id":5,"op":"ping","args":[]})"), "bad_message 5");
  EXPECT_EQ(verdict(R"({"id":5,"op":"ping","key":""})"), "bad_message 5");
  EXPECT_EQ(verdict(R"({"id":5,"op":"ping","key":")" + std::string(65, 'k') + "\"}"),
            "bad_message 5");
  EXPECT_EQ(verdict(R"({"id":5,"op":"ping","key":")" + std::string(64, 'k') + "\"}"), "request");
}

TEST(ParseRequest, SurvivesSpoiltText) {
  std::mt19937 random(3);
  const std::string good =
      R"({"id":7,"op":"sub","args":{"sub":1,"topic":"a/b","roi":[0,0,1.5e3,9]}})";
  for (int round = 0; round < 5000; ++round) {
    std::string text = good;
    for (int i = 0; i < 1 + round % 4; ++i)
      text[random() % text.size()] = static_cast<char>(random());
    EXPECT_FALSE(verdict(text).empty());
  }
}

TEST(Replies, AreJsonAsTheProtocolSays) {
  EXPECT_EQ(reply_text(7, json::object{{"step", 3}}), R"({"id":7,"ok":true,"result":{"step":3}})");
  EXPECT_EQ(
      fault_text(8, {.code = "bad_args", .message = "no \"x\"", .path = "args.x"}),
      R"({"id":8,"ok":false,"error":{"code":"bad_args","message":"no \"x\"","path":"args.x"}})");
  EXPECT_EQ(fault_text(9, {.code = "busy", .message = "m", .retry_after_ms = 20}),
            R"({"id":9,"ok":false,"error":{"code":"busy","message":"m","retryAfterMs":20}})");
  EXPECT_EQ(event_text("removed", 991, json::object{{"world", "a"}}),
            R"({"ev":"removed","off":991,"data":{"world":"a"}})");
}

TEST(Replies, GiveEveryKindOfErrorItsCode) {
  EXPECT_EQ(fault_of(Error(ErrorKind::not_found, "no world 'x'")).code, "not_found");
  EXPECT_EQ(fault_of(Error(ErrorKind::not_allowed, "m")).code, "not_allowed");
  EXPECT_EQ(fault_of(Error(ErrorKind::cancelled, "m")).code, "cancelled");
  const Fault busy = fault_of(Error(ErrorKind::busy, "m"));
  EXPECT_GT(busy.retry_after_ms, 0u);
  const Fault wrong = fault_of(Error(ErrorKind::bad_args, "too large", "args.n"));
  EXPECT_EQ(wrong.path, "args.n");
  EXPECT_EQ(wrong.message, "too large");
}

TEST(Replies, TellNothingOfTheServersInside) {
  for (const ErrorKind kind : {ErrorKind::io, ErrorKind::internal}) {
    const Fault fault = fault_of(Error(kind, "cannot open /root/secret", "/root/secret"));
    EXPECT_EQ(fault.code, "internal");
    EXPECT_THAT(fault_text(1, fault), Not(HasSubstr("secret")));
  }
}

TEST(Ops, AreNamedOnceAndHaveKnownRoles) {
  std::set<std::string_view> names;
  for (const Op& op : ops()) {
    EXPECT_TRUE(names.insert(op.name).second) << op.name;
    EXPECT_THAT(op.role, testing::AnyOf("viewer", "operator", "script", "admin")) << op.name;
  }
  EXPECT_EQ(find_op("sim.create")->role, "admin");
  EXPECT_TRUE(find_op("resume")->reserved);
  EXPECT_EQ(find_op("sim.fly"), nullptr);
}

}  // namespace
}  // namespace atheria::wire
