#!/usr/bin/python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""Every source names its licence; no file names a host of a package registry or a folder of somebody's machine."""

import re

import checklib

SPDX = 'SPDX-License-Identifier: LGPL-2.1-or-later'
SOURCES = checklib.C_SUFFIXES + checklib.SCRIPT_SUFFIXES
SOURCE_NAMES = ['meson.build', 'meson_options.txt', '.ci/run']

HOSTS = re.compile(r'\b(?:registry\.\w|npmjs\.(?:org|com)|yarnpkg\.com|pypi\.(?:org|io)|pythonhosted\.org'
                   r'|(?:proxy|sum)\.golang\.org|goproxy\.\w|crates\.io/api|deb\.debian\.org)')
MACHINE = re.compile(r'(?<![\w.$}~-])/(?:home|root|work|Users)/\w')


def is_source(path, name):
    return path.suffix in SOURCES or path.name in SOURCE_NAMES or name in SOURCE_NAMES


def check(root):
    faults = []
    for path in checklib.list_files(root):
        name = path.relative_to(root).as_posix()
        if 'corpus' in path.parts:
            continue  # bytes that a peer might send
        text = checklib.read(path)
        head = text.splitlines()[:2]
        place = 1 if head and head[0].startswith('#!') else 0
        if is_source(path, name) and (len(head) <= place or SPDX not in head[place]):
            faults.append(f'{name}: no licence in its first line')
        for pattern, what in ((HOSTS, 'a host of a package registry'), (MACHINE, "a folder of somebody's machine")):
            for match in pattern.finditer(text):
                faults.append(f'{name}:{checklib.line_of(text, match.start())}: {what}: {match.group(0)}')
    return faults


C_HEAD = f'/* {SPDX} */\n'
SCRIPT_HEAD = f'#!/bin/sh\n# {SPDX}\n'

CASES = [
    ({'a.c': C_HEAD, 'b.sh': SCRIPT_HEAD, 'meson.build': f'# {SPDX}\n', 'README.md': 'see usr/home/x', 'build/x.c': ''}, None),
    ({'a.c': 'int x;\n'}, 'a.c: no licence'),
    ({'a.h': ''}, 'a.h: no licence'),
    ({'a.py': '#!/usr/bin/python3\nimport re\n'}, 'a.py: no licence'),
    ({'x/meson.build': "project('x')\n"}, 'no licence'),
    ({'lock.json': '{"resolved": "https://registry' + '.example.org/ws"}'}, 'package registry'),
    ({'go.txt': 'GOPROXY=https://proxy' + '.golang.org'}, 'package registry'),
    ({'notes.md': 'first\nsee /ho' + 'me/me/file'}, "notes.md:2: a folder of somebody's machine"),
    ({'notes.md': 'built in "/ro' + 'ot/project"'}, "a folder of somebody's machine"),
]

if __name__ == '__main__':
    checklib.main('licences and names', check, CASES)
