#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "engine/field/field.h"

// Starting states. A spec is text: a kind and its settings, "blobs:count=12,radius=6".
//
//   noise     density=1 lo= hi=         every channel uniform in its [lo, hi], or each cell with that chance.
//                                       Bits: half of the cells. Complex fields: lo, hi = -0.1, 0.1
//   blobs     count=8 radius=8          soft discs (balls) of ink on the background, at seeded places
//   cell      x= y= z= spacing=0        one cell of ink, the centre by default; or a lattice, at least so far apart
//   packet    x= y= z= width=16 kx= ky= kz= amplitude=1
//                                       a Gaussian packet: |psi| is `amplitude` at its centre, width the standard
//                                       deviation of |psi|^2 in cells; wave numbers in cycles over the grid
//   wave      kx=1 ky= kz= amplitude=1  a plane wave
//   empty                               the background
//   pattern   NAME, file=PATH or rle=TEXT (last), x= y= to place its top left cell: a pattern by name, or RLE as
//             Golly writes it
//   image     file=PATH channel=        a PNG, stretched over the grid: its luminance into a channel, its colours into
//                                       r, g, b (a), or its luminance as ink
//
// Real fields take a packet or a wave as ink times its real part. Patterns and images go into the middle layer. A bare
// path ending in .rle or .png means pattern or image; text that begins with '#' or with "x =" is RLE itself.
namespace atheria {

// Fills a CPU field. Same bits for the same seed on any machine. Throws Error that names the spec's fault.
void fill(Field& field, const std::vector<Channel>& channels, bool complex, const std::string& spec,
          std::uint64_t seed);

// Throws Error when fill would, as far as can be told without a field.
void check_init(const std::string& spec);

// True when the spec names a file of this machine: a server does not let clients do that.
bool reads_file(const std::string& spec);

// The rule that the spec's RLE names ("B36/S23"), if it has one: the runner gives it to a law with a parameter
// "rule". Reads the file; throws Error like fill.
std::optional<std::string> rule_of(const std::string& spec);

}  // namespace atheria
