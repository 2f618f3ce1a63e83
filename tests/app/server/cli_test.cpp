#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <fstream>

#include "app/cli/client.h"
#include "app/cli/command.h"
#include "app/cli/doctor.h"
#include "app/cli/machine.h"
#include "app/protocol/json_text.h"
#include "engine/base/error.h"

namespace atheria::cli {
namespace {

using ::testing::HasSubstr;

// Calls `see(path, command)` for every verb and sub-verb: "bench step".
void each_command(CLI::App& app, const std::string& path,
                  const std::function<void(const std::string&, CLI::App&)>& see) {
  for (CLI::App* command : app.get_subcommands({})) {
    const std::string here = path.empty() ? command->get_name() : path + " " + command->get_name();
    see(here, *command);
    each_command(*command, here, see);
  }
}

TEST(Cli, EveryCommandIsInAReadme) {
  std::ifstream file("app/README.md");
  const std::string readme((std::istreambuf_iterator<char>(file)),
                           std::istreambuf_iterator<char>());
  CLI::App app;
  add_commands(app, std::make_shared<Action>());
  int seen = 0;
  each_command(app, "", [&](const std::string& path, CLI::App&) {
    EXPECT_THAT(readme, HasSubstr("ath " + path));
    ++seen;
  });
  EXPECT_GE(seen, 7);
}

TEST(Cli, EveryCommandAndOptionSaysWhatItIs) {
  CLI::App app;
  add_commands(app, std::make_shared<Action>());
  each_command(app, "", [](const std::string& path, CLI::App& command) {
    EXPECT_FALSE(command.get_description().empty()) << path;
    for (const CLI::Option* option : command.get_options())
      EXPECT_FALSE(option->get_description().empty()) << path << " " << option->get_name();
  });
}

TEST(Cli, RefusesVerbsAndValuesThatAreNone) {
  for (const char* line : {"explode", "bench explode", "bench --rounds 0", "bench step --size 3",
                           "bench step --path slow", "laws a b"}) {
    CLI::App app;
    app.require_subcommand(1);
    add_commands(app, std::make_shared<Action>());
    EXPECT_THROW(app.parse(line), CLI::ParseError) << line;
  }
}

TEST(Cli, HandsEverythingAfterServeToTheServer) {
  CLI::App app;
  add_commands(app, std::make_shared<Action>());
  app.parse("serve --port 0 --help --world a=life,8x8");
  EXPECT_EQ(app.get_subcommand("serve")->remaining(),
            (std::vector<std::string>{"--port", "0", "--help", "--world", "a=life,8x8"}));
}

TEST(Doctor, JudgesVersions) {
  EXPECT_EQ(judge_tool("cmake", "cmake version 3.25.1", {3, 25}, Health::fault, "cure").health,
            Health::ok);
  EXPECT_EQ(judge_tool("cmake", "cmake version 3.9", {3, 25}, Health::fault, "cure").health,
            Health::fault);
  const Finding missing = judge_tool("node", "", {20}, Health::warning, "install it");
  EXPECT_EQ(missing.health, Health::warning);
  EXPECT_EQ(missing.cure, "install it");
}

TEST(Doctor, FindsTwoTorchesThatDiffer) {
  EXPECT_EQ(judge_torch("2.13.0+cpu", "2.13.0+cpu").health, Health::ok);
  EXPECT_EQ(judge_torch("2.13.0+cpu", "2.13.0").health, Health::ok)
      << "libtorch does not say which";
  EXPECT_EQ(judge_torch("2.13.0", "2.13.0+cu130").health, Health::ok);
  EXPECT_EQ(judge_torch("2.13.0+cpu", "2.13.0+cu130").health, Health::fault);
  EXPECT_EQ(judge_torch("2.13.0", "2.13.01").health, Health::fault);
  const Finding differ = judge_torch("2.13.0+cpu", "2.12.0");
  EXPECT_EQ(differ.health, Health::fault);
  EXPECT_THAT(differ.found, HasSubstr("2.12.0"));
  EXPECT_FALSE(differ.cure.empty());
}

TEST(Doctor, FaultsOnlyWhenSomethingCannotWork) {
  EXPECT_EQ(judge_disk(100).health, Health::ok);
  EXPECT_EQ(judge_disk(1).health, Health::warning);
  EXPECT_EQ(judge_disk(0.1).health, Health::fault);
  EXPECT_FALSE(any_fault({judge_disk(1)}));
  EXPECT_TRUE(any_fault({judge_disk(100), judge_disk(0)}));
}

TEST(Doctor, SaysTheSameInTextAndJson) {
  const std::vector<Finding> findings = {{"disk", Health::warning, "1 GiB", "make room"}};
  EXPECT_THAT(as_text(findings), HasSubstr("warning  disk"));
  EXPECT_THAT(as_text(findings), HasSubstr("-> make room"));
  const auto json = wire::parse_json(as_json(findings)).as_object();
  EXPECT_EQ(json.at("ok"), true);
  EXPECT_EQ(json.at("findings").as_array().at(0).as_object().at("health"), "warning");
}

TEST(Machine, ReadsVersionsOutOfSentences) {
  EXPECT_EQ(version_in("g++ (Debian 12.2.0-14) 12.2.0"), (std::vector<int>{12, 2, 0}));
  EXPECT_EQ(version_in("v24.9.1"), (std::vector<int>{24, 9, 1}));
  EXPECT_TRUE(version_in("nothing 5").empty());
}

TEST(Machine, RunsProgramsAndForgivesTheirAbsence) {
  EXPECT_EQ(first_line_of({"printf", "one\\ntwo\\n"}), "one");
  EXPECT_EQ(first_line_of({"false"}), std::nullopt);
  EXPECT_EQ(first_line_of({"no-such-program-here"}), std::nullopt);
}

TEST(Machine, TakesTheMiddleOne) {
  EXPECT_EQ(median({3, 1, 2}), 2);
  EXPECT_EQ(median({4, 1, 2, 3}), 2.5);
  EXPECT_EQ(median({}), 0);
}

TEST(Client, SaysWhenNobodyAnswers) {
  try {
    http_request("GET", "http://127.0.0.1:1", "/", "");
    FAIL() << "somebody answered";
  } catch (const Error& error) {
    EXPECT_THAT(error.what(), HasSubstr("no answer from http://127.0.0.1:1"));
  }
  EXPECT_THROW(http_request("GET", "127.0.0.1", "/", ""), Error);
}

}  // namespace
}  // namespace atheria::cli
