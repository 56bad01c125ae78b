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

    def test_quickstart(self):
        code, lines, errors = run([str(BUILD / 'quickstart-host'), PYTHON, str(SOURCE / 'quickstart-guest.py')])
        self.assertEqual(code, 0, (lines, errors))
        self.assertEqual(lines[-1], 'sent 10, acknowledged 10, delivered 10, lost 0')
        self.assertEqual(len([line for line in lines if re.match('(C|Python) +received', line)]), 10)

    def test_quickstart_with_a_guest_that_fails(self):
        code, lines, _ = run([str(BUILD / 'quickstart-host'), PYTHON, '-c'])
        self.assertEqual(code, 1)
        self.assertEqual(lines[-1], 'sent 0, acknowledged 0, delivered 0, lost 0')


if __name__ == '__main__':
    unittest.main(argv=sys.argv[:1], verbosity=2)
