#include "app/server/site.h"

namespace atheria::server {

std::shared_ptr<void> Slots::take(const std::string& address) {
  if (counts_->total >= most_) return nullptr;
  auto& mine = counts_->by_address[address];
  if (mine >= per_address_) return nullptr;
  ++mine;
  ++counts_->total;
  return std::shared_ptr<void>(counts_.get(), [counts = counts_, address](void*) {
    --counts->total;
    if (--counts->by_address[address] == 0) counts->by_address.erase(address);
  });
}

}  // namespace atheria::server
