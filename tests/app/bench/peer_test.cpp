#include "app/bench/peer.h"

#include <gmock/gmock.h>

#include <chrono>
#include <fstream>
#include <thread>

#include "app/bench/folder.h"

namespace atheria::bench {
namespace {

using ::testing::HasSubstr;
using wire::json::object;

// A peer written for the shell: `answer` is run for each line it reads.
class ShellPeer {
 public:
  explicit ShellPeer(const std::string& answer)
      : process("shell", {"/bin/sh", "-c", "while read -r line; do " + answer + "; done"},
                folder.path()) {}

  std::string failure(double limit = 20) {
    try {
      process.ask({{"op", "check"}}, limit);
      return "";
    } catch (const PeerFailed& failed) {
      return failed.what();
    }
  }

  BenchFolder folder;
  PeerProcess process;
};

pid_t child_in(const object& answer) { return answer.at("pid").to_number<pid_t>(); }

TEST(BenchPeer, AnswersAreTakenInOrder) {
  ShellPeer peer("echo \"$line\"");
  for (int i = 0; i < 3; ++i) EXPECT_EQ(peer.process.ask({{"n", i}}, 20).at("n"), i);
}

TEST(BenchPeer, ACrashIsToldWithItsLastWords) {
  ShellPeer peer("echo 'no more memory' >&2; exit 3");
  EXPECT_THAT(peer.failure(), HasSubstr("no more memory"));
  EXPECT_THAT(peer.failure(), HasSubstr("shell ended")) << "and again when asked again";
}

TEST(BenchPeer, WhatIsNoJsonIsAFailure) {
  ShellPeer peer("echo Hello");
  EXPECT_THAT(peer.failure(), HasSubstr("Hello"));
}

// "S" while it sleeps, "Z" when only its number is left, "" when that has gone, too.
std::string state_of(pid_t process) {
  std::ifstream file("/proc/" + std::to_string(process) + "/stat");
  std::string text;
  std::getline(file, text);
  const auto name_ends = text.rfind(')');
  return name_ends == std::string::npos ? "" : text.substr(name_ends + 2, 1);
}

bool ends(pid_t process) {
  const auto limit = std::chrono::steady_clock::now() + std::chrono::seconds(20);
  while (state_of(process) != "Z" && !state_of(process).empty()) {
    if (std::chrono::steady_clock::now() > limit) return false;
    std::this_thread::yield();
  }
  return true;
}

TEST(BenchPeer, OneThatHangsIsEndedWithAllItStarted) {
  ShellPeer peer("sleep 1000 & echo \"{\\\"pid\\\": $!}\"; sleep 1000");
  const pid_t child = child_in(peer.process.ask({{"op", "prepare"}}, 20));
  EXPECT_FALSE(state_of(child).empty());
  EXPECT_THAT(peer.failure(0.1), HasSubstr("did not answer within 0.1 s"));
  EXPECT_TRUE(ends(child));
}

TEST(BenchPeer, TheDestructorLeavesNobodyBehind) {
  pid_t child = 0;
  {
    ShellPeer peer("sleep 1000 & echo \"{\\\"pid\\\": $!}\"");
    child = child_in(peer.process.ask({{"op", "prepare"}}, 20));
    EXPECT_FALSE(state_of(child).empty());
  }
  EXPECT_TRUE(ends(child));
}

TEST(BenchPeer, AProgramThatIsNotThereIsNamed) {
  const BenchFolder folder;
  try {
    PeerProcess("none", {"/no/such/python"}, folder.path());
    FAIL();
  } catch (const Error& error) {
    EXPECT_THAT(error.what(), HasSubstr("/no/such/python"));
  }
}

}  // namespace
}  // namespace atheria::bench
