#include "pyhost/bindings/parked_world.h"

#include <ATen/ATen.h>
#include <fmt/format.h>

#include <atomic>

#include "engine/base/locks.h"
#include "pyhost/bindings/alias.h"
#include "pyhost/bindings/fields.h"

namespace atheria::pyhost {

std::uint64_t fresh_id() {
  static std::atomic<std::uint64_t> last{0};
  return ++last;
}

command::Park ParkedWorld::park(const std::string& owner, std::uint64_t for_us,
                                std::function<void(const std::string& why)> ended) {
  const auto self = shared_from_this();
  return {.lease = id_,
          .owner = owner,
          .for_us = for_us,
          .enter = [self](Simulation& world) { self->enter(world); },
          .leave =
              [self, ended = std::move(ended)](Simulation& world, const std::string& why) {
                self->leave(world, why);
                if (ended) ended(why);
              }};
}

void ParkedWorld::enter(Simulation& world) {
  const Locked lock(mutex_);
  if (given_up_) throw Error(ErrorKind::cancelled, "nobody waits for this lease any more");
  world_ = &world;
  step_ = world.step();
  time_ = world.time();
}

void ParkedWorld::leave(Simulation& world, const std::string& why) {
  at::Tensor bits;
  {
    const Locked lock(mutex_);
    world_ = nullptr;
    why_ = why;
    bits = std::move(bits_);
  }
  if (bits.defined()) world.field_to_write().set_dense(bits);
  // Views that Python kept stay what they show now: the world takes other memory.
  auto& planes = world.field_to_write().planes();
  if (planes.storage().use_count() > 1) planes = planes.clone();
}

void ParkedWorld::check() const {
  if (world_ == nullptr) throw Error(ErrorKind::conflict, "the lease has ended: " + why_);
}

std::string ParkedWorld::why() const {
  const Locked lock(mutex_);
  return why_;
}

std::uint64_t ParkedWorld::step() const {
  const Locked lock(mutex_);
  return step_;
}

double ParkedWorld::time() const {
  const Locked lock(mutex_);
  return time_;
}

at::Tensor ParkedWorld::field(const std::string& channel) {
  const Locked lock(mutex_);
  check();
  const auto& field = world_->field();
  if (field.dtype() == Dtype::bits && !bits_.defined()) bits_ = field.dense();
  auto planes = alias_of(bits_.defined() ? bits_ : field.planes());
  if (!channel.empty()) planes = planes.narrow(0, world_->channel_of(channel), 1);
  planes = flat(planes, field.grid());
  return channel.empty() ? planes : planes.squeeze(0);
}

void ParkedWorld::before_steps() {
  const Locked lock(mutex_);
  check();
  if (bits_.defined()) world_->field_to_write().set_dense(bits_);
}

void ParkedWorld::after_steps() {
  const Locked lock(mutex_);
  if (world_ == nullptr) return;
  step_ = world_->step();
  time_ = world_->time();
  if (bits_.defined()) bits_.copy_(world_->field().dense());
}

void ParkedWorld::give_up() {
  const Locked lock(mutex_);
  given_up_ = true;
}

}  // namespace atheria::pyhost
