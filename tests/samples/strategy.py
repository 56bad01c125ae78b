#!/usr/bin/python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""Strategies: the way to the server is chosen, by name, and changed while the program runs."""
import gi
gi.require_version('Rt', '1')
gi.require_version('RtMock', '1')
from gi.repository import GLib, Rt, RtMock


def expect_unknown(code, function, *arguments):
    try:
        function(*arguments)
        raise AssertionError('was found')
    except GLib.Error as error:
        assert error.matches(Rt.error_quark(), code)


server = RtMock.Server.new()
server.start()
config = Rt.Config.new(None, server.get_url())

# A selector has strategies under the names that the program gives them.
websocket = Rt.WebsocketStrategy.new(config)
polling = Rt.PollingStrategy.new(config, 1000)
selector = Rt.StrategySelector.new()
selector.register('websocket', websocket)
selector.register('http', polling)
assert selector.select('websocket') is websocket
expect_unknown(Rt.Error.INVALID_CONFIG, selector.select, 'pigeons')

client = (Rt.ClientBuilder.new()
          .with_config(config)
          .with_strategies(['websocket', 'http'])
          .with_strategy_selector(selector)
          .build())
client.connect_sync(None)
assert client.props.transport == 'websocket'

# Nothing is lost or doubled by going over to another strategy.
client.use_strategy('http')
client.send_message_sync('general', 'Hello!', None)
assert client.props.transport == 'http'
expect_unknown(Rt.Error.INVALID_ARGUMENT, client.use_strategy, 'pigeons')
client.close_sync(None)
