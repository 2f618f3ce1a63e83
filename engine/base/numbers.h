#pragma once

#include <charconv>
#include <cmath>
#include <optional>
#include <string_view>
#include <type_traits>

#if !defined(__cpp_lib_to_chars)
#include <locale>
#include <sstream>
#include <string>
#endif

namespace atheria {

// The whole text as a number, correctly rounded and whatever the locale; nothing when it is anything else: blanks,
// a sign alone, more than the type holds, NaN, infinity.
template <class Number>
std::optional<Number> parse_number(std::string_view text) {
  Number number{};
#if !defined(__cpp_lib_to_chars)
  // Some standard libraries read whole numbers only.
  if constexpr (std::is_floating_point_v<Number>) {
    if (text.empty() || text.find_first_not_of("0123456789+-.eE") != text.npos) return {};
    std::istringstream in{std::string(text)};
    in.imbue(std::locale::classic());
    if (!(in >> number) || !in.eof() || !std::isfinite(number)) return {};
    return number;
  } else
#endif
  {
    const char* const end = text.data() + text.size();
    const auto read = std::from_chars(text.data(), end, number);
    if (read.ec != std::errc() || read.ptr != end) return {};
    if constexpr (std::is_floating_point_v<Number>) {
      if (!std::isfinite(number)) return {};
    }
    return number;
  }
}

}  // namespace atheria
