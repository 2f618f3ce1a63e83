#include <gtest/gtest.h>

#include "app/protocol/upload.h"
#include "app/server/uploads.h"
#include "engine/base/error.h"

// Bytes that a client sends in parts, honestly or not.
namespace atheria::server {
namespace {

using Bytes = std::vector<std::uint8_t>;

Bytes part(std::uint32_t upload, std::uint64_t total, std::uint64_t offset, const Bytes& payload) {
  return wire::encode_upload({upload, total, offset, payload});
}

struct Refusal {
  ErrorKind kind;
  std::string message;
};
std::optional<Refusal> refused(Uploads& uploads, std::uint32_t upload) {
  try {
    uploads.take(upload);
    return std::nullopt;
  } catch (const Error& error) {
    return Refusal{error.kind(), error.what()};
  }
}

class UploadsTest : public ::testing::Test {
 protected:
  Limits limits_ = [] {
    Limits limits;
    limits.upload_bytes = 1000;
    return limits;
  }();
  Uploads uploads_{limits_};
};

TEST_F(UploadsTest, ComeInPartsAndAreTakenOnce) {
  uploads_.add(part(7, 5, 0, {1, 2}));
  uploads_.add(part(8, 1, 0, {9}));
  uploads_.add(part(7, 5, 2, {3, 4, 5}));
  EXPECT_EQ(uploads_.take(7), (Bytes{1, 2, 3, 4, 5}));
  EXPECT_EQ(uploads_.take(8), Bytes{9});
  EXPECT_EQ(refused(uploads_, 7)->kind, ErrorKind::bad_args);
  EXPECT_EQ(uploads_.bytes(), 0U);
}

TEST_F(UploadsTest, ThatAreNotAllThereAreSaidSo) {
  uploads_.add(part(7, 5, 0, {1, 2}));
  EXPECT_EQ(refused(uploads_, 7)->message, "2 of the 5 bytes of upload 7 have come");
  EXPECT_EQ(refused(uploads_, 99)->message, "no upload 99 has come");
}

TEST_F(UploadsTest, BeginAnewWithTheirFirstByte) {
  uploads_.add(part(7, 5, 0, {1, 2}));
  uploads_.add(part(7, 1, 0, {3}));
  EXPECT_EQ(uploads_.take(7), Bytes{3});
}

TEST_F(UploadsTest, OfNothingAreNothing) {
  uploads_.add(part(7, 0, 0, {}));
  EXPECT_EQ(uploads_.take(7), Bytes{});
}

TEST_F(UploadsTest, ThatAreTooLargeTakeNoMemoryHoweverMuchComes) {
  constexpr std::uint64_t huge = ~std::uint64_t{0};
  uploads_.add(part(7, huge, 0, Bytes(500)));
  uploads_.add(part(7, huge, 500, Bytes(500)));
  uploads_.add(part(8, 600, 0, Bytes(600)));
  uploads_.add(part(9, 600, 0, Bytes(600)));
  EXPECT_EQ(uploads_.bytes(), 600U) << "only one of them fits";
  EXPECT_EQ(refused(uploads_, 7)->kind, ErrorKind::too_large);
  EXPECT_EQ(refused(uploads_, 9)->kind, ErrorKind::too_large);
  EXPECT_EQ(uploads_.take(8).size(), 600U);
}

TEST_F(UploadsTest, OutOfOrderBreakTheRules) {
  uploads_.add(part(7, 5, 0, {1, 2}));
  EXPECT_THROW(uploads_.add(part(7, 5, 3, {4})), Error) << "a hole";
  EXPECT_THROW(uploads_.add(part(7, 5, 1, {4})), Error) << "twice";
  EXPECT_THROW(uploads_.add(part(7, 6, 2, {4})), Error) << "another total";
  EXPECT_NO_THROW(uploads_.add(part(6, 5, 2, {4}))) << "its beginning was taken meanwhile";
}

TEST_F(UploadsTest, NobodyTakesAreBounded) {
  for (std::uint32_t i = 1; i <= limits_.uploads; ++i) uploads_.add(part(i, 1, 0, {1}));
  EXPECT_THROW(uploads_.add(part(100, 1, 0, {1})), Error);
  EXPECT_NO_THROW(uploads_.add(part(1, 1, 0, {2}))) << "one that is there begins anew";
}

TEST(UploadParts, AreCheckedBeforeAnythingElse) {
  const Bytes good = part(1, 4, 0, {1, 2, 3, 4});
  EXPECT_EQ(wire::decode_upload(good).payload.size(), 4U);
  for (std::size_t size = 0; size < wire::kUploadHeader; ++size)
    EXPECT_THROW(wire::decode_upload(std::span(good).first(size)), Error) << size;
  for (const std::size_t at : {0U, 1U, 2U}) {
    Bytes bad = good;
    bad[at] ^= 0x40;
    EXPECT_THROW(wire::decode_upload(bad), Error) << at;
  }
  EXPECT_THROW(wire::decode_upload(part(1, 3, 0, {1, 2, 3, 4})), Error) << "longer than the whole";
  EXPECT_THROW(wire::decode_upload(part(1, 8, ~std::uint64_t{0}, {1})), Error);
  EXPECT_THROW(wire::decode_upload(part(1, 8, 7, {1, 2})), Error);
  EXPECT_THROW(wire::decode_upload(Bytes(wire::kUploadLimit + 1, 0x11)), Error);
}

}  // namespace
}  // namespace atheria::server
