#include "app/bench/rows.h"

#include <algorithm>
#include <cmath>
#include <utility>

#include "engine/run/catalog.h"

namespace atheria::bench {
namespace {

// Work of one cell and step, in the unit of the ceiling times seconds.
constexpr double kNcaFlop = 2.0 * 48 * 128 + 2.0 * 128 * 16 + 150;  // network, Sobel and mask
constexpr double kNcaDot = 2.0 * 48 * 128 + 2.0 * 128 * 16;         // network alone
constexpr double kNcaDot3d = 2.0 * 64 * 128 + 2.0 * 128 * 16, kNcaFlop3d = kNcaDot3d + 400;
constexpr double kLifeOps = 13;  // on three inputs, each for a whole register of cells
constexpr double kGrayScottFlop = 20, kGrayScottFlop3d = 26;
constexpr double kOnePass = 16;  // two planes of float32 read once and written once
constexpr double kActive = 0.02;
constexpr double kTexelBytes = 8;  // a float read, a byte written, read again, compressed

// Two transforms there and two back in one dimension each, and the phases.
double condensate_flop(int side) { return 20 * std::log2(side) + 40; }
// One real transform of the plane there and one back, and the growth.
double lenia_flop(int side) { return 2 * 2.5 * std::log2(1.0 * side * side) + 12; }

// Why a row may fall short, beside a peer that is itself near the ceiling.
constexpr const char* kNetworkAlone =
    "The ceiling counts the network alone; drawing, perceiving and adding come on top.";
constexpr const char* kButterflies =
    "A transform has more sums than products, so that fused multiply-adds are never full.";
constexpr const char* kNothingFused =
    "Sums and products are rounded one by one, as in the reference: few of them are fused.";
constexpr const char* kWholeTiles =
    "Tiles of 52 x 112 cells are stepped whole, with six cells about them, in two generations that "
    "do not fit the second cache.";

WorldSpec world_of(std::string law, int width, int height, int depth = 1) {
  WorldSpec spec;
  spec.name = "bench";
  spec.law = std::move(law);
  spec.grid = {.width = width, .height = height, .depth = depth};
  spec.seed = 1;
  return spec;
}

bool there_is(const std::string& law) {
  return std::ranges::any_of(law_catalog(), [&](const LawInfo* info) { return info->name == law; });
}

std::string sizes(const GridSpec& grid) { return to_string(grid); }

// Which fire: all of them, because peers draw other numbers.
constexpr double kAll = 1, kHalf = 0.5;

Row nca(std::string name, const std::string& compute, double fire, int side) {
  Row row;
  row.name = std::move(name);
  row.world = world_of("nca", side, side);
  row.world.init = "noise";
  row.world.params = {{"fire_rate", fire}, {"compute", compute}};
  row.check = {{"fire_rate", kAll}};
  row.remark = kNetworkAlone;
  return row;
}

// What bfloat16 and a fire rate of a half make of a row.
void halve(Row& row) {
  row.bounds = {{"dot-bf16", kHalf * kNcaDot}, {"fma-f32", kHalf * kNcaFlop}};
  row.reach = 80e6, row.aim = 110e6;
  row.tolerance = 0.05;  // peers keep the state in bfloat16
}

void add_nca(std::vector<Row>& rows, bool quick) {
  const int side = quick ? 64 : 256;
  Row f32 = nca("nca-f32", "f32", kAll, side);
  f32.what = "Neural automaton 16/48/128, " + sizes(f32.world.grid) + ", all cells fire, float32";
  f32.bounds = {{"fma-f32", kNcaFlop}};
  f32.reach = 25e6, f32.aim = 29e6;
  f32.peers = {{"jax", 5}, {"aoti"}, {"torch-compile"}, {"torch-eager"}, {"cax", 25}};
  rows.push_back(std::move(f32));

  Row bf16 = nca("nca-bf16", "bf16", kHalf, side);
  bf16.what = "Neural automaton, " + sizes(bf16.world.grid) +
              ", bfloat16, half of the cells fire (of peers all, and CAX computes in float32)";
  halve(bf16);
  bf16.peers = {{"aoti", 5.5}, {"torch-compile"}, {"torch-eager"}, {"cax", 80}};
  rows.push_back(std::move(bf16));

  Row batch = nca("nca-batch", "bf16", kHalf, quick ? 32 : 64);
  batch.kind = RowKind::batch;
  batch.worlds = quick ? 8 : 256;
  batch.what = "Neural automaton, " + std::to_string(batch.worlds) + " worlds of " +
               sizes(batch.world.grid) + ", bfloat16, half of the cells fire (of peers all)";
  halve(batch);
  batch.peers = {{"aoti", 5}, {"torch-compile"}, {"torch-eager"}};
  rows.push_back(std::move(batch));

  if (!there_is("nca-3d")) return;
  Row deep = nca("nca-3d", "bf16", kHalf, quick ? 16 : 64);
  deep.world.law = "nca-3d";
  deep.world.grid.depth = deep.world.grid.width;
  deep.what = "Neural automaton in three dimensions 16/64/128, " + sizes(deep.world.grid) +
              ", bfloat16, half of the cells fire (of peers all)";
  halve(deep);
  deep.bounds = {{"dot-bf16", kHalf * kNcaDot3d}, {"fma-f32", kHalf * kNcaFlop3d}};
  deep.aim = 100e6;
  deep.peers = {{"aoti"}, {"torch-compile", 10}, {"torch-eager"}};
  rows.push_back(std::move(deep));
}

Row life(std::string name, int side) {
  Row row;
  row.name = std::move(name);
  row.world = world_of("life", side, side);
  row.world.init = "noise:density=0.3";
  row.tolerance = 0;
  return row;
}

void add_life(std::vector<Row>& rows, bool quick) {
  Row soup = life("life-soup", quick ? 512 : 4096);
  soup.what = "Life, random soup on a torus, " + sizes(soup.world.grid) + ", its first 200 steps";
  soup.window = 200;
  soup.bounds = {{"logic", kLifeOps}};
  soup.reach = 350e9, soup.aim = 550e9;
  soup.peers = {{"bgolly", 175}, {"jax"}, {"torch-compile"}, {"torch-eager"}, {"cax"}};
  rows.push_back(std::move(soup));

  const int side = quick ? 2048 : 16384;
  Row block = life("life-block", side);
  block.what = "Life, 2 % soup in one block, " + sizes(block.world.grid) + ", first 1000 steps";
  block.start = Start::block;
  block.window = 1000;
  block.bounds = {{"logic", kActive * kLifeOps}};
  block.reach = 12e12, block.aim = 20e12;
  block.peers = {{"bgolly", 20}};
  block.remark = kWholeTiles;
  rows.push_back(std::move(block));

  Row patches = life("life-scattered", side);
  patches.what = "Life, 2 % soup in 256 patches, " + sizes(patches.world.grid) + ", first " +
                 (quick ? "50" : "400") + " steps";
  patches.start = Start::patches;
  patches.window = quick ? 50 : 400;  // nothing has reached the border yet
  patches.bounds = {{"logic", kActive * kLifeOps}};
  patches.reach = 4e12, patches.aim = 12e12;
  patches.peers = {{"bgolly", 10}};
  patches.remark = kWholeTiles;
  rows.push_back(std::move(patches));

  Row latency = life("life-latency", quick ? 128 : 512);
  latency.what = "Life, one step at a time, " + sizes(latency.world.grid);
  latency.kind = RowKind::latency;
  latency.bounds = {{.ceiling = "logic",
                     .work = kLifeOps * static_cast<double>(latency.world.grid.cells()),
                     .one_thread = true}};
  latency.reach = 1 / 3e-6, latency.aim = 1 / 2e-6;
  latency.peers = {{"torch-eager", 100}};
  rows.push_back(std::move(latency));
}

void add_stencils(std::vector<Row>& rows, bool quick) {
  Row flat;
  flat.name = "gray-scott";
  flat.world = quick ? world_of("gray-scott", 256, 256) : world_of("gray-scott", 2048, 2048);
  flat.what = "Gray-Scott, " + sizes(flat.world.grid) + ", float32";
  flat.world.init = "noise";
  flat.bounds = {{"fma-f32", kGrayScottFlop}, {"copy-dram", kOnePass}};
  flat.reach = 5.5e9, flat.aim = 8e9;
  flat.remark = kNothingFused;
  flat.peers = {{"numba", 2.6}, {"torch-compile"}, {"jax"}, {"torch-eager", 36}, {"numpy"}};
  rows.push_back(std::move(flat));

  Row deep;
  deep.name = "gray-scott-3d";
  deep.world = quick ? world_of("gray-scott", 32, 32, 32) : world_of("gray-scott", 256, 256, 256);
  deep.what = "Gray-Scott in three dimensions, " + sizes(deep.world.grid) + ", float32";
  deep.world.init = "noise";
  deep.bounds = {{"fma-f32", kGrayScottFlop3d}, {"copy-dram", kOnePass}};
  deep.reach = 3e9, deep.aim = 5e9;
  deep.remark = kNothingFused;
  deep.peers = {{"torch-compile", 10}, {"jax"}, {"torch-eager"}};
  rows.push_back(std::move(deep));
}

Row condensate(const std::string& name, int side, double reach, double aim, double beat_jax) {
  Row row;
  row.name = name;
  row.world = world_of("gross-pitaevskii", side, side);
  row.what = "Gross-Pitaevskii, " + sizes(row.world.grid) + ", complex64, in a trap";
  row.world.init = "noise:lo=-1,hi=1";
  row.bounds = {{"fma-f32", condensate_flop(side)}};
  row.reach = reach, row.aim = aim;
  row.remark = kButterflies;
  row.peers = {{"jax", beat_jax}, {"torch-compile"}, {"torch-eager"}, {"fftw", 2.4, true}};
  return row;
}

void add_spectral(std::vector<Row>& rows, bool quick) {
  rows.push_back(condensate("gpe-256", quick ? 64 : 256, 1.4e9, 1.8e9, 16));
  rows.push_back(condensate("gpe-1024", quick ? 128 : 1024, 0.75e9, 1.2e9, 11));

  Row lenia;
  const int side = quick ? 128 : 512;
  lenia.name = "lenia";
  lenia.world = world_of("lenia", side, side);
  lenia.what = "Lenia, R = 13, one channel, " + sizes(lenia.world.grid) + ", float32";
  lenia.world.init = quick ? "blobs:count=6,radius=12" : "blobs:count=96,radius=12";
  lenia.window = 64;
  lenia.tolerance = 3e-4;  // the growth multiplies what the transforms round by about a hundred
  lenia.bounds = {{"fma-f32", lenia_flop(side)}};
  lenia.reach = 1.2e9, lenia.aim = 2e9;
  lenia.remark = kButterflies;
  lenia.peers = {{"torch-compile", 5}, {"jax"}, {"torch-eager"}};
  rows.push_back(std::move(lenia));
}

void add_house(std::vector<Row>& rows, bool quick) {
  const auto add = [&](const char* name, RowKind kind, const char* what, int side) {
    Row row;
    row.name = name, row.kind = kind, row.what = what;
    row.world = world_of("gray-scott", side, side);
    rows.push_back(std::move(row));
  };
  add("guard", RowKind::guard,
      "A playing world that is looked through for NaN, beside one that is not", quick ? 256 : 2048);
  add("encode", RowKind::encode,
      "From a picture's numbers to the bytes of its difference, one thread", quick ? 256 : 2048);
  rows.back().bounds = {{.ceiling = "copy-l2", .work = kTexelBytes, .one_thread = true}};
  add("stream", RowKind::stream,
      "A world shown to one viewer at 60 frames a second, beside one nobody sees",
      quick ? 256 : 1024);
  add("embed", RowKind::embed, "A world beside `while True: pass` in the server's Python", 256);
}

}  // namespace

std::vector<Row> bench_rows(bool quick) {
  std::vector<Row> rows;
  add_nca(rows, quick);
  add_life(rows, quick);
  add_stencils(rows, quick);
  add_spectral(rows, quick);
  add_house(rows, quick);
  return rows;
}

double reference_ceiling(const std::string& name) {
  for (const auto& [known, units] : {std::pair{"fma-f32", 532e9},
                                     {"dot-bf16", 1099e9},
                                     {"logic", 9.2e12},
                                     {"copy-l2", 515e9},
                                     {"copy-dram", 70e9}})
    if (name == known) return units;
  return 0;
}

double goal_here(double goal, const RowResult& row) {
  if (row.bounds.empty()) return goal;
  const Bound& bound = row.bounds.front();
  const double there = reference_ceiling(bound.ceiling) / (bound.one_thread ? 2 : 1) / bound.work;
  const double here = spread_of(bound.limits).median;
  return there > 0 && here > 0 ? goal * here / there : goal;
}

bool falls_short(const RowResult& row) {
  return row.reach > 0 && spread_of(row.ours.values).median < goal_here(row.reach, row);
}

bool falls_short(const RowResult& row, const Side& peer) {
  const Spread ratio = spread_of(ratios_to(row, peer));
  return peer.beat > 0 && ratio.count > 0 && ratio.median < peer.beat;
}

}  // namespace atheria::bench
