#include "pyhost/jobs/board.h"

#include <poll.h>

#include <thread>

#include "board_fixture.h"
#include "engine/base/error.h"

namespace atheria::jobs {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

constexpr std::chrono::milliseconds kNow{0};

template <class Call>
Error error_of(Call call) {
  try {
    call();
  } catch (const Error& error) {
    return error;
  }
  return Error(ErrorKind::internal, "nothing was thrown");
}

bool readable(int file) {
  pollfd one{file, POLLIN, 0};
  return poll(&one, 1, 0) == 1;
}

TEST_F(BoardTest, RunsJobsOneAfterTheOtherInTheOrderTheyCame) {
  const std::string first = running(script("a"));
  const ScriptStatus second = board->run(script("b"));
  EXPECT_EQ(second.state, "queued");
  EXPECT_EQ(second.position, 1);
  EXPECT_EQ(board->status(first).state, "running");
  board->done(first, {});
  EXPECT_EQ(board->status(first).state, "done");
  EXPECT_EQ(board->next(kNow)->job, second.job);
}

TEST_F(BoardTest, TheSixteenthIsNotOneTooManyButOneMoreThanTheQueueIsBusy) {
  for (const char* name : {"a", "b", "c"}) board->run(script(name));
  const Error error = error_of([&] { board->run(script("d")); });
  EXPECT_EQ(error.kind(), ErrorKind::busy);
  EXPECT_THAT(error.what(), testing::HasSubstr("3 scripts wait"));
}

TEST_F(BoardTest, WithoutPythonEveryScriptIsRefusedWithTheReason) {
  board->set_health({"failed", "no torch in there", "", "", "", "", ""});
  const Error error = error_of([&] { board->run(script("a")); });
  EXPECT_EQ(error.kind(), ErrorKind::unsupported);
  EXPECT_THAT(error.what(), testing::HasSubstr("no torch in there"));
}

TEST_F(BoardTest, JobsThatWaitedForPythonEndWithItsFailure) {
  board->set_health({"starting", "", "", "", "", "", ""});
  const std::string job = board->run(script("a")).job;
  board->set_health({"failed", "no torch in there", "", "", "", "", ""});
  EXPECT_EQ(board->status(job).state, "done");
  EXPECT_EQ(board->status(job).exit_code, 1);
  EXPECT_EQ(board->status(job).failure->message, "no torch in there");
}

TEST_F(BoardTest, TheWakeFdIsReadableWhileThereIsWork) {
  board->next(kNow);
  EXPECT_FALSE(readable(board->wake_fd()));
  board->run(script("a"));
  board->run(script("b"));
  EXPECT_TRUE(readable(board->wake_fd()));
  board->next(kNow);
  EXPECT_TRUE(readable(board->wake_fd()));
  board->next(kNow);
  EXPECT_FALSE(readable(board->wake_fd()));
}

TEST_F(BoardTest, NextWakesWhenAJobArrives) {
  std::thread later([&] { board->run(script("a")); });
  const auto work = board->next(std::chrono::seconds(20));
  later.join();
  ASSERT_TRUE(work);
  EXPECT_EQ(work->spec.name, "a");
}

TEST_F(BoardTest, OutputIsNumberedAndStaysAfterTheEnd) {
  const std::string job = running(script("a"));
  board->write(job, "stdout", "one");
  EXPECT_EQ(board->output(job, 0, 1000).at(0).text, "one");
  board->write(job, "stdout", "two");
  board->done(job, {});
  board->write(job, "stdout", "too late");
  const auto chunks = board->output(job, 1, 1000);
  ASSERT_EQ(chunks.size(), 1u);
  EXPECT_EQ(chunks[0].text, "two");
  EXPECT_EQ(board->status(job).out_to, 2u);
}

TEST_F(BoardTest, WhatEndsAJobIsToldOnce) {
  std::vector<std::string> told;
  board->listen([&](const std::string& job) {
    if (!job.empty() && board->status(job).state == "done") told.push_back(job);
  });
  const std::string job = running(script("a"));
  board->done(job, {.outcome = "exit", .exit_code = 3, .failure = {}, .left_behind = {}});
  board->done(job, {});
  EXPECT_THAT(told, ElementsAre(job));
  EXPECT_EQ(board->status(job).exit_code, 3);
}

TEST_F(BoardTest, InputIsAnsweredInOrderAndThenEnds) {
  auto spec = script("a");
  spec.has_stdin = true;
  const std::string job = running(spec);
  EXPECT_FALSE(board->read_line(job, "name? ", false, kNow).ready);
  EXPECT_TRUE(board->status(job).wants_input);
  EXPECT_EQ(board->status(job).prompt, "name? ");
  board->input(job, "Ada");
  board->input(job, std::nullopt);
  EXPECT_EQ(board->read_line(job, "", false, kNow).text, "Ada");
  EXPECT_FALSE(board->status(job).wants_input);
  const auto end = board->read_line(job, "", false, kNow);
  EXPECT_TRUE(end.ready);
  EXPECT_FALSE(end.text);
}

TEST_F(BoardTest, WithoutAListenerInputEndsAtOnceAndAnAnswerIsRefused) {
  const std::string job = running(script("a"));
  EXPECT_TRUE(board->read_line(job, "", false, kNow).ready);
  EXPECT_EQ(error_of([&] { board->input(job, "x"); }).kind(), ErrorKind::conflict);
}

TEST_F(BoardTest, AnUnknownJobIsNotFound) {
  for (const char* name : {"7", "", "x", "007"})
    EXPECT_EQ(error_of([&] { board->status(name); }).kind(), ErrorKind::not_found) << name;
}

TEST_F(BoardTest, OldJobsAreForgottenAndRunningOnesAreNot) {
  const std::string kept = running(script("kept"));
  for (int i = 0; i < 8; ++i) {
    const std::string job = board->run(script("x")).job;
    board->cancel(job, "", false);
  }
  const auto all = board->list();
  EXPECT_EQ(all.front().job, kept);
  EXPECT_LE(all.size(), 7u);
}

TEST_F(BoardTest, ProgressIsWhatTheScriptTold) {
  const std::string job = running(script("a"));
  board->progress(job, 0.25, "epoch 1 of 4");
  EXPECT_EQ(board->status(job).progress, 0.25);
  EXPECT_EQ(board->status(job).progress_text, "epoch 1 of 4");
}

TEST_F(BoardTest, AClosedBoardTakesNoMoreAndSaysStop) {
  const std::string waiting = board->run(script("a")).job;
  board->close("the server is stopping");
  EXPECT_EQ(board->status(waiting).outcome, "cancelled");
  EXPECT_EQ(board->next(kNow)->kind, Board::Work::Kind::stop);
  EXPECT_EQ(error_of([&] { board->run(script("b")); }).kind(), ErrorKind::cancelled);
}

TEST_F(BoardTest, ANotebookThatWantsToAttachIsATask) {
  board->add_task("{}");
  const auto work = board->next(kNow);
  EXPECT_EQ(work->kind, Board::Work::Kind::task);
  EXPECT_EQ(work->task, "{}");
}

TEST_F(BoardTest, ManyThreadsMayWriteReadAndCancelAtOnce) {
  const std::string job = running(script("a"));
  std::vector<std::thread> threads;
  for (int i = 0; i < 4; ++i)
    threads.emplace_back([&, i] {
      for (int k = 0; k < 200; ++k) {
        board->write(job, "stdout", "x");
        board->output(job, 0, 100);
        board->status(job);
        if (i == 0 && k == 100) board->cancel(job, "", false);
        board->tick();
      }
    });
  for (auto& thread : threads) thread.join();
  std::size_t count = 0;
  for (const ScriptChunk& chunk : board->output(job, 0, 1 << 20)) count += chunk.text.size();
  EXPECT_EQ(count, 800u);
}

}  // namespace
}  // namespace atheria::jobs
