# SPDX-License-Identifier: LGPL-2.1-or-later
"""Runs a program with what the tests in Python share: an exception in a callback ends it. Run: strict.py PROGRAM"""

import pathlib
import runpy
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent / 'bindings'))
import guard  # noqa: E402

guard.install()
sys.argv.pop(0)
runpy.run_path(sys.argv[0], run_name='__main__')
