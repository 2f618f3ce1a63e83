#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <boost/asio/post.hpp>

#include <csignal>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <functional>
#include <future>
#include <sstream>
#include <thread>

#include "app/cli/command.h"
#include "app/cli/follow.h"
#include "app/server/connection.h"
#include "app/server/server.h"
#include "engine/base/log.h"
#include "tests/support/fake_scripts.h"
#include "tests/support/fake_worlds.h"

// `ath run` and its kin against a real server, with a Python that does as it is told.
namespace atheria::cli {
namespace {

using ::testing::AllOf;
using testing::FakeScripts;
using ::testing::HasSubstr;
using ::testing::Not;

class RunTest : public ::testing::Test {
 protected:
  void SetUp() override {
    log::set_level(log::Level::error);
    folder_ = std::filesystem::temp_directory_path() / ("ath-run-" + std::to_string(getpid()));
    std::filesystem::create_directories(folder_);
    setenv("ATHERIA_TOKEN", token_.c_str(), 1);
    setenv("XDG_RUNTIME_DIR", folder_.c_str(), 1);
    start();
  }
  void TearDown() override {
    stop();
    if (python_.joinable()) python_.join();
    unsetenv("ATHERIA_TOKEN");
    std::filesystem::remove_all(folder_);
    if (stdin_ >= 0) {
      dup2(stdin_, STDIN_FILENO);
      close(stdin_);
    }
  }

  void start() {
    server::ServerOptions options;
    options.limits.stop_time = std::chrono::milliseconds(200);
    options.grants = {{token_, server::Role::script}};
    server_ = std::make_unique<server::Server>(options);
    worlds_ = std::make_unique<testing::FakeWorlds>(server_->sink());
    server_->attach(*worlds_);
    server_->hub().attach_scripts(&scripts);
    url_ = server_->url();
    thread_ = std::thread([this] { server_->run(); });
  }
  void stop() {
    if (!thread_.joinable()) return;
    server_->stop();
    thread_.join();
    server_.reset();
  }

  std::string file(const std::string& text) {
    const auto path = folder_ / "a.py";
    std::ofstream(path) << text;
    return path.string();
  }
  // What ends up on standard input.
  void type(const std::string& text) {
    int ends[2];
    ASSERT_EQ(pipe(ends), 0);
    stdin_ = dup(STDIN_FILENO);
    dup2(ends[0], STDIN_FILENO);
    ASSERT_EQ(write(ends[1], text.data(), text.size()), static_cast<ssize_t>(text.size()));
    close(ends[0]);
    close(ends[1]);
  }

  // Runs a word of the command line here; what it prints is in out and err.
  int ath(std::vector<std::string> words) {
    words.insert(words.begin() + 1, {"--server", url_});
    std::reverse(words.begin(), words.end());
    CLI::App app;
    const auto chosen = std::make_shared<Action>();
    add_commands(app, chosen);
    app.parse(words);
    ::testing::internal::CaptureStdout();
    ::testing::internal::CaptureStderr();
    const auto collect = [this] {
      std::fflush(stdout);
      out = ::testing::internal::GetCapturedStdout();
      err = ::testing::internal::GetCapturedStderr();
    };
    try {
      const int code = (*chosen)();
      collect();
      return code;
    } catch (const std::exception& error) {
      collect();
      err += error.what();
      return -1;
    }
  }

  // Plays Python beside it; the job ends in any case, and nobody waits for ever.
  void meanwhile(std::function<void()> what) {
    python_ = std::thread([this, what = std::move(what)] {
      what();
      if (scripts.size() > 0 && HasFailure()) scripts.end("j1", "killed", 137);
    });
  }

  // Waits, not for long, until something is so.
  template <class There>
  static bool until(There there) {
    const auto limit = std::chrono::steady_clock::now() + std::chrono::seconds(20);
    while (!there()) {
      if (std::chrono::steady_clock::now() > limit) return false;
      std::this_thread::sleep_for(std::chrono::milliseconds(1));
    }
    return true;
  }
  bool submitted() {
    return until([this] { return scripts.size() > 0; });
  }
  // Somebody waits for output: what came before is on its way.
  bool waiting() {
    return until([this] { return polls() > 0; });
  }
  std::size_t polls() {
    return asked([this] { return server_->hub().scripts().waiting(); });
  }
  // The connection's that is there; empty: none is.
  std::string client_name() {
    return asked([this] {
      const auto list = server_->hub().connection_list();
      return list.empty() ? "" : list.front()->name();
    });
  }
  // On the server's own thread.
  template <class Question>
  auto asked(Question question) -> decltype(question()) {
    std::promise<decltype(question())> answer;
    boost::asio::post(server_->io(), [&] { answer.set_value(question()); });
    return answer.get_future().get();
  }

  const std::string token_ = std::string(43, 't');
  FakeScripts scripts;
  std::unique_ptr<server::Server> server_;
  std::unique_ptr<testing::FakeWorlds> worlds_;
  std::string url_, out, err;

 private:
  std::filesystem::path folder_;
  std::thread thread_, python_;
  int stdin_ = -1;
};

TEST_F(RunTest, StreamsOutputAndEndsWithTheScriptsCode) {
  const std::string path = file("print('hello')");
  meanwhile([this] {
    ASSERT_TRUE(submitted());
    scripts.print("j1", "hello\n");
    scripts.print("j1", "oh\n", "stderr");
    ASSERT_TRUE(waiting());
    scripts.print("j1", "late\n");
    scripts.end("j1", "exit", 3);
  });
  EXPECT_EQ(ath({"run", path, "--attach", "one", "--deadline", "1.5", "--", "--epochs", "3"}), 3);
  EXPECT_EQ(out, "hello\nlate\n");
  EXPECT_EQ(err, "oh\n");
  const ScriptSpec spec = scripts.spec("j1");
  EXPECT_EQ(spec.source, "print('hello')");
  EXPECT_EQ(spec.path, path);
  EXPECT_EQ(spec.name, "a.py");
  EXPECT_EQ(spec.world, "one");
  EXPECT_EQ(spec.argv, (std::vector<std::string>{"--epochs", "3"}));
  EXPECT_EQ(spec.deadline.count(), 1500);
  EXPECT_EQ(spec.cwd, "") << "this server may be on another machine";
  EXPECT_TRUE(spec.has_stdin);
}

TEST_F(RunTest, StopsWithCtrlCAndForcesWithAnother) {
  const std::string path = file("while True: pass");
  meanwhile([this] {
    ASSERT_TRUE(submitted() && waiting());
    raise(SIGINT);
    ASSERT_TRUE(until([this] { return scripts.status("j1").stage == 1; }));
    raise(SIGINT);
    ASSERT_TRUE(until([this] { return scripts.status("j1").stage == 2; }));
    scripts.end("j1", "killed", 137);
  });
  EXPECT_EQ(ath({"run", path}), 137);
  EXPECT_THAT(err, AllOf(HasSubstr("stopping (Ctrl-C again forces)"), HasSubstr("forc")));
}

TEST_F(RunTest, StopsAtSigtermToo) {
  const std::string path = file("while True: pass");
  meanwhile([this] {
    ASSERT_TRUE(submitted() && waiting());
    raise(SIGTERM);
    ASSERT_TRUE(until([this] { return scripts.status("j1").stage == 1; }));
    scripts.end("j1", "cancelled", 130);
  });
  EXPECT_EQ(ath({"run", path}), 130);
}

TEST_F(RunTest, LeavesWithCtrlBackslashAndComesBack) {
  const std::string path = file("while True: pass");
  meanwhile([this] {
    ASSERT_TRUE(submitted());
    scripts.print("j1", "one\n");
    ASSERT_TRUE(waiting());
    raise(SIGQUIT);
  });
  EXPECT_EQ(ath({"run", path}), 0);
  EXPECT_THAT(err, AllOf(HasSubstr("ath output j1 --follow"), HasSubstr("ath jobs")));
  EXPECT_EQ(scripts.status("j1").stage, 0);
  EXPECT_EQ(ath({"output", "j1"}), 0);
  EXPECT_EQ(out, "one\n");
  scripts.print("j1", "two\n");
  scripts.end("j1", "error", 1);
  EXPECT_EQ(ath({"output", "j1", "--follow", "--from", "1"}), 1);
  EXPECT_EQ(out, "two\n");
}

TEST_F(RunTest, AnswersInputFromAPipeAndTellsItsEnd) {
  const std::string path = file("input('name? ')");
  type("Ada\nLovelace");
  meanwhile([this] {
    ASSERT_TRUE(submitted());
    for (std::size_t asked = 1; asked <= 3; ++asked) {
      scripts.change("j1", [](ScriptStatus& status) {
        status.wants_input = true;
        status.prompt = "name? ";
      });
      ASSERT_TRUE(until([&] { return scripts.lines("j1").size() == asked; })) << asked;
    }
    scripts.end("j1");
  });
  EXPECT_EQ(ath({"run", path}), 0);
  EXPECT_EQ(scripts.lines("j1"),
            (std::vector<std::optional<std::string>>{"Ada", "Lovelace", std::nullopt}));
  EXPECT_EQ(out, "name? name? name? ");
}

TEST_F(RunTest, ReadsTheScriptItselfFromAPipe) {
  type("print(1)\n");
  meanwhile([this] {
    ASSERT_TRUE(submitted());
    scripts.end("j1");
  });
  EXPECT_EQ(ath({"run", "-"}), 0);
  EXPECT_EQ(scripts.spec("j1").source, "print(1)\n");
  EXPECT_EQ(scripts.spec("j1").name, "stdin");
  EXPECT_FALSE(scripts.spec("j1").has_stdin);
}

TEST_F(RunTest, GoesOnWhereItWasWhenTheConnectionBreaks) {
  const std::string path = file("pass");
  meanwhile([this] {
    ASSERT_TRUE(submitted());
    scripts.print("j1", "before\n");
    ASSERT_TRUE(waiting());
    const std::string first = client_name();
    boost::asio::post(server_->io(), [this] {
      for (const auto& connection : server_->hub().connection_list())
        connection->close(1011, "a test");
    });
    scripts.print("j1", "while it was away\n");
    ASSERT_TRUE(until([&] { return client_name() != first && client_name() != ""; }));
    scripts.end("j1");
  });
  EXPECT_EQ(ath({"run", path}), 0);
  EXPECT_EQ(out, "before\nwhile it was away\n");
  EXPECT_EQ(scripts.size(), 1u);
}

TEST_F(RunTest, SaysSoWhenTheServerIsGone) {
  const std::string path = file("pass");
  meanwhile([this] {
    ASSERT_TRUE(submitted());
    ASSERT_TRUE(waiting());
    stop();
  });
  EXPECT_EQ(ath({"run", path}), 139);
  EXPECT_THAT(err, HasSubstr("lost"));
}

TEST_F(RunTest, DetachesAndListsAndStops) {
  const std::string path = file("pass");
  EXPECT_EQ(ath({"run", path, "--detach", "--name", "mine"}), 0);
  EXPECT_EQ(out, "j1\n");
  EXPECT_FALSE(scripts.spec("j1").has_stdin);
  EXPECT_EQ(ath({"jobs"}), 0);
  EXPECT_THAT(out, AllOf(HasSubstr("Python: idle"), HasSubstr("j1"), HasSubstr("queued"),
                         HasSubstr("mine")));
  EXPECT_EQ(ath({"jobs", "--json"}), 0);
  EXPECT_EQ(wire::parse_json(out).at("jobs").as_array().size(), 1u);
  EXPECT_EQ(ath({"stop", "j1", "--reason", "lunch"}), 0);
  EXPECT_EQ(scripts.stop_reason("j1"), "lunch");
  EXPECT_EQ(ath({"stop", "j1", "--force"}), 0);
  EXPECT_EQ(scripts.status("j1").stage, 2);
}

TEST_F(RunTest, TellsAllInLinesOfJson) {
  const std::string path = file("pass");
  meanwhile([this] {
    ASSERT_TRUE(submitted());
    scripts.print("j1", "x");
    scripts.end("j1");
  });
  EXPECT_EQ(ath({"run", path, "--json"}), 0);
  std::vector<json::object> lines;
  std::istringstream text(out);
  for (std::string line; std::getline(text, line);)
    lines.push_back(wire::parse_json(line).as_object());
  ASSERT_EQ(lines.size(), 3u) << out;
  EXPECT_EQ(lines[0].at("job"), "j1");
  EXPECT_EQ(lines[1].at("text"), "x");
  EXPECT_EQ(lines[2].at("status").as_object().at("outcome"), "ok");
}

TEST_F(RunTest, TellsOfOutputThatWasNotKept) {
  const std::string path = file("pass");
  meanwhile([this] {
    ASSERT_TRUE(submitted());
    scripts.change("j1", [](ScriptStatus& status) { status.gap = 12345; });
    scripts.end("j1");
  });
  EXPECT_EQ(ath({"run", path}), 0);
  EXPECT_THAT(err, HasSubstr("12345 bytes of output were not kept"));
}

TEST_F(RunTest, PassesTheServersReasonOn) {
  scripts.set_health({"failed", "no torch in /opt/venv", "", "", "", "", ""});
  EXPECT_EQ(ath({"run", file("pass")}), -1);
  EXPECT_THAT(err, HasSubstr("no torch in /opt/venv"));
  EXPECT_EQ(ath({"output", "j7"}), -1);
  EXPECT_THAT(err, HasSubstr("no job 'j7'"));
}

TEST_F(RunTest, RefusesWhatIsNoScript) {
  EXPECT_EQ(ath({"run", "/no/such/file.py"}), -1);
  EXPECT_THAT(err, HasSubstr("/no/such/file.py"));
  EXPECT_EQ(ath({"run", file("\xff\xfe")}), -1);
  EXPECT_THAT(err, HasSubstr("UTF-8"));
  EXPECT_EQ(ath({"run", file(std::string(kLargestSource + 1, '#'))}), -1);
  EXPECT_THAT(err, HasSubstr("1048576"));
  EXPECT_EQ(scripts.size(), 0u);
}

}  // namespace
}  // namespace atheria::cli
