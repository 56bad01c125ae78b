#!/usr/bin/python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""The examples do what they say. Run: test_examples.py EXAMPLES-SOURCE EXAMPLES-BUILD COMMAND PYTHON"""

import pathlib
import re
import sys
import unittest

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent / 'common'))
from programs import Program, run  # noqa: E402

SOURCE = pathlib.Path(sys.argv[1])
BUILD = pathlib.Path(sys.argv[2])
COMMAND, PYTHON = sys.argv[3:5]
# The chat in each language of this build.
CHATS = [[str(BUILD / 'chat')], ['gjs', '-m', str(SOURCE / 'chat.js')]]
if (BUILD / 'chat-vala').exists():
    CHATS.append([str(BUILD / 'chat-vala')])
# The program of the getting-started page of each language of this build.
STARTED = [[str(BUILD / 'getting-started')], [PYTHON, str(SOURCE / 'getting-started.py')],
           ['gjs', '-m', str(SOURCE / 'getting-started.js')]]
if (BUILD / 'getting-started-vala').exists():
    STARTED.append([str(BUILD / 'getting-started-vala')])


class TestExamples(unittest.TestCase):
    def serve(self):
        server = Program([COMMAND, 'serve'])
        self.addCleanup(server.stop)
        return server.next_line().split(' ')[1]

    def test_minimal(self):
        for program in ([str(BUILD / 'minimal')], [PYTHON, str(SOURCE / 'minimal.py')]):
            with self.subTest(program=program):
                self.assertEqual(run([*program, self.serve()])[:2], (0, ['news: Hello']))

    def test_minimal_without_server(self):
        code, _, errors = run([str(BUILD / 'minimal'), 'ftp://nowhere'])
        self.assertEqual(code, 1)
        self.assertTrue(errors)

    def test_getting_started(self):
        for program in STARTED:
            with self.subTest(program=program):
                self.assertEqual(run([*program, self.serve()])[:2], (0, ['news: Hello']))
                code, lines, errors = run([*program, 'ftp://nowhere'])
                self.assertNotEqual(code, 0)
                self.assertEqual(lines, [])
                self.assertIn('endpoint', ''.join(errors))
                # Nobody listens at the port of discard.
                code, _, errors = run([*program, 'ws://127.0.0.1:9'])
                self.assertEqual(code, 1)
                self.assertTrue(errors)

    def test_quickstart(self):
        code, lines, errors = run([str(BUILD / 'quickstart-host'), PYTHON, str(SOURCE / 'quickstart-guest.py')])
        self.assertEqual(code, 0, (lines, errors))
        self.assertEqual(lines[-1], 'sent 10, acknowledged 10, delivered 10, lost 0, reconnected 2')
        self.assertEqual(len([line for line in lines if re.match('(C|Python) +received', line)]), 10)
        self.assertEqual(len([line for line in lines if re.match('(C|Python) +has lost its line', line)]), 2)

    def test_quickstart_with_a_guest_that_fails(self):
        code, lines, _ = run([str(BUILD / 'quickstart-host'), PYTHON, '-c'])
        self.assertEqual(code, 1)
        self.assertEqual(lines[-1], 'sent 0, acknowledged 0, delivered 0, lost 0, reconnected 0')

    def chat(self, program, url, name):
        chat = Program([*program, url, 'room', name], interactive=True)
        self.addCleanup(chat.stop)
        # A program is told of its own joining, too.
        self.assertEqual(chat.next_line(), f'* {name} joined', chat.seen)
        return chat

    def test_chat(self):
        url = self.serve()
        ann = self.chat([str(BUILD / 'chat')], url, 'ann')
        ann.type('first')
        self.assertEqual(ann.next_line(), 'ann: first')
        for number, program in enumerate(CHATS):
            name = f'guest{number}'
            with self.subTest(program=program):
                guest = self.chat(program, url, name)
                self.assertEqual(ann.next_line(), f'* {name} joined')
                guest.type('hello')
                self.assertEqual(ann.next_line(), f'{name}: hello')
                ann.type('welcome')
                self.assertEqual(ann.next_line(), 'ann: welcome')
                self.assertEqual([guest.next_line() for _ in range(2)], [f'{name}: hello', 'ann: welcome'])
                guest.process.stdin.close()
                self.assertEqual(guest.wait(), 0, guest.seen)
                self.assertEqual(ann.next_line(), f'* {name} left')
        ann.process.stdin.close()
        self.assertEqual(ann.wait(), 0, ann.seen)


if __name__ == '__main__':
    unittest.main(argv=sys.argv[:1], verbosity=2)
