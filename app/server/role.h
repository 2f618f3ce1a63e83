#pragma once

#include <optional>
#include <string_view>

namespace atheria::server {

// What a credential may do; each may do what those before it may.
enum class Role { viewer, operate, script, admin };

constexpr std::string_view to_string(Role role) {
  constexpr std::string_view names[] = {"viewer", "operator", "script", "admin"};
  return names[static_cast<int>(role)];
}

constexpr std::optional<Role> parse_role(std::string_view name) {
  for (const Role role : {Role::viewer, Role::operate, Role::script, Role::admin})
    if (name == to_string(role)) return role;
  return std::nullopt;
}

}  // namespace atheria::server
