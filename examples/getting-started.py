#!/usr/bin/python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""A program with a main loop: nothing blocks, every error is looked at. Run: getting-started.py URL"""
import os
import sys

import gi
gi.require_version('Rt', '1')
from gi.repository import GLib, Rt


class App:
    def __init__(self, url):
        self.loop = GLib.MainLoop()
        self.status = 0
        self.client = Rt.Client.new(Rt.Config.new(os.environ.get('REALTIME_API_KEY'), url))

    def run(self):
        self.client.connect_async(None, self.on_connected)
        self.loop.run()
        return self.status

    def on_connected(self, client, result):
        try:
            client.connect_finish(result)
        except GLib.Error as error:
            self.finish(error)
        else:
            client.join_channel_async('news', None, None, self.on_joined)

    def on_joined(self, client, result):
        try:
            self.news = client.join_channel_finish(result)
        except GLib.Error as error:
            self.finish(error)
        else:
            self.news.connect('message', self.on_message)
            self.news.send_message_async('Hello', None, self.on_sent)

    def on_sent(self, channel, result):
        try:
            channel.send_message_finish(result)
        except GLib.Error as error:
            self.finish(error)

    def on_message(self, channel, message):
        print(f'{channel.props.name}: {message.props.content}')
        self.finish()

    def finish(self, error=None):
        """Every way out leads here."""
        if error is not None:
            print(error.message, file=sys.stderr)
            self.status = 1
        self.client.close_async(None, lambda client, result: self.loop.quit())


try:
    app = App(sys.argv[1])
except GLib.Error as error:
    sys.exit(error.message)
sys.exit(app.run())
