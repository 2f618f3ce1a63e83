#pragma once

#include <array>
#include <cstdint>
#include <vector>

#include "engine/field/field.h"
#include "engine/run/coverage.h"
#include "engine/run/edit.h"

namespace atheria {

// One row of a tile in one layer: which cells, and how strongly.
struct PaintRun {
  int x = 0, y = 0, z = 0, n = 0;
  std::array<float, Coverage::kSide> weight = {};
  bool any = false;
};

// Applies one checked paint to runs of one field.
class Painter {
 public:
  Painter(Field& field, const std::vector<Channel>& channels, const Paint& paint,
          std::uint64_t seed, std::uint64_t step)
      : field_(field), channels_(channels), paint_(paint), seed_(seed), step_(step) {}

  // Painted whole, a complex field keeps its phases.
  void keep_phase(bool keep) { keep_phase_ = keep; }

  void apply(const PaintRun& run);

 private:
  template <typename T>
  void apply_as(const PaintRun& run);
  template <typename T>
  void set_amplitude(const PaintRun& run);
  template <typename T>
  void mix_noise(const PaintRun& run, int channel, T* cells) const;
  void apply_bits(const PaintRun& run);
  std::uint64_t wanted_bits(const PaintRun& run, int channel) const;

  template <typename T>
  T* row(int channel, const PaintRun& run);
  std::int64_t row_index(int channel, const PaintRun& run) const;
  bool touches(int channel) const;
  float draw(const PaintRun& run, int i, int channel) const;

  Field& field_;
  const std::vector<Channel>& channels_;
  const Paint& paint_;
  const std::uint64_t seed_;
  const std::uint64_t step_;
  bool keep_phase_ = false;
};

}  // namespace atheria
