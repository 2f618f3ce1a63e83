#include <chrono>
#include <ctime>
#include <future>
#include <memory>
#include <thread>

#include "engine/base/clock.h"
#include "engine/run/bench.h"
#include "engine/run/runner.h"

namespace atheria {
namespace {

class Nobody final : public FrameSink {
 public:
  void on_frame(std::shared_ptr<const Frame>) override {}
  void on_sample(const std::string&, const Sample&) override {}
  void on_state(const WorldState&) override {}
  void on_failure(const std::string&, const std::string&) override {}
};

// Where the world stood, and when.
struct Point {
  std::uint64_t step = 0, at_us = 0;
  double cpu_seconds = 0;
};

}  // namespace

class PlayBench::Impl {
 public:
  explicit Impl(const WorldSpec& spec) : runner(spec, nobody) {}

  // The reply is given on the world's thread, between two of its chunks.
  Point done(CommandBody body) {
    const auto point = std::make_shared<std::promise<Point>>();
    auto answer = point->get_future();
    runner.post({std::move(body), [point](Outcome outcome) {
                   if (outcome.error)
                     point->set_exception(std::make_exception_ptr(*outcome.error));
                   else
                     point->set_value({outcome.step, now_us(),
                                       static_cast<double>(std::clock()) / CLOCKS_PER_SEC});
                 }});
    return answer.get();
  }

  Nobody nobody;
  Runner runner;
};

PlayBench::PlayBench(WorldSpec spec) {
  spec.playing = false;
  spec.pace.mode = Pace::Mode::full;
  impl_ = std::make_unique<Impl>(spec);
}

PlayBench::~PlayBench() = default;

Timing PlayBench::run(double seconds) {
  const Point begin = impl_->done(command::Play{});
  std::this_thread::sleep_for(std::chrono::duration<double>(seconds));
  const Point end = impl_->done(command::Pause{});
  return {end.step - begin.step, static_cast<double>(end.at_us - begin.at_us) * 1e-6,
          end.cpu_seconds - begin.cpu_seconds};
}

}  // namespace atheria
