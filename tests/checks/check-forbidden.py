#!/usr/bin/python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""All time and timers come from the clock, nothing sleeps, and nothing runs in whichever thread comes first."""

import re

import checklib

# g_main_context_invoke () may run its function in the calling thread.
INVOKE = re.compile(r'\bg_main_context_invoke\w*')
TIMERS = re.compile(r'\bg_timeout_\w+')
CLOCKS = re.compile(r'\b(?:g_get_monotonic_time|g_get_real_time|g_get_current_time|g_date_time_new_now\w*'
                    r'|clock_gettime|gettimeofday|time\s*\(\s*NULL)')
SLEEPS = re.compile(r'\b(?:g_usleep|usleep|nanosleep|clock_nanosleep|sleep)\s*\(|\bpoll\s*\(\s*NULL\s*,')
SCRIPT_SLEEPS = re.compile(r'\b(?:time|asyncio|GLib|Thread|Time)\.u?[sS]leep\s*\(|\busleep\s*\(|\bfrom time import sleep')
SHELL_SLEEPS = re.compile(r'^\s*sleep\s', re.MULTILINE)

# Each folder in C with what must not be there.
C_RULES = [
    ('realtime', [INVOKE, TIMERS, CLOCKS, SLEEPS]),
    ('examples', [INVOKE, CLOCKS, SLEEPS]),
    ('tests', [INVOKE, TIMERS, CLOCKS, SLEEPS]),
]

# A benchmark reads clocks: that is what it is for. What the tests share has their deadlines, which are real time also
# while the code under test is on virtual time. One test puts clocks of its own in the place of the system's. Samples
# are written as programs are.
PERMITTED = {'tests/bench/': [CLOCKS], 'tests/common/': [CLOCKS, TIMERS], 'tests/base/test-wake.c': [CLOCKS],
             'tests/samples/': [TIMERS]}

# The clock itself, the wait for another process's lock of apt, and this list.
EXEMPT = ['realtime/base/rt-clock.c', 'tests/common/setup.sh', 'tests/checks/check-forbidden.py']


def find(root, path, text, rules):
    name = path.relative_to(root).as_posix()
    if name in EXEMPT:
        return []
    permitted = [rule for folder, some in PERMITTED.items() if name.startswith(folder) for rule in some]
    return [f'{name}:{checklib.line_of(text, match.start())}: {match.group(0).strip()} is forbidden here'
            for rule in rules if rule not in permitted for match in rule.finditer(text)]


def check(root):
    faults = []
    for folder, rules in C_RULES:
        for path in checklib.list_files(root, [folder], checklib.C_SUFFIXES):
            faults += find(root, path, checklib.strip_c_text(checklib.read(path)), rules)
    for path in checklib.list_files(root, ['realtime', 'examples', 'tests'], checklib.SCRIPT_SUFFIXES):
        rule = SHELL_SLEEPS if path.suffix == '.sh' else SCRIPT_SLEEPS
        faults += find(root, path, checklib.read(path), [rule])
    return faults


GOOD = {
    'realtime/base/rt-clock.c': 'g_get_monotonic_time (); g_timeout_add (1, f, NULL);\n',
    'realtime/data/rt-message.c': '/* no g_usleep (1) */ const char *s = "g_timeout_add (";\nrt_clock_now ();\n',
    'tests/common/rt-test.c': 'g_timeout_source_new (ms);\n',
    'tests/bench/bench.c': 'g_get_monotonic_time ();\n',
    'tests/base/test-wake.c': 'int clock_gettime (clockid_t id, struct timespec *ts);\n',
    'tests/cli/test.py': 'queue.get(timeout=20)\n',
    'tests/run.sh': '# sleep is not needed\n',
    'examples/minimal.c': 'g_timeout_add_seconds (1, f, NULL);\n',
}

CASES = [(GOOD, None)] + [({**GOOD, name: text}, expected) for name, text, expected in [
    ('realtime/data/bad.c', 'x = g_get_monotonic_time ();\n', 'g_get_monotonic_time'),
    ('realtime/data/bad.c', 'x = g_get_real_time ();\n', 'g_get_real_time'),
    ('realtime/data/bad.c', 'clock_gettime (0, &t);\n', 'clock_gettime'),
    ('realtime/data/bad.h', '\n\ng_timeout_add (1, f, NULL);\n', 'bad.h:3: g_timeout_add'),
    ('realtime/data/bad.c', 'g_main_context_invoke_full (c, 0, f, NULL, NULL);\n', 'g_main_context_invoke_full'),
    ('realtime/mock/bad.c', 'g_usleep (10);\n', 'g_usleep'),
    ('tests/data/bad.c', 'nanosleep (&t, NULL);\n', 'nanosleep'),
    ('tests/data/bad.c', 'poll (NULL, 0, 100);\n', 'poll'),
    ('tests/data/bad.c', 'g_timeout_add (1, f, NULL);\n', 'g_timeout_add'),
    ('tests/base/bad.c', 'clock_gettime (0, &t);\n', 'clock_gettime'),
    ('tests/base/test-wake.c', 'usleep (1);\n', 'usleep'),
    ('tests/bench/bad.c', 'usleep (1);\n', 'usleep'),
    ('tests/bench/bad.c', 'g_timeout_add (1, f, NULL);\n', 'g_timeout_add'),
    ('tests/common/bad.c', 'g_usleep (1);\n', 'g_usleep'),
    ('tests/cli/bad.py', 'time.sleep(1)\n', 'time.sleep'),
    ('tests/bindings/bad.js', 'GLib.usleep(1000);\n', 'GLib.usleep'),
    ('tests/bindings/bad.vala', 'Thread.usleep (1000);\n', 'Thread.usleep'),
    ('tests/bad.sh', 'start\n  sleep 1\n', 'sleep'),
    ('examples/bad.c', 'sleep (1);\n', 'sleep'),
]]

if __name__ == '__main__':
    checklib.main('forbidden calls', check, CASES)
