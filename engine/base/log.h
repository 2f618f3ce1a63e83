#pragma once

#include <string_view>

namespace atheria::log {

enum class Level { debug, info, warning, error };

// Lines below this level are dropped. Any thread.
void set_level(Level level);

// Writes one line to stderr: "12:34:56.789 info  message". Any thread; lines never interleave.
void write(Level level, std::string_view message);

inline void debug(std::string_view message) { write(Level::debug, message); }
inline void info(std::string_view message) { write(Level::info, message); }
inline void warning(std::string_view message) { write(Level::warning, message); }
inline void error(std::string_view message) { write(Level::error, message); }

}  // namespace atheria::log
