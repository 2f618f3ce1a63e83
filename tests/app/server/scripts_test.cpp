#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <thread>

#include "app/server/metrics.h"
#include "tests/app/server/client_bench.h"
#include "tests/support/fake_scripts.h"

// Scripts as clients see them, without Python.
namespace atheria::server {
namespace {

using testing::FakeScripts;
using ::testing::HasSubstr;

const char* const kSource = "print('hello')";

struct ScriptBench : HubBench {
  explicit ScriptBench(const Limits& limits = {}) : HubBench(limits) {
    hub.attach_scripts(&scripts);
  }
  ~ScriptBench() { hub.attach_scripts(nullptr); }

  FakeScripts scripts;
};

std::string submit(FakeClient& client, json::object more = {}) {
  json::object args{{"source", kSource}};
  for (const auto& [name, value] : more) args[name] = value;
  const auto reply = client.ask("script.run", args);
  EXPECT_EQ(code_of(reply), "ok") << json::serialize(reply);
  return std::string(reply.at("result").as_object().at("job").as_string());
}

json::object result_of(const json::object& reply) {
  EXPECT_EQ(code_of(reply), "ok") << json::serialize(reply);
  return reply.contains("result") ? reply.at("result").as_object() : json::object{};
}

std::string message_of(const json::object& reply) {
  return std::string(reply.at("error").as_object().at("message").as_string());
}
std::string path_of(const json::object& reply) {
  return std::string(reply.at("error").as_object().at("path").as_string());
}

std::string text_of(const json::object& result) {
  std::string text;
  for (const auto& chunk : result.at("chunks").as_array())
    text += chunk.as_object().at("text").as_string();
  return text;
}

json::object poll_args(const std::string& job, int from = 0, int wait_ms = 20000) {
  return {{"job", job}, {"from", from}, {"waitMs", wait_ms}};
}

json::object hello_of(HubBench& bench, Role role) {
  struct Silent : Transport {
    void wake() override {}
    void wake_at(std::uint64_t) override {}
    void close(std::uint16_t, const std::string&, bool) override {}
  } transport;
  const auto connection =
      std::make_shared<Connection>(bench.hub, Identity{.role = role}, transport);
  connection->start();
  const auto message = connection->take();
  connection->finish();
  return wire::parse_json(*message->text).as_object();
}

TEST(Scripts, WithoutPythonSayWhy) {
  HubBench bench;
  bench.hub.attach_scripts(nullptr, "started with --no-python");
  FakeClient client(bench);
  for (const char* op : {"script.run", "script.list", "script.status", "script.cancel",
                         "script.output", "script.input"}) {
    const auto reply = client.ask(op, {{"job", "j1"}, {"source", "1"}, {"line", "x"}});
    EXPECT_EQ(code_of(reply), "unsupported") << op;
    EXPECT_THAT(message_of(reply), HasSubstr("started with --no-python")) << op;
  }
  const auto hello = hello_of(bench, Role::viewer);
  EXPECT_EQ(hello.at("python").as_object().at("plane"), "off");
  EXPECT_EQ(hello.at("python").as_object().at("reason"), "started with --no-python");
  EXPECT_THAT(json::serialize(hello.at("caps")), ::testing::Not(HasSubstr("scripts")));
}

TEST(Scripts, OfAPythonThatFailedSayWhy) {
  ScriptBench bench;
  bench.scripts.set_health({"failed", "no torch in /opt/venv", "", "", "", "", ""});
  FakeClient client(bench);
  const auto reply = client.ask("script.run", {{"source", "1"}});
  EXPECT_EQ(code_of(reply), "unsupported");
  EXPECT_EQ(message_of(reply), "no torch in /opt/venv");
}

TEST(Scripts, AreTakenAsTheyAreAskedFor) {
  ScriptBench bench;
  FakeClient client(bench, Role::script);
  const std::string job = submit(client, {{"path", "/home/a/train.py"},
                                          {"argv", {"--epochs", "3"}},
                                          {"world", "one"},
                                          {"deadlineMs", 5000},
                                          {"mode", "process"},
                                          {"stdin", true}});
  const ScriptSpec spec = bench.scripts.spec(job);
  EXPECT_EQ(spec.source, kSource);
  EXPECT_EQ(spec.name, "train.py");
  EXPECT_EQ(spec.argv, (std::vector<std::string>{"--epochs", "3"}));
  EXPECT_EQ(spec.world, "one");
  EXPECT_EQ(spec.deadline.count(), 5000);
  EXPECT_EQ(spec.grace.count(), 10000);
  EXPECT_TRUE(spec.process_mode && spec.has_stdin);
  EXPECT_FALSE(spec.pause_engine || spec.keep_torch_state);
  EXPECT_EQ(spec.owner, client.connection->name() + " (script)");
}

TEST(Scripts, NeedTheirRole) {
  ScriptBench bench;
  FakeClient viewer(bench, Role::viewer), operating(bench, Role::operate);
  for (const char* op : {"script.run", "script.cancel", "script.output", "script.input"}) {
    EXPECT_EQ(code_of(viewer.ask(op, {{"source", "1"}})), "not_allowed") << op;
    EXPECT_EQ(code_of(operating.ask(op, {{"source", "1"}})), "not_allowed") << op;
  }
  EXPECT_EQ(bench.scripts.size(), 0u);
}

TEST(Scripts, AreNotRunForACookie) {
  ScriptBench bench;
  FakeClient page(bench, Identity{.role = Role::admin, .session = 7});
  EXPECT_EQ(code_of(page.ask("script.run", {{"source", "1"}})), "not_allowed");
  EXPECT_EQ(code_of(page.ask("script.input", {{"job", "j1"}, {"line", "1"}})), "not_allowed");
  EXPECT_EQ(page.connection->text_limit(), bench.hub.limits().text_bytes);
  FakeClient client(bench, Role::script);
  const std::string job = submit(client);
  EXPECT_EQ(code_of(page.ask("script.cancel", {{"job", job}})), "ok") << "a page may stop one";
}

TEST(Scripts, ShowAViewerNamesAndStatesOnly) {
  ScriptBench bench;
  FakeClient client(bench), viewer(bench, Role::viewer);
  const std::string job = submit(client, {{"name", "a.py"}, {"argv", {"secret"}}});
  bench.scripts.print(job, "secret");
  bench.scripts.change(job, [](ScriptStatus& status) {
    status.state = "running";
    status.progress_text = status.prompt = "secret";
    status.failure = ScriptFailure{"E", "secret", "secret", {}};
    status.left_behind = {"secret"};
  });
  const auto open = result_of(viewer.ask("script.list"));
  EXPECT_THAT(json::serialize(open), ::testing::Not(HasSubstr("secret")));
  const auto& seen = open.at("jobs").as_array().at(0).as_object();
  EXPECT_EQ(seen.at("name"), "a.py");
  EXPECT_EQ(seen.at("state"), "running");
  EXPECT_EQ(seen.at("exitCode"), nullptr);
  EXPECT_FALSE(seen.contains("owner"));
  EXPECT_THAT(json::serialize(open.at("python")), ::testing::Not(HasSubstr("/usr/bin/python3")));
  EXPECT_EQ(seen, result_of(viewer.ask("script.status", {{"job", job}})));
  const auto full = result_of(client.ask("script.status", {{"job", job}}));
  EXPECT_EQ(full.at("failure").as_object().at("text"), "secret");
  EXPECT_EQ(full.at("outTo"), 1);
}

TEST(Scripts, RefuseArgumentsByName) {
  ScriptBench bench;
  FakeClient client(bench);
  const struct {
    const char* op;
    json::object args;
    const char* path;
  } cases[] = {
      {"script.run", {}, "args.source"},
      {"script.run", {{"source", 3}}, "args.source"},
      {"script.run", {{"source", ""}, {"name", "a\nb"}}, "args.name"},
      {"script.run", {{"source", ""}, {"path", std::string("a\0b", 3)}}, "args.path"},
      {"script.run", {{"source", ""}, {"argv", {1}}}, "args.argv"},
      {"script.run", {{"source", ""}, {"argv", "x"}}, "args.argv"},
      {"script.run", {{"source", ""}, {"mode", "jail"}}, "args.mode"},
      {"script.run", {{"source", ""}, {"deadlineMs", -1}}, "args.deadlineMs"},
      {"script.run", {{"source", ""}, {"graceMs", 1e9}}, "args.graceMs"},
      {"script.output", {}, "args.job"},
      {"script.output", {{"job", "j1"}, {"waitMs", 20001}}, "args.waitMs"},
      {"script.output", {{"job", "j1"}, {"from", -1}}, "args.from"},
      {"script.output", {{"job", "j1"}, {"max", 0}}, "args.max"},
      {"script.input", {{"job", "j1"}}, "args.line"},
      {"script.input", {{"job", "j1"}, {"line", "a"}, {"eof", true}}, "args.eof"},
      {"script.cancel", {{"job", "j1"}, {"force", 1}}, "args.force"},
  };
  for (const auto& wrong : cases) {
    const auto reply = client.ask(wrong.op, wrong.args);
    EXPECT_EQ(code_of(reply), "bad_args") << json::serialize(wrong.args);
    if (code_of(reply) == "bad_args") {
      EXPECT_EQ(path_of(reply), wrong.path) << wrong.op;
    }
  }
  EXPECT_EQ(bench.scripts.size(), 0u);
  for (const char* op : {"script.cancel", "script.status", "script.output"})
    EXPECT_EQ(code_of(client.ask(op, {{"job", "j9"}})), "not_found") << op;
}

TEST(Scripts, HaveAMebibyteAtMost) {
  ScriptBench bench;
  FakeClient client(bench);
  submit(client, {{"source", std::string(kLargestSource, 'x')}});
  const auto reply = client.ask("script.run", {{"source", std::string(kLargestSource + 1, 'x')}});
  EXPECT_EQ(code_of(reply), "too_large");
  EXPECT_EQ(path_of(reply), "args.source");
  const auto other = client.ask("ping", {{"echo", std::string(70000, 'x')}});
  EXPECT_EQ(code_of(other), "too_large") << "larger messages are for scripts";
}

TEST(Scripts, WithOneKeyRunOnce) {
  ScriptBench bench;
  FakeClient client(bench), again(bench);
  const auto first = result_of(client.ask("script.run", {{"source", "1"}}, "k"));
  EXPECT_EQ(result_of(again.ask("script.run", {{"source", "1"}}, "k")), first);
  EXPECT_EQ(bench.scripts.size(), 1u);
}

TEST(Scripts, ThatFindTheQueueFullMayBeTriedAgain) {
  ScriptBench bench;
  FakeClient client(bench);
  bench.scripts.full = true;
  EXPECT_EQ(code_of(client.ask("script.run", {{"source", "1"}}, "k")), "busy");
  bench.scripts.full = false;
  EXPECT_EQ(code_of(client.ask("script.run", {{"source", "1"}}, "k")), "ok");
}

TEST(Scripts, AreStoppedInStages) {
  ScriptBench bench;
  FakeClient client(bench);
  const std::string job = submit(client);
  EXPECT_EQ(result_of(client.ask("script.cancel", {{"job", job}, {"reason", "lunch"}})).at("stage"),
            1);
  EXPECT_EQ(bench.scripts.stop_reason(job), "lunch");
  EXPECT_EQ(result_of(client.ask("script.cancel", {{"job", job}, {"force", true}})).at("stage"), 2);
}

TEST(Scripts, AreAnsweredTheirInput) {
  ScriptBench bench;
  FakeClient client(bench);
  const std::string job = submit(client, {{"stdin", true}});
  client.ask("script.input", {{"job", job}, {"line", "42"}});
  client.ask("script.input", {{"job", job}, {"eof", true}});
  EXPECT_EQ(bench.scripts.lines(job),
            (std::vector<std::optional<std::string>>{"42", std::nullopt}));
  const std::string deaf = submit(client);
  EXPECT_EQ(code_of(client.ask("script.input", {{"job", deaf}, {"line", "x"}})), "conflict");
}

TEST(ScriptOutput, IsReplayedByNumber) {
  ScriptBench bench;
  FakeClient client(bench);
  const std::string job = submit(client);
  for (const char* text : {"a", "b", "c"}) bench.scripts.print(job, text);
  bench.scripts.end(job);
  const auto all = result_of(client.ask("script.output", poll_args(job)));
  EXPECT_EQ(text_of(all), "abc");
  EXPECT_EQ(all.at("next"), 3);
  EXPECT_EQ(all.at("status").as_object().at("exitCode"), 0);
  FakeClient other(bench);
  EXPECT_EQ(text_of(result_of(other.ask("script.output", poll_args(job, 1)))), "bc");
  const auto past = result_of(other.ask("script.output", poll_args(job, 3)));
  EXPECT_EQ(text_of(past), "");
  EXPECT_EQ(past.at("next"), 3) << "a job that is done is not waited for";
}

TEST(ScriptOutput, ComesInPiecesOfTheSizeWanted) {
  ScriptBench bench;
  FakeClient client(bench);
  const std::string job = submit(client);
  for (int i = 0; i < 4; ++i) bench.scripts.print(job, std::string(100, 'x'));
  const auto piece = result_of(client.ask("script.output", {{"job", job}, {"max", 250}}));
  EXPECT_EQ(piece.at("next"), 2);
  EXPECT_EQ(result_of(client.ask("script.output", {{"job", job}, {"max", 1}})).at("next"), 1);
}

TEST(ScriptOutput, IsWaitedForUntilThereIsSome) {
  ScriptBench bench;
  FakeClient client(bench);
  const std::string job = submit(client);
  const int id = client.send("script.output", poll_args(job));
  EXPECT_FALSE(client.reply(id).has_value());
  EXPECT_EQ(bench.hub.scripts().waiting(), 1u);
  std::thread python([&] { bench.scripts.print(job, "at last"); });
  bench.run_until([&] { return client.reply(id).has_value(); });
  python.join();
  EXPECT_EQ(text_of(result_of(*client.reply(id))), "at last");
  EXPECT_EQ(bench.hub.scripts().waiting(), 0u);
}

TEST(ScriptOutput, IsWaitedForUntilTheJobIsDone) {
  ScriptBench bench;
  FakeClient client(bench);
  const std::string job = submit(client);
  const int id = client.send("script.output", poll_args(job));
  bench.scripts.end(job, "exit", 3);
  bench.run_until([&] { return client.reply(id).has_value(); });
  EXPECT_EQ(result_of(*client.reply(id)).at("status").as_object().at("exitCode"), 3);
}

TEST(ScriptOutput, IsWaitedForUntilItsTimeIsOver) {
  ScriptBench bench;
  FakeClient client(bench);
  const std::string job = submit(client);
  const auto reply = result_of(client.ask("script.output", poll_args(job, 0, 30)));
  EXPECT_TRUE(reply.at("chunks").as_array().empty());
  EXPECT_EQ(reply.at("next"), 0);
}

TEST(ScriptOutput, IsNoRequestThatTimesOut) {
  Limits limits;
  limits.request_time = std::chrono::milliseconds(1);
  ScriptBench bench(limits);
  FakeClient client(bench);
  const std::string job = submit(client);
  const int id = client.send("script.output", poll_args(job, 0, 300));
  bench.run_until([&] {
    client.connection->tick();
    return client.reply(id).has_value();
  });
  EXPECT_EQ(code_of(*client.reply(id)), "ok");
}

TEST(ScriptOutput, TellsAtOnceThatInputIsWanted) {
  ScriptBench bench;
  FakeClient client(bench);
  const std::string job = submit(client, {{"stdin", true}});
  const auto seen = result_of(client.ask("script.output", poll_args(job, 0, 0)));
  const auto wants = [](ScriptStatus& status) {
    status.wants_input = true;
    status.prompt = "name? ";
  };
  bench.scripts.change(job, wants);
  json::object args = poll_args(job);
  args["revision"] = seen.at("revision");
  const auto asked = result_of(client.ask("script.output", args));
  EXPECT_EQ(asked.at("status").as_object().at("prompt"), "name? ");
  // The same question again is another one.
  args["revision"] = asked.at("revision");
  const int id = client.send("script.output", args);
  client.ask("script.input", {{"job", job}, {"line", "x"}});
  bench.run_until([&] { return client.reply(id).has_value(); });
  args["revision"] = result_of(*client.reply(id)).at("revision");
  bench.scripts.change(job, wants);
  const auto again = result_of(client.ask("script.output", args));
  EXPECT_EQ(again.at("status").as_object().at("wantsInput"), true);
}

TEST(ScriptOutput, IsNotWaitedForByMoreThanEight) {
  ScriptBench bench;
  FakeClient client(bench), other(bench);
  const std::string job = submit(client);
  for (int i = 0; i < 8; ++i) client.send("script.output", poll_args(job));
  EXPECT_EQ(code_of(client.ask("script.output", poll_args(job))), "busy");
  EXPECT_EQ(code_of(client.ask("script.output", poll_args(job, 0, 0))), "ok") << "it waits not";
  const int id = other.send("script.output", poll_args(job));
  EXPECT_FALSE(other.reply(id).has_value()) << "another connection has its own";
}

TEST(ScriptOutput, IsNotWaitedForWhenTheConnectionEnds) {
  ScriptBench bench;
  std::string job;
  {
    FakeClient client(bench);
    job = submit(client);
    client.send("script.output", poll_args(job));
    client.send("script.output", poll_args(job));
    EXPECT_EQ(bench.hub.scripts().waiting(), 2u);
  }
  EXPECT_EQ(bench.hub.scripts().waiting(), 0u);
  bench.scripts.print(job, "to nobody");
  FakeClient client(bench);
  EXPECT_EQ(text_of(result_of(client.ask("script.output", poll_args(job)))), "to nobody");
}

TEST(ScriptOutput, IsNotWaitedForWhenTheServerStops) {
  ScriptBench bench;
  FakeClient client(bench);
  const int id = client.send("script.output", poll_args(submit(client)));
  client.connection->shut_down();
  EXPECT_EQ(code_of(*client.reply(id)), "cancelled");
  EXPECT_EQ(bench.hub.scripts().waiting(), 0u);
}

TEST(ScriptOutput, OfAJobNobodyRemembersEndsTheWait) {
  ScriptBench bench;
  FakeClient client(bench);
  const std::string job = submit(client);
  const int id = client.send("script.output", poll_args(job));
  bench.scripts.forget(job);
  bench.run_until([&] { return client.reply(id).has_value(); });
  EXPECT_EQ(code_of(*client.reply(id)), "not_found");
}

TEST(ScriptOutput, IsAlwaysUtf8) {
  ScriptBench bench;
  FakeClient client(bench);
  const std::string job = submit(client);
  bench.scripts.print(job, "\xff\xed\xa0\x80 \xc3\xa9 \xe2\x82");
  const auto reply = result_of(client.ask("script.output", poll_args(job)));
  EXPECT_EQ(text_of(reply),
            "\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd \xc3\xa9 \xef\xbf\xbd\xef\xbf\xbd");
}

TEST(ScriptEvents, GoToThoseWhoMayRunScripts) {
  ScriptBench bench;
  FakeClient client(bench, Role::script), admin(bench), operating(bench, Role::operate);
  const std::string job = submit(client);
  bench.scripts.change(job, [](ScriptStatus& status) { status.state = "running"; });
  bench.scripts.set_health({"busy", "", "3.11.2", "2.13.0", "", job, ""});
  bench.run_until([&] { return !admin.events("job").empty() && !admin.events("python").empty(); });
  EXPECT_EQ(client.events("job").back().at("data").as_object().at("state"), "running");
  EXPECT_EQ(client.events("python").back().at("data").as_object().at("job"), json::value(job));
  EXPECT_TRUE(operating.events("job").empty());
  EXPECT_TRUE(operating.events("python").empty());
}

TEST(ScriptEvents, TellNewsAndNotOutput) {
  ScriptBench bench;
  FakeClient client(bench);
  const std::string job = submit(client);
  bench.scripts.change(job, [](ScriptStatus& status) { status.state = "running"; });
  bench.run_until([&] { return client.events("job").size() == 1; });
  for (int i = 0; i < 1000; ++i) bench.scripts.print(job, "x");
  bench.scripts.end(job);
  bench.run_until([&] { return client.events("job").size() >= 2; });
  EXPECT_EQ(client.events("job").size(), 2u);
  EXPECT_EQ(client.events("job").back().at("data").as_object().at("outcome"), "ok");
}

TEST(ScriptEvents, OfOneJobReplaceEachOther) {
  ScriptBench bench;
  FakeClient client(bench);
  FakeClient slow(bench);
  slow.reading = false;
  const std::string job = submit(client);
  for (int i = 1; i <= 5; ++i) {
    bench.scripts.change(job, [&](ScriptStatus& status) { status.progress = 0.1 * i; });
    bench.run_until([&] { return client.events("job").size() == static_cast<std::size_t>(i); });
  }
  slow.read();
  ASSERT_EQ(slow.events("job").size(), 1u);
  EXPECT_EQ(slow.events("job")[0].at("data").as_object().at("progress"), 0.5);
}

TEST(ScriptEvents, StaySmall) {
  ScriptBench bench;
  FakeClient client(bench);
  const std::string job = submit(client);
  bench.scripts.change(job, [](ScriptStatus& status) {
    const std::string much(60000, 'x');
    status.failure = ScriptFailure{"E", much, much, {}};
    status.prompt = status.progress_text = much;
    status.left_behind.assign(1000, much);
  });
  bench.run_until([&] { return !client.events("job").empty(); });
  EXPECT_LT(json::serialize(client.events("job")[0]).size(), 16384u);
}

TEST(Scripts, AreCounted) {
  ScriptBench bench;
  FakeClient client(bench);
  const std::string job = submit(client);
  bench.scripts.print(job, "12345");
  bench.scripts.change(job, [](ScriptStatus& status) { status.gap = 7; });
  client.ask("script.output", poll_args(job));
  Gauges now;
  now.plane = bench.hub.scripts().health().plane;
  now.jobs = bench.hub.scripts().jobs();
  const std::string text = metrics_text(bench.hub.metrics(), now);
  for (const char* line :
       {"atheria_python_plane{plane=\"idle\"} 1\n", "atheria_python_plane{plane=\"failed\"} 0\n",
        "atheria_script_jobs{state=\"queued\"} 1\n", "atheria_scripts_total 1\n",
        "atheria_script_output_bytes_total 5\n", "atheria_script_output_lost_bytes_total 7\n"})
    EXPECT_THAT(text, HasSubstr(line));
}

TEST(Scripts, TellHelloMoreOfPythonToThoseWhoMayUseIt) {
  ScriptBench bench;
  const auto script = hello_of(bench, Role::script), viewer = hello_of(bench, Role::operate);
  EXPECT_EQ(script.at("python").as_object().at("executable"), "/usr/bin/python3");
  EXPECT_EQ(viewer.at("python").as_object().size(), 2u);
  EXPECT_EQ(script.at("limits").as_object().at("msg"), 1280 * 1024);
  EXPECT_EQ(viewer.at("limits").as_object().at("msg"), 64 * 1024);
  EXPECT_THAT(json::serialize(viewer.at("caps")), HasSubstr("scripts"));
}

TEST(Scripts, MayBeHeardOfAfterTheServerIsGone) {
  FakeScripts scripts;
  {
    HubBench bench;
    bench.hub.attach_scripts(&scripts);
  }
  scripts.tell("j1");  // nobody listens, and nothing is touched
}

}  // namespace
}  // namespace atheria::server
