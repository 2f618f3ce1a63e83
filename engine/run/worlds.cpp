#include "engine/run/worlds.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <cctype>
#include <new>

#include "engine/base/locks.h"
#include "engine/field/allocator.h"
#include "engine/run/catalog.h"

namespace atheria {
namespace {

constexpr std::size_t kMaxName = 64;
constexpr std::string_view kReserved = "stream";

void check_name(const std::string& name) {
  const bool good = !name.empty() && name.size() <= kMaxName &&
                    std::all_of(name.begin(), name.end(), [](unsigned char c) {
                      return std::isalnum(c) || c == '_' || c == '.' || c == '-';
                    });
  if (!good)
    throw Error(
        ErrorKind::bad_args,
        fmt::format("a world's name is 1..{} of A-Z a-z 0-9 _ . -; got '{}'", kMaxName, name),
        "name");
  if (name == kReserved)
    throw Error(ErrorKind::bad_args,
                fmt::format("a world cannot be named '{}': topics of that name are pictures that "
                            "scripts show; choose another name",
                            kReserved),
                "name");
}

// What its fields will take, roughly: the state, the stepper's other buffer, the last good copy.
std::size_t estimate(const WorldSpec& spec) {
  const auto& law = law_info(spec.law);
  const auto dtype = spec.dtype.empty() ? law.dtypes.front() : parse_dtype(spec.dtype);
  const double bytes = dtype == Dtype::bits ? 0.125 : dtype == Dtype::f64 ? 8 : 4;
  return static_cast<std::size_t>(3 * bytes * static_cast<double>(spec.grid.cells()) *
                                  static_cast<double>(law.channels.size()));
}

template <class From>
std::shared_ptr<Runner> make_runner(const WorldSpec& spec, const From& from, FrameSink& sink,
                                    std::size_t need) {
  try {
    return std::make_shared<Runner>(from, sink);
  } catch (const std::bad_alloc&) {
    throw Error(ErrorKind::too_large,
                fmt::format("world '{}' needs about {} MB, more than the machine gives now",
                            spec.name, need >> 20),
                "size");
  }
}

}  // namespace

Worlds::Worlds(FrameSink& sink, std::size_t limit, std::size_t memory_limit)
    : sink_(sink), limit_(limit), memory_limit_(memory_limit > 0 ? memory_limit : memory_bytes()) {}

Worlds::~Worlds() { clear(); }

std::shared_ptr<Runner> Worlds::create(const WorldSpec& spec) { return add(spec, spec); }

std::shared_ptr<Runner> Worlds::resume(const Checkpoint& from) { return add(from.spec, from); }

template <class From>
std::shared_ptr<Runner> Worlds::add(const WorldSpec& spec, const From& from) {
  check_name(spec.name);
  check_grid(spec.grid);
  const auto need = estimate(spec);
  const Locked lock(mutex_);
  if (worlds_.size() >= limit_)
    throw Error(ErrorKind::too_large, fmt::format("the server has its {} worlds already", limit_));
  for (const auto& [name, runner] : worlds_)
    if (name == spec.name)
      throw Error(ErrorKind::conflict, fmt::format("a world '{}' exists already", name), "name");
  std::size_t used = 0;
  for (const auto& [name, runner] : worlds_) used += estimate(runner->state().spec);
  if (used + need > memory_limit_)
    throw Error(
        ErrorKind::too_large,
        fmt::format("world '{}' needs about {} MB; {} MB of {} MB are free", spec.name, need >> 20,
                    (memory_limit_ - std::min(used, memory_limit_)) >> 20, memory_limit_ >> 20),
        "size");
  auto runner = make_runner(spec, from, sink_, need);
  worlds_.emplace_back(spec.name, runner);
  return runner;
}

std::shared_ptr<Runner> Worlds::find(const std::string& name) const {
  const Locked lock(mutex_);
  std::vector<std::string> names;
  for (const auto& [known, runner] : worlds_) {
    if (known == name) return runner;
    names.push_back(known);
  }
  throw Error(ErrorKind::not_found,
              fmt::format("no world '{}'; there are: {}", name,
                          names.empty() ? "none" : fmt::format("{}", fmt::join(names, ", "))),
              "world");
}

void Worlds::remove(const std::string& name) {
  auto gone = find(name);
  {
    const Locked lock(mutex_);
    std::erase_if(worlds_, [&](const auto& entry) { return entry.first == name; });
  }
  gone.reset();  // the thread ends here, outside the lock, unless somebody else still holds it
}

std::vector<WorldState> Worlds::states() const {
  const Locked lock(mutex_);
  std::vector<WorldState> states;
  for (const auto& [name, runner] : worlds_) states.push_back(runner->state());
  return states;
}

void Worlds::clear() {
  decltype(worlds_) gone;
  {
    const Locked lock(mutex_);
    gone.swap(worlds_);
  }
  while (!gone.empty()) gone.pop_back();
}

}  // namespace atheria
