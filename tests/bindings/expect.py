#!/usr/bin/python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""A program has to fail, and for the right reason. Run: expect.py CODE PATTERN PROGRAM [ARGUMENT...]

CODE is its exit code (-N: ended by the signal N); PATTERN is searched for in the lines of its standard error.
"""

import pathlib
import re
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent / 'common'))
from programs import run  # noqa: E402


def main():
    expected, pattern, *program = sys.argv[1:]
    code, output, errors = run(program)
    print('\n'.join(['standard output:', *output, 'standard error:', *errors]))
    if code != int(expected):
        sys.exit(f'it exited with {code}, not with {expected}')
    if not any(re.search(pattern, line) for line in errors):
        sys.exit(f'it did not say "{pattern}"')


main()
