#!/usr/bin/python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""Builders: settings, clients and messages, put together step by step, checked at once, immutable afterwards."""
import gi
gi.require_version('Rt', '1')
from gi.repository import GLib, Rt

config = (Rt.ConfigBuilder.new()
          .with_api_key('my-api-key')
          .with_endpoint('wss://example.com/realtime')
          .with_reconnect_delay(5000)
          .with_max_reconnects(10)
          .build())
assert config.props.endpoint == 'wss://example.com/realtime'
assert config.props.reconnect_delay == 5000
# What was not given has its default.
assert config.props.connect_timeout == 10000

client = (Rt.ClientBuilder.new()
          .with_api_key('my-api-key')
          .with_endpoint('wss://example.com/realtime')
          .with_reconnect_delay(5000)
          .with_max_reconnects(10)
          .build())
assert client.props.config.props.max_reconnects == 10
assert client.props.state == Rt.ConnectionState.DISCONNECTED

message = (Rt.MessageBuilder.new()
           .with_channel('general')
           .with_content('Hello!')
           .with_priority(Rt.Priority.HIGH)
           .with_metadata('key', 'value')
           .build())
assert message.props.channel == 'general'
assert message.props.content == 'Hello!'
assert message.props.priority == Rt.Priority.HIGH
assert message.get_metadata_value('key') == 'value'

# One error names every fault, so that none waits behind another.
try:
    Rt.ConfigBuilder.new().with_endpoint('ftp://example.com').with_connect_timeout(5).build()
    raise AssertionError('was built')
except GLib.Error as error:
    assert error.matches(Rt.error_quark(), Rt.Error.INVALID_CONFIG)
    assert 'endpoint' in error.message and 'connect-timeout' in error.message
