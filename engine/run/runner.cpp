#include "engine/run/runner.h"

#include <thread>

#include "engine/run/world_thread.h"

namespace atheria {

class Runner::Impl {
 public:
  template <class From>
  Impl(const From& from, FrameSink& sink) : world_(from, sink), thread_([this] { world_.run(); }) {}

  ~Impl() {
    world_.inbox().close();
    thread_.join();
  }

  WorldThread& world() { return world_; }

 private:
  WorldThread world_;
  std::thread thread_;  // last: it uses all of the above
};

Runner::Runner(const WorldSpec& spec, FrameSink& sink)
    : impl_(std::make_unique<Impl>(spec, sink)) {}
Runner::Runner(const Checkpoint& from, FrameSink& sink)
    : impl_(std::make_unique<Impl>(from, sink)) {}
Runner::~Runner() = default;

void Runner::post(Command command) { impl_->world().inbox().post(std::move(command)); }

WorldState Runner::state() const { return impl_->world().state(); }

}  // namespace atheria
