// Files that are not what they say. Every one gets an Error that names the file, and no memory for
// its claims.
#include <gmock/gmock.h>

#include <cstring>

#include "engine/base/error.h"
#include "engine/base/philox.h"
#include "engine/store/safetensors.h"

namespace atheria {
namespace {

using ::testing::HasSubstr;

std::string with_header(const std::string& json, std::size_t data = 0) {
  const std::uint64_t length = json.size();
  std::string bytes(8, '\0');
  std::memcpy(bytes.data(), &length, 8);
  return bytes + json + std::string(data, '\0');
}

std::string fault_of(const std::string& bytes) {
  try {
    parse_safetensors(bytes, "bad.safetensors");
    return "nothing wrong";
  } catch (const Error& error) {
    EXPECT_EQ(error.kind(), ErrorKind::io);
    EXPECT_THAT(error.what(), HasSubstr("bad.safetensors"));
    return error.what();
  }
}

std::string tensor(const std::string& rest) { return "{\"a\":{" + rest + "}}"; }

TEST(SafetensorsFaults, TooShortForALength) { EXPECT_THAT(fault_of("abc"), HasSubstr("3 bytes")); }

TEST(SafetensorsFaults, AHeaderLongerThanTheFile) {
  auto bytes = with_header("{}");
  bytes[4] = 1;  // 2^32 more
  EXPECT_THAT(fault_of(bytes), HasSubstr("4294967298"));
  std::memset(bytes.data(), 0xFF, 8);
  EXPECT_THAT(fault_of(bytes), HasSubstr("18446744073709551615"));
}

TEST(SafetensorsFaults, HeadersThatAreNotTheJsonTheyShouldBe) {
  for (const char* json : {"", "{", "[]", "nul", "{\"a\"}", "{\"a\":1}", "{\"a\":{}}", "{} x",
                           "{\"a", "{\"a\":{\"dtype\":\"F32\"}}", "{\"__metadata__\":{\"k\":1}}",
                           "{\"\\u12\":{}}", "{\"\\ud800\":{}}", "{\"\x01\":{}}", "{,}"}) {
    EXPECT_THAT(fault_of(with_header(json)), HasSubstr("not a safetensors header")) << json;
  }
}

TEST(SafetensorsFaults, NumbersThatAreNoSizes) {
  for (const char* offsets :
       {"[-4,0]", "[0.5,4]", "[0,99999999999999999999]", "[4,0]", "[0]", "[0,4,8]", "0"}) {
    const auto json =
        tensor("\"dtype\":\"F32\",\"shape\":[1],\"data_offsets\":" + std::string(offsets));
    EXPECT_THAT(fault_of(with_header(json, 4)), HasSubstr("not a safetensors header")) << offsets;
  }
}

TEST(SafetensorsFaults, AShapeThatDoesNotFitItsBytes) {
  for (const char* shape : {"[2]", "[]", "[0]", "[4611686018427387903]", "[4294967296,4294967296]",
                            "[65536,65536,65536,65536,65536]"}) {
    const auto json =
        tensor("\"dtype\":\"F64\",\"shape\":" + std::string(shape) + ",\"data_offsets\":[0,12]");
    const auto fault = fault_of(with_header(json, 12));
    EXPECT_TRUE(fault.find("does not take 12 bytes") != std::string::npos ||
                fault.find("too large") != std::string::npos)
        << fault;
  }
}

TEST(SafetensorsFaults, DataThatIsCutOffOrLeftOver) {
  const auto json = tensor("\"dtype\":\"U8\",\"shape\":[4],\"data_offsets\":[0,4]");
  EXPECT_THAT(fault_of(with_header(json, 3)), HasSubstr("cut off"));
  EXPECT_THAT(fault_of(with_header(json, 5)), HasSubstr("5 bytes of data"));
}

TEST(SafetensorsFaults, TensorsThatOverlapOrLeaveHoles) {
  const auto two = [](const std::string& second) {
    return R"({"a":{"dtype":"U8","shape":[4],"data_offsets":[0,4]},"b":{"dtype":"U8","shape":[4],"data_offsets":)" +
           second + "}}";
  };
  EXPECT_THAT(fault_of(with_header(two("[2,6]"), 6)), HasSubstr("inside"));
  EXPECT_THAT(fault_of(with_header(two("[6,10]"), 10)), HasSubstr("hole"));
  EXPECT_EQ(fault_of(with_header(two("[4,8]"), 8)), "nothing wrong");
}

TEST(SafetensorsFaults, ANameTwiceAndAnUnknownDtype) {
  EXPECT_THAT(fault_of(with_header(R"({"a":{"dtype":"U8","shape":[0],"data_offsets":[0,0]},)"
                                   R"("a":{"dtype":"U8","shape":[0],"data_offsets":[0,0]}})")),
              HasSubstr("twice"));
  EXPECT_THAT(
      fault_of(with_header(tensor(R"("dtype":"F8_E4M3","shape":[1],"data_offsets":[0,1])"), 1)),
      HasSubstr("F8_E4M3"));
  EXPECT_THAT(fault_of(with_header(
                  tensor(R"("dtype":"U8","code":"x","shape":[1],"data_offsets":[0,1])"), 1)),
              HasSubstr("unknown key 'code'"));
}

// Every prefix of a good file, and many with a few bytes changed: an answer, never a crash.
TEST(SafetensorsFaults, DamageIsAlwaysAnswered) {
  Safetensors good;
  good.tensors["weight"] = at::zeros({3, 4});
  good.tensors["bias"] = at::zeros({3});
  good.metadata["name"] = "x";
  const auto whole = dump_safetensors(good);
  for (std::size_t size = 0; size < whole.size(); ++size) {
    EXPECT_NE(fault_of(whole.substr(0, size)), "nothing wrong") << size;
  }
  for (std::uint64_t trial = 0; trial < 3000; ++trial) {
    auto bytes = whole;
    const auto draw = random_block(5, 0, trial);
    bytes[draw[0] % bytes.size()] = static_cast<char>(draw[1]);
    bytes[draw[2] % 64] = static_cast<char>(draw[3]);
    fault_of(bytes);
  }
}

}  // namespace
}  // namespace atheria
