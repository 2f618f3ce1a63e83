#include <algorithm>
#include <ctime>

#include "app/bench/contender.h"
#include "app/bench/start.h"
#include "engine/base/clock.h"
#include "engine/run/batch.h"

namespace atheria::bench {
namespace {

constexpr std::uint32_t kMostSteps = 1U << 16;  // of one call
// After a state was written: until a stepper knows which regions rest, two of its turns. Not timed.
constexpr std::uint32_t kSettle = 12;

WorldSpec world_of(const Row& row, const std::string& weights, bool checks) {
  WorldSpec spec = row.world;
  if (spec.law.starts_with("nca")) spec.params["weights"] = weights;
  if (checks)
    for (const auto& [name, value] : row.check) spec.params[name] = value;
  return spec;
}

void add(Timing& total, const Timing& part) {
  total.steps += part.steps;
  total.wall_seconds += part.wall_seconds;
  total.cpu_seconds += part.cpu_seconds;
}

class OneWorld final : public Ours {
 public:
  OneWorld(const Row& row, const std::string& weights)
      : row_(row), weights_(weights), world_(world_of(row, weights, false)) {
    first_ = row.start == Start::block     ? life_block(row.world.grid)
             : row.start == Start::patches ? life_patches(row.world.grid)
                                           : world_.raw();
    world_.load(first_);
  }

  std::vector<std::uint8_t> after(std::uint32_t steps) override {
    StepBench world(world_of(row_, weights_, true));
    world.load(first_);
    world.steps(steps);
    return world.raw();
  }

  Timing time(double seconds) override {
    if (row_.kind == RowKind::latency) return world_.singles(seconds);
    Timing total;
    while (total.wall_seconds < seconds) {
      const Timing part = world_.steps(next_count());
      done_ += static_cast<std::uint32_t>(part.steps);
      add(total, part);
      if (part.wall_seconds < seconds / 20) at_once_ = std::min(2 * at_once_, kMostSteps);
    }
    return total;
  }

  const std::vector<std::uint8_t>& first() const override { return first_; }
  std::string how() const override { return world_.how(); }

 private:
  // Of the next call; begins anew when the window is over.
  std::uint32_t next_count() {
    if (row_.window == 0) return at_once_;
    if (done_ >= row_.window) {
      world_.load(first_);
      world_.steps(kSettle);
      done_ = 0;
    }
    return std::min(at_once_, row_.window - done_);
  }

  const Row row_;
  const std::string weights_;
  StepBench world_;
  std::vector<std::uint8_t> first_;
  std::uint32_t done_ = 0;     // steps since the first state
  std::uint32_t at_once_ = 1;  // steps of a call
};

class ManyWorlds final : public Ours {
 public:
  ManyWorlds(const Row& row, const std::string& weights)
      : row_(row), weights_(weights), batch_(worlds(false)), first_(raw(batch_)) {}

  std::vector<std::uint8_t> after(std::uint32_t steps) override {
    Batch batch(worlds(true));
    batch.advance(steps);
    return raw(batch);
  }

  Timing time(double seconds) override {
    Timing total;
    while (total.wall_seconds < seconds) {
      const Timing part = timed(at_once_);
      add(total, part);
      if (part.wall_seconds < seconds / 20) at_once_ = std::min(2 * at_once_, kMostSteps);
    }
    return total;
  }

  const std::vector<std::uint8_t>& first() const override { return first_; }
  std::string how() const override { return std::to_string(batch_.size()) + " worlds"; }

 private:
  // Each with a seed of its own.
  std::vector<WorldSpec> worlds(bool checks) const {
    std::vector<WorldSpec> specs(static_cast<std::size_t>(row_.worlds),
                                 world_of(row_, weights_, checks));
    for (std::size_t i = 0; i < specs.size(); ++i) specs[i].seed = i + 1;
    return specs;
  }

  static std::vector<std::uint8_t> raw(const Batch& batch) {
    std::vector<std::uint8_t> all;
    for (std::size_t i = 0; i < batch.size(); ++i) {
      const FieldCopy field = batch.read(i);
      all.insert(all.end(), field.bytes.begin(), field.bytes.end());
    }
    return all;
  }

  Timing timed(std::uint32_t steps) {
    const std::clock_t cpu = std::clock();
    const std::uint64_t begin = now_us();
    batch_.advance(steps);
    return {steps, static_cast<double>(now_us() - begin) * 1e-6,
            static_cast<double>(std::clock() - cpu) / CLOCKS_PER_SEC};
  }

  const Row row_;
  const std::string weights_;
  Batch batch_;
  std::vector<std::uint8_t> first_;
  std::uint32_t at_once_ = 1;  // steps of a call
};

}  // namespace

std::unique_ptr<Ours> make_ours(const Row& row, const std::string& weights) {
  if (row.kind == RowKind::batch) return std::make_unique<ManyWorlds>(row, weights);
  return std::make_unique<OneWorld>(row, weights);
}

}  // namespace atheria::bench
