#pragma once

#include <span>
#include <string_view>

// The page's files, compiled into the program: what the network asks for is looked up in a table,
// never on a disk.
namespace atheria::web {

struct Asset {
  std::string_view path;  // "/index.html", "/assets/index-BQIvCl4r.css"
  std::string_view content_type;
  std::string_view etag;  // SHA-256 of `plain` in hex, without quotes
  std::span<const unsigned char> plain;
  std::span<const unsigned char> gzip;  // empty where it would not be smaller
};

// Static storage. At least "/index.html": without Node at build time a placeholder that says how to
// build the page.
std::span<const Asset> web_assets();

}  // namespace atheria::web
