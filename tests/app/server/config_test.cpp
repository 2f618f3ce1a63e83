#include "app/config.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/stat.h>

#include <filesystem>
#include <fstream>

#include "app/config_schema.h"
#include "app/demo.h"
#include "app/runtime_file.h"
#include "app/server_options.h"
#include "engine/base/error.h"
#include "engine/run/world.h"

namespace atheria {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;

class ConfigTest : public ::testing::Test {
 protected:
  void SetUp() override {
    folder_ = std::filesystem::path(::testing::TempDir()) /
              ("config-" + std::to_string(getpid()) + "-" +
               ::testing::UnitTest::GetInstance()->current_test_info()->name());
    std::filesystem::create_directories(folder_);
  }
  void TearDown() override { std::filesystem::remove_all(folder_); }

  std::string file(const std::string& text, const std::string& name = "server.toml") {
    const std::string path = (folder_ / name).string();
    std::ofstream(path) << text;
    chmod(path.c_str(), 0600);
    return path;
  }

  static Config load(const std::vector<std::string>& args, const Environment& environment = {}) {
    return load_config(args, environment).config;
  }
  static std::string why_not(const std::vector<std::string>& args,
                             const Environment& environment = {}) {
    try {
      load_config(args, environment);
    } catch (const Error& error) {
      return error.what();
    }
    return "it was taken";
  }

  std::filesystem::path folder_;
};

TEST_F(ConfigTest, HasDefaults) {
  const Config config = load({});
  EXPECT_EQ(config.host, "127.0.0.1");
  EXPECT_EQ(config.port, 8765);
  EXPECT_EQ(config.torch_threads, 1);
  EXPECT_TRUE(config.world.empty());
}

TEST_F(ConfigTest, TakesFlagsOverVariablesOverTheFile) {
  const std::string path =
      file("port = 1\nthreads = 2\nlog_level = \"error\"\nworld = [\"a=life,8x8\"]\n");
  const Environment environment = {{"ATHERIA_PORT", "2"}, {"ATHERIA_THREADS", "3"}};
  const Config config = load({"--config", path, "--port", "3"}, environment);
  EXPECT_EQ(config.port, 3);
  EXPECT_EQ(config.threads, 3);
  EXPECT_EQ(config.log_level, "error");
  EXPECT_EQ(config.world, std::vector<std::string>{"a=life,8x8"});
  EXPECT_EQ(load({}, {{"ATHERIA_CONFIG", path}}).threads, 2);
}

TEST_F(ConfigTest, TakesListsFromEverySource) {
  const std::vector<std::string> two = {"a=life,8x8,seed=1", "b=life,8x8"};
  EXPECT_EQ(load({"--world", two[0], "--world", two[1]}).world, two);
  EXPECT_EQ(load({}, {{"ATHERIA_WORLD", "a=life,8x8,seed=1;b=life,8x8"}}).world, two);
}

TEST_F(ConfigTest, TakesFlagsWithoutAValue) {
  EXPECT_TRUE(load({"--demo", "--ready-json"}).demo);
  EXPECT_TRUE(load({}, {{"ATHERIA_DEMO", "yes"}}).demo);
  EXPECT_FALSE(load({"--no-demo"}, {{"ATHERIA_DEMO", "1"}}).demo);
}

TEST_F(ConfigTest, NamesKeyValueRangeAndSource) {
  EXPECT_THAT(why_not({"--port", "70000"}),
              AllOf(HasSubstr("--port"), HasSubstr("70000"), HasSubstr("0..65535")));
  EXPECT_THAT(why_not({}, {{"ATHERIA_PORT", "x1"}}),
              AllOf(HasSubstr("ATHERIA_PORT"), HasSubstr("'x1'")));
  EXPECT_THAT(why_not({"--config", file("\n\nport = -1\n")}),
              AllOf(HasSubstr("server.toml:3"), HasSubstr("-1"), HasSubstr("0..65535")));
  EXPECT_THAT(why_not({"--log-level", "loud"}),
              AllOf(HasSubstr("loud"), HasSubstr("debug, info, warning, error")));
}

TEST_F(ConfigTest, RefusesTheWrongType) {
  EXPECT_THAT(why_not({"--config", file("port = \"8765\"\n")}),
              AllOf(HasSubstr("server.toml:1"), HasSubstr("whole number")));
  EXPECT_THAT(why_not({"--config", file("demo = 1\n")}), HasSubstr("true or false"));
  EXPECT_THAT(why_not({"--config", file("world = \"a=life,8x8\"\n")}), HasSubstr("list of texts"));
  EXPECT_THAT(why_not({"--config", file("world = [1]\n")}), HasSubstr("not a text"));
  EXPECT_THAT(why_not({"--config", file("port = 1.5\n")}), HasSubstr("port"));
  EXPECT_THAT(why_not({}, {{"ATHERIA_DEMO", "maybe"}}), HasSubstr("maybe"));
}

TEST_F(ConfigTest, RefusesUnknownKeysAndOffersTheNearest) {
  EXPECT_THAT(why_not({"--config", file("prot = 1\n")}),
              AllOf(HasSubstr("server.toml:1"), HasSubstr("did you mean 'port'")));
  EXPECT_THAT(why_not({"--config", file("[server]\nport = 1\n")}),
              HasSubstr("no setting 'server'"));
  EXPECT_THAT(why_not({"--prot", "1"}), HasSubstr("--prot"));
  EXPECT_THAT(why_not({"stray"}), HasSubstr("stray"));
}

TEST_F(ConfigTest, RefusesFilesItCannotRead) {
  EXPECT_THAT(why_not({"--config", (folder_ / "none.toml").string()}), HasSubstr("No such file"));
  EXPECT_THAT(why_not({"--config", file("port = = 1\n")}),
              AllOf(HasSubstr("server.toml:1"), HasSubstr("not TOML")));
  EXPECT_THAT(why_not({"--config", folder_.string()}), HasSubstr("cannot read"));
}

TEST_F(ConfigTest, WarnsOfVariablesThatLookLikeOurs) {
  const Loaded loaded = load_config({}, {{"ATHERIA_PROT", "1"}, {"ATHERIA_TOKEN", "x"}});
  ASSERT_EQ(loaded.warnings.size(), 1u);
  EXPECT_THAT(loaded.warnings[0], AllOf(HasSubstr("ATHERIA_PROT"), HasSubstr("port")));
}

TEST_F(ConfigTest, PrintsHelpAndWhatItIs) {
  const std::string help = load_config({"--help"}, {}).print;
  for (const Setting& setting : settings())
    EXPECT_THAT(help, HasSubstr(std::string("--") + setting.name));
  for (const char* group : {"Network", "Worlds", "Threads", "Output", "Exit codes"})
    EXPECT_THAT(help, HasSubstr(group));
  EXPECT_THAT(load_config({"--version"}, {}).print, HasSubstr("atheria-server"));
  const std::string printed = load_config({"--print-config", "--port", "5"}, {}).print;
  EXPECT_THAT(printed,
              AllOf(HasSubstr("port = 5  # --port"), HasSubstr("host = \"127.0.0.1\"  # default")));
}

TEST_F(ConfigTest, CanReadWhatItPrinted) {
  const Loaded loaded =
      load_config({"--print-config", "--world", "a=life,8x8,init=\"x\\y\"", "--demo"}, {});
  const Config again = load({"--config", file(loaded.print)});
  EXPECT_EQ(again.world, loaded.config.world);
  EXPECT_TRUE(again.demo);
}

TEST_F(ConfigTest, IsDocumentedSettingBySetting) {
  std::ifstream page("docs/configuration.md");
  const std::string text((std::istreambuf_iterator<char>(page)), std::istreambuf_iterator<char>());
  for (const Setting& setting : settings()) {
    EXPECT_THAT(text, HasSubstr("`" + key_of(setting) + "`")) << "docs/configuration.md";
    EXPECT_THAT(text, HasSubstr(variable_of(setting))) << "docs/configuration.md";
  }
}

TEST_F(ConfigTest, KeepsToLoopbackUnlessToldOtherwise) {
  Config config;
  EXPECT_NO_THROW(server_options(config));
  for (const char* host : {"::1", "localhost", "127.0.0.1"}) {
    config.host = host;
    EXPECT_NO_THROW(server_options(config)) << host;
  }
  config.host = "0.0.0.0";
  EXPECT_THROW(server_options(config), Error);
  config.insecure = true;
  EXPECT_NO_THROW(server_options(config));
  config.host = "no address";
  config.insecure = false;
  EXPECT_THROW(server_options(config), Error);
}

TEST_F(ConfigTest, ReadsTokensWithRoles) {
  const std::string a(43, 'a'), b(43, 'b');
  const auto grants = read_tokens(
      file("# mine\n" + a + "\nviewer " + b + "  # the screen in the hall\n\n", "tokens"));
  ASSERT_EQ(grants.size(), 2u);
  EXPECT_EQ(grants[0].role, server::Role::admin);
  EXPECT_EQ(grants[1].role, server::Role::viewer);
}

TEST_F(ConfigTest, RefusesTokenFilesWithoutQuotingThem) {
  const auto fault = [&](const std::string& text) -> std::string {
    try {
      read_tokens(file(text, "tokens"));
    } catch (const Error& error) {
      return error.what();
    }
    return "it was taken";
  };
  const std::string secret(42, 's');
  EXPECT_THAT(fault("\n" + secret + "\n"),
              AllOf(HasSubstr("tokens:2"), ::testing::Not(HasSubstr(secret))));
  EXPECT_THAT(fault("king " + std::string(43, 'a') + "\n"), HasSubstr("roles are"));
  EXPECT_THAT(fault("# nothing\n"), HasSubstr("no token"));
  EXPECT_THROW(read_tokens((folder_ / "none").string()), Error);
}

TEST_F(ConfigTest, HasDemoWorldsThatCanBeMade) {
  const auto demo = demo_worlds();
  EXPECT_EQ(demo.size(), 5u);
  for (const std::string& text : demo) {
    const WorldSpec spec = parse_world(text);
    EXPECT_GT(spec.pace.steps_per_second, 0) << text;
  }
}

TEST_F(ConfigTest, LeavesARuntimeFileForItsOwnerOnly) {
  setenv("XDG_RUNTIME_DIR", folder_.c_str(), 1);
  std::string path;
  {
    const RuntimeFile runtime(1234, {"http://127.0.0.1:1234", "secret", getpid(), "0.1.0"});
    path = runtime.path();
    struct stat about{};
    ASSERT_EQ(stat(path.c_str(), &about), 0);
    EXPECT_EQ(about.st_mode & 0777, 0600u);
    const auto running = running_servers();
    ASSERT_EQ(running.size(), 1u);
    EXPECT_EQ(running[0].url, "http://127.0.0.1:1234");
    EXPECT_EQ(running[0].token, "secret");
  }
  EXPECT_FALSE(std::filesystem::exists(path));
  EXPECT_TRUE(running_servers().empty());
  unsetenv("XDG_RUNTIME_DIR");
}

}  // namespace
}  // namespace atheria
