#include "engine/store/safetensors.h"

#include <ATen/ATen.h>
#include <gmock/gmock.h>

#include <filesystem>
#include <fstream>

#include "engine/base/error.h"
#include "engine/store/atomic_file.h"

namespace atheria {
namespace {

namespace fs = std::filesystem;
using ::testing::HasSubstr;

class SafetensorsFile : public ::testing::Test {
 protected:
  void SetUp() override { fs::create_directories(folder_); }
  void TearDown() override { fs::remove_all(folder_); }

  std::string path(const std::string& name) const { return (folder_ / name).string(); }

  const fs::path folder_ =
      fs::temp_directory_path() /
      ("atheria-store-" + std::to_string(std::hash<std::string>{}(
                              ::testing::UnitTest::GetInstance()->current_test_info()->name())));
};

Safetensors sample() {
  Safetensors what;
  what.tensors["weights"] = at::arange(6, at::kFloat).view({2, 3});
  what.tensors["double"] = at::full({2}, 0.1, at::kDouble);
  what.tensors["half"] = at::full({1, 1, 3}, 0.5, at::kHalf);
  what.tensors["brain"] = at::full({3}, 2.0, at::kBFloat16);
  what.tensors["step"] = at::full({}, int64_t{1} << 40, at::kLong);
  what.tensors["mask"] = at::ones({5}, at::kBool);
  what.tensors["none"] = at::empty({0, 4}, at::kFloat);
  what.metadata = {{"title", "a \"flower\"\n\\ \xC3\xA9"}, {"seed", "7"}};
  return what;
}

TEST_F(SafetensorsFile, ReadsBackWhatItWrote) {
  const auto what = sample();
  write_safetensors(path("a.safetensors"), what);
  const auto read = read_safetensors(path("a.safetensors"));
  EXPECT_EQ(read.metadata, what.metadata);
  ASSERT_EQ(read.tensors.size(), what.tensors.size());
  for (const auto& [name, tensor] : what.tensors) {
    EXPECT_EQ(read.at(name).scalar_type(), tensor.scalar_type()) << name;
    EXPECT_TRUE(at::equal(read.at(name), tensor)) << name;
  }
}

TEST_F(SafetensorsFile, WritesTensorsThatAreNotContiguous) {
  Safetensors what;
  what.tensors["t"] = at::arange(12, at::kFloat).view({3, 4}).t();
  write_safetensors(path("t"), what);
  EXPECT_TRUE(at::equal(read_safetensors(path("t")).at("t"), what.tensors["t"]));
}

TEST_F(SafetensorsFile, ReplacesAFileWholeAndLeavesNothingBeside) {
  write_safetensors(path("a"), {});
  write_safetensors(path("a"), sample());
  EXPECT_EQ(read_safetensors(path("a")).tensors.size(), sample().tensors.size());
  EXPECT_EQ(std::distance(fs::directory_iterator(folder_), fs::directory_iterator()), 1);
}

TEST_F(SafetensorsFile, AFileThatIsNotCommittedNeverAppears) {
  {
    store::AtomicFile file(path("half"));
    file.write("half", 4);
  }
  EXPECT_TRUE(fs::is_empty(folder_));
}

TEST_F(SafetensorsFile, SaysWhyItCannotWrite) {
  try {
    write_safetensors(path("no/such/folder"), sample());
    FAIL();
  } catch (const Error& error) {
    EXPECT_EQ(error.kind(), ErrorKind::io);
    EXPECT_THAT(error.what(), HasSubstr("no/such/folder"));
  }
}

TEST_F(SafetensorsFile, SaysThatThereIsNoSuchFile) {
  try {
    read_safetensors(path("nothing"));
    FAIL();
  } catch (const Error& error) {
    EXPECT_EQ(error.kind(), ErrorKind::not_found);
  }
}

TEST_F(SafetensorsFile, DoesNotReadAFolder) {
  EXPECT_THROW(read_safetensors(folder_.string()), Error);
}

TEST(Safetensors, ListsTheNamesWhenOneIsMissing) {
  const auto read = parse_safetensors(dump_safetensors(sample()), "memory");
  try {
    read.at("l1.weight");
    FAIL();
  } catch (const Error& error) {
    EXPECT_THAT(error.what(), HasSubstr("memory: no tensor 'l1.weight'"));
    EXPECT_THAT(error.what(), HasSubstr("weights"));
  }
}

TEST(Safetensors, TheHeaderEndsOnAMultipleOfEight) {
  const auto bytes = dump_safetensors(sample());
  EXPECT_EQ(static_cast<unsigned char>(bytes[0]) % 8, 0);
}

}  // namespace
}  // namespace atheria
