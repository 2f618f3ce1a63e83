#include "pyhost/jobs/record.h"

#include <sys/wait.h>
#include <unistd.h>

#include <fstream>

#include "board_fixture.h"

namespace atheria::jobs {
namespace {

std::string content(const std::string& path) {
  std::ifstream file(path);
  return {std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>()};
}

TEST_F(BoardTest, EveryRunKeepsItsSourceItsOutputAndHowItEnded) {
  const std::string job = running(script("train.py"));
  board->write(job, "stdout", "loss 0.5\n");
  board->done(job, {.outcome = "error",
                    .exit_code = 1,
                    .failure = ScriptFailure{"ValueError", "no", "Traceback ...", {}},
                    .left_behind = {"thread 'loader'"}});
  const std::string place = folder + "/000001-train.py/";
  EXPECT_EQ(content(place + "script.py"), "print(1)\n");
  EXPECT_THAT(content(place + "out.jsonl"), testing::HasSubstr("loss 0.5"));
  EXPECT_THAT(content(place + "job.json"),
              testing::AllOf(testing::HasSubstr("\"error\""), testing::HasSubstr("ValueError"),
                             testing::HasSubstr("loader")));
}

TEST_F(BoardTest, ALaterServerListsEarlierJobsAndTheirOutput) {
  const std::string job = running(script("a"));
  board->write(job, "stdout", "kept");
  board->done(job, {.outcome = "exit", .exit_code = 3, .failure = {}, .left_behind = {}});
  board = make();
  const ScriptStatus status = board->status(job);
  EXPECT_EQ(status.state, "done");
  EXPECT_EQ(status.exit_code, 3);
  EXPECT_EQ(board->output(job, 0, 1000).at(0).text, "kept");
}

TEST_F(BoardTest, AJobWhoseServerDiedIsLost) {
  const std::string job = running(script("a"));
  board->write(job, "stdout", "before the crash");
  board->output(job, 0, 1000);
  // As if another process had written it that is no more.
  const pid_t child = fork();
  if (child == 0) _exit(0);
  waitpid(child, nullptr, 0);
  const std::string path = folder + "/000001-a/job.json";
  std::string record = content(path);
  const std::string mine = "\"pid\":" + std::to_string(getpid());
  record.replace(record.find(mine), mine.size(), "\"pid\":" + std::to_string(child));
  std::ofstream(path) << record;
  board = make();
  EXPECT_EQ(board->status(job).outcome, "lost");
  EXPECT_EQ(board->status(job).exit_code, 139);
  EXPECT_THAT(content(path), testing::HasSubstr("\"lost\""));
}

TEST_F(BoardTest, TwoServersMayShareAFolder) {
  auto other = make();
  other->set_health({"idle", "", "", "", "", "", ""});
  const std::string mine = board->run(script("a")).job;
  const std::string theirs = other->run(script("b")).job;
  EXPECT_NE(mine, theirs);
}

TEST_F(BoardTest, ANameBecomesAFileNameThatHarmsNobody) {
  running(script("../../etc/pass wd"));
  EXPECT_TRUE(std::filesystem::exists(folder + "/000001-.._.._etc_pass_wd/script.py"));
}

TEST_F(BoardTest, AFolderThatCannotBeWrittenIsSaidAndNothingIsQueued) {
  std::filesystem::remove_all(folder);
  std::ofstream(folder) << "a file is in the way";
  EXPECT_THROW(board->run(script("a")), std::exception);
  EXPECT_TRUE(board->list().empty());
  std::filesystem::remove(folder);
}

// A restart keeps the process's number, which then proves nothing.
TEST_F(BoardTest, AJobOfThisProcessBeforeItBeganAnewIsLost) {
  const std::string ran = running(script("a"));
  const std::string waited = board->run(script("b")).job;
  board = make();
  for (const std::string& job : {ran, waited}) {
    EXPECT_EQ(board->status(job).outcome, "lost");
    EXPECT_EQ(board->status(job).exit_code, 139);
  }
}

}  // namespace
}  // namespace atheria::jobs
