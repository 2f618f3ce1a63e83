#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/stat.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <future>

#include "app/restart_file.h"
#include "app/restarter.h"
#include "app/resume.h"
#include "app/runtime_file.h"
#include "engine/base/error.h"

namespace atheria {
namespace {

namespace fs = std::filesystem;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using Kept = server::RestartAccess::Kept;

class RestartTest : public ::testing::Test {
 protected:
  RestartTest() {
    base_ = ::testing::TempDir() + "restart-XXXXXX";
    if (mkdtemp(base_.data()) == nullptr) throw std::runtime_error("no folder");
    setenv("XDG_RUNTIME_DIR", base_.c_str(), 1);
  }
  ~RestartTest() override {
    unsetenv("XDG_RUNTIME_DIR");
    fs::remove_all(base_);
  }

  // What save() says, or throws.
  static Kept saved(Restarter& restarter) {
    std::promise<std::pair<Kept, std::optional<Error>>> promise;
    restarter.save([&](Kept kept, std::optional<Error> error) {
      promise.set_value({std::move(kept), std::move(error)});
    });
    auto [kept, error] = promise.get_future().get();
    if (error) throw Error(*error);
    return kept;
  }

  bool nothing_is_left() const {
    for (const auto& entry : fs::directory_iterator(base_ + "/atheria"))
      if (entry.path().filename().string().starts_with("restart-")) return false;
    return true;
  }

  std::string base_;
};

WorldSpec spec() {
  WorldSpec spec{.name = "w", .law = "gray-scott"};
  spec.grid = {24, 16, 1};
  spec.seed = 0xFFFF'FFFF'FFFF'FFFF;
  spec.pace.steps_per_second = 1.0 / 3;
  spec.playing = false;
  return spec;
}

TEST_F(RestartTest, WhatIsWrittenIsReadOnceAndExactly) {
  const std::string folder = make_restart_folder();
  Checkpoint world{.spec = spec(), .origin = spec()};
  world.spec.params = {{"F", 0.1 + 0.2}, {"k", 1e-300}};
  world.spec.init = "image:file=/home/me/a.png," + std::string(100'000, 'x');
  world.step = std::uint64_t{1} << 60;
  world.time = 1e17 / 3;
  world.anchor_step = 5;
  world.anchor_time = 0.1;
  world.failure = "it \"broke\"";
  world.file = folder + "/0.safetensors";
  write_restart(folder, {.port = 8765, .token = "secret", .worlds = {world}});
  struct stat about{};
  ASSERT_EQ(stat((folder + "/restart.json").c_str(), &about), 0);
  EXPECT_EQ(about.st_mode & 0777, 0600U);
  ASSERT_EQ(stat(folder.c_str(), &about), 0);
  EXPECT_EQ(about.st_mode & 0777, 0700U);

  const Restart read = read_restart(folder);
  EXPECT_EQ(read.port, 8765);
  EXPECT_EQ(read.token, "secret");
  ASSERT_EQ(read.worlds.size(), 1U);
  const Checkpoint& one = read.worlds[0];
  EXPECT_EQ(one.spec.params, world.spec.params);
  EXPECT_EQ(one.spec.init, world.spec.init);
  EXPECT_EQ(one.spec.seed, world.spec.seed);
  EXPECT_EQ(one.spec.pace.steps_per_second, 1.0 / 3);
  EXPECT_EQ(one.origin.grid, world.origin.grid);
  EXPECT_EQ(one.step, world.step);
  EXPECT_EQ(one.time, world.time);
  EXPECT_EQ(one.anchor_step, 5U);
  EXPECT_EQ(one.anchor_time, 0.1);
  EXPECT_EQ(one.failure, world.failure);
  EXPECT_EQ(one.file, world.file);
  EXPECT_THROW(read_restart(folder), Error) << "it held a secret";
}

TEST_F(RestartTest, AFolderOthersMayOpenIsRefused) {
  const std::string folder = make_restart_folder();
  write_restart(folder, {});
  chmod(folder.c_str(), 0755);
  EXPECT_THROW(read_restart(folder), Error);
}

TEST_F(RestartTest, WorldsAreSavedAndStandStillUntilTheEnd) {
  server::Server server({});
  EngineWorlds worlds(server.sink(), 8, 0);
  worlds.create(spec());
  Restarter restarter({.program = "/proc/self/exe"}, server, worlds);
  EXPECT_THAT(saved(restarter).worlds, ElementsAre("w"));
  EXPECT_EQ(worlds.state("w").leased_by, "server.restart");
  EXPECT_THROW(saved(restarter), Error) << "one is under way";
  restarter.go();
  const std::string folder = restarter.end();
  EXPECT_EQ(read_restart(folder).token, server.token());
}

TEST_F(RestartTest, WithoutAFolderNothingHappensAndItMayBeTriedAgain) {
  server::Server server({});
  EngineWorlds worlds(server.sink(), 8, 0);
  worlds.create(spec());
  Restarter restarter({.program = "/proc/self/exe"}, server, worlds);
  std::ofstream(base_ + "/atheria") << "a file is in the way";
  try {
    saved(restarter);
    FAIL() << "it was saved";
  } catch (const Error& error) {
    EXPECT_EQ(error.kind(), ErrorKind::conflict);
    EXPECT_THAT(error.what(), HasSubstr(base_));
  }
  EXPECT_EQ(worlds.state("w").leased_by, "");
  fs::remove(base_ + "/atheria");
  EXPECT_THAT(saved(restarter).worlds, ElementsAre("w"));
}

TEST_F(RestartTest, AWorldInALongStepRefusesItAndAllGoOn) {
  server::Server server({});
  EngineWorlds worlds(server.sink(), 8, 0);
  worlds.create(spec());
  auto other = spec();
  other.name = "slow";
  worlds.create(other);
  // As a long step: its thread is in the middle of something.
  std::promise<void> go_on;
  worlds.post("slow", {command::Visit{[&](Simulation&) { go_on.get_future().wait(); }}});
  Restarter restarter({.program = "/proc/self/exe", .patience = std::chrono::milliseconds(100)},
                      server, worlds);
  try {
    saved(restarter);
    ADD_FAILURE() << "it was saved";
  } catch (const Error& error) {
    EXPECT_EQ(error.kind(), ErrorKind::busy);
    EXPECT_THAT(error.what(), HasSubstr("world 'slow' did not answer"));
  }
  go_on.set_value();
  for (const char* name : {"w", "slow"}) {
    std::promise<Outcome> stepped;
    worlds.post(name, {command::Step{3}, [&](Outcome done) { stepped.set_value(done); }});
    const Outcome done = stepped.get_future().get();
    EXPECT_FALSE(done.error);
    EXPECT_EQ(done.step, 3U);
  }
  EXPECT_TRUE(nothing_is_left());
}

}  // namespace
}  // namespace atheria
