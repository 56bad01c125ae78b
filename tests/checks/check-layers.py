#!/usr/bin/python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""Includes point downward only in the table of layers."""

import re

import checklib

BELOW_CONNECTION = ['base', 'wire', 'data', 'config', 'transport']

# What each folder of realtime/ may include besides itself.
ALLOWED = {
    'base': [],
    'wire': [],
    'data': ['base', 'wire'],
    'config': ['base', 'wire', 'data'],
    'transport': ['base', 'wire', 'data', 'config'],
    'connection': BELOW_CONNECTION,
    'stream': BELOW_CONNECTION + ['connection'],
    'event': BELOW_CONNECTION + ['stream'],
    'middleware': BELOW_CONNECTION + ['stream'],
    'client': BELOW_CONNECTION + ['connection', 'stream', 'event', 'middleware'],
    'mock': ['wire'],
    'cli': [],
}

# The clock serves both libraries; rt-enum-types.h and its like are made by the build, from public headers alone.
EXTRA_HEADERS = {'mock': ['rt-clock.h']}
GENERATED = re.compile(r'rt-(mock-)?enum-types\.h')

UMBRELLAS = {
    'mock': ['realtime/realtime.h'],
    'cli': ['realtime/realtime.h', 'realtime-mock/realtime-mock.h'],
}

# The protocol is plain C over GLib's basics.
WIRE_FORBIDS = re.compile(r'glib-object\.h|gio/|json-glib/|libsoup/|gobject/')

INCLUDE = re.compile(r'^[ \t]*#[ \t]*include[ \t]*([<"])([^>"]+)[>"]', re.MULTILINE)


def judge(layer, quote, name, home):
    """What is wrong with this include of a file of @layer, or None. @home tells each header's layer."""
    if quote == '<':
        if name.startswith(('realtime/', 'realtime-mock/')) and name not in UMBRELLAS.get(layer, []):
            return f'{layer}/ may not include <{name}>'
        if layer == 'wire' and WIRE_FORBIDS.match(name):
            return f'wire/ is plain C over glib.h and may not include <{name}>'
        return None
    if '/' in name:
        return f'"{name}" is included by a path; headers are included by their bare names'
    if GENERATED.fullmatch(name) or name in EXTRA_HEADERS.get(layer, []):
        return None
    if name not in home:
        return f'"{name}" is no header of this project'
    if home[name] != layer and home[name] not in ALLOWED[layer]:
        return f'{layer}/ may not include "{name}" of {home[name]}/'
    return None


def check(root):
    faults = []
    home = {}
    sources = []
    for path in checklib.list_files(root, ['realtime'], checklib.C_SUFFIXES):
        parts = path.relative_to(root / 'realtime').parts
        if path.stem in ('realtime', 'realtime-mock'):
            continue  # an umbrella; check-api.py looks at it
        if parts[0] not in ALLOWED or len(parts) != 2:
            faults.append(f'{path.relative_to(root)}: its folder is not in the table of layers')
            continue
        if path.suffix == '.h':
            if path.name in home:
                faults.append(f'{path.relative_to(root)}: {home[path.name]}/ has a header of the same name')
            home[path.name] = parts[0]
        sources.append((path, parts[0]))

    for path, layer in sources:
        text = checklib.strip_c_comments(checklib.read(path))
        for match in INCLUDE.finditer(text):
            fault = judge(layer, match.group(1), match.group(2), home)
            if fault is not None:
                faults.append(f'{path.relative_to(root)}:{checklib.line_of(text, match.start())}: {fault}')
    return faults


GOOD = {
    'realtime/realtime.h': '#include "rt-client.h"\n',
    'realtime/base/rt-error.h': '#include <glib.h>\n',
    'realtime/base/rt-clock.h': '',
    'realtime/wire/rt-json.h': '#include <glib.h>\n',
    'realtime/connection/rt-manager.h': '#include "rt-error.h"\n#include "rt-json.h"\n',
    'realtime/event/rt-event-bus.h': '#include "rt-error.h"\n',
    'realtime/client/rt-client.h': '#include "rt-manager.h"\n/* #include "gone.h" */\n',
    'realtime/mock/rt-mock-server.c': '#include <realtime/realtime.h>\n#include "rt-clock.h"\n#include "rt-json.h"\n',
    'realtime/cli/rt-cli-main.c': '#include <realtime-mock/realtime-mock.h>\n',
}

CASES = [
    (GOOD, None),
    ({**GOOD, 'realtime/base/rt-bad.c': '#include "rt-client.h"\n'}, 'base/ may not include "rt-client.h"'),
    ({**GOOD, 'realtime/wire/rt-bad.c': '# include "rt-error.h"\n'}, 'wire/ may not include "rt-error.h"'),
    ({**GOOD, 'realtime/wire/rt-bad.c': '#include <gio/gio.h>\n'}, 'wire/ is plain C'),
    ({**GOOD, 'realtime/event/rt-bad.c': '#include "rt-manager.h"\n'}, 'event/ may not include "rt-manager.h"'),
    ({**GOOD, 'realtime/mock/rt-bad.c': '#include "rt-error.h"\n'}, 'mock/ may not include "rt-error.h"'),
    ({**GOOD, 'realtime/cli/rt-bad.c': '#include "rt-client.h"\n'}, 'cli/ may not include "rt-client.h"'),
    ({**GOOD, 'realtime/cli/rt-bad.c': '#include <realtime/rt-client.h>\n'}, 'may not include <realtime/rt-client.h>'),
    ({**GOOD, 'realtime/data/rt-bad.c': '#include <realtime/realtime.h>\n'}, 'may not include <realtime/realtime.h>'),
    ({**GOOD, 'realtime/data/rt-bad.c': '#include "base/rt-error.h"\n'}, 'bare names'),
    ({**GOOD, 'realtime/data/rt-bad.c': '#include "rt-nothing.h"\n'}, 'no header of this project'),
    ({**GOOD, 'realtime/data/rt-json.h': ''}, 'same name'),
    ({**GOOD, 'realtime/attic/rt-bad.c': ''}, 'not in the table'),
]

if __name__ == '__main__':
    checklib.main('layers', check, CASES)
