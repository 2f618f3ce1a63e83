#include "pyhost/load/child.h"

#include <gmock/gmock.h>

#include "engine/base/error.h"
#include "pyhost/load/probe.h"

namespace atheria::pyhost {
namespace {

using testing::HasSubstr;

std::string why(const PythonFound& found) {
  try {
    check_python(found);
  } catch (const Error& error) {
    return error.what();
  }
  return "";
}

std::string why_not(const std::string& executable) {
  try {
    probe_python(executable);
  } catch (const Error& error) {
    return error.what();
  }
  return "";
}

TEST(Child, GivesBothStreamsAndTheExitCode) {
  const auto result =
      run_child({"sh", "-c", "echo out; echo err >&2; exit 3"}, std::chrono::seconds(20));
  EXPECT_EQ(result.code, 3);
  EXPECT_EQ(result.out, "out\n");
  EXPECT_EQ(result.err, "err\n");
}

TEST(Child, IsKilledWhenItsTimeIsOver) {
  const auto result = run_child({"sleep", "1000"}, std::chrono::milliseconds(50));
  EXPECT_TRUE(result.late);
}

TEST(Child, ThatFillsBothPipesEnds) {
  const auto result = run_child(
      {"sh", "-c",
       "head -c 300000 /dev/zero | tr '\\0' x; head -c 300000 /dev/zero | tr '\\0' y >&2"},
      std::chrono::seconds(20));
  EXPECT_EQ(result.code, 0);
  EXPECT_GE(result.out.size(), std::size_t{64 * 1024});
}

TEST(Probe, SaysThatAProgramIsMissing) {
  EXPECT_THAT(why_not("/no/such/python"), HasSubstr("cannot be started"));
}

TEST(Probe, SaysThatAProgramIsNoPython) {
  EXPECT_THAT(why_not("/bin/false"), HasSubstr("failed with 1"));
  EXPECT_THAT(why_not("/bin/echo"), HasSubstr("no Python that can be used"));
}

PythonFound like_the_build() {
  PythonFound found;
  found.executable = "python3";
  found.version = "3.11.2";
  found.tag = "cp311";
  found.library = "/usr/lib/libpython3.11.so.1.0";
  found.torch = "2.13.0+cpu";
  found.new_abi = true;
  return found;
}

TEST(Probe, NamesWhatIsWrongWithAPython) {
  EXPECT_EQ(why(like_the_build()), "");
  auto found = like_the_build();
  found.tag = "cp313";
  EXPECT_THAT(why(found), HasSubstr("was built for cp311"));
  found = like_the_build();
  found.torch = "2.12.1";
  EXPECT_THAT(why(found), HasSubstr("has torch 2.12.1"));
  found = like_the_build();
  found.new_abi = false;
  EXPECT_THAT(why(found), HasSubstr("old C++ ABI"));
  found = like_the_build();
  found.library.clear();
  EXPECT_THAT(why(found), HasSubstr("libpython3.11"));
  found = like_the_build();
  found.free_threaded = true;
  EXPECT_THAT(why(found), HasSubstr("free-threaded"));
}

}  // namespace
}  // namespace atheria::pyhost
