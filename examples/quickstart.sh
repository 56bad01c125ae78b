#!/bin/sh
# SPDX-License-Identifier: LGPL-2.1-or-later
# From an empty machine to a conversation: installs what is missing, builds, and lets a program in C and one in
# Python talk on a channel, whose lines are cut in the middle. Ends with "sent N, acknowledged N, delivered N, lost 0,
# reconnected 2", and with 0 only if that is so.
set -u

top=$(cd "$(dirname "$0")/.." && pwd) || exit 2
. "$top/tests/common/setup.sh"

usage ()
{
  cat <<END
Usage: sh examples/quickstart.sh [--no-install | --print-packages debian|fedora|arch]

  --no-install              do not install missing packages
  --print-packages SYSTEM   only print the packages that are needed
END
}

install=yes
case ${1:-} in
  '') ;;
  --no-install) install=no ;;
  --print-packages)
    [ $# -eq 2 ] || die "--print-packages needs debian, fedora or arch"
    list_packages "$2" build
    exit ;;
  --help) usage; exit 0 ;;
  *) usage >&2; exit 2 ;;
esac

[ "$install" = no ] || install_packages build
require_gi_python

build=$top/build-quickstart
log=$(mktemp) || exit 2
trap 'rm -f "$log"' EXIT
say "building in $build"
if ! {
  { [ -f "$build/build.ninja" ] || meson setup "$build" "$top" \
      -Dtests=false -Dcli=false -Ddocs=disabled -Dvapi=disabled -Dintrospection=enabled; } &&
    ninja -C "$build"
} >"$log" 2>&1; then
  cat "$log" >&2
  die "the build failed: see above"
fi

say "a program in C and one in Python, on one channel; in the middle of it their lines are cut"
libraries=$build/realtime:$build/realtime/mock
export GI_TYPELIB_PATH="$libraries${GI_TYPELIB_PATH:+:$GI_TYPELIB_PATH}"
export LD_LIBRARY_PATH="$libraries${LD_LIBRARY_PATH:+:$LD_LIBRARY_PATH}"
"$build/examples/quickstart-host" "$gi_python" "$top/examples/quickstart-guest.py"
