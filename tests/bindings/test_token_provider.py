#!/usr/bin/python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""Token providers written in Python."""

import sys
import unittest

import gi
gi.require_version('Rt', '1')
from gi.repository import GLib, GObject, Rt

import guard
from guard import attempt

THROWN = 'thrown on purpose'


class Provider(GObject.Object, Rt.TokenProvider):
    """Finds its tokens later."""

    def do_get_timeout(self):
        return 30000

    def do_begin_token(self, channel, task):
        GLib.idle_add(self.finish, channel, task)

    def finish(self, channel, task):
        if channel is None:
            self.return_token(task, 'connection')
        elif channel == 'secret':
            task.return_error(GLib.Error.new_literal(Rt.error_quark(), 'logged out', Rt.Error.UNAUTHORIZED))
        else:
            task.return_value(f'for {channel}')


class Forgetful(GObject.Object, Rt.TokenProvider):
    def do_begin_token(self, channel, task):
        pass


class Raising(GObject.Object, Rt.TokenProvider):
    def do_get_timeout(self):
        return 1

    def do_begin_token(self, channel, task):
        raise ValueError(THROWN)


class Slow(GObject.Object, Rt.TokenProvider):
    def do_get_timeout(self):
        return 1

    def do_begin_token(self, channel, task):
        self.task = task


class Wrong(GObject.Object, Rt.TokenProvider):
    def do_begin_token(self, channel, task):
        task.return_value(None if channel is None else 17)


def ask(provider, channel=None):
    return attempt(provider.get_token_async, provider.get_token_finish, channel)


def catch(ask_it):
    """What ask_it returns, and the texts of the exceptions that PyGObject would have printed."""
    seen = []
    hook, sys.excepthook = sys.excepthook, lambda kind, value, trace: seen.append(str(value))
    try:
        return ask_it(), seen
    finally:
        sys.excepthook = hook


class TestTokenProvider(unittest.TestCase):
    def assert_error(self, end, code, text):
        result, error = end
        self.assertIsNone(result)
        self.assertTrue(error.matches(Rt.error_quark(), code), error)
        self.assertIn(text, error.message)

    def test_tokens(self):
        provider = Provider()
        self.assertEqual(provider.get_timeout(), 30000)
        self.assertEqual(ask(provider), ('connection', None))
        self.assertEqual(ask(provider, 'news'), ('for news', None))
        self.assert_error(ask(provider, 'secret'), Rt.Error.UNAUTHORIZED, 'logged out')

    def test_forgotten(self):
        self.assert_error(ask(Forgetful()), Rt.Error.FAILED, 'dropped its task')
        self.assert_error(ask(Slow()), Rt.Error.TIMED_OUT, 'within 1 ms')

    def test_exception(self):
        end, seen = catch(lambda: ask(Raising()))
        self.assertEqual(seen, [THROWN])
        # The traceback holds the task until it is dropped or out of time.
        self.assertIn(end[1].code, (Rt.Error.FAILED, Rt.Error.TIMED_OUT))

    def test_no_text(self):
        self.assert_error(ask(Wrong()), Rt.Error.FAILED, 'no text')
        self.assert_error(ask(Wrong(), 'news'), Rt.Error.FAILED, 'no text')

    def test_function(self):
        provider = Rt.TokenProvider.new_for_func(lambda channel: f'of {channel}')
        self.assertEqual(ask(provider, 'news'), ('of news', None))
        self.assertEqual(ask(provider), ('of None', None))

    def test_function_raises(self):
        def refuse(channel):
            raise GLib.Error.new_literal(Rt.error_quark(), 'logged out', Rt.Error.UNAUTHORIZED)

        def throw(channel):
            raise ValueError(THROWN)

        self.assert_error(ask(Rt.TokenProvider.new_for_func(refuse)), Rt.Error.UNAUTHORIZED, 'logged out')
        end, seen = catch(lambda: ask(Rt.TokenProvider.new_for_func(throw)))
        self.assertIsNone(end[0])
        self.assertEqual(seen, [THROWN])


guard.install()
unittest.main(verbosity=2)
