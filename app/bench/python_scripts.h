#pragma once

// What `ath bench python` runs in its server. Worlds: "small" 256 x 256 plays, "still" is the same and
// stands, "large" 2048 x 2048 stands.
namespace atheria::bench::scripts {

constexpr const char* kBusy = R"py(
print("go")
while True:
    pass
)py";

constexpr const char* kObserver = R"py(
import atheria
print("go")
for snap in atheria.world("small").observe(every=10):
    pass
)py";

constexpr const char* kHook = R"py(
import atheria, time
hook = atheria.world("small").on_step(10, lambda s: None, budget_ms=1000)
print("go")
while not hook.detached:
    time.sleep(0.1)
)py";

// {0}: PyDLL keeps the GIL in the call, CDLL does not. What it keeps is of a lease that ended, so the
// world has given its memory away, and of snapshots.
constexpr const char* kHold = R"py(
import atheria, ctypes
usleep = ctypes.{0}(None).usleep
small, kept = atheria.world("small"), []
for i in range({1}):
    with small.lease() as s:
        kept.append(s.field)
    kept.append(small.snapshot())
    del kept[:-6]
    if i == 0:
        print("go", flush=True)
    usleep(200_000)
)py";

// Milliseconds of calls and of what they are compared with, in turn.
constexpr const char* kCalls = R"py(
import atheria, json, time
still, large = atheria.world("still"), atheria.world("large")

def pairs(count, call, other, calls_of_other=1):
    times = [], []
    for i in range(count + 2):
        for each, do, per in (times[0], call, 1), (times[1], other, calls_of_other):
            begin = time.perf_counter()
            do()
            if i > 1:
                each.append((time.perf_counter() - begin) * 1e3 / per)
    return times

def lease():
    with still.lease():
        pass

small_copy, large_copy = still.snapshot("u"), large.snapshot("u")
print(json.dumps([
    pairs({0}, lease, lambda: still.state),
    pairs({0}, lambda: still.snapshot("u"), small_copy.clone),
    pairs({0}, lambda: large.snapshot("u"), large_copy.clone),
    pairs({0}, lambda: still.step(1), lambda: still.step(100), 100),
]))
)py";

constexpr const char* kSleep = R"py(
import time
print("go")
time.sleep(600)
)py";

constexpr const char* kWait = R"py(
import atheria
print("go")
atheria.world("small").wait(step=10**15)
)py";

constexpr const char* kSwallower = R"py(
print("go")
while True:
    try:
        while True:
            pass
    except BaseException:
        pass
)py";

}  // namespace atheria::bench::scripts
