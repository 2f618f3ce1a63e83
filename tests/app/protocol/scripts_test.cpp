#include "app/protocol/scripts.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "engine/base/error.h"

// Scripts on the wire: what is read and what is told.
namespace atheria::wire {
namespace {

TEST(CleanText, LeavesWhatIsUtf8) {
  for (const std::string text : {"", "a\n\tb", "\xc3\xa9", "\xe2\x82\xac", "\xf0\x9f\x8c\x8d"})
    EXPECT_EQ(clean_text(text), text);
}

TEST(CleanText, ReplacesEachByteThatIsNot) {
  const std::string mark = "\xef\xbf\xbd";
  EXPECT_EQ(clean_text("\xff"), mark);
  EXPECT_EQ(clean_text("a\xc3"), "a" + mark) << "cut within a character";
  EXPECT_EQ(clean_text("\xc0\x80"), mark + mark) << "overlong";
  EXPECT_EQ(clean_text("\xed\xa0\x80"), mark + mark + mark) << "half a surrogate pair";
  EXPECT_EQ(clean_text("\xf4\x90\x80\x80"), mark + mark + mark + mark) << "beyond U+10FFFF";
  EXPECT_EQ(clean_text("\xe2\x82z"), mark + mark + "z");
}

TEST(CleanText, CutsBetweenCharacters) {
  EXPECT_EQ(clean_text("abcdef", 6), "abcdef");
  EXPECT_EQ(clean_text("abcdefg", 6), "abc...");
  EXPECT_EQ(clean_text("\xc3\xa9\xc3\xa9\xc3\xa9\xc3\xa9", 6), "\xc3\xa9...");
}

ScriptStatus job() {
  ScriptStatus status;
  status.job = "j1";
  status.name = "a.py";
  status.state = "running";
  status.out_to = 5;
  return status;
}

TEST(JobJson, HasNoCodeBeforeTheEnd) {
  ScriptStatus status = job();
  EXPECT_TRUE(job_json(status, Detail::open).at("exitCode").is_null());
  EXPECT_TRUE(job_json(status, Detail::open).at("outcome").is_null());
  EXPECT_TRUE(job_json(status, Detail::full).at("progress").is_null());
  status.state = "done";
  status.outcome = "exit";
  status.exit_code = 7;
  EXPECT_EQ(job_json(status, Detail::open).at("exitCode"), 7);
}

TEST(JobJson, TellsMoreToThoseWhoMayKnow) {
  const ScriptStatus status = job();
  EXPECT_FALSE(job_json(status, Detail::open).contains("owner"));
  EXPECT_TRUE(job_json(status, Detail::brief).contains("owner"));
  EXPECT_FALSE(job_json(status, Detail::brief).contains("outTo"));
  EXPECT_EQ(job_json(status, Detail::full).at("outTo"), 5);
}

TEST(OutputJson, SaysWhereToGoOn) {
  const ScriptStatus status = job();
  EXPECT_EQ(output_json({}, 4, status, 2).at("next"), 4);
  EXPECT_EQ(output_json({{4, "stdout", 0, "x"}}, 3, status, 2).at("next"), 5);
  EXPECT_EQ(output_json({}, 4, status, 2).at("revision"), 2);
}

TEST(ScriptSpec, IsCalledAfterItsFile) {
  const auto name = [](json::object more) {
    more["source"] = "";
    return script_spec_of(Args(more)).name;
  };
  EXPECT_EQ(name({}), "script");
  EXPECT_EQ(name({{"path", "/a/b.py"}}), "b.py");
  EXPECT_EQ(name({{"path", "/a/b.py"}, {"name", "c"}}), "c");
}

}  // namespace
}  // namespace atheria::wire
