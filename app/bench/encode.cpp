#include <fmt/format.h>

#include <cstring>

#include "app/bench/bench.h"
#include "app/bench/house.h"
#include "app/cli/machine.h"
#include "app/protocol/encode.h"
#include "app/protocol/json_text.h"
#include "app/protocol/quantise.h"
#include "engine/base/clock.h"
#include "engine/run/bench.h"
#include "engine/run/engine.h"

// From a picture's numbers to the bytes of its frame: quantise, difference, LZ4, on one thread,
// with pictures of a real world.
namespace atheria::bench {
namespace {

namespace json = boost::json;

constexpr std::uint32_t kWarmUp = 2000;      // steps until coral has grown everywhere
constexpr std::uint32_t kStepsPerFrame = 8;  // what a viewer at 60 fps sees of 480 steps a second
constexpr int kSource = 512;                 // cells a side; larger pictures repeat it

struct Times {
  std::vector<double> quantise, key, difference;  // ms of thread CPU time
  std::vector<double> key_bytes, difference_bytes;
};

// One channel of the world, repeated to the size asked for.
std::shared_ptr<Frame> picture_of(const FieldCopy& field, int size) {
  auto frame = std::make_shared<Frame>();
  Picture& picture = frame->picture;
  picture.width = picture.height = size;
  picture.roi = {0, 0, size, size};
  picture.values.resize(static_cast<std::size_t>(size) * static_cast<std::size_t>(size));
  const std::size_t plane = static_cast<std::size_t>(kSource) * kSource;
  std::vector<float> v(plane);
  std::memcpy(v.data(), field.bytes.data() + plane * sizeof(float),
              plane * sizeof(float));  // channel v
  picture.lo = picture.hi = v[0];
  for (std::size_t y = 0; y < static_cast<std::size_t>(size); ++y)
    for (std::size_t x = 0; x < static_cast<std::size_t>(size); ++x) {
      const float value = v[y % kSource * kSource + x % kSource];
      picture.values[y * static_cast<std::size_t>(size) + x] = value;
      picture.lo = std::min(picture.lo, value);
      picture.hi = std::max(picture.hi, value);
    }
  frame->made_us = now_us();
  return frame;
}

double milliseconds_since(double begin) { return (cli::thread_seconds() - begin) * 1e3; }

Times measure(StepBench& world, int size, int frames) {
  Times times;
  wire::AutoRange range;
  std::unique_ptr<wire::Quantised> before;
  for (int i = 0; i < frames; ++i) {
    world.steps(kStepsPerFrame);
    const auto frame = picture_of(world.field(), size);
    double begin = cli::thread_seconds();
    const wire::Range now = range.update(frame->picture.lo, frame->picture.hi, frame->made_us);
    auto picture = std::make_unique<wire::Quantised>(wire::quantise(*frame, wire::Dtype::u8n, now));
    times.quantise.push_back(milliseconds_since(begin));
    begin = cli::thread_seconds();
    const auto key = wire::encode(*picture, {});
    times.key.push_back(milliseconds_since(begin));
    times.key_bytes.push_back(static_cast<double>(key.bytes));
    if (before && wire::can_follow(*before, *picture)) {
      begin = cli::thread_seconds();
      const auto difference = wire::encode(*picture, {}, before.get());
      times.difference.push_back(milliseconds_since(begin));
      times.difference_bytes.push_back(static_cast<double>(difference.bytes));
    }
    before = std::move(picture);
  }
  return times;
}

json::object row_json(int size, const Times& t) {
  return {{"size", size},
          {"quantiseMs", cli::median(t.quantise)},
          {"keyMs", cli::median(t.key)},
          {"differenceMs", cli::median(t.difference)},
          {"keyBytes", cli::median(t.key_bytes)},
          {"differenceBytes", cli::median(t.difference_bytes)},
          {"differences", t.difference.size()}};
}

StepBench coral() {
  WorldSpec spec;
  spec.name = "bench";
  spec.law = "gray-scott";
  spec.grid = {.width = kSource, .height = kSource, .depth = 1};
  return StepBench(spec);
}

}  // namespace

std::vector<double> encode_rates(int side, int rounds, int frames) {
  StepBench world = coral();
  world.steps(kWarmUp);
  std::vector<double> rates;
  for (int round = 0; round < rounds; ++round) {
    const Times times = measure(world, side, frames + 1);  // the first has nothing to differ from
    const double ms = cli::median(times.quantise) + cli::median(times.difference);
    rates.push_back(1.0 * side * side / (ms * 1e-3));
  }
  return rates;
}

int bench_encode(const EncodeOptions& options) {
  start_engine({});
  StepBench world = coral();
  world.steps(kWarmUp);
  json::array list;
  for (const int size : options.sizes)
    list.push_back(row_json(size, measure(world, size, options.frames)));
  if (options.json) {
    fmt::print("{}\n", json::serialize(json::object{{"bench", "encode"},
                                                    {"cpu", cli::cpu_name()},
                                                    {"frames", options.frames},
                                                    {"dtype", "u8"},
                                                    {"results", std::move(list)}}));
    return 0;
  }
  fmt::print("{}; Gray-Scott's v as u8; medians of {} frames, CPU time of one thread\n\n",
             cli::cpu_name(), options.frames);
  fmt::print("{:>6} {:>12} {:>10} {:>14} {:>12} {:>16}\n", "size", "quantise ms", "key ms",
             "difference ms", "key bytes", "difference bytes");
  for (const auto& row : list) {
    const auto& o = row.as_object();
    fmt::print("{:>6} {:>12.3f} {:>10.3f} {:>14.3f} {:>12.0f} {:>16.0f}\n",
               o.at("size").to_number<int>(), o.at("quantiseMs").as_double(),
               o.at("keyMs").as_double(), o.at("differenceMs").as_double(),
               o.at("keyBytes").as_double(), o.at("differenceBytes").as_double());
  }
  return 0;
}

}  // namespace atheria::bench
