# SPDX-License-Identifier: LGPL-2.1-or-later
"""PyGObject prints an exception of a callback and goes on. With this, the program ends with the code EXCEPTION."""

import faulthandler
import os
import sys

FAILED = 1
MISSING = 3
EXCEPTION = 4

# A program that hangs says where.
DEADLINE = 50


def _fail(kind, value, trace):
    sys.__excepthook__(kind, value, trace)
    sys.stdout.flush()
    sys.stderr.flush()
    os._exit(EXCEPTION)


def install():
    sys.excepthook = _fail
    sys.unraisablehook = lambda fault: _fail(fault.exc_type, fault.exc_value, fault.exc_traceback)
    faulthandler.dump_traceback_later(DEADLINE, exit=True)
