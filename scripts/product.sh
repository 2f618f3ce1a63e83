#!/bin/sh
# usage: ./ath VERB [...]     a verb of the product's own command line, built first when it is missing; it runs in the
#                             folder ./ath was called from, so that `ath run train.py` finds your file

set -eu
. scripts/lib.sh
called_from=$1
shift
ath=$PWD/build/release/bin/ath
if [ ! -x "$ath" ]; then
  # Do not compile for minutes because of a slip of the finger.
  case $1 in
    serve | link | run | jobs | output | stop | restart | kernel | laws | bench | doctor) ;;
    *) fail 2 "ath: unknown word '$1' (./ath lists them all)" ;;
  esac
  sh scripts/setup.sh --no-tests >&2
  sh scripts/build.sh release >&2
fi
cd "$called_from"
exec "$ath" "$@"
