#pragma once

#include <cstdint>
#include <deque>
#include <memory>

#include "engine/field/field.h"
#include "engine/run/world.h"

namespace atheria {

// A world at one moment, to go back to.
struct Moment {
  WorldSpec spec;
  WorldSpec origin;
  std::uint64_t step = 0;
  double time = 0;
  std::shared_ptr<const Field> field;
  std::uint64_t stroke = 0;
};

// Undo and redo of edits: at most 64 moments and a quarter of a gigabyte of fields; the oldest go
// first, the newest always stays. Not thread-safe.
class History {
 public:
  static constexpr std::size_t kMoments = 64;
  static constexpr std::size_t kBytes = std::size_t{256} << 20;

  // True when a dab of this stroke belongs to the moment on top. Stroke 0 never does.
  bool continues(std::uint64_t stroke) const;

  void edit(Moment before);  // a new edit: nothing can be redone any more

  bool can_undo() const { return !undo_.empty(); }
  bool can_redo() const { return !redo_.empty(); }
  Moment undo(Moment now);
  Moment redo(Moment now);

  std::uint32_t undo_count() const { return static_cast<std::uint32_t>(undo_.size()); }
  std::uint32_t redo_count() const { return static_cast<std::uint32_t>(redo_.size()); }

 private:
  void trim();

  std::deque<Moment> undo_;
  std::deque<Moment> redo_;
};

}  // namespace atheria
