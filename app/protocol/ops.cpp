#include "app/protocol/ops.h"

#include <algorithm>
#include <array>

namespace atheria::wire {
namespace {

constexpr std::string_view kViewer = "viewer";
constexpr std::string_view kOperator = "operator";
constexpr std::string_view kScript = "script";
constexpr std::string_view kAdmin = "admin";

constexpr auto kOps = std::to_array<Op>({
    {"ping", kViewer},
    {"auth.who", kViewer},
    {"law.list", kViewer},
    {"sim.list", kViewer},
    {"sim.get", kViewer},
    {"sim.create", kAdmin},
    {"sim.delete", kAdmin},
    {"sim.play", kOperator},
    {"sim.pause", kOperator},
    {"sim.step", kOperator},
    {"sim.reset", kOperator},
    {"sim.set", kOperator},
    {"field.seed", kOperator},
    {"field.paint", kOperator},
    {"field.undo", kOperator},
    {"field.redo", kOperator},
    {"probe.read", kViewer},
    {"field.histogram", kViewer},
    {"field.measure", kViewer},
    {"sub", kViewer},
    {"sub.update", kViewer},
    {"unsub", kViewer},
    {"script.run", kScript},
    {"script.cancel", kScript},
    {"script.list", kViewer},
    {"script.status", kViewer},
    {"script.output", kScript},
    {"script.input", kScript},
    {"server.restart", kAdmin},
    {"lease.take", kScript},
    {"lease.read", kScript},
    {"lease.write", kScript},
    {"lease.step", kScript},
    {"lease.end", kScript},
    {"field.load", kScript},
    {"look.open", kScript},
    {"look.next", kScript},
    {"look.status", kScript},
    {"look.close", kScript},
    {"hook.open", kScript},
    {"hook.next", kScript},
    {"hook.fail", kScript},
    {"hook.close", kScript},
    {"law.register", kScript},
    {"law.next", kScript},
    {"law.answer", kScript},
    {"law.fail", kScript},
    {"sim.fork", kScript},
    {"stream.put", kScript},
    {"stream.drop", kScript},
    {"stream.list", kViewer},
    {"script.progress", kScript},
    {"script.grace", kScript},
    {"resume", kViewer, true},
    {"sim.seek", kOperator, true},
    {"sim.save", kOperator, true},
    {"sim.load", kOperator, true},
    {"probe.add", kViewer, true},
    {"probe.remove", kViewer, true},
    {"record.start", kOperator, true},
    {"record.stop", kOperator, true},
    {"record.list", kViewer, true},
});

}  // namespace

std::span<const Op> ops() { return kOps; }

const Op* find_op(std::string_view name) {
  const auto found = std::ranges::find(kOps, name, &Op::name);
  return found == kOps.end() ? nullptr : &*found;
}

}  // namespace atheria::wire
