#!/bin/sh
# usage: ./ath golden [LAW...|wire]
#
# Renews the golden files under tests/golden: the runs of the laws named, the frames on the wire, or all of them. Look
# at the difference before you commit it.

set -eu
. scripts/lib.sh
help_or_go "$@"
for word in "$@"; do
  case $word in -*) fail 2 "ath golden: unknown word '$word' (see ./ath golden --help)" ;; esac
done
sh scripts/build.sh release golden wire_golden
mkdir -p tests/golden/laws tests/golden/wire
if [ "$*" != wire ]; then build/release/bin/golden "$@"; fi
if [ $# -eq 0 ] || [ "$*" = wire ]; then build/release/bin/wire_golden tests/golden/wire; fi
git status --short tests/golden
