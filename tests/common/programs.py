# SPDX-License-Identifier: LGPL-2.1-or-later
"""Programs under test: their lines are waited for with a deadline, and none outlives its test."""

import os
import queue
import signal
import subprocess
import threading

DEADLINE = 60


class Program:
    """A running program, whose standard output and error come in lines."""

    def __init__(self, arguments, env=None, feed=None, interactive=False):
        self.process = subprocess.Popen(
            arguments, env={**os.environ, **(env or {})},
            stdin=subprocess.PIPE if feed is not None or interactive else subprocess.DEVNULL,
            stdout=subprocess.PIPE, stderr=subprocess.PIPE)
        self.lines = {'out': queue.Queue(), 'err': queue.Queue()}
        self.seen = []
        self.threads = [
            threading.Thread(target=self._read, args=(self.process.stdout, self.lines['out']), daemon=True),
            threading.Thread(target=self._read, args=(self.process.stderr, self.lines['err']), daemon=True),
        ]
        for thread in self.threads:
            thread.start()
        if feed is not None:
            self.process.stdin.write(feed)
            self.process.stdin.close()

    def type(self, line):
        """A line on the standard input of an interactive program."""
        self.process.stdin.write(line.encode() + b'\n')
        self.process.stdin.flush()

    def _read(self, stream, lines):
        for line in stream:
            text = line.decode('utf-8', errors='replace').rstrip('\n')
            self.seen.append(text)
            lines.put(text)
        lines.put(None)

    def next_line(self, stream='out'):
        """The next line, or None at the end."""
        try:
            return self.lines[stream].get(timeout=DEADLINE)
        except queue.Empty:
            raise AssertionError(f'no line in time from {self.process.args}; so far: {self.seen}') from None

    def rest(self, stream='out'):
        found = []
        while (line := self.next_line(stream)) is not None:
            found.append(line)
        return found

    def wait(self):
        """The exit code."""
        try:
            return self.process.wait(timeout=DEADLINE)
        except subprocess.TimeoutExpired:
            raise AssertionError(f'{self.process.args} did not end in time; its output: {self.seen}') from None

    def interrupt(self, number=signal.SIGINT):
        self.process.send_signal(number)
        return self.wait()

    def stop(self):
        if self.process.poll() is None:
            self.process.kill()
        self.process.wait()
        if self.process.stdin is not None:
            self.process.stdin.close()
        for thread in self.threads:
            thread.join()
        self.process.stdout.close()
        self.process.stderr.close()


def run(arguments, env=None, feed=None):
    """The exit code, lines of standard output and lines of standard error of a program that ends by itself."""
    program = Program(arguments, env, feed)
    try:
        code = program.wait()
        return code, program.rest('out'), program.rest('err')
    finally:
        program.stop()
