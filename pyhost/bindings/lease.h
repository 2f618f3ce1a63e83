#pragma once

#include <pybind11/pybind11.h>

#include <memory>
#include <string>

#include "pyhost/bindings/parked_world.h"

namespace atheria::pyhost {

// Python's Lease. With the GIL held, which every method lets go of while it works.
class Lease {
 public:
  Lease(std::string world, std::shared_ptr<ParkedWorld> parked);  // held by this thread
  ~Lease();  // gives the world back, without waiting

  std::uint64_t step() const;
  double time() const;
  std::string why() const;
  pybind11::object field(const std::string& channel);
  std::uint64_t advance(std::int64_t n);
  void release();  // waits until the world has it back; never throws

 private:
  const std::string world_;
  const std::shared_ptr<ParkedWorld> parked_;
};

// Whether this thread holds a lease of the world: then a command that touches the field would wait
// for the thread itself.
bool held_here(const std::string& world);

// Ends the leases of all whose owner's name ends so, without waiting. Any thread, without the GIL.
void revoke_leases(const std::string& owner_ending);

}  // namespace atheria::pyhost
