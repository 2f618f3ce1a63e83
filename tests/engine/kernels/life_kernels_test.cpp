// Life's loops, each of every instruction set this machine has, against a cell at a time.
#include <gmock/gmock.h>

#include "engine/base/philox.h"
#include "engine/kernels/cpu/life.h"
#include "engine/kernels/cpu/life_rows.h"
#include "engine/kernels/cpu/life_stripes.h"
#include "engine/kernels/cpu/life_tiles.h"

namespace atheria::cpu {
namespace {

using Word = std::uint64_t;
using Words = std::vector<Word>;

// B and S, bit n for n living neighbours.
struct Rule {
  unsigned birth = 1U << 3, survive = 1U << 2 | 1U << 3;
  bool lives(int neighbours, bool alive) const {
    return ((alive ? survive : birth) >> neighbours & 1U) != 0;
  }
};

const std::vector<Rule>& rules() {
  static const std::vector<Rule> all = {
      {}, {1U << 3 | 1U << 6, 1U << 2 | 1U << 3}, {0x1FF, 0}, {0x1A3, 0x05C}, {0x0AA, 0x0AA}};
  return all;
}

LifeRuleMasks masks_of(const Rule& rule) {
  const auto next = [&](int count, bool alive) {
    if (count - (alive ? 1 : 0) < 0 || count - (alive ? 1 : 0) > 8) return false;
    return rule.lives(count - (alive ? 1 : 0), alive);
  };
  LifeRuleMasks masks = {};
  for (int i = 0; i < 5; ++i) {
    const bool a = next(2 * i, false), b = next(2 * i + 1, false);
    const bool c = next(2 * i, true), d = next(2 * i + 1, true);
    const bool terms[] = {a, a != b, a != c, (a != b) != (c != d)};
    for (int term = 0; term < 4; ++term) masks.pair[i][term] = terms[term] ? ~Word{0} : 0;
  }
  masks.conway = rule.birth == Rule{}.birth && rule.survive == Rule{}.survive;
  return masks;
}

struct World {
  std::int64_t width, height;
  Words words;

  std::int64_t pitch() const { return (width + 63) / 64; }
  Word cell(std::int64_t x, std::int64_t y) const {
    x = (x % width + width) % width;
    y = (y % height + height) % height;
    return words[static_cast<std::size_t>(y * pitch() + x / 64)] >> (x % 64) & 1;
  }
  void set(std::int64_t x, std::int64_t y) {
    words[static_cast<std::size_t>(y * pitch() + x / 64)] |= Word{1} << (x % 64);
  }
};

World empty(std::int64_t width, std::int64_t height) {
  return {width, height, Words(static_cast<std::size_t>((width + 63) / 64 * height))};
}

World soup(std::int64_t width, std::int64_t height, std::uint64_t seed) {
  auto world = empty(width, height);
  for (std::int64_t i = 0; i < width * height; ++i)
    if (random_block(seed, 0, static_cast<std::uint64_t>(i))[0] % 3 == 0)
      world.set(i % width, i / width);
  return world;
}

// A cell at a time, on a copy with one more row and column all around.
World stepped(const World& from, const Rule& rule) {
  const std::int64_t pitch = from.width + 2;
  std::vector<unsigned char> cells(static_cast<std::size_t>(pitch * (from.height + 2)));
  for (std::int64_t y = -1; y <= from.height; ++y)
    for (std::int64_t x = -1; x <= from.width; ++x)
      cells[static_cast<std::size_t>((y + 1) * pitch + x + 1)] =
          static_cast<unsigned char>(from.cell(x, y));
  auto next = empty(from.width, from.height);
  for (std::int64_t y = 0; y < from.height; ++y)
    for (std::int64_t x = 0; x < from.width; ++x) {
      const auto* const here = cells.data() + (y + 1) * pitch + x + 1;
      int sum = -*here;
      for (const auto* row = here - pitch; row <= here + pitch; row += pitch)
        sum += row[-1] + row[0] + row[1];
      if (rule.lives(sum, *here != 0)) next.set(x, y);
    }
  return next;
}

World stepped(World world, const Rule& rule, int steps) {
  for (int step = 0; step < steps; ++step) world = stepped(world, rule);
  return world;
}

std::string name_of(const LifeKernels& kernels, const World& world) {
  return std::string(kernels.name) + " " + std::to_string(world.width) + "x" +
         std::to_string(world.height);
}

TEST(LifeKernels, StripsOfAnyWidthAndHeightAreTheRule) {
  for (const int width : {1,   2,   3,   17,  63,  64,  65,  128, 129, 200, 255, 256,
                          257, 300, 400, 500, 511, 512, 513, 700, 767, 768, 769, 1024})
    for (const int height : {1, 2, 3, 5, 12}) {
      const auto from = soup(width, height, 3);
      const LifeRows rows{width, height};
      for (const auto& rule : rules()) {
        const auto want = stepped(from, rule);
        for (const auto* kernels : life_kernels_here())
          for (const int at_once : {1, 2, 7, 100}) {
            auto to = soup(width, height, 4);
            for (std::int64_t strip = 0; strip < rows.strips(); ++strip)
              for (std::int64_t y = 0; y < height; y += at_once)
                kernels->strip(
                    life_strip(rows, strip, y, std::min<std::int64_t>(y + at_once, height),
                               from.words.data(), to.words.data()),
                    masks_of(rule));
            ASSERT_EQ(to.words, want.words) << name_of(*kernels, from);
          }
      }
    }
}

void expect_stripes(const World& start, const LifeKernels& kernels, int slabs,
                    const LifeRuleMasks& rule, const World& after_13) {
  LifeStripes stripes = {};
  ASSERT_TRUE(plan_life_stripes(stripes, start.width, start.height, kernels.lanes, slabs));
  Words cells(static_cast<std::size_t>(stripes.slabs * stripes.slab_words));
  Words rings(static_cast<std::size_t>(stripes.slabs * stripes.ring_words));
  stripes.cells = cells.data();
  stripes.rings = rings.data();
  auto back = empty(start.width, start.height);
  for (int i = 0; i < stripes.slabs; ++i) kernels.pack(stripes, i, start.words.data());
  for (int i = 0; i < stripes.slabs; ++i) kernels.unpack(stripes, i, back.words.data());
  ASSERT_EQ(back.words, start.words) << name_of(kernels, start) << " " << slabs;
  for (const int steps : {2, 3, kLifeFused}) {
    for (int i = 0; i < stripes.slabs; ++i) kernels.margins(stripes, i, steps);
    for (int i = 0; i < stripes.slabs; ++i) kernels.step(stripes, i, steps, rule);
  }
  for (int i = 0; i < stripes.slabs; ++i) kernels.unpack(stripes, i, back.words.data());
  ASSERT_EQ(back.words, after_13.words) << name_of(kernels, start) << " " << slabs;
}

TEST(LifeKernels, StripesKeepTheWorldAndStepIt) {
  const std::pair<int, int> sizes[] = {{512, 160}, {513, 171}, {575, 333}, {1000, 321}, {777, 490}};
  for (const auto& [width, height] : sizes)
    for (const auto& rule : {rules()[0], rules()[1]}) {
      const auto start = soup(width, height, 5);
      const auto want = stepped(start, rule, 13);
      for (const auto* kernels : life_kernels_here())
        for (const int slabs : {1, 2, 3})
          expect_stripes(start, *kernels, slabs, masks_of(rule), want);
    }
}

TEST(LifeKernels, StripesAreNotForSmallWorlds) {
  LifeStripes stripes = {};
  EXPECT_FALSE(plan_life_stripes(stripes, 448, 1000, 8, 1));
  EXPECT_FALSE(plan_life_stripes(stripes, 1000, 100, 8, 1));
  ASSERT_TRUE(plan_life_stripes(stripes, 1000, 400, 8, 5));
  EXPECT_EQ(stripes.slabs, 2) << "as many as there are rows for";
}

class Tiled {
 public:
  Tiled(const World& world, const LifeKernels& kernels)
      : world_(world),
        kernels_(kernels),
        tiles_(world.width, world.height),
        here_(static_cast<std::size_t>(tiles_.words())),
        there_(here_) {
    take(world, here_);
    there_ = here_;
  }

  // What the generation before was, if not the same.
  void before(const World& world) { take(world, there_); }

  // Steps all tiles; returns what was said to have changed since the generation before, by tile.
  std::vector<unsigned> step(const Rule& rule, int steps) {
    std::vector<unsigned> reaches;
    for (std::int64_t y = 0; y < tiles_.down(); ++y)
      for (std::int64_t x = 0; x < tiles_.across(); ++x) {
        auto* const out = tiles_.tile(x, y, there_.data());
        reaches.push_back(kernels_.tile(view(x, y, here_, out), steps, masks_of(rule)));
        tiles_.finish(y, out);
      }
    here_.swap(there_);
    return reaches;
  }

  bool rests(std::int64_t x, std::int64_t y, const Rule& rule) {
    return kernels_.tile_rests(view(x, y, here_, nullptr), view(x, y, there_, nullptr),
                               masks_of(rule));
  }

  World world() {
    auto back = empty(world_.width, world_.height);
    for (std::int64_t y = 0; y < tiles_.down(); ++y)
      for (std::int64_t x = 0; x < tiles_.across(); ++x)
        tiles_.give(x, y, tiles_.tile(x, y, here_.data()), back.words.data());
    return back;
  }

 private:
  void take(const World& world, Words& generation) {
    for (std::int64_t y = 0; y < tiles_.down(); ++y)
      tiles_.take(y, world.words.data(), generation.data());
  }
  LifeTileView view(std::int64_t x, std::int64_t y, const Words& generation, Word* out) const {
    return tiles_.view(x, y, generation.data(), out);
  }

  const World world_;
  const LifeKernels& kernels_;
  const LifeTiles tiles_;
  Words here_, there_;
};

TEST(LifeKernels, TilesKeepTheWorldAndStepIt) {
  const std::pair<int, int> sizes[] = {{6, 1},   {7, 3},    {52, 112},  {53, 20},  {60, 113},
                                       {104, 7}, {156, 90}, {200, 225}, {311, 337}};
  for (const auto& [width, height] : sizes)
    for (const auto& rule : rules()) {
      const auto start = soup(width, height, 6);
      const auto want = stepped(start, rule, 14);
      for (const auto* kernels : life_kernels_here()) {
        Tiled tiled(start, *kernels);
        ASSERT_EQ(tiled.world().words, start.words) << name_of(*kernels, start);
        for (const int steps : {1, 2, 5, kLifeTileReach}) tiled.step(rule, steps);
        ASSERT_EQ(tiled.world().words, want.words) << name_of(*kernels, start);
      }
    }
}

constexpr int kWidth = 156, kHeight = 330;  // 3 x 3 tiles of 52 x 110; tile 4 is in the middle

// One cell differs from the generation before: the tile says so, and names the neighbours that have
// it within their reach; not all of them when it is in its middle.
TEST(LifeKernels, ATileNamesTheNeighboursThatDependOnWhatChanged) {
  const Rule still{0, 0x1FF};  // nothing is born, nothing dies
  const auto nothing = empty(kWidth, kHeight);
  for (const auto* kernels : life_kernels_here())
    for (int y = 110; y < 220; ++y)
      for (const int x : {52, 53, 57, 58, 59, 77, 97, 98, 102, 103}) {
        auto world = nothing;
        world.set(x, y);
        Tiled tiled(world, *kernels);
        EXPECT_EQ(tiled.step(still, kLifeTileReach)[4], 0U) << "nothing changed";
        tiled.before(nothing);
        const auto reach = tiled.step(still, kLifeTileReach)[4];
        for (int dy = -1; dy <= 1; ++dy)
          for (int dx = -1; dx <= 1; ++dx) {
            const bool near_x = dx < 0 ? x < 52 + 6 : dx == 0 || x >= 104 - 6;
            const bool near_y = dy < 0 ? y < 110 + 6 : dy == 0 || y >= 220 - 6;
            const bool named = (reach >> (3 * (dy + 1) + dx + 1) & 1U) != 0;
            EXPECT_TRUE(named || !(near_x && near_y))
                << kernels->name << " " << x << "," << y << " to " << dx << "," << dy;
            EXPECT_TRUE(near_x || !named) << kernels->name << " " << x << "," << y;
          }
        if (x == 77 && y == 165) {
          EXPECT_EQ(reach, 1U << 4) << "only itself";
        }
      }
}

void blinker(World& world, std::int64_t x, std::int64_t y) {
  for (int i = 0; i < 3; ++i) world.set(x + i, y);
}

TEST(LifeKernels, ATileRestsWhereNothingInAndAroundItMoves) {
  for (const auto* kernels : life_kernels_here()) {
    const auto rests = [&](const World& world) {
      return Tiled(world, *kernels).rests(1, 1, Rule{});
    };
    auto world = empty(kWidth, kHeight);
    for (int i = 0; i < 4; ++i) world.set(70 + i % 2, 150 + i / 2);  // a block
    blinker(world, 10, 165);
    blinker(world, 75, 40);
    EXPECT_TRUE(rests(world)) << kernels->name;
    for (const auto& [x, y] : {std::pair{75, 160}, {46, 165}, {105, 165}, {75, 107}, {75, 222}}) {
      auto moving = world;
      blinker(moving, x, y);
      EXPECT_FALSE(rests(moving)) << kernels->name << " " << x << "," << y;
    }
    Tiled other(world, *kernels);
    auto before = world;
    before.set(80, 180);
    other.before(before);
    EXPECT_FALSE(other.rests(1, 1, Rule{})) << kernels->name << ": generations differ";
  }
}

}  // namespace
}  // namespace atheria::cpu
