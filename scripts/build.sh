#!/bin/sh
# usage: ./ath build [release|dev|asan|tsan] [--configure] [TARGET...]
#
# Compiles into build/PRESET (release when none is named); programs land in build/PRESET/bin.
#   --configure   stop before compiling
# Anything to tell CMake once goes in ATHERIA_CMAKE_FLAGS, like -DATHERIA_SERVER=OFF.

set -eu
. scripts/lib.sh
help_or_go "$@"
preset=release
case ${1:-} in
  release | dev | asan | tsan) preset=$1; shift ;;
esac
configure_only=no
if [ "${1:-}" = --configure ]; then configure_only=yes; shift; fi
for word in "$@"; do
  case $word in -*) fail 2 "ath build: unknown word '$word' (see ./ath build --help)" ;; esac
done
for tool in cmake ninja; do
  command -v $tool >/dev/null || fail 3 "$tool is missing: run ./ath setup"
done
[ -x $python ] || fail 3 'There is no .venv yet: run ./ath setup'
use_node

since=$(now)
if [ ! -e "build/$preset/build.ninja" ] || [ -n "${ATHERIA_CMAKE_FLAGS:-}" ]; then
  # shellcheck disable=SC2086  # a list of flags
  step "configure $preset" cmake --preset "$preset" ${ATHERIA_CMAKE_FLAGS:-}
fi
[ $configure_only = no ] || exit 0
cmake --build --preset "$preset" --parallel "$(jobs)" ${1:+--target "$@"}
echo "built $preset in $(took "$since")"
