#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

// Run-length encoded patterns of Life, as Golly writes and reads them. No torch here.
namespace atheria {

// `length` live cells of row y, from column x to the east.
struct RleRun {
  std::int64_t x = 0;
  std::int64_t y = 0;
  std::int64_t length = 1;
};

// Memory in proportion to the text, whatever counts it has.
struct RlePattern {
  std::int64_t width = 0;  // of the header, or what the runs reach when that is more
  std::int64_t height = 0;
  std::string rule;      // "B3/S23", as written, without the topology; empty: none named
  std::string topology;  // "T30,20" of "B3/S23:T30,20"
  struct Place {
    std::int64_t x = 0, y = 0;
  };
  std::optional<Place>
      position;              // #CXRLE Pos=x,y: the top left corner, from the grid's centre cell
  std::vector<RleRun> runs;  // by rows, then columns; never overlapping

  std::int64_t population() const;
};

// Throws Error (bad_args) that names the line: more than two states, an unknown character, a count
// too large.
RlePattern parse_rle(std::string_view text);

// Text that parse_rle reads back to the same pattern, in lines of at most 70 characters.
std::string write_rle(const RlePattern& pattern);

}  // namespace atheria
