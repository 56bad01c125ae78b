#!/usr/bin/python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""Throws on purpose where PyGObject would swallow it. Run: throws.py signal|reply|vfunc"""

import sys

import gi
gi.require_version('Rt', '1')
gi.require_version('RtMock', '1')
from gi.repository import GLib, GObject, Rt, RtMock

import guard


def throw(*arguments):
    raise ValueError('thrown on purpose')


class Strategy(GObject.Object, Rt.ConnectionStrategy):
    do_begin_connect = throw


guard.install()
server = RtMock.Server.new()
server.start()
client = Rt.Client.new(Rt.Config(endpoint=server.get_url()))
place = sys.argv[1]
if place == 'signal':
    client.connect('connected', throw)
    client.connect_async(None, None)
elif place == 'reply':
    client.connect_async(None, throw)
elif place == 'vfunc':
    strategy = Strategy()
    strategy.connect_async(None, None)
else:
    sys.exit(f'unknown place: {place}')
GLib.MainLoop().run()
