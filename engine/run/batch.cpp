#include "engine/run/batch.h"

#include <ATen/core/grad_mode.h>
#include <fmt/format.h>

#include "engine/base/pool.h"
#include "engine/run/simulation.h"

namespace atheria {
namespace {

Error at_place(std::size_t world, const Error& error) {
  return {error.kind(), fmt::format("world {}: {}", world, error.what()), error.path()};
}

}  // namespace

class Batch::Impl {
 public:
  explicit Impl(const std::vector<WorldSpec>& specs) : failures_(specs.size()) {
    worlds_.reserve(specs.size());
    for (const auto& spec : specs) add(spec);
  }

  // Steppers share the pool's threads by themselves; from one of those they do all of it here.
  void advance(std::uint32_t steps) {
    steps_ = steps;
    shared_pool().bands(static_cast<std::int64_t>(worlds_.size()),
                        [this](std::int64_t begin, std::int64_t end) {
                          for (auto i = begin; i < end; ++i)
                            advance_one(static_cast<std::size_t>(i));
                        });
    for (std::size_t i = 0; i < worlds_.size(); ++i)
      if (!failures_[i].empty())
        throw Error(ErrorKind::internal, fmt::format("world {}: {}", i, failures_[i]));
  }

  std::size_t size() const { return worlds_.size(); }
  Simulation& world(std::size_t i) { return *worlds_.at(i); }

 private:
  void add(const WorldSpec& spec) {
    try {
      worlds_.push_back(std::make_unique<Simulation>(spec));
    } catch (const Error& error) {
      throw at_place(worlds_.size(), error);
    }
  }

  void advance_one(std::size_t i) {
    const at::NoGradGuard no_grad;
    failures_[i] = worlds_[i]->advance(steps_, false);
  }

  std::vector<std::unique_ptr<Simulation>> worlds_;
  std::vector<std::string> failures_;  // of each world's last advance
  std::uint32_t steps_ = 0;            // of this advance
};

Batch::Batch(const std::vector<WorldSpec>& specs) : impl_(std::make_unique<Impl>(specs)) {}
Batch::~Batch() = default;

std::size_t Batch::size() const { return impl_->size(); }
void Batch::advance(std::uint32_t steps) { impl_->advance(steps); }

const WorldSpec& Batch::spec(std::size_t world) const { return impl_->world(world).spec(); }
std::uint64_t Batch::step(std::size_t world) const { return impl_->world(world).step(); }

FieldCopy Batch::read(std::size_t world, const std::string& channel) const {
  return impl_->world(world).read(channel);
}

std::vector<double> Batch::measure(std::size_t world) const {
  auto values = impl_->world(world).measure();
  values.pop_back();  // the activity, which needs a field of one step ago
  return values;
}

void Batch::set_params(std::size_t world, const ParamMap& params) {
  try {
    impl_->world(world).set_params(params);
  } catch (const Error& error) {
    throw at_place(world, error);
  }
}

}  // namespace atheria
