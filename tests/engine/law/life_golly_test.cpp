// Life against Golly: populations written down once, and, where bgolly is installed, its own
// pattern collection.
#include <fmt/format.h>
#include <gmock/gmock.h>

#include <bit>
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <sstream>

#include "engine/base/error.h"
#include "engine/field/place.h"
#include "engine/law/life.h"
#include "engine/law/life_rule.h"
#include "tests/engine/law/law_world.h"

namespace atheria {
namespace {

namespace fs = std::filesystem;
using testing::LawWorld;

constexpr const char* kCollection = "/usr/share/golly/Patterns";

std::int64_t population(const Field& bits) {
  const auto* const words = bits.planes().const_data_ptr<std::int64_t>();
  std::int64_t cells = 0;
  for (std::int64_t i = 0; i < bits.planes().numel(); ++i) {
    cells += std::popcount(static_cast<std::uint64_t>(words[i]));
  }
  return cells;
}

// Populations at steps 0, 1, ... of RLE text on a torus.
std::vector<std::int64_t> ours(const std::string& rle, const GridSpec& grid,
                               const std::string& rule, std::size_t steps) {
  static const auto life = make_life();
  LawWorld world(*life,
                 {.grid = grid, .dtype = Dtype::bits, .init = rle, .params = {{"rule", rule}}});
  std::vector<std::int64_t> counts{population(world.field())};
  while (counts.size() <= steps) {
    world.advance(1);
    counts.push_back(population(world.field()));
  }
  return counts;
}

TEST(LifeAndGolly, CountTheSameCellsOnTori) {
  std::ifstream file("tests/golden/life/populations.txt");
  std::string word, name, size, rule, rle, line;
  int worlds = 0;
  while (file >> word) {
    if (word[0] == '#') {
      std::getline(file, line);
      continue;
    }
    ASSERT_EQ(word, "world");
    file >> name >> size >> rule >> word >> rle;
    std::getline(file >> std::ws, line);
    std::istringstream numbers(line);
    const std::vector<std::int64_t> golly{std::istream_iterator<std::int64_t>(numbers), {}};
    ASSERT_EQ(golly.size(), 401U) << name;
    EXPECT_EQ(ours("pattern:rle=" + rle, parse_grid(size), rule, 400), golly) << name;
    ++worlds;
  }
  EXPECT_EQ(worlds, 24);
}

#ifndef _WIN32

std::string output_of(const std::string& command) {
  std::string text;
  std::FILE* const pipe = popen(command.c_str(), "r");
  char part[4096];
  while (const auto count = std::fread(part, 1, sizeof part, pipe)) text.append(part, count);
  pclose(pipe);
  return text;
}

std::string read(const fs::path& path) {
  std::ifstream file(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(file), {}};
}

// The file as it is, but on a torus: its header line says so.
std::string on_torus(const std::string& text, const RlePattern& pattern, const GridSpec& grid) {
  std::istringstream lines(text);
  std::string out, line;
  bool body = false;
  while (std::getline(lines, line)) {
    if (!body && line[0] == 'x') {
      line = fmt::format("x = {}, y = {}, rule = {}:T{},{}", pattern.width, pattern.height,
                         to_string(parse_life_rule(pattern.rule)), grid.width, grid.height);
      body = true;
    }
    out += line + '\n';
  }
  return out;
}

std::vector<std::int64_t> gollys(const std::string& rle, std::size_t steps) {
  const auto path = fs::temp_directory_path() / "atheria-golly-test.rle";
  std::ofstream(path, std::ios::binary) << rle;
  std::istringstream lines(output_of(
      fmt::format("bgolly -a QuickLife -m {} -i 1 '{}' 2>/dev/null", steps, path.string())));
  fs::remove(path);
  std::vector<std::int64_t> counts;
  for (std::string line; std::getline(lines, line);) {
    line.erase(std::remove(line.begin(), line.end(), ','), line.end());
    const auto colon = line.find(": ");
    if (std::isdigit(static_cast<unsigned char>(line[0])) && colon != std::string::npos) {
      counts.push_back(std::stoll(line.substr(colon + 2)));
    }
  }
  return counts;
}

// Its pattern, when it is of this law and of a size for a test.
std::optional<RlePattern> fitting(const std::string& text) {
  try {
    auto pattern = parse_rle(text);
    const auto rule = parse_life_rule(pattern.rule);
    const bool small = pattern.width <= 500 && pattern.height <= 500;
    // Golly runs rules with B0 as another pair of rules, so its populations at odd steps are not
    // the rule's.
    return small && !pattern.position && !(rule.birth & 1) ? std::optional(pattern) : std::nullopt;
  } catch (const Error&) {
    return std::nullopt;
  }
}

TEST(LifeAndGolly, CountTheSameCellsOfGollysOwnCollection) {
  if (output_of("command -v bgolly").empty()) GTEST_SKIP() << "no bgolly on PATH (Debian: golly)";
  if (!fs::exists(kCollection)) GTEST_SKIP() << "no " << kCollection;
  constexpr std::size_t kSteps = 64;
  int tried = 0;
  for (const auto* room : {"Life", "Life-Like"}) {
    for (const auto& entry : fs::recursive_directory_iterator(fs::path(kCollection) / room)) {
      if (entry.path().extension() != ".rle") continue;
      const auto text = read(entry.path());
      const auto pattern = fitting(text);
      if (!pattern) continue;
      const GridSpec grid{static_cast<int>(pattern->width) + 37,
                          static_cast<int>(pattern->height) + 20};
      EXPECT_EQ(ours(text, grid, pattern->rule, kSteps),
                gollys(on_torus(text, *pattern, grid), kSteps))
          << entry.path();
      ++tried;
    }
  }
  EXPECT_GT(tried, 50);
}

#endif

}  // namespace
}  // namespace atheria
