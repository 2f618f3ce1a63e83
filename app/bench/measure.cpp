#include "app/bench/measure.h"

#include <fmt/format.h>

#include <algorithm>
#include <functional>

#include "app/bench/compare.h"
#include "app/bench/house.h"
#include "app/bench/memory.h"
#include "engine/field/allocator.h"

namespace atheria::bench {
namespace {

// Does it; what it throws, but for Interrupted, is the side's trouble.
bool succeeds(Side& side, const std::function<void()>& work) {
  try {
    work();
    return true;
  } catch (const Interrupted&) {
    throw;
  } catch (const std::exception& error) {
    side.trouble = error.what();
    side.values.clear();
    side.per_cpu.clear();
    return false;
  }
}

std::string unit_of(const Row& row) {
  switch (row.kind) {
    case RowKind::steps:
    case RowKind::batch:
      return "cells/s";
    case RowKind::latency:
      return "steps/s";
    case RowKind::encode:
      return "texels/s";
    case RowKind::guard:
    case RowKind::stream:
    case RowKind::embed:
      break;
  }
  return "of the speed without";
}

class RowMeter {
 public:
  RowMeter(const Row& row, const Workshop& shop)
      : row_(row), shop_(shop), weights_(shop.folder.file(row.world.law + ".safetensors")) {
    if (row.world.law.starts_with("nca"))
      write_bench_weights(weights_, row.world.grid.is_3d() ? 3 : 2);
    result_.name = row.name;
    result_.what = row.what;
    result_.unit = unit_of(row);
    result_.cells = static_cast<double>(row.world.grid.cells()) * row.worlds;
    result_.quick = shop.quick;
    result_.remark = row.remark;
    result_.reach = row.reach;
    result_.aim = row.aim;
    result_.ours.name = "ours";
    for (const Bound& bound : row.bounds)
      if (there_is(bound.ceiling)) result_.bounds.push_back(bound);
  }

  RowResult steps() {
    const PeakMemory memory;
    std::unique_ptr<Ours> ours;
    if (!succeeds(result_.ours, [&] {
          ours = make_ours(row_, weights_);
          ours->time(shop_.seconds / 4);  // warms up
        }))
      return std::move(result_);
    invite(*ours);
    for (int round = 0; round < shop_.rounds; ++round) {
      sample_bounds();
      if (!succeeds(result_.ours, [&] { time(*ours, result_.ours); })) break;
      for (std::size_t i = 0; i < peers_.size(); ++i) time_peer(i);
    }
    result_.how = ours->how();
    result_.ours.peak_bytes = shop_.base_bytes + memory.growth();
    for (std::size_t i = 0; i < peers_.size(); ++i)
      if (peers_[i])
        succeeds(result_.peers[i], [&] { result_.peers[i].peak_bytes = peers_[i]->peak_bytes(); });
    return std::move(result_);
  }

  RowResult house() {
    succeeds(result_.ours, [&] {
      for (int round = 0; round < shop_.rounds; ++round) sample_bounds();
      Shares shares = measured();
      result_.ours.values = std::move(shares.values);
      result_.how = std::move(shares.how);
    });
    return std::move(result_);
  }

 private:
  bool there_is(const std::string& ceiling) const {
    const auto names = shop_.ceilings.names();
    return std::ranges::find(names, ceiling) != names.end();
  }

  void sample_bounds() {
    check_interrupt();
    for (Bound& bound : result_.bounds)
      bound.limits.push_back(shop_.ceilings.sample(bound.ceiling, bound.one_thread) / bound.work);
  }

  void time(Contender& who, Side& side) {
    check_interrupt();
    const Timing timing = who.time(shop_.seconds);
    const double updates =
        static_cast<double>(timing.steps) * (row_.kind == RowKind::latency ? 1 : result_.cells);
    side.values.push_back(updates / std::max(timing.wall_seconds, 1e-9));
    side.per_cpu.push_back(updates / std::max(timing.cpu_seconds, 1e-9));
  }

  void time_peer(std::size_t i) {
    if (peers_[i] && !succeeds(result_.peers[i], [&] { time(*peers_[i], result_.peers[i]); }))
      peers_[i].reset();
  }

  // Starts the peers and lets go those that cannot or that compute something else.
  void invite(Ours& ours) {
    std::vector<std::uint8_t> expected;
    for (const PeerWish& wish : row_.peers) {
      if (std::ranges::find(shop_.peers, wish.name) == shop_.peers.end()) continue;
      if (expected.empty()) {
        write_bytes(shop_.folder.file(row_.name + ".raw"), ours.first());
        expected = ours.after(kCheckSteps);
      }
      Side side{.name = wish.name, .per_core = wish.per_core, .beat = wish.beat};
      std::unique_ptr<Theirs> peer;
      if (!succeeds(side, [&] { peer = invited(wish.name, expected, side); })) peer.reset();
      result_.peers.push_back(std::move(side));
      peers_.push_back(std::move(peer));
    }
  }

  std::unique_ptr<Theirs> invited(const std::string& name,
                                  const std::vector<std::uint8_t>& expected, Side& side) {
    if (shop_.place.python.empty())
      throw Error(ErrorKind::unsupported, "no Python for peers: ./ath setup --bench makes one");
    auto peer =
        std::make_unique<Theirs>(name, row_, shop_.place, shop_.folder, weights_, shop_.seconds);
    side.version = peer->version;
    side.form = peer->form;
    const auto state = peer->after(kCheckSteps);
    const Agreement found = row_.world.law == "life"
                                ? compare_bits(expected, state)
                                : compare_floats(expected, state, row_.tolerance);
    side.agreement = found.text;
    side.agrees = found.agrees;
    if (!found.agrees) peer.reset();
    return peer;
  }

  Shares measured() const {
    const int side = row_.world.grid.width;
    switch (row_.kind) {
      case RowKind::guard:
        return guard_shares(side, shop_.rounds, shop_.seconds);
      case RowKind::stream:
        return stream_shares(side, shop_.rounds, shop_.seconds, shop_.threads);
      case RowKind::embed:
        return embed_shares(shop_.rounds, std::max(shop_.seconds, 0.2), shop_.threads);
      default:
        return {encode_rates(side, shop_.rounds, shop_.quick ? 4 : 20), ""};
    }
  }

  const Row& row_;
  const Workshop& shop_;
  const std::string weights_;  // of a neural automaton
  RowResult result_;
  std::vector<std::unique_ptr<Theirs>> peers_;  // null: gone
};

}  // namespace

RowResult measure_row(const Row& row, const Workshop& shop) {
  release_cpu_cache();
  RowMeter meter(row, shop);
  const bool house =
      row.kind != RowKind::steps && row.kind != RowKind::latency && row.kind != RowKind::batch;
  return house ? meter.house() : meter.steps();
}

}  // namespace atheria::bench
