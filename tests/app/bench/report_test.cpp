#include <gmock/gmock.h>

#include <filesystem>

#include "app/bench/folder.h"
#include "app/bench/json.h"
#include "app/bench/markdown.h"
#include "app/bench/print.h"
#include "engine/base/error.h"
#include "tests/app/bench/run.h"

namespace atheria::bench {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::Not;

BenchResult full_run() {
  BenchResult run = testing::run_with({500, 520, 480});
  RowResult& row = run.rows.front();
  row.reach = 400, row.aim = 600, row.how = "avx2";
  row.ours.peak_bytes = 1 << 30;
  row.peers.push_back(testing::peer("swift", {100, 100, 100}));
  row.peers.back().beat = 4;
  row.peers.push_back(testing::peer("wrong", {}));
  row.peers.back().agrees = false;
  row.peers.back().agreement = "differs by 2.0e-01";
  Side gone;
  gone.name = "gone";
  gone.trouble = "jax is missing: ./ath setup --bench installs it";
  row.peers.push_back(gone);
  return run;
}

TEST(BenchJson, GivesBackWhatWasWritten) {
  const auto json = to_json(full_run());
  const BenchResult again = result_of(wire::parse_json(pretty(json)));
  EXPECT_EQ(to_json(again), json);
  EXPECT_EQ(again.rows.at(0).peers.at(0).values, (std::vector<double>{100, 100, 100}));
}

TEST(BenchJson, RefusesWhatIsNoRun) {
  for (const char* text : {"{}", "[]", R"({"bench":"step"})", R"({"bench":"table","format":99})"})
    EXPECT_THROW(result_of(wire::parse_json(text)), Error) << text;
}

TEST(BenchJson, NamesTheFileItCannotRead) {
  const BenchFolder folder;
  for (const std::string& path : {folder.file("none.json"), folder.file("bad.json")}) {
    if (path.ends_with("bad.json")) write_text(path, "{");
    try {
      read_result(path);
      FAIL() << path;
    } catch (const Error& error) {
      EXPECT_THAT(error.what(), HasSubstr(path));
    }
  }
}

TEST(BenchJson, KeepsListsOfNumbersOnOneLine) {
  EXPECT_THAT(pretty(to_json(full_run())), HasSubstr("[100,100,100]"));
}

TEST(BenchFolder, GoesWithAllThatIsInIt) {
  std::string path;
  {
    const BenchFolder folder;
    path = folder.path();
    write_bytes(folder.file("a.raw"), {1, 2, 3});
    EXPECT_EQ(read_bytes(folder.file("a.raw")), (std::vector<std::uint8_t>{1, 2, 3}));
  }
  EXPECT_FALSE(std::filesystem::exists(path));
}

TEST(BenchPrint, SaysSpeedPartGoalAndWhatEachPeerDid) {
  const std::string text = row_text(full_run().rows.front());
  EXPECT_THAT(text, AllOf(HasSubstr("500 cells/s"), HasSubstr("50 % of fma-f32"),
                          HasSubstr("1024 MiB"), HasSubstr("avx2")));
  EXPECT_THAT(text, HasSubstr("5.0x (asked 4x)"));
  EXPECT_THAT(text, HasSubstr("differs by 2.0e-01: not timed"));
  EXPECT_THAT(text, HasSubstr("./ath setup --bench"));
}

TEST(BenchPrint, ATroubleOfOursIsInItsPlace) {
  BenchResult run = testing::run_with({});
  run.rows[0].ours.trouble = "no law 'nca-3d'";
  EXPECT_THAT(row_text(run.rows[0]), HasSubstr("no law 'nca-3d'"));
}

TEST(BenchPrint, UnitsSuitTheNumber) {
  RowResult row;
  row.unit = "cells/s";
  EXPECT_EQ(shown(row, 28.34e6), "28.3 Mcells/s");
  EXPECT_EQ(shown(row, 350e9), "350 Gcells/s");
  row.unit = "steps/s";
  EXPECT_EQ(shown(row, 4e5), "2.50 us a step");
  row.unit = "of the speed without";
  EXPECT_EQ(shown(row, 0.9876), "98.8 %");
}

TEST(BenchMarkdown, HoldsTheRunAndHowItWasMade) {
  const std::string text = to_markdown(full_run());
  EXPECT_THAT(text, AllOf(HasSubstr("# Benchmarks"), HasSubstr("./ath setup --bench"),
                          HasSubstr("A processor"), HasSubstr("2026-01-02T03:04:05Z")));
  EXPECT_THAT(text, HasSubstr("| waves | swift | 100 cells/s | 5.0x | 4x | exact |"));
  EXPECT_THAT(text, HasSubstr("| waves | wrong | differs by 2.0e-01 |"));
  EXPECT_THAT(text, HasSubstr("| waves | gone | jax is missing"));
  EXPECT_THAT(text, Not(HasSubstr("not to be compared")));
}

TEST(BenchMarkdown, AQuickRunIsMarked) {
  BenchResult run = full_run();
  run.quick = true;
  EXPECT_THAT(to_markdown(run), HasSubstr("not to be compared"));
}

TEST(BenchMarkdown, AGoalThatIsNotReachedIsMarked) {
  BenchResult run = full_run();
  run.rows[0].reach = 1e6;
  run.rows[0].peers[0].beat = 50;
  EXPECT_THAT(to_markdown(run), HasSubstr("**(not reached)**"));
}

TEST(BenchMarkdown, WhatFallsShortIsListedWithItsReason) {
  BenchResult run = full_run();
  EXPECT_THAT(to_markdown(run), Not(HasSubstr("What falls short")));
  run.rows[0].peers[0].beat = 50;
  run.rows[0].remark = "Because of the weather.";
  const std::string text = to_markdown(run);
  EXPECT_THAT(text, HasSubstr("What falls short"));
  EXPECT_THAT(text, HasSubstr("swift: 5.0x, asked 50x"));
  EXPECT_THAT(text, HasSubstr("Because of the weather."));
  EXPECT_THAT(text, Not(HasSubstr("wrong: "))) << "has no ratio";
}

TEST(BenchReport, SaysWhatAPeerNearTheCeilingLeaves) {
  BenchResult run = full_run();
  Side& swift = run.rows[0].peers[0];  // 100 of 1000
  swift.beat = 8;
  EXPECT_THAT(row_text(run.rows[0]), HasSubstr("(asked 8x)"));
  swift.beat = 50;
  EXPECT_THAT(row_text(run.rows[0]), HasSubstr("(asked 50x; 10.0x at fma-f32)"));
}

}  // namespace
}  // namespace atheria::bench
