#!/bin/sh
# usage: ./ath clean [--all]
#
# Removes build/. With --all also what ./ath setup installed here: .venv, .venv-bench and node_modules.

set -eu
. scripts/lib.sh
help_or_go "$@"
case ${1:-} in
  '') rm -rf build ;;
  --all) rm -rf build .venv .venv-bench app/web/node_modules ;;
  *) fail 2 "ath clean: unknown word '$1' (see ./ath clean --help)" ;;
esac
