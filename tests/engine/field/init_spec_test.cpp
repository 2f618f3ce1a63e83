#include "engine/field/init_spec.h"

#include <gmock/gmock.h>

#include "engine/base/error.h"
#include "engine/field/init.h"

namespace atheria {
namespace {

using ::testing::HasSubstr;

std::string fault_of(const std::string& spec) {
  try {
    check_init(spec);
    return "nothing wrong";
  } catch (const Error& error) {
    return error.what();
  }
}

TEST(InitSpec, TakesTheTextApart) {
  const InitSpec spec("packet:x=12.5,kx=-3");
  EXPECT_EQ(spec.kind(), "packet");
  EXPECT_EQ(spec.number("x", 0, 0, 100), 12.5);
  EXPECT_EQ(spec.number("kx", 0, -10, 10), -3);
  EXPECT_EQ(spec.number("width", 16, 1, 100), 16);
  EXPECT_FALSE(spec.has("y"));
}

TEST(InitSpec, AFirstWordIsTheName) {
  EXPECT_EQ(InitSpec("pattern:glider,x=3").text("name"), "glider");
  EXPECT_EQ(InitSpec("image:flower.png").text("file"), "flower.png");
}

TEST(InitSpec, KnowsPathsAndRleAtSight) {
  EXPECT_EQ(InitSpec("some/guns.rle").text("file"), "some/guns.rle");
  EXPECT_EQ(InitSpec("C:\\guns.rle").text("file"), "C:\\guns.rle");
  EXPECT_EQ(InitSpec("pattern:guns.rle").text("file"), "guns.rle");
  EXPECT_EQ(InitSpec("photo.png").kind(), "image");
  EXPECT_EQ(InitSpec("x = 3, y = 3, rule = B3/S23:T30,20\nbo$2bo$3o!").kind(), "pattern");
  EXPECT_EQ(InitSpec("#N Glider\nx = 3, y = 3\nbo!").kind(), "pattern");
  EXPECT_EQ(InitSpec("pattern:x=3,rle=x = 3, y = 1\n3o!").text("rle"), "x = 3, y = 1\n3o!");
}

TEST(InitSpec, TellsWhatReadsFiles) {
  for (const char* spec :
       {"a.rle", "a.png", "pattern:file=a", "pattern:a.rle", "image:a", "image:file=a"}) {
    EXPECT_TRUE(reads_file(spec)) << spec;
  }
  for (const char* spec :
       {"noise", "pattern:glider", "x = 1, y = 1\no!", "pattern:rle=x=1,y=1\no!.rle"}) {
    EXPECT_FALSE(reads_file(spec)) << spec;
  }
}

TEST(InitSpec, NamesWhatIsWrongAndWhatWouldDo) {
  EXPECT_THAT(fault_of("nosie"), HasSubstr("noise, blobs, cell"));
  EXPECT_THAT(fault_of(""), HasSubstr("no such kind"));
  EXPECT_THAT(fault_of("blobs:size=3"), HasSubstr("blobs has: count, radius"));
  EXPECT_THAT(fault_of("empty:x=3"), HasSubstr("empty has: none"));
  EXPECT_THAT(fault_of("blobs:count"), HasSubstr("'count' has no '='"));
  EXPECT_THAT(fault_of("blobs:count=3,count=4"), HasSubstr("twice"));
  EXPECT_THAT(fault_of("blobs:count=three"), HasSubstr("a number, not 'three'"));
  EXPECT_THAT(fault_of("blobs:count=2.5"), HasSubstr("whole number"));
  EXPECT_THAT(fault_of("blobs:count=-1"), HasSubstr("0..65536"));
  EXPECT_THAT(fault_of("blobs:radius=nan"), HasSubstr("radius"));
  EXPECT_THAT(fault_of("blobs:radius=1e400"), HasSubstr("radius"));
  EXPECT_THAT(fault_of("noise:density=1.5"), HasSubstr("0..1"));
  EXPECT_THAT(fault_of("noise:lo=2,hi=1"), HasSubstr("lo is above hi"));
  EXPECT_THAT(fault_of("pattern"), HasSubstr("needs one of"));
  EXPECT_THAT(fault_of("pattern:glider,rle=o!"), HasSubstr("needs one of"));
  EXPECT_THAT(fault_of("pattern:no-such"), HasSubstr("glider, lwss"));
  EXPECT_THAT(fault_of("pattern:no-such"), HasSubstr("orbium"));
  EXPECT_THAT(fault_of("image"), HasSubstr("file=PATH"));
  EXPECT_THAT(fault_of("no/such/file.rle"), HasSubstr("there is none"));
  EXPECT_THAT(fault_of("pattern:file=tests"), HasSubstr("a folder"));
  EXPECT_EQ(fault_of("noise:density=0.3"), "nothing wrong");
}

TEST(InitSpec, FindsTheRuleOfAPattern) {
  EXPECT_EQ(rule_of("pattern:replicator"), "B36/S23");
  EXPECT_EQ(rule_of("x = 1, y = 1, rule = 23/3:T64,64\no!"), "23/3");
  EXPECT_EQ(rule_of("pattern:glider"), std::nullopt);
  EXPECT_EQ(rule_of("pattern:orbium"), std::nullopt);
  EXPECT_EQ(rule_of("noise"), std::nullopt);
}

}  // namespace
}  // namespace atheria
