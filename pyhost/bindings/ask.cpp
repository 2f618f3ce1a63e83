#include "pyhost/bindings/ask.h"

#include <fmt/format.h>

#include "engine/run/lease.h"
#include "pyhost/bindings/blocking.h"
#include "pyhost/bindings/door.h"
#include "pyhost/bindings/errors.h"
#include "pyhost/bindings/janitor.h"
#include "pyhost/bindings/lease.h"

namespace atheria::pyhost {
namespace {

struct Answer {
  std::mutex mutex;
  std::condition_variable came;
  std::optional<Outcome> outcome;  // Guarded by mutex.
};

}  // namespace

Outcome ask(const std::string& world, CommandBody body, double seconds,
            const std::function<void()>& given_up) {
  const auto answer = std::make_shared<Answer>();
  unlocked([&] {
    if (atheria::Lease::touches_field(body) && held_here(world))
      throw Error(
          ErrorKind::conflict,
          fmt::format(
              "this thread holds a lease of world '{}' and would wait for itself: use the lease's "
              "field() and advance(), or release it first",
              world),
          "world");
    // The runner is let go of before the wait: a world that somebody waits for can be deleted.
    door().find(world)->post({std::move(body), [answer](Outcome outcome) {
                                const Locked lock(answer->mutex);
                                answer->outcome = std::move(outcome);
                                answer->came.notify_all();
                              }});
  });
  bool came = false;
  try {
    came = wait_for(answer->mutex, answer->came, Deadline(seconds),
                    [&] { return answer->outcome.has_value(); });
  } catch (...) {
    if (given_up) unlocked(given_up);
    throw;
  }
  if (!came) {
    if (given_up) unlocked(given_up);
    raise("timeout", fmt::format("world '{}' did not answer within {:g} s: a long step, or "
                                 "somebody holds a lease of it; give it more time",
                                 world, seconds));
  }
  if (answer->outcome->error) throw *answer->outcome->error;
  return std::move(*answer->outcome);
}

void tell(const std::string& world, CommandBody body) {
  later([world, body = std::move(body)] { door().find(world)->post({body}); });
}

}  // namespace atheria::pyhost
