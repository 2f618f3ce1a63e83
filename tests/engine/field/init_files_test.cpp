#include <ATen/ATen.h>
#include <gmock/gmock.h>

#include <filesystem>
#include <fstream>

#include "engine/base/error.h"
#include "engine/field/image.h"
#include "engine/field/init.h"
#include "engine/field/place.h"

namespace atheria {
namespace {

namespace fs = std::filesystem;
using ::testing::HasSubstr;

const std::vector<Channel> kOne = {{.name = "alive"}};
constexpr const char* kPicture = "tests/golden/image/quarters.png";  // red, white; blue, nothing

Field bits(const GridSpec& grid, const std::string& spec) {
  Field field(grid, 1, Dtype::bits);
  fill(field, kOne, false, spec, 0);
  return field;
}

// Rows of '.' and 'o'.
std::string drawn(const Field& field) {
  std::string text;
  for (int y = 0; y < field.grid().height; ++y) {
    for (int x = 0; x < field.grid().width; ++x) text += field.value(0, x, y) != 0 ? 'o' : '.';
    text += '\n';
  }
  return text;
}

ErrorKind kind_of_fault(const std::string& spec, const GridSpec& grid = {64, 64}) {
  try {
    bits(grid, spec);
    return ErrorKind::internal;
  } catch (const Error& error) {
    return error.kind();
  }
}

// A file that is gone at the end of the test.
class TempFile {
 public:
  TempFile(const std::string& name, const std::string& bytes)
      : path_((fs::temp_directory_path() / ("atheria-init-" + name)).string()) {
    std::ofstream(path_, std::ios::binary) << bytes;
  }
  ~TempFile() { fs::remove(path_); }
  const std::string& path() const { return path_; }

 private:
  std::string path_;
};

TEST(InitPattern, StandsInTheMiddle) {
  EXPECT_EQ(drawn(bits({7, 5}, "pattern:glider")), ".......\n...o...\n....o..\n..ooo..\n.......\n");
}

TEST(InitPattern, StandsWhereItIsPutAndGoesAroundTheEdges) {
  EXPECT_EQ(drawn(bits({5, 4}, "pattern:glider,x=0,y=0")), ".o...\n..o..\nooo..\n.....\n");
  EXPECT_EQ(drawn(bits({5, 4}, "pattern:glider,x=-1,y=3")), ".o...\noo..o\n.....\no....\n");
}

TEST(InitPattern, GollysPosCountsFromTheCentreCell) {
  EXPECT_EQ(drawn(bits({6, 4}, "#CXRLE Pos=-3,-2\nx = 3, y = 1\n3o!")),
            "ooo...\n......\n......\n......\n");
  EXPECT_EQ(drawn(bits({5, 5}, "#CXRLE Pos=0,0\nx = 1, y = 1\no!")),
            ".....\n.....\n..o..\n.....\n.....\n");
  EXPECT_EQ(drawn(bits({6, 1}, "pattern:x=0,rle=#CXRLE Pos=2,0\nx = 1, y = 1\no!")), "o.....\n")
      << "what the init says goes first";
}

TEST(InitPattern, IsReadFromAFile) {
  const TempFile file("glider.rle", "#N Glider\nx = 3, y = 3, rule = B36/S23\nbob$2bo$3o!\n");
  EXPECT_EQ(drawn(bits({7, 5}, file.path())), drawn(bits({7, 5}, "pattern:glider")));
  EXPECT_EQ(rule_of(file.path()), "B36/S23");
}

TEST(InitPattern, ThatDoesNotFitIsRefusedBeforeAnythingChanges) {
  Field field({10, 10}, 1, Dtype::bits);
  field.planes().fill_(5);
  for (const char* spec :
       {"pattern:gosper-gun", "x = 1, y = 1\n99999999999o!", "x = 99, y = 1\no!"}) {
    try {
      fill(field, kOne, false, spec, 0);
      FAIL() << spec;
    } catch (const Error& error) {
      EXPECT_EQ(error.kind(), ErrorKind::too_large);
      EXPECT_THAT(error.what(), HasSubstr("10x10"));
    }
  }
  EXPECT_TRUE((field.planes() == 5).all().item<bool>());
}

TEST(InitPattern, IsInkInOtherLawsAndTheMiddleLayer) {
  Field field({5, 5, 3}, 2, Dtype::f32);
  fill(field, {{.name = "u", .background = 1, .ink = 0.5}, {.name = "v", .ink = 0.25}}, false,
       "pattern:block", 0);
  EXPECT_EQ(field.value(0, 1, 1, 1), 0.5);
  EXPECT_EQ(field.value(1, 2, 2, 1), 0.25);
  EXPECT_EQ(field.value(0, 1, 1, 0), 1);
}

TEST(InitPattern, CreaturesComeWithTheirOwnNumbers) {
  Field field({64, 64}, 1, Dtype::f32);
  fill(field, {{.name = "u"}}, false, "pattern:orbium", 0);
  const auto planes = field.planes();
  EXPECT_GT(planes.max().item<double>(), 0.5);
  EXPECT_TRUE(((planes > 0) & (planes < 1)).any().item<bool>());
  Field small({4, 4}, 1, Dtype::f32);
  EXPECT_THROW(fill(small, {{.name = "u"}}, false, "pattern:orbium", 0), Error);
}

TEST(InitPattern, AFieldCanBeWrittenAsRle) {
  const auto field = bits({20, 10}, "pattern:glider,x=12,y=1");
  const auto pattern = pattern_of(field);
  EXPECT_EQ(write_rle(pattern), "#CXRLE Pos=2,-4\nx = 3, y = 3\nbo$2bo$3o!\n");
  EXPECT_EQ(drawn(bits({20, 10}, write_rle(pattern))), drawn(field));
  EXPECT_EQ(write_rle(pattern_of(bits({4, 4}, "empty"))), "x = 0, y = 0\n!\n");
}

TEST(InitFiles, SayWhatIsWrong) {
  EXPECT_EQ(kind_of_fault("no/such.rle"), ErrorKind::not_found);
  EXPECT_EQ(kind_of_fault("no/such.png"), ErrorKind::not_found);
  EXPECT_EQ(kind_of_fault("pattern:file=tests"), ErrorKind::io);
  const TempFile malformed("malformed.rle", "x = 3\nhello");
  EXPECT_EQ(kind_of_fault(malformed.path()), ErrorKind::bad_args);
}

class InitImage : public ::testing::Test {
 protected:
  void SetUp() override {
    try {
      read_png(kPicture);
    } catch (const Error& error) {
      if (error.kind() == ErrorKind::unsupported) GTEST_SKIP() << error.what();
      throw;
    }
  }
};

TEST_F(InitImage, GoesIntoColoursAndAlphaWhereALawHasThem) {
  Field field({8, 4}, 5, Dtype::f32);
  fill(field,
       {{.name = "r", .ink = 0},
        {.name = "g", .ink = 0},
        {.name = "b", .ink = 0},
        {.name = "a"},
        {.name = "h"}},
       false, kPicture, 0);
  const auto cell = [&](int x, int y) {
    std::vector<double> values;
    for (int c = 0; c < 5; ++c) values.push_back(field.value(c, x, y));
    return values;
  };
  EXPECT_EQ(cell(0, 0), (std::vector<double>{1, 0, 0, 1, 1}));
  EXPECT_EQ(cell(7, 1), (std::vector<double>{1, 1, 1, 1, 1}));
  EXPECT_EQ(cell(3, 2), (std::vector<double>{0, 0, 1, 1, 1}));
  EXPECT_EQ(cell(4, 3), (std::vector<double>{0, 0, 0, 0, 0})) << "transparent is nothing";
}

TEST_F(InitImage, IsAveragedWhenTheWorldIsSmaller) {
  Field field({1, 1}, 1, Dtype::f64);
  fill(field, kOne, false, kPicture, 0);
  EXPECT_NEAR(field.value(0, 0, 0), (0.2126 + 1 + 0.0722) / 4, 1e-12);
  Field wide({3, 1}, 1, Dtype::f64);
  fill(wide, kOne, false, kPicture, 0);
  EXPECT_NEAR(wide.value(0, 1, 0), (0.2126 + 1 + 0.0722) / 4, 1e-12) << "half of each side";
}

TEST_F(InitImage, GoesIntoOneChannelWhenTold) {
  Field field({4, 2}, 2, Dtype::f32);
  fill(field, {{.name = "u", .background = 1, .ink = 0.5}, {.name = "v"}}, false,
       std::string("image:") + kPicture + ",channel=v", 0);
  EXPECT_EQ(field.value(0, 2, 0), 1);
  EXPECT_EQ(field.value(1, 2, 0), 1);
  EXPECT_THROW(fill(field, kOne, false, kPicture, 0), Error) << "not this field's channels";
}

TEST_F(InitImage, ThatIsDamagedIsRefused) {
  std::ifstream file(kPicture, std::ios::binary);
  const std::string bytes{std::istreambuf_iterator<char>(file), {}};
  const TempFile cut("cut.png", bytes.substr(0, bytes.size() - 30)), text("text.png", "hello");
  EXPECT_EQ(kind_of_fault(cut.path()), ErrorKind::io);
  EXPECT_EQ(kind_of_fault(text.path()), ErrorKind::io);
}

TEST_F(InitImage, ThatClaimsToBeHugeIsRefused) {
  std::ifstream file(kPicture, std::ios::binary);
  std::string bytes{std::istreambuf_iterator<char>(file), {}};
  bytes[16] = 0x40;  // a width of 2^30; libpng refuses it, or we do
  const TempFile huge("huge.png", bytes);
  EXPECT_NE(kind_of_fault(huge.path()), ErrorKind::internal);
}

}  // namespace
}  // namespace atheria
