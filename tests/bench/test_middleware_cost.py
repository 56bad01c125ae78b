#!/usr/bin/python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""Three middlewares in C cost at most a quarter of what it takes to deliver a message without them.

Counted are the instructions of the whole client, of both its halves, in runs that differ in nothing else.
"""

import pathlib
import re
import subprocess
import sys
import tempfile

FEW, MANY = 2000, 4000
ALLOWED = 0.25


def count(program, url, messages):
    with tempfile.TemporaryDirectory() as folder:
        subprocess.run(['valgrind', '-q', '--tool=callgrind', f'--callgrind-out-file={folder}/out', program, url, '0',
                        str(messages)], stdout=subprocess.DEVNULL, check=True)
        return sum(int(total) for part in pathlib.Path(folder).iterdir()
                   for total in re.findall(r'^totals: (\d+)', part.read_text(), re.MULTILINE))


def count_a_message(program, url):
    """What a long run has more than a short one."""
    return (count(program, url, MANY) - count(program, url, FEW)) / (MANY - FEW)


def main(folder):
    with subprocess.Popen([f'{folder}/bench-peer'], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as server:
        url = server.stdout.readline().removeprefix('listening ').strip()
        plain, passed = (count_a_message(f'{folder}/bench-recv-{name}', url) for name in ('realtime', 'middleware'))
        server.stdin.close()
    share = (passed - plain) / plain
    print(f'{plain:.0f} instructions a message, {passed:.0f} with three middlewares: {share:.1%} more')
    if not 0 < share <= ALLOWED:
        sys.exit(f'it may be {ALLOWED:.0%}')


if __name__ == '__main__':
    main(*sys.argv[1:])
