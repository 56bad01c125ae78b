# SPDX-License-Identifier: LGPL-2.1-or-later
"""What the tests in Python share.

PyGObject prints an exception of a callback and goes on. With install() the program ends with the code EXCEPTION.
"""

import faulthandler
import os
import sys
import threading

from gi.repository import GLib

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


def wait_until(condition):
    context = GLib.MainContext.default()
    while not condition():
        context.iteration(True)


def poll_until(condition):
    """The same for a condition that no source of this context tells of: it is looked at again and again."""
    source = GLib.timeout_add(10, lambda: GLib.SOURCE_CONTINUE, priority=GLib.PRIORITY_DEFAULT_IDLE)
    wait_until(condition)
    GLib.source_remove(source)


def attempt(begin, finish, *arguments, cancellable=None):
    """Begins an asynchronous call and returns its result and its error, one of which is None."""
    ends = []

    def done(source, result):
        assert threading.current_thread() is threading.main_thread()
        try:
            ends.append((finish(result), None))
        except GLib.Error as error:
            ends.append((None, error))

    begin(*arguments, cancellable, done)
    wait_until(lambda: ends)
    return ends[0]


def call(begin, finish, *arguments):
    """Begins an asynchronous call, which has to succeed, and returns its result."""
    result, error = attempt(begin, finish, *arguments)
    if error is not None:
        raise error
    return result
