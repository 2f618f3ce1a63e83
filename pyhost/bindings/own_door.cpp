#include "pyhost/bindings/own_door.h"

#include <mutex>
#include <utility>

#include "engine/run/worlds.h"

namespace atheria::pyhost {
namespace {

// Nobody looks but Python, which asks.
class Quiet final : public FrameSink {
 public:
  void on_frame(std::shared_ptr<const Frame>) override {}
  void on_sample(const std::string&, const Sample&) override {}
  void on_state(const WorldState&) override {}
  void on_failure(const std::string&, const std::string&) override {}
};

[[noreturn]] void no_streams() {
  throw Error(ErrorKind::unsupported,
              "nobody can watch a stream here: it is the server that shows them; run the code in "
              "the server, with `ath run FILE.py` or in a notebook attached to it");
}

class OwnDoor final : public EngineDoor {
 public:
  std::vector<WorldState> states() override { return worlds_.states(); }
  std::shared_ptr<Runner> find(const std::string& name) override { return worlds_.find(name); }
  WorldState create(const WorldSpec& spec) override { return worlds_.create(spec)->state(); }
  void remove(const std::string& name) override { worlds_.remove(name); }
  std::uint64_t put_stream(StreamPicture) override { no_streams(); }
  void drop_stream(const std::string&) override { no_streams(); }
  std::vector<StreamInfo> streams() override { no_streams(); }
  void close() { worlds_.clear(); }

 private:
  Quiet sink_;
  Worlds worlds_{sink_};
};

OwnDoor& the_own_door() {
  static auto* const door = new OwnDoor;
  return *door;
}

}  // namespace

EngineDoor& own_door() { return the_own_door(); }
void close_own_door() { the_own_door().close(); }

}  // namespace atheria::pyhost
