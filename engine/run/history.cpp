#include "engine/run/history.h"

#include <utility>

namespace atheria {
namespace {

std::size_t bytes_of(const std::deque<Moment>& moments) {
  std::size_t total = 0;
  for (const auto& moment : moments) total += moment.field->bytes();
  return total;
}

// Takes the newest moment of `from` and leaves `now` on `to` instead.
Moment swap(std::deque<Moment>& from, std::deque<Moment>& to, Moment now) {
  auto taken = std::move(from.back());
  from.pop_back();
  now.stroke = 0;  // a stroke that goes on after an undo is a new one
  to.push_back(std::move(now));
  return taken;
}

}  // namespace

bool History::continues(std::uint64_t stroke) const {
  return stroke != 0 && !undo_.empty() && undo_.back().stroke == stroke && redo_.empty();
}

void History::edit(Moment before) {
  redo_.clear();
  undo_.push_back(std::move(before));
  trim();
}

Moment History::undo(Moment now) { return swap(undo_, redo_, std::move(now)); }

Moment History::redo(Moment now) { return swap(redo_, undo_, std::move(now)); }

void History::trim() {
  while (undo_.size() > 1 && (undo_.size() > kMoments || bytes_of(undo_) > kBytes))
    undo_.pop_front();
}

}  // namespace atheria
