#!/bin/sh
# usage: ./ath setup --bench     (its last part: the peers of ./ath bench)
#
# Makes .venv-bench with what requirements-bench.txt lists. torch and NumPy are those of .venv, seen through a .pth file:
# the same build is measured that the engine is linked with, and is there once.

set -eu
. scripts/lib.sh
help_or_go "$@"
title='[bench] peers'
bench=.venv-bench
bench_python=$bench/bin/python
[ ! -d .venv/Scripts ] || bench_python=$bench/Scripts/python.exe
stamp=$bench/.stamp-requirements

packages=$($python -c 'import sysconfig; print(sysconfig.get_path("purelib"))')
sum=$(cksum <requirements-bench.txt; echo "$packages")
if [ "$(cat $stamp 2>/dev/null)" = "$sum" ]; then echo "$title: up to date"; exit 0; fi

peers=$(sed -n 's/^\([a-z0-9-]*\)==.*/\1/p' requirements-bench.txt | paste -sd ' ' -)
echo "$title: $peers into $bench (about 700 MB; torch is .venv's)"
# Anew when .venv's Python or place is another one.
if [ ! -x $bench_python ] || [ "$(sed -n 2p $stamp 2>/dev/null)" != "$packages" ]; then
  rm -rf $bench
  step "$title: $bench" "$($python -c 'import sys; print(sys._base_executable)')" -m venv $bench ||
    fail 3 "no virtual environment could be made. On Debian 12:" "  apt-get install -y python3-venv"
fi
echo "$packages" >"$($bench_python -c 'import sysconfig; print(sysconfig.get_path("purelib"))')/atheria-torch.pth"
set -- -m pip install --disable-pip-version-check --progress-bar off \
  ${ATHERIA_PIP_INDEX:+--index-url "$ATHERIA_PIP_INDEX"} -r requirements-bench.txt
step "$title" $bench_python "$@" ||
  fail 3 "The peers could not be installed; ./ath bench works without them, and says which are missing." \
    "When the network is there:" "  $bench_python $*"
echo "$sum" >$stamp
