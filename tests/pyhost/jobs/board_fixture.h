#pragma once

#include <gmock/gmock.h>

#include <filesystem>

#include "fake_executor.h"
#include "pyhost/jobs/board.h"

namespace atheria::jobs {

// A board whose clock is a number and whose executor writes down what it is told.
class BoardTest : public testing::Test {
 protected:
  BoardTest() {
    std::filesystem::remove_all(folder);
    board = make();
    board->attach(&executor);
    board->set_health({"idle", "", "3.11.2", "2.13.0", "python3", "", ""});
  }

  std::unique_ptr<Board> make() {
    return std::make_unique<Board>(Board::Options{
        .folder = folder, .queue = 3, .remembered = 5, .now = [this] { return time; }});
  }

  static ScriptSpec script(const std::string& name) {
    ScriptSpec spec;
    spec.name = name;
    spec.source = "print(1)\n";
    return spec;
  }

  // Submitted, taken by the executor, and running.
  std::string running(ScriptSpec spec) {
    const std::string job = board->run(std::move(spec)).job;
    const auto work = board->next(std::chrono::milliseconds(0));
    EXPECT_TRUE(work && work->job == job);
    EXPECT_TRUE(board->started(job));
    return job;
  }

  void pass(double seconds) { time += static_cast<std::uint64_t>(seconds * 1e6); }

  const std::string folder =
      testing::TempDir() + "runs-" + testing::UnitTest::GetInstance()->current_test_info()->name();
  std::uint64_t time = 1'000'000;
  FakeExecutor executor;
  std::unique_ptr<Board> board;
};

}  // namespace atheria::jobs
