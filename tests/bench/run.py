#!/usr/bin/env python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""Compares Realtime with plain libsoup, on this machine, in alternating rounds.

run.py BUILD-DIR runs the programs that lie in its tests/bench, prints tables, and leaves the figures of every round in
BUILD-DIR/benchmark.json. Speeds are medians; what is compared are ratios of one run, never times of two.
"""

import argparse
import json
import os
import pathlib
import platform
import re
import statistics
import subprocess
import sys
import tempfile

# What is compared: a title, Realtime's program, the one without it, and the ratio aimed at.
PAIRS = [
    ('receive', 'recv-realtime', 'recv-libsoup', 7),
    ('send', 'send-realtime', 'send-libsoup', 12),
]
# Measured too: receiving through three middlewares, every send awaited by the program, and the peer's own speed.
ALONE = ['recv-middleware', 'acks-realtime', 'recv-raw']

READS = {'read', 'readv', 'recvfrom', 'recvmsg'}
WRITES = {'write', 'writev', 'sendto', 'sendmsg'}

TIME_LIMIT = 600


class Bench:
    def __init__(self, build, pin):
        self.folder = build / 'tests' / 'bench'
        self.pin = pin and os.cpu_count() >= 2
        self.peer = subprocess.Popen([self.folder / 'bench-peer'], stdin=subprocess.PIPE, stdout=subprocess.PIPE,
                                     text=True, preexec_fn=self.pinned_to(1))
        self.url = self.peer.stdout.readline().removeprefix('listening ').strip()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.peer.stdin.close()
        self.peer.wait()

    def pinned_to(self, core):
        return (lambda: os.sched_setaffinity(0, {core})) if self.pin else None

    def run(self, name, warm_up, count, prefix=()):
        command = [*prefix, self.folder / f'bench-{name}', self.url, str(warm_up), str(count)]
        done = subprocess.run(command, stdout=subprocess.PIPE, text=True, check=True, timeout=TIME_LIMIT,
                              preexec_fn=self.pinned_to(0))
        return json.loads(done.stdout)

    def count_calls(self, name, count):
        """System calls of a run, by name."""
        with tempfile.NamedTemporaryFile('r') as table:
            self.run(name, 0, count, ['strace', '-f', '-c', '-U', 'name,calls', '-o', table.name])
            rows = re.findall(r'^\s*(\w+)\s+(\d+)\s*$', table.read(), re.MULTILINE)
        return {call: int(calls) for call, calls in rows if call != 'total'}

    def count_instructions(self, name, count):
        with tempfile.TemporaryDirectory() as folder:
            out = pathlib.Path(folder) / 'callgrind'
            self.run(name, 0, count, ['valgrind', '-q', '--tool=callgrind', f'--callgrind-out-file={out}'])
            return sum(int(total) for part in pathlib.Path(folder).iterdir()
                       for total in re.findall(r'^totals: (\d+)', part.read_text(), re.MULTILINE))


def measure_rounds(bench, rounds, warm_up, count):
    """The programs of a pair take turns in who is first."""
    results = {name: [] for name in ALONE} | {name: [] for _, *names, _ in PAIRS for name in names}
    for number in range(rounds):
        for name in ALONE:
            results[name].append(bench.run(name, warm_up, count))
        for _, ours, theirs, _ in PAIRS:
            for name in (ours, theirs) if number % 2 == 0 else (theirs, ours):
                results[name].append(bench.run(name, warm_up, count))
        print(f'round {number + 1} of {rounds}', file=sys.stderr)
    for _, ours, theirs, _ in PAIRS:
        checksums = {result['checksum'] for name in (ours, theirs) for result in results[name]}
        if len(checksums) != 1:
            sys.exit(f'{ours} and {theirs} did not receive the same: {checksums}')
    return results


def measure_counts(bench, short, long):
    """System calls and instructions of one message: what a long run has more than a short one."""
    counts = {}
    for name in [name for _, *names, _ in PAIRS for name in names] + ALONE[:2]:
        few, many = bench.count_calls(name, short), bench.count_calls(name, long)
        calls = {call: (many[call] - few.get(call, 0)) / (long - short) for call in many}
        instructions = bench.count_instructions(name, long) - bench.count_instructions(name, short)
        counts[name] = {
            'calls': sum(calls.values()),
            'reads': sum(calls.get(call, 0) for call in READS),
            'writes': sum(calls.get(call, 0) for call in WRITES),
            'by_call': calls,
            'instructions': instructions / (long - short),
        }
        print(f'counted {name}', file=sys.stderr)
    return counts


def summarise(results):
    speeds = [result['messages'] * 1e9 / result['wall_ns'] for result in results]
    cpu = [result['cpu_ns'] / result['messages'] for result in results]
    median = statistics.median(speeds)
    return {
        'messages_per_second': median,
        'spread': (max(speeds) - min(speeds)) / median,
        'cpu_ns_per_message': statistics.median(cpu),
        'cpu_spread': (max(cpu) - min(cpu)) / statistics.median(cpu),
    }


def print_speeds(summaries):
    print(f'\n{"":16}{"messages/s":>14}{"spread":>9}{"CPU ns/message":>17}{"spread":>9}')
    for name, summary in summaries.items():
        print(f'{name:16}{summary["messages_per_second"]:14,.0f}{summary["spread"]:9.0%}'
              f'{summary["cpu_ns_per_message"]:17,.0f}{summary["cpu_spread"]:9.0%}')


def print_counts(counts):
    print(f'\n{"a message":16}{"instructions":>14}{"system calls":>14}{"reads":>9}{"writes":>9}')
    for name, count in counts.items():
        print(f'{name:16}{count["instructions"]:14,.0f}{count["calls"]:14.3f}'
              f'{count["reads"]:9.3f}{count["writes"]:9.3f}')


def compare(summaries):
    comparison = {}
    print(f'\n{"libsoup = 1":16}{"speed":>14}{"aim":>9}{"CPU":>17}')
    for title, ours, theirs, aim in PAIRS:
        speed = summaries[ours]['messages_per_second'] / summaries[theirs]['messages_per_second']
        cpu = summaries[theirs]['cpu_ns_per_message'] / summaries[ours]['cpu_ns_per_message']
        comparison[title] = {'speed': speed, 'cpu': cpu, 'aim': aim}
        print(f'{title:16}{speed:13.1f}x{aim:8}x{f"1/{cpu:.1f}":>17}')
    return comparison


def describe(build):
    """What the figures depend on. A build with sanitizers measures them, not the library."""
    options = json.loads(subprocess.run(['meson', 'introspect', '--buildoptions', build], check=True,
                                        stdout=subprocess.PIPE, text=True).stdout)
    values = {option['name']: option['value'] for option in options}
    if values['b_sanitize'] != 'none' or values['optimization'] in ('0', 'g'):
        sys.exit('this build has sanitizers, or is not optimised: it says nothing about speed')
    version = {package: subprocess.run(['pkg-config', '--modversion', package], check=True,
                                       stdout=subprocess.PIPE, text=True).stdout.strip()
               for package in ('glib-2.0', 'libsoup-3.0', 'json-glib-1.0')}
    return {
        'build': values['buildtype'],
        'optimization': values['optimization'],
        'processors': os.cpu_count(),
        'load': os.getloadavg()[0],
        'system': platform.platform(),
        **version,
    }


def parse_arguments():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument('build', type=pathlib.Path, help='the build folder')
    parser.add_argument('--rounds', type=int, default=7)
    parser.add_argument('--messages', type=int, default=300_000, help='in each measured run')
    parser.add_argument('--pin', action='store_true', help='client and peer each on a processor of its own')
    parser.add_argument('--no-counts', action='store_true', help='without strace and valgrind')
    return parser.parse_args()


def main():
    arguments = parse_arguments()
    figures = {'conditions': describe(arguments.build) | {'pinned': arguments.pin}}
    print(', '.join(f'{key} {value}' for key, value in figures['conditions'].items()))
    with Bench(arguments.build, arguments.pin) as bench:
        results = measure_rounds(bench, arguments.rounds, arguments.messages // 10, arguments.messages)
        summaries = {name: summarise(result) for name, result in results.items()}
        print_speeds(summaries)
        figures |= {'rounds': results, 'summary': summaries, 'comparison': compare(summaries)}
        if not arguments.no_counts:
            figures['per_message'] = measure_counts(bench, 2000, 10000)
            print_counts(figures['per_message'])
    (arguments.build / 'benchmark.json').write_text(json.dumps(figures, indent=2) + '\n')


if __name__ == '__main__':
    main()
