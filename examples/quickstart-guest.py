#!/usr/bin/python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""The Python half of the quickstart: answers each message of the program in C.

Run by quickstart-host with the server's URL and a channel. The last line counts what was sent, acknowledged and received,
and how often the connection was made again.
"""
import os
import sys

import gi
gi.require_version('Rt', '1')
from gi.repository import GLib, Rt

ROUNDS = 5


class Guest:
    def __init__(self, url, channel_name):
        self.channel_name = channel_name
        self.sent = self.acknowledged = self.received = 0
        self.connected = 0
        self.loop = GLib.MainLoop()

        builder = Rt.ConfigBuilder.new()
        builder.with_endpoint(url)
        builder.with_api_key(os.environ['REALTIME_API_KEY'])
        builder.with_user_id('python')
        self.client = Rt.Client.new(builder.build())
        self.client.connect('message', self.on_message)
        self.client.connect('connected', self.on_line)
        self.client.connect('disconnected', self.on_disconnected)

    def run(self):
        self.client.connect_async(None, self.on_connected)
        self.loop.run()
        self.client.close_sync(None)

    def on_connected(self, client, result):
        client.connect_finish(result)
        print('connected as client', client.props.client_id)
        client.join_channel_async(self.channel_name, None, None, self.on_joined)

    def on_joined(self, client, result):
        channel = client.join_channel_finish(result)
        print(f'joined the channel "{channel.props.name}"')

    def on_message(self, client, message):
        if message.props.sender != 'c':
            return
        self.received += 1
        print(f'received "{message.props.content}" from {message.props.sender}')
        self.sent += 1
        self.client.send_message_async(self.channel_name, f'answer {self.sent} from Python', None, self.on_sent)

    def on_sent(self, client, result):
        message = client.send_message_finish(result)
        self.acknowledged += 1
        print(f'acknowledged "{message.props.content}", id {message.props.id}')
        if self.acknowledged == ROUNDS:
            self.loop.quit()

    def on_line(self, client):
        self.connected += 1
        if self.connected > 1:
            print('is connected again')

    def on_disconnected(self, client, code, reason, will_retry):
        if self.acknowledged == ROUNDS:
            return
        if not will_retry:
            sys.exit(f'the connection was lost: {code} {reason}')
        print('has lost its line')


def fail(kind, value, trace):
    """An exception in a callback must end the program, too."""
    sys.__excepthook__(kind, value, trace)
    sys.stdout.flush()
    os._exit(1)


sys.excepthook = fail
sys.stdout.reconfigure(line_buffering=True)
guest = Guest(sys.argv[1], sys.argv[2])
guest.run()
print('counts', guest.sent, guest.acknowledged, guest.received, guest.connected - 1)
