# SPDX-License-Identifier: LGPL-2.1-or-later
"""What the checks of the source tree share: reading it, and showing that a check can fail."""

import os
import pathlib
import re
import sys
import tempfile

C_SUFFIXES = ('.c', '.h')
SCRIPT_SUFFIXES = ('.py', '.js', '.mjs', '.vala', '.go', '.sh')
NOT_OURS = ['.git', 'node_modules', '__pycache__', 'subprojects']


def list_files(root, folders=('.',), suffixes=None):
    """The files of the project, sorted; what builds and package managers leave is not looked at."""
    found = []
    for folder in folders:
        for place, below, names in os.walk(root / folder):
            at_top = pathlib.Path(place) == root
            below[:] = [name for name in below if name not in NOT_OURS and not (at_top and name.startswith('build'))]
            found += [pathlib.Path(place, name) for name in names
                      if name not in NOT_OURS and (suffixes is None or name.endswith(suffixes))]
    return sorted(found)


def read(path):
    return path.read_text(encoding='utf-8', errors='replace')


def _blank(match):
    return re.sub(r'[^\n]', ' ', match.group(0))


def strip_c_comments(text):
    """Blanks comments, and keeps strings and line numbers as they are."""
    pattern = re.compile(r'//[^\n]*|/\*.*?\*/|"(?:\\.|[^"\\\n])*"|\'(?:\\.|[^\'\\\n])*\'', re.DOTALL)
    return pattern.sub(lambda m: _blank(m) if m.group(0).startswith('/') else m.group(0), text)


def strip_c_text(text):
    """Blanks comments and the contents of strings."""
    text = strip_c_comments(text)
    return re.sub(r'"(?:\\.|[^"\\\n])*"', _blank, text)


def line_of(text, position):
    return text.count('\n', 0, position) + 1


def write_tree(root, tree):
    for name, text in tree.items():
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding='utf-8')


def self_test(check, cases):
    """Each case is a tree and a part of the one fault it must give, or None for a tree without fault."""
    failures = []
    for tree, expected in cases:
        with tempfile.TemporaryDirectory() as folder:
            root = pathlib.Path(folder)
            write_tree(root, tree)
            faults = check(root)
        if expected is None and faults:
            failures.append(f'a good tree was refused: {faults}')
        elif expected is not None and (len(faults) != 1 or expected not in faults[0]):
            failures.append(f'expected one fault with "{expected}", got {faults}')
    return failures


def report(faults, what):
    for fault in faults:
        print(fault, file=sys.stderr)
    print(f'{what}: {len(faults)} faults' if faults else f'{what}: good')
    sys.exit(1 if faults else 0)


def main(what, check, cases):
    """The whole of a check that needs nothing but the root of the sources, or --self-test."""
    if len(sys.argv) != 2:
        sys.exit(f'usage: {sys.argv[0]} ROOT | --self-test')
    if sys.argv[1] == '--self-test':
        report(self_test(check, cases), f'{what}, self-test of {len(cases)} cases')
    report(check(pathlib.Path(sys.argv[1])), what)
