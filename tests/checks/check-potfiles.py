#!/usr/bin/python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""po/POTFILES.in names exactly the files with texts to translate."""

import re

import checklib

MARK = re.compile(r'\b(?:_|N_|C_|NC_|ngettext|g_dngettext)\s*\(')


def check(root):
    faults = []
    lines = checklib.read(root / 'po/POTFILES.in').splitlines()
    listed = [line for line in lines if line != '' and not line.startswith('#')]
    if listed != sorted(set(listed)):
        faults.append('po/POTFILES.in: not sorted, or a file twice')

    marked = set()
    for path in checklib.list_files(root, ['realtime'], checklib.C_SUFFIXES):
        text = checklib.strip_c_text(checklib.read(path))
        if MARK.search(text) is None:
            continue
        name = path.relative_to(root).as_posix()
        marked.add(name)
        # A library's texts come from its own domain, which only this header takes.
        if '<glib/gi18n-lib.h>' not in text:
            faults.append(f'{name}: has texts to translate and does not include <glib/gi18n-lib.h>')

    faults += [f'po/POTFILES.in: {name} is missing' for name in sorted(marked - set(listed))]
    faults += [f'po/POTFILES.in: {name} has no text to translate' for name in sorted(set(listed) - marked)]
    return faults


TEXT = '#include <glib/gi18n-lib.h>\nchar *s = _("text");\n'

CASES = [
    ({'po/POTFILES.in': '# note\na', 'realtime/x.c': ''}, 'a has no text'),
    ({'po/POTFILES.in': 'realtime/x.c\n', 'realtime/x.c': TEXT, 'realtime/y.c': 'f_ (x); /* _("no") */'}, None),
    ({'po/POTFILES.in': '', 'realtime/x.c': TEXT}, 'realtime/x.c is missing'),
    ({'po/POTFILES.in': '', 'realtime/x.c': '#include <glib/gi18n-lib.h>\nN_ ("a")'}, 'realtime/x.c is missing'),
    ({'po/POTFILES.in': 'realtime/x.c\n', 'realtime/x.c': 'char *s = _("text");\n'}, 'does not include'),
    ({'po/POTFILES.in': 'realtime/y.c\nrealtime/x.c\n', 'realtime/x.c': TEXT, 'realtime/y.c': TEXT}, 'not sorted'),
]

if __name__ == '__main__':
    checklib.main('files with texts to translate', check, CASES)
