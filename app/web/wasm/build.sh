#!/bin/sh
# Rebuilds src/decode/decode.wasm from decode.cpp. Needs clang and lld (Debian: clang-14 lld-14).
set -eu
cd "$(dirname "$0")"
clang=${CLANG:-$(command -v clang-14 || command -v clang)}
"$clang" --target=wasm32 -O2 -std=c++20 -msimd128 -mbulk-memory -nostdlib -fno-exceptions -fno-rtti \
  -Wall -Wextra -Wpedantic -Wshadow -Werror \
  -Wl,--no-entry -Wl,--strip-all -Wl,--export=decode -Wl,--export=__heap_base \
  -o ../src/decode/decode.wasm decode.cpp
wc -c ../src/decode/decode.wasm
