#!/bin/sh
# SPDX-License-Identifier: LGPL-2.1-or-later
# Installs what the tests need, builds, runs everything, and ends with "N passed, N failed, N skipped".
set -u

top=$(cd "$(dirname "$0")/.." && pwd) || exit 2
. "$top/tests/common/setup.sh"

usage ()
{
  cat <<END
Usage: sh tests/run.sh [OPTION...]

  --no-install     do not install missing packages
  --build DIR      build in DIR (default: build-test, or build-test-sanitize)
  --werror         warnings are errors
  --sanitize       with address, undefined behaviour and leak sanitizers
  --interop        also against servers and clients of other projects (needs Go, Node.js, Redis)
  --fuzz SECONDS   also every fuzzer for so long
  --failures FILE  append what failed to FILE, too
  --chaos N        also a run of N random faults (the tests have one of 200)
  --help           this text
END
}

install=yes
build=
werror=false
sanitize=none
interop=no
fuzz=0
chaos=0
failures=
while [ $# -gt 0 ]; do
  case $1 in
    --no-install) install=no ;;
    --build) [ $# -ge 2 ] || die "--build needs a folder"; build=$2; shift ;;
    --werror) werror=true ;;
    --sanitize) sanitize=address,undefined ;;
    --interop) interop=yes ;;
    --fuzz) [ $# -ge 2 ] || die "--fuzz needs a number of seconds"; fuzz=$2; shift ;;
    --failures) [ $# -ge 2 ] || die "--failures needs a file"; failures=$2; shift ;;
    --chaos) [ $# -ge 2 ] || die "--chaos needs a number of faults"; chaos=$2; shift ;;
    --help) usage; exit 0 ;;
    *) usage >&2; die "unknown option '$1'" ;;
  esac
  shift
done
case $fuzz in
  '' | *[!0-9]*) die "--fuzz needs a number of seconds, not '$fuzz'" ;;
esac
case $chaos in
  '' | *[!0-9]*) die "--chaos needs a number of faults, not '$chaos'" ;;
esac
if [ -z "$build" ]; then
  build=$top/build-test
  [ "$sanitize" = none ] || build=$build-sanitize
fi

work=$(mktemp -d) || exit 2
failed_log=$work/failures
: >"$failed_log"
trap 'rm -rf "$work"' EXIT
trap 'exit 130' INT TERM

passed=0
failed=0
skipped=0

# What failed is said once more at the end, where it is found in a long output.
finish ()
{
  cat "$failed_log"
  [ -z "$failures" ] || cat "$failed_log" >>"$failures"
  echo "$passed passed, $failed failed, $skipped skipped"
  [ "$failed" -eq 0 ] && [ "$passed" -gt 0 ]
  exit
}

# A step outside meson's tests that could not even begin counts as one failure.
step_failed ()
{
  echo "FAILED: $*" | tee -a "$failed_log"
  failed=$((failed + 1))
}

# The introspection scanner links its programs with the sanitizer's library alone, which then begins in the first call of
# malloc. If that is in a library's constructor that holds the C library's lock of locales, as in GnuTLS's p11-kit, the
# program never ends. With the compiler's own option it begins before all constructors.
compile ()
{
  if [ "$sanitize" = none ]; then
    ninja -C "$build"
  else
    LDFLAGS="-fsanitize=$sanitize" ninja -C "$build"
  fi
}

configure_and_build ()
{
  options="-Dwerror=$werror -Db_sanitize=$sanitize"
  # Clang leaves the symbols of its sanitizers to the program: only then may a library have undefined ones.
  [ "$sanitize" = none ] || options="$options -Db_lundef=false"
  if [ -f "$build/build.ninja" ]; then
    # shellcheck disable=SC2086
    meson configure "$build" $options
  else
    # shellcheck disable=SC2086
    meson setup "$build" "$top" $options
  fi && compile
}

run_meson_tests ()
{
  # Other work on the machine must not decide. What hangs still ends.
  multiplier=4
  [ "$sanitize" = none ] || multiplier=10
  rm -f "$build/meson-logs/testlog.json"
  meson test -C "$build" --no-rebuild --print-errorlogs --timeout-multiplier "$multiplier"
  verdict=$?
  if ! counts=$("$gi_python" "$top/tests/common/read-testlog.py" "$build/meson-logs/testlog.json" "$failed_log"); then
    step_failed "meson test left no log"
    return
  fi
  # shellcheck disable=SC2086
  set -- $counts
  passed=$((passed + $1))
  failed=$((failed + $2))
  skipped=$((skipped + $3))
  [ "$verdict" -eq 0 ] || [ "$2" -gt 0 ] || step_failed "meson test"
}

# Its last line says "N passed, N failed".
run_interop ()
{
  say "against servers and clients of other projects"
  { "$top/tests/interop/run.sh" "$build" 2>&1; echo $? >"$work/verdict"; } | tee "$work/log"
  counts=$(sed -n '$s/^\([0-9][0-9]*\) passed, \([0-9][0-9]*\) failed$/\1 \2/p' "$work/log")
  if [ -z "$counts" ]; then
    step_failed "the interoperability tests did not come to their end"
    return
  fi
  # shellcheck disable=SC2086
  set -- $counts
  passed=$((passed + $1))
  failed=$((failed + $2))
  # Each with the comments that follow it.
  awk '/^not ok /{p = 1; print "FAILED: interoperability: " $0; next} /^# /{if (p) print "  " $0; next} {p = 0}' \
    "$work/log" >>"$failed_log"
  [ "$(cat "$work/verdict")" -eq 0 ] || [ "$2" -gt 0 ] || step_failed "interoperability tests"
}

has_fuzzer ()
{
  echo 'int LLVMFuzzerTestOneInput (const char *d, long n) { return 0; }' >"$work/probe.c"
  clang -fsanitize=fuzzer,address "$work/probe.c" -o "$work/probe" >/dev/null 2>&1
}

run_fuzzers ()
{
  if [ "$install" = yes ] && ! has_fuzzer; then
    install_packages fuzz
  fi
  for source in "$top"/tests/fuzz/fuzz-*.c; do
    target=$(basename "$source" .c)
    target=${target#fuzz-}
    say "fuzzing: $target, $fuzz s"
    if sh "$top/tests/fuzz/run.sh" "$target" "$fuzz"; then
      passed=$((passed + 1))
    else
      step_failed "fuzzing: $target"
    fi
  done
}

# Another seed each time, unless RT_TEST_SEED says which. It is printed, so that a run can be made again.
run_chaos ()
{
  say "chaos: $chaos faults"
  : "${RT_TEST_SEED:=$(date +%s)}"
  export RT_TEST_SEED
  if RT_CHAOS_FAULTS=$chaos meson test -C "$build" --no-rebuild --verbose --timeout-multiplier 0 fault-chaos; then
    passed=$((passed + 1))
  else
    step_failed "chaos with the seed $RT_TEST_SEED"
  fi
}

[ "$install" = no ] || install_packages build tests
require_gi_python
export PYTHON="$gi_python"
if ! configure_and_build; then
  step_failed "the build"
  finish
fi
run_meson_tests
[ "$interop" = no ] || run_interop
[ "$fuzz" -eq 0 ] || run_fuzzers
[ "$chaos" -eq 0 ] || run_chaos
finish
