#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "engine/run/command.h"

// A world's field as bytes, for those who know no tensors: what a Visit may do with it. World's
// thread only. Shapes are [h,w] or [d,h,w] a channel and [c,...] of all of them, "*"; bits are uint8.
namespace atheria {

// Where a world stands and what its field is.
struct Standing {
  std::uint64_t step = 0;
  double time = 0;
  std::vector<std::string> channels = {};
  std::string descr = {};                // NumPy's: "<f4", "<f8", "|u1"
  std::vector<std::int64_t> shape = {};  // of all channels
};
Standing standing_of(const Simulation& world);

// Copies of the channels, [k,...] in that order. Throws Error (not_found).
FieldCopy read_channels(const Simulation& world, const std::vector<std::string>& channels);

// Over the numbers that are there, which stay where they are; no edit. Of the field's own type.
// Throws Error (bad_args, not_found) and then has written nothing.
void write_field(Simulation& world, const std::string& channel, const FieldCopy& values);

// An edit that undo takes back. Of any type that check_descr() takes. Throws like write_field().
void load_field(Simulation& world, const std::string& channel, const FieldCopy& values);

// Bytes of one number. Throws Error (bad_args) on a type that is none of
// "<f4" "<f8" "<f2" "|u1" "|i1" "<i2" "<i4" "<i8" "|b1".
std::size_t check_descr(const std::string& descr);

// How a field gets from one world into another of equal size and channels.
class FieldParcel {
 public:
  void take(const Simulation& world);      // the one's thread
  void put_into(Simulation& world) const;  // the other's; an edit

 private:
  struct Numbers;
  std::shared_ptr<const Numbers> numbers_;
};

}  // namespace atheria
