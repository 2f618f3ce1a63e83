#pragma once

#include <string>
#include <vector>

// What surrounds the steps costs: each share is a world's speed with it beside its speed without,
// measured in turn.
namespace atheria::bench {

struct Shares {
  std::vector<double> values;  // one a round
  std::string how;
};

// A world with its thread that is looked through for NaN, beside one that is not.
Shares guard_shares(int side, int rounds, double seconds);

// A world of a server of its own, shown to one viewer.
Shares stream_shares(int side, int rounds, double seconds, int threads);

// The same beside a script that never waits. Throws Error (unsupported) without Python.
Shares embed_shares(int rounds, double seconds, int threads);

// Texels a second of CPU time on one thread, from a picture's numbers to the bytes of its
// difference to the one before.
std::vector<double> encode_rates(int side, int rounds, int frames);

}  // namespace atheria::bench
