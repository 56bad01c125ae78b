#!/usr/bin/python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""Connects, joins a channel, says hello and waits to hear it. Run: minimal.py URL"""
import os
import sys

import gi
gi.require_version('Rt', '1')
from gi.repository import GLib, Rt

loop = GLib.MainLoop()


def on_message(channel, message):
    print(f'{channel.props.name}: {message.props.content}')
    loop.quit()


config = Rt.Config.new(os.environ.get('REALTIME_API_KEY'), sys.argv[1])
client = Rt.Client.new(config)
client.connect_sync(None)
channel = client.join_channel_sync('news', None, None)
channel.connect('message', on_message)

# Returns when the server has the message; a program with a window calls the _async twins.
client.send_message_sync('news', 'Hello', None)
loop.run()
client.close_sync(None)
