#!/bin/sh
# usage: ./ath dev [FLAGS OF atheria-server...]
#
# Sets up, builds, and starts the server with its demo worlds; it prints the one-time link to the page. Ctrl-C stops it.

set -eu
. scripts/lib.sh
help_or_go "$@"
sh scripts/setup.sh --no-tests
sh scripts/build.sh release
# exec: the server itself gets Ctrl-C and SIGTERM, and stops in order.
exec build/release/bin/atheria-server --demo "$@"
