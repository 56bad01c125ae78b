# SPDX-License-Identifier: LGPL-2.1-or-later
"""Reads the log of Meson's tests: read-testlog.py TESTLOG-JSON FAILURES.

Prints how many passed, failed and were skipped, three numbers in a line, and appends to the file FAILURES what failed,
with what the program said at its end.
"""

import json
import re
import sys

VERDICTS = {'OK': 'passed', 'EXPECTEDFAIL': 'passed', 'SKIP': 'skipped'}

# Enough for a failed assertion, and for the stacks of a sanitizer's report.
SAID_LINES = 30

# What GLib and libsoup say of their own work would push out what a test says.
NOISE = re.compile(r'^# \S+-DEBUG: ')


def count(test):
    """The verdict of each point of a program that speaks TAP, and of another one the program's."""
    verdict = VERDICTS.get(test['result'], 'failed')
    points = re.findall(r'^(ok|not ok) \d+(.*)$', test.get('stdout', ''), re.MULTILINE)
    kinds = ['skipped' if '# SKIP' in text else 'passed' if ok == 'ok' else 'failed' for ok, text in points]
    # A program that broke down between two points has failed, too.
    if not kinds or (verdict == 'failed' and 'failed' not in kinds):
        kinds.append(verdict)
    return kinds


def said(output):
    """The end of an output, and points that failed before it."""
    lines = [line for line in output.splitlines() if line and not NOISE.match(line)]
    early = [line for line in lines[:-SAID_LINES] if line.startswith('not ok ')]
    return early + lines[-SAID_LINES:]


def describe(test):
    yield f'FAILED: {test["name"]}, {test["result"]}, after {test["duration"]:.1f} s'
    for output in ('stdout', 'stderr'):
        for line in said(test.get(output, '')):
            yield f'  {line}'


def main():
    totals = {'passed': 0, 'failed': 0, 'skipped': 0}
    with open(sys.argv[1], encoding='utf-8') as log, open(sys.argv[2], 'a', encoding='utf-8') as failures:
        for line in log:
            test = json.loads(line)
            kinds = count(test)
            for kind in kinds:
                totals[kind] += 1
            if 'failed' in kinds:
                print(*describe(test), sep='\n', file=failures)
    print(totals['passed'], totals['failed'], totals['skipped'])


main()
