#!/usr/bin/python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""Sending, from the simple to the expert: each step asks for more, and gives more say."""
import gi
gi.require_version('Rt', '1')
gi.require_version('RtMock', '1')
from gi.repository import Gio, GLib, Rt, RtMock

server = RtMock.Server.new()
server.start()

# Everything that most programs need.
client = Rt.Client.new(Rt.Config.new('key', server.get_url()))
client.connect_sync(None)
client.send_message_sync('general', 'Hello!', None)

# Priority and time to live: after five minutes of waiting it is not worth sending.
options = Rt.MessageOptions(priority=Rt.Priority.HIGH, ttl=5 * 60 * 1000)
sent = client.send_message_with_options_sync('general', 'Hello!', options, None)
assert sent.props.priority == Rt.Priority.HIGH
assert sent.props.ttl == 300000

# Without blocking, and with a cancellable that may take it back.
cancellable = Gio.Cancellable.new()
loop = GLib.MainLoop()


def on_sent(client, result):
    global sent
    sent = client.send_message_finish(result)
    loop.quit()


client.send_message_async('general', 'later', cancellable, on_sent)
loop.run()
assert sent.props.content == 'later'

# A message of one's own making, with data instead of text. It keeps its id: after OUTCOME_UNKNOWN the same message
# can be sent again, and arrives once.
message = (Rt.MessageBuilder.new()
           .with_channel('general')
           .with_json('{"x": 3, "y": 4}')
           .with_tag('kind', 'position')
           .build())
sent = client.send_sync(message, None)
assert sent.props.id == message.props.id

client.close_sync(None)
assert len(server.get_messages('general')) == 4
