#include "pyhost/jobs/output.h"

#include <gmock/gmock.h>

#include <filesystem>
#include <fstream>

namespace atheria::jobs {
namespace {

std::string text_of(const std::vector<ScriptChunk>& chunks) {
  std::string text;
  for (const ScriptChunk& chunk : chunks) text += chunk.text;
  return text;
}

std::string fresh_file(const char* name) {
  const std::string path = testing::TempDir() + name;
  std::filesystem::remove(path);
  return path;
}

// All of it, as a client reads it: piece by piece.
std::string read_all(Output& output, std::size_t bytes) {
  std::string text;
  for (std::uint64_t from = 0; from < output.end();) {
    const auto chunks = output.read(from, bytes);
    if (chunks.empty()) break;
    text += text_of(chunks);
    from = chunks.back().seq + 1;
  }
  return text;
}

TEST(Output, SmallWritesRunTogetherUntilSomebodyReads) {
  Output output;
  for (const char* word : {"one ", "two ", "three"}) output.write("stdout", word, 0);
  const auto first = output.read(0, 1000);
  ASSERT_EQ(first.size(), 1u);
  EXPECT_EQ(first[0].text, "one two three");
  output.write("stdout", " four", 0);
  const auto later = output.read(1, 1000);
  ASSERT_EQ(later.size(), 1u);
  EXPECT_EQ(later[0].text, " four");
  EXPECT_EQ(later[0].seq, 1u);
}

TEST(Output, StreamsKeepTheirOrder) {
  Output output;
  output.write("stdout", "a", 0);
  output.write("stderr", "b", 0.5);
  output.write("stdout", "c", 1);
  const auto chunks = output.read(0, 1000);
  ASSERT_EQ(chunks.size(), 3u);
  EXPECT_EQ(chunks[1].stream, "stderr");
  EXPECT_EQ(chunks[1].t, 0.5);
}

TEST(Output, AChunkHasAtMostSixteenKibAndEndsBetweenCharacters) {
  Output output;
  std::string text = "x";
  for (int i = 0; i < 20000; ++i) text += "é";
  output.write("stdout", text, 0);
  const auto chunks = output.read(0, 1 << 20);
  EXPECT_GT(chunks.size(), 2u);
  for (const ScriptChunk& chunk : chunks) {
    EXPECT_LE(chunk.text.size(), Output::kChunk);
    EXPECT_EQ(clean_utf8(chunk.text), chunk.text);
  }
  EXPECT_EQ(text_of(chunks), text);
}

TEST(Output, AReaderGetsAtLeastOneChunkHoweverLittleItAsksFor) {
  Output output;
  output.write("stdout", std::string(1000, 'x'), 0);
  EXPECT_EQ(output.read(0, 1).size(), 1u);
}

TEST(Output, WhatLeftMemoryIsReadFromTheFile) {
  Output output(fresh_file("output_file.jsonl"));
  std::string all;
  for (int i = 0; i < 600; ++i) {
    const std::string line(16 * 1024, static_cast<char>('a' + i % 26));
    output.write("stdout", line, i);
    all += line;
  }
  ASSERT_GT(all.size(), Output::kMemory);
  EXPECT_EQ(read_all(output, 100'000), all);
  EXPECT_EQ(output.lost(), 0u);
  output.close();
  EXPECT_EQ(read_all(output, 1 << 20), all);
}

TEST(Output, TheRecordHoldsBeginningAndEndWhenItIsClosed) {
  const std::string path = fresh_file("output_record.jsonl");
  {
    Output output(path);
    output.write("stdout", "first\n", 0);
    output.write("stderr", "last", 1);
  }
  const auto chunks = read_output_file(path, 0, 1000);
  ASSERT_EQ(chunks.size(), 2u);
  EXPECT_EQ(chunks[0].text, "first\n");
  EXPECT_EQ(chunks[1].stream, "stderr");
  EXPECT_THAT(read_output_file(path, 1, 1000), testing::SizeIs(1));
}

TEST(Output, WithoutAFileTheMiddleIsCountedAsLost) {
  Output output;
  for (int i = 0; i < 600; ++i) output.write("stdout", std::string(16 * 1024, 'x'), i);
  EXPECT_GT(output.lost(), 0u);
  EXPECT_LE(text_of(output.read(0, 1 << 30)).size(), Output::kMemory + Output::kChunk);
}

TEST(Output, OfAFloodTheBeginningAndTheEndAreKeptAndTheRestIsCounted) {
  Output output(fresh_file("output_flood.jsonl"));
  const std::string line(16 * 1024, 'x');
  constexpr std::size_t kLines = 6000;
  for (std::size_t i = 0; i < kLines; ++i) output.write("stdout", line, 0);
  for (int closed = 0; closed < 2; ++closed) {
    const std::size_t kept = read_all(output, 200'000).size();
    EXPECT_EQ(kept + output.lost(), kLines * line.size()) << closed;
    EXPECT_GE(kept, Output::kHead);
    output.close();
  }
}

TEST(Output, ATornLastLineOfARecordEndsIt) {
  const std::string path = fresh_file("output_torn.jsonl");
  std::ofstream(path) << R"({"seq":0,"stream":"stdout","t":0,"text":"good"})" << "\n"
                      << R"({"seq":1,"str)";
  EXPECT_EQ(text_of(read_output_file(path, 0, 1000)), "good");
}

TEST(CleanUtf8, KeepsWhatIsTextAndReplacesWhatIsNot) {
  EXPECT_EQ(clean_utf8("plain é 漢 🙂\x1b[1m"), "plain é 漢 🙂\x1b[1m");
  EXPECT_EQ(clean_utf8("\xff|\xc3|\xed\xa0\x80|\xf5\x80\x80\x80"),
            "\uFFFD|\uFFFD|\uFFFD\uFFFD\uFFFD|\uFFFD\uFFFD\uFFFD\uFFFD");
  EXPECT_EQ(clean_utf8(std::string_view("a\0b", 3)),
            "a\u2400"
            "b");
  EXPECT_EQ(clean_utf8("\xc0\x80"), "\uFFFD\uFFFD");  // an overlong NUL
}

}  // namespace
}  // namespace atheria::jobs
