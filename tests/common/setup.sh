# SPDX-License-Identifier: LGPL-2.1-or-later
# What the two commands, tests/run.sh and examples/quickstart.sh, share: which packages are needed, and how
# they come onto a Debian or Ubuntu. To be read in with "."; needs $top, the root of the sources.

say ()
{
  printf '==> %s\n' "$*"
}

die ()
{
  printf '%s: %s\n' "$(basename "$0")" "$*" >&2
  exit 2
}

# list_packages SYSTEM GROUP...: a package a line. The group build is what the libraries with their GIR and the
# Python program need; tests, what else the whole test suite needs; fuzz, what the fuzzers need besides.
list_packages ()
{
  system=$1
  shift
  case $system in
    debian | fedora | arch) ;;
    *) die "no list of packages for '$system'; there is one for debian, fedora and arch" ;;
  esac
  for group in "$@"; do
    case $system-$group in
      debian-build)
        echo gcc libc6-dev meson ninja-build pkg-config gettext libglib2.0-dev libsoup-3.0-dev \
          libjson-glib-dev libgnutls28-dev gobject-introspection libgirepository1.0-dev python3 python3-gi glib-networking ;;
      debian-tests) echo ca-certificates valac valgrind gjs gir1.2-soup-3.0 gir1.2-json-1.0 gi-docgen gir1.2-gtk-4.0 xvfb xauth ;;
      debian-fuzz) echo clang llvm libclang-rt-dev ;;
      fedora-build)
        echo gcc glibc-devel meson ninja-build pkgconf-pkg-config gettext glib2-devel libsoup3-devel \
          json-glib-devel gnutls-devel gobject-introspection-devel python3 python3-gobject glib-networking ;;
      fedora-tests) echo ca-certificates vala valgrind gjs gi-docgen libasan libubsan gtk4 xorg-x11-server-Xvfb xorg-x11-xauth ;;
      fedora-fuzz) echo clang llvm compiler-rt ;;
      arch-build)
        echo gcc meson ninja pkgconf gettext glib2 glib2-devel libsoup3 json-glib gnutls gobject-introspection \
          python python-gobject glib-networking ;;
      arch-tests) echo ca-certificates vala valgrind gjs gi-docgen gtk4 xorg-server-xvfb xorg-xauth ;;
      arch-fuzz) echo clang llvm compiler-rt ;;
    esac
  done | tr ' ' '\n'
}

as_root ()
{
  if [ "$(id -u)" -eq 0 ]; then
    "$@"
  elif command -v sudo >/dev/null 2>&1; then
    sudo "$@"
  else
    die "packages are missing and installing them needs root or sudo:" \
      "install them yourself and pass --no-install"
  fi
}

# Another process may hold a lock of apt for a while, on a fresh machine most of all.
apt_retry ()
{
  log=$(mktemp)
  for attempt in 1 2 3 4 5 6 7 8 9 10 11 12; do
    if as_root env DEBIAN_FRONTEND=noninteractive apt-get -o DPkg::Lock::Timeout=120 "$@" >"$log" 2>&1; then
      rm -f "$log"
      return 0
    fi
    grep -q -e 'Could not get lock' -e 'Unable to lock' "$log" || break
    say "another process holds apt's lock; attempt $attempt of 12"
    sleep 5
  done
  cat "$log" >&2
  rm -f "$log"
  return 1
}

list_missing ()
{
  for package in "$@"; do
    case $(dpkg-query -W -f '${Status}' "$package" 2>/dev/null) in
      'install ok installed') ;;
      *) echo "$package" ;;
    esac
  done
}

# install_packages GROUP...: installs what is missing of these groups.
install_packages ()
{
  if ! command -v apt-get >/dev/null 2>&1; then
    say "packages are installed by this script on Debian and Ubuntu only; see --print-packages"
    return 0
  fi
  # Lists of names without spaces are meant to be split here and below.
  # shellcheck disable=SC2046
  missing=$(list_missing $(list_packages debian "$@"))
  [ -n "$missing" ] || return 0
  say "installing" $missing
  apt_retry update || die "the lists of packages could not be updated: see above"
  # shellcheck disable=SC2086
  apt_retry install -y --no-install-recommends $missing || die "the packages could not be installed: see above"
}

# The Python with PyGObject, in $gi_python.
require_gi_python ()
{
  gi_python=$(sh "$top/tests/common/find-python.sh") || exit 2
  say "Python with PyGObject: $gi_python"
}
