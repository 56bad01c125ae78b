#!/bin/sh
# SPDX-License-Identifier: LGPL-2.1-or-later
# Fuzzes one target, or all, with libFuzzer (needs clang), starting from the corpus. What breaks it is kept in the
# folder that is named at the end. The corpus is not written to.
set -eu

usage ()
{
  echo "usage: $0 TARGET|all [SECONDS]" >&2
  exit 2
}

[ $# -ge 1 ] && [ $# -le 2 ] || usage
seconds=${2:-60}
case $seconds in
  *[!0-9]* | '') usage ;;
esac
here=$(cd "$(dirname "$0")" && pwd)
root=$(cd "$here/../.." && pwd)
targets="body frames head json stream"
case " all $targets " in
  *" $1 "*) ;;
  *) usage ;;
esac

# What a target is built from, below realtime/, and the packages it needs.
describe ()
{
  packages=glib-2.0
  case $1 in
    body)
      sources="base/*.c wire/rt-buffer.c transport/rt-http-body.c transport/rt-http-head.c transport/rt-http-lines.c"
      packages="gio-2.0 libsoup-3.0"
      ;;
    head)
      sources="base/*.c wire/rt-buffer.c transport/rt-http-head.c transport/rt-http-status.c transport/rt-mask.c \
        transport/rt-ws-handshake.c"
      packages="gio-2.0 libsoup-3.0"
      ;;
    frames) sources="wire/rt-buffer.c transport/rt-utf8.c \
      transport/rt-ws-parser.c transport/rt-ws-writer.c transport/rt-ws-xor.c" ;;
    json) sources="wire/*.c" ;;
    stream) sources="wire/*.c stream/rt-stream-frame.c stream/rt-stream-opening.c stream/rt-stream-reassembly.c \
      stream/rt-stream-ring.c" ;;
  esac
}

# Unquoted on purpose: these are lists and patterns.
# shellcheck disable=SC2046,SC2086
build ()
{
  (cd "$root/realtime" && clang -g -O1 -std=gnu11 -fsanitize=fuzzer,address,undefined -fno-sanitize-recover=undefined \
    -DRT_COMPILATION -DG_LOG_DOMAIN='"Realtime"' -I. $(printf -- '-I%s ' */) -I"$here" \
    $(pkg-config --cflags $packages) "$here/fuzz-$1.c" $sources -o "$work/fuzz-$1" $(pkg-config --libs $packages))
}

run ()
{
  describe "$1"
  build "$1" || return 1
  mkdir "$work/found-$1"
  echo "fuzzing $1 for $seconds s"
  LSAN_OPTIONS="suppressions=$root/tests/lsan.supp:print_suppressions=0" \
    "$work/fuzz-$1" -max_total_time="$seconds" -timeout=10 -rss_limit_mb=1024 -print_final_stats=1 \
    -artifact_prefix="$work/broke-$1-" "$work/found-$1" "$here/corpus/$1"
}

work=$(mktemp -d -t realtime-fuzz-XXXXXX)
status=0
[ "$1" = all ] || targets=$1
for target in $targets; do
  run "$target" || status=1
done
if [ $status -eq 0 ]; then
  rm -rf "$work"
  echo "nothing broke"
else
  echo "something broke: see $work" >&2
fi
exit $status
