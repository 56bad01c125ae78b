#!/usr/bin/python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""What the installed headers of a library declare is in its umbrella, exported, in the GIR and documented;
and nothing else is exported."""

import argparse
import pathlib
import re
import subprocess
import sys
import tempfile
import xml.etree.ElementTree as ElementTree

import checklib

CORE = '{http://www.gtk.org/introspection/core/1.0}'
C = '{http://www.gtk.org/introspection/c/1.0}'
GLIB = '{http://www.gtk.org/introspection/glib/1.0}'

CALLABLES = [CORE + name for name in ('function', 'method', 'constructor')]
DOCUMENTED = CALLABLES + [GLIB + 'signal'] + [CORE + name for name in (
    'class', 'interface', 'virtual-method', 'enumeration', 'bitfield', 'callback', 'property', 'member', 'constant')]

DECLARE = re.compile(r'(RT_AVAILABLE_IN_\d+_\d+\s+)?\bG_DECLARE_\w+\s*\(\s*\w+\s*,\s*(\w+)[^)]*\)')
NOISE = re.compile(r'\bG_(?:BEGIN_DECLS|END_DECLS|DEFINE_AUTO\w+\s*\([^)]*\))')
GUARD = re.compile(r'#if !defined ?\(\w+_INSIDE\).*\n#error ')
QUOTED = re.compile(r'^[ \t]*#[ \t]*include[ \t]*"([^"]+)"', re.MULTILINE)


def strip_blocks(text):
    """Drops what stands in braces: members of structures and enumerations, bodies of inline functions."""
    while True:
        shorter = re.sub(r'\{[^{}]*\}', ';', text)
        if shorter == text:
            return text
        text = shorter


def parse_header(text):
    """The functions that a header declares, each with whether it is marked as public."""
    text = checklib.strip_c_text(text)
    text = re.sub(r'^[ \t]*#(?:[^\n]*\\\n)*[^\n]*', '', text, flags=re.MULTILINE)
    found = [(match.group(2) + '_get_type', match.group(1) is not None) for match in DECLARE.finditer(text)]
    text = strip_blocks(NOISE.sub('', DECLARE.sub('', text)))
    for statement in text.split(';'):
        statement = statement.strip()
        match = re.search(r'\b(rt_\w+)\s*\(', statement)
        if match is not None and not statement.startswith(('typedef', 'static')):
            found.append((match.group(1), statement.startswith('RT_AVAILABLE_IN_')))
    return found


def check_headers(umbrella, headers):
    """Faults of the headers themselves, and the public functions with the header of each."""
    faults = []
    public = {}
    names = {path.name for path in headers}
    included = QUOTED.findall(checklib.strip_c_comments(checklib.read(umbrella)))
    for path in headers:
        if path.name == umbrella.name:
            continue
        text = checklib.read(path)
        if path.name not in included:
            faults.append(f'{path.name}: installed, and not in {umbrella.name}')
        # What the build writes, such as rt-enum-types.h, has no guard of ours.
        if GUARD.search(text) is None and 'enum-types' not in path.name:
            faults.append(f'{path.name}: no guard against direct inclusion')
        for name in QUOTED.findall(checklib.strip_c_comments(text)):
            if name not in names:
                faults.append(f'{path.name}: includes "{name}", which is not installed')
        for symbol, available in parse_header(text):
            if not available:
                faults.append(f'{path.name}: {symbol} is declared without RT_AVAILABLE_IN')
            public[symbol] = path.name
    faults += [f'{umbrella.name}: includes "{name}", which is not installed' for name in included if name not in names]
    return faults, public


def read_gir(path):
    """The symbols that a GIR knows, and what in it has no documentation."""
    symbols = set()
    bare = []

    def visit(element, owner):
        name = element.get('name') or element.get(GLIB + 'name') or ''
        if element.tag in CALLABLES:
            symbols.add(element.get(C + 'identifier'))
        if element.get(GLIB + 'get-type') not in (None, 'intern'):
            symbols.add(element.get(GLIB + 'get-type'))
        if element.tag in DOCUMENTED and element.find(CORE + 'doc') is None:
            bare.append(element.get(C + 'identifier') or f'{owner}.{name}')
        # A function pointer in a structure of an interface is documented as its virtual method.
        for child in element if element.tag != CORE + 'field' else []:
            visit(child, name)

    visit(ElementTree.parse(path).getroot().find(CORE + 'namespace'), '')
    return symbols, bare


def read_exports(library, nm='nm'):
    out = subprocess.run([nm, '-D', '--defined-only', str(library)], check=True, capture_output=True, text=True)
    names = {line.split()[-1].split('@')[0] for line in out.stdout.splitlines()}
    # Two underscores belong to the compiler and its sanitizers.
    return {name for name in names if not name.startswith('__') and name not in ('_init', '_fini')}


def check_library(umbrella, headers, gir, exports):
    faults, public = check_headers(umbrella, headers)
    known, bare = read_gir(gir)
    for symbol, header in sorted(public.items()):
        if symbol not in exports:
            faults.append(f'{header}: {symbol} is not exported by the library')
        if symbol not in known:
            faults.append(f'{header}: {symbol} is not in the GIR')
    faults += [f'{symbol} is exported and in no installed header' for symbol in sorted(exports - set(public))]
    faults += [f'{name} has no documentation' for name in bare]
    return faults


GUARD_TEXT = '#if !defined(RT_INSIDE) && !defined(RT_COMPILATION)\n#error "no"\n#endif\n'
THING = GUARD_TEXT + '''
#include "rt-macros.h"
G_BEGIN_DECLS
#define RT_TYPE_THING (rt_thing_get_type ())
RT_AVAILABLE_IN_1_0
G_DECLARE_FINAL_TYPE (RtThing, rt_thing, RT, THING, GObject)
/* rt_not_this_one (void); */
typedef void (*RtThingFunc) (int x);
struct _RtThingInterface { GTypeInterface parent; void (*begin) (RtThing *self); };
static inline void rt_inline (void) { if (rt_x ()) { rt_y (); } }
RT_AVAILABLE_IN_1_0
int rt_thing_get_size (RtThing *self,
                       gboolean (*filter) (int));
G_END_DECLS
'''
GIR = '''<repository xmlns="http://www.gtk.org/introspection/core/1.0" xmlns:c="http://www.gtk.org/introspection/c/1.0"
 xmlns:glib="http://www.gtk.org/introspection/glib/1.0"><namespace name="Rt">
<class name="Thing" glib:get-type="rt_thing_get_type"><doc>A thing.</doc>
<method name="get_size" c:identifier="rt_thing_get_size"><doc>Its size.</doc></method>
<property name="size"><doc>Its size.</doc></property></class>
<record name="ThingInterface"><field name="begin"><callback name="begin"/></field></record></namespace></repository>
'''
EXPORTS = {'rt_thing_get_type', 'rt_thing_get_size'}
GOOD = {'rt.h': '#include "rt-thing.h"\n#include "rt-macros.h"\n', 'rt-macros.h': GUARD_TEXT, 'rt-thing.h': THING, 'Rt.gir': GIR}

EXTRA = THING.replace('G_END_DECLS', 'RT_AVAILABLE_IN_1_0\nvoid rt_extra (void);\nG_END_DECLS')
GIR_EXTRA = GIR.replace('</namespace>', '<function name="extra" c:identifier="rt_extra"><doc>x</doc></function></namespace>')

CASES = [
    (GOOD, EXPORTS, None),
    ({**GOOD, 'rt.h': '#include "rt-macros.h"\n'}, EXPORTS, 'rt-thing.h: installed, and not in rt.h'),
    ({**GOOD, 'rt-macros.h': ''}, EXPORTS, 'no guard'),
    ({**GOOD, 'rt-thing.h': THING + '#include "rt-thing-private.h"\n'}, EXPORTS, 'not installed'),
    ({**GOOD, 'rt-thing.h': THING.replace('RT_AVAILABLE_IN_1_0\nint', 'int')}, EXPORTS, 'without RT_AVAILABLE_IN'),
    ({**GOOD, 'rt-thing.h': THING.replace('RT_AVAILABLE_IN_1_0\nG_DECLARE', 'G_DECLARE')}, EXPORTS, 'without RT_AVAILABLE_IN'),
    ({**GOOD, 'rt-thing.h': EXTRA, 'Rt.gir': GIR_EXTRA}, EXPORTS, 'rt_extra is not exported'),
    ({**GOOD, 'rt-thing.h': EXTRA}, EXPORTS | {'rt_extra'}, 'rt_extra is not in the GIR'),
    (GOOD, EXPORTS | {'rt_leaked'}, 'rt_leaked is exported'),
    ({**GOOD, 'Rt.gir': GIR.replace('<doc>Its size.</doc></method>', '</method>')}, EXPORTS, 'rt_thing_get_size has no'),
    ({**GOOD, 'Rt.gir': GIR.replace('<doc>Its size.</doc></property>', '</property>')}, EXPORTS, 'Thing.size has no'),
]


def self_test():
    failures = []
    for tree, exports, expected in CASES:
        with tempfile.TemporaryDirectory() as folder:
            root = pathlib.Path(folder)
            checklib.write_tree(root, tree)
            faults = check_library(root / 'rt.h', sorted(root.glob('*.h')), root / 'Rt.gir', exports)
        if (faults if expected is None else len(faults) != 1 or expected not in faults[0]):
            failures.append(f'expected {expected!r}, got {faults}')
    checklib.report(failures, f'public interface, self-test of {len(CASES)} cases')


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument('--self-test', action='store_true')
    parser.add_argument('--nm', default='nm')
    parser.add_argument('--umbrella', type=pathlib.Path)
    parser.add_argument('--gir', type=pathlib.Path)
    parser.add_argument('--library', type=pathlib.Path)
    parser.add_argument('headers', nargs='*', type=pathlib.Path)
    args = parser.parse_args()
    if args.self_test:
        self_test()
    if not (args.umbrella and args.gir and args.library and args.headers):
        sys.exit('--umbrella, --gir, --library and the installed headers are needed')
    faults = check_library(args.umbrella, args.headers, args.gir, read_exports(args.library, args.nm))
    checklib.report(faults, f'public interface of {args.umbrella.name}')


if __name__ == '__main__':
    main()
