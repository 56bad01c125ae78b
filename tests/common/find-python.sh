#!/bin/sh
# SPDX-License-Identifier: LGPL-2.1-or-later
# Prints the path of a Python 3 that has PyGObject. The python3 that comes first on PATH may be one
# without it, so each one that can be found is asked.
set -u

list_pythons ()
{
  [ -z "${PYTHON:-}" ] || printf '%s\n' "$PYTHON"
  printf '%s\n' "$PATH" | tr ':' '\n' | while IFS= read -r dir; do
    printf '%s\n' "${dir:-.}/python3"
  done
  printf '%s\n' /usr/bin/python3 /usr/local/bin/python3
}

found=$(list_pythons | while IFS= read -r python; do
  [ -x "$python" ] || continue
  if "$python" -c 'import gi; gi.require_version ("Gio", "2.0"); from gi.repository import Gio' >/dev/null 2>&1; then
    printf '%s\n' "$python"
    break
  fi
done)

if [ -z "$found" ]; then
  echo "No python3 with PyGObject (the module gi) was found." \
    "Install it (Debian, Ubuntu: python3-gi; Fedora: python3-gobject; Arch: python-gobject)" \
    "or name one in the variable PYTHON." >&2
  exit 1
fi
printf '%s\n' "$found"
