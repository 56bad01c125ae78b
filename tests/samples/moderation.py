#!/usr/bin/python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""Middleware that decides about messages, at once or later, and what the library's own do for them."""
import gi
gi.require_version('Rt', '1')
gi.require_version('RtMock', '1')
from gi.repository import Gio, GLib, GObject, Rt, RtMock


class Moderator(GObject.Object, Rt.Middleware):
    def do_process(self, exchange):
        message = exchange.props.message
        if exchange.props.direction == Rt.Direction.OUTGOING and 'spam' in (message.props.content or ''):
            exchange.drop('moderated')
        else:
            exchange.proceed()
        return True


class Translator(GObject.Object, Rt.Middleware):
    def __init__(self, service):
        super().__init__()
        self.service = service

    def do_process(self, exchange):
        text = exchange.props.message.props.content
        if text is None:
            exchange.proceed()
        else:
            self.service.translate_async(text, exchange.get_cancellable(), self.on_translated, exchange)
        return True

    def on_translated(self, service, result, exchange):
        try:
            text = service.translate_finish(result)
        except GLib.Error as error:
            exchange.fail(error)
        else:
            exchange.replace(Rt.Message.new_text(exchange.props.message.props.channel, text))


class Service:
    """Stands for something that takes its time."""

    def translate_async(self, text, cancellable, callback, *data):
        GLib.idle_add(lambda: callback(self, text, *data))

    def translate_finish(self, result):
        if result == 'fnord':
            raise GLib.Error.new_literal(Gio.io_error_quark(), 'there is no word for it', Gio.IOErrorEnum.NOT_FOUND)
        return result.upper()


def send(client, message):
    """Sends without blocking, since a middleware needs the main loop, and waits for the end."""
    ends = []

    def on_sent(client, result):
        try:
            ends.append((client.send_finish(result), None))
        except GLib.Error as error:
            ends.append((None, error.message))

    client.send_async(message, None, on_sent)
    while not ends:
        GLib.MainContext.default().iteration(True)
    return ends[0]


def text(content):
    return Rt.Message.new_text('general', content)


server = RtMock.Server.new()
server.start()
client = Rt.Client.new(Rt.Config.new(None, server.get_url()))
client.connect_sync(None)

# Two more attempts, and a look at what was lost.
recovery = Rt.RecoveryMiddleware.new()
recovery.props.max_retries = 2
recovery.connect('recovered', lambda recovery, message, error: print('caught:', error.message))
client.use(recovery)

# Only the newest position of each vehicle, ten times a second. Without a key it is the channel's turn.
limit = Rt.RateLimitMiddleware.new(10, 1, Rt.RateLimitMode.COALESCE)
limit.set_key_func(lambda message: message.get_metadata_value('vehicle'))
client.use(limit)

client.use(Moderator())
client.use(Translator(Service()))

sent, error = send(client, Rt.MessageBuilder.new().with_channel('general').with_bytes(GLib.Bytes.new(b'\x00')).build())
assert sent.props.bytes.get_data() == b'\x00'
sent, error = send(client, text('hello'))
assert sent.props.content == 'HELLO'
sent, error = send(client, text('spam'))
assert 'moderated' in error
sent, error = send(client, text('fnord'))
assert 'no word' in error

for letter in recovery.props.dead_letters:
    print(letter.props.message.props.content, letter.get_error().message, letter.props.attempts)
assert recovery.props.dead_letters.get_n_items() == 1
client.close_sync(None)
