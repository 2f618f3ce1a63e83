#pragma once

#include <string>
#include <vector>

#include "app/protocol/args.h"
#include "engine/run/command.h"

// From the arguments of an op to what the engine is asked: PROTOCOL.md section 4. All throw Error
// (bad_args, not_allowed) with the path of the argument that is wrong; what only a law or a world
// can judge (does this parameter exist?) is left to the engine.
namespace atheria::wire {

// The world a request is about; empty when left out.
std::string world_of(const Args& args);

// sim.create.
WorldSpec world_spec_of(const Args& args);

command::Step step_of(const Args& args);

// sim.set as commands to post one after the other; only the first can still fail, so "all or
// nothing" holds when the others follow after it succeeded. `now`: the pace as it stands, of which
// the request changes a part.
std::vector<CommandBody> set_of(const Args& args, const Pace& now);

command::Seed seed_of(const Args& args);
command::PaintStroke paint_of(const Args& args);
command::Probe probe_of(const Args& args);
command::ReadHistogram histogram_of(const Args& args);

// Parts of the above that stand alone too.
Pace pace_of(const Args& args, const Pace& now);
ParamMap params_of(const json::object& object, const std::string& path);

}  // namespace atheria::wire
