#include "engine/law/laws.h"

#include <gtest/gtest.h>

#include <algorithm>

#include "engine/base/error.h"

// Laws that are added while the process runs.
namespace atheria {
namespace {

class Twice final : public Law {
 public:
  explicit Twice(const std::string& name, double factor = 2, const std::string& channel = "u")
      : factor_(factor) {
    info_.name = name;
    info_.channels = {{.name = channel}};
    info_.measures = {{.name = "mass"}};
  }
  const LawInfo& info() const override { return info_; }
  StepFunction reference(const Setup&) const override {
    return [factor = factor_](const at::Tensor& psi, std::uint64_t) { return psi * factor; };
  }

 private:
  LawInfo info_;
  double factor_;
};

ErrorKind refused(std::unique_ptr<Law> law) {
  try {
    add_law(std::move(law));
  } catch (const Error& error) {
    return error.kind();
  }
  ADD_FAILURE() << "it was taken";
  return ErrorKind::internal;
}

TEST(Laws, AreFoundOnceAdded) {
  EXPECT_THROW(find_law("laws-test-a"), Error);
  const auto before = all_laws().size();
  add_law(std::make_unique<Twice>("laws-test-a"));
  EXPECT_EQ(find_law("laws-test-a").info().name, "laws-test-a");
  EXPECT_EQ(all_laws().size(), before + 1);
}

TEST(Laws, AddedAgainAreReplacedAndTheOldOneStaysForItsWorlds) {
  add_law(std::make_unique<Twice>("laws-test-b", 2));
  const Law& old = find_law("laws-test-b");
  const auto count = all_laws().size();
  add_law(std::make_unique<Twice>("laws-test-b", 3));
  EXPECT_EQ(all_laws().size(), count);
  EXPECT_NE(&find_law("laws-test-b"), &old);
  EXPECT_EQ(old.info().name, "laws-test-b");
}

TEST(Laws, ThatAreBuiltInOrHaveOtherChannelsCannotBeReplaced) {
  EXPECT_EQ(refused(std::make_unique<Twice>("life")), ErrorKind::conflict);
  add_law(std::make_unique<Twice>("laws-test-c"));
  EXPECT_EQ(refused(std::make_unique<Twice>("laws-test-c", 2, "v")), ErrorKind::conflict);
  EXPECT_EQ(find_law("laws-test-c").info().channels.front().name, "u");
}

}  // namespace
}  // namespace atheria
