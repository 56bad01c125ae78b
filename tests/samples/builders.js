#!/usr/bin/gjs -m
// SPDX-License-Identifier: LGPL-2.1-or-later
// Builders: settings, clients and messages, put together step by step, checked at once, immutable afterwards.
import Rt from 'gi://Rt?version=1';

import {assert, assertEqual, assertThrows} from './sample.js';

const config = Rt.ConfigBuilder.new()
    .with_api_key('my-api-key')
    .with_endpoint('wss://example.com/realtime')
    .with_reconnect_delay(5000)
    .with_max_reconnects(10)
    .build();
assertEqual(config.endpoint, 'wss://example.com/realtime');
assertEqual(config.reconnectDelay, 5000);
// What was not given has its default.
assertEqual(config.connectTimeout, 10000);

const client = Rt.ClientBuilder.new()
    .with_api_key('my-api-key')
    .with_endpoint('wss://example.com/realtime')
    .with_reconnect_delay(5000)
    .with_max_reconnects(10)
    .build();
assertEqual(client.config.maxReconnects, 10);
assertEqual(client.state, Rt.ConnectionState.DISCONNECTED);

const message = Rt.MessageBuilder.new()
    .with_channel('general')
    .with_content('Hello!')
    .with_priority(Rt.Priority.HIGH)
    .with_metadata('key', 'value')
    .build();
assertEqual(message.channel, 'general');
assertEqual(message.content, 'Hello!');
assertEqual(message.priority, Rt.Priority.HIGH);
assertEqual(message.get_metadata_value('key'), 'value');

// One error names every fault, so that none waits behind another.
const error = assertThrows(Rt.Error.INVALID_CONFIG, () =>
    Rt.ConfigBuilder.new().with_endpoint('ftp://example.com').with_connect_timeout(5).build());
assert(error.message.includes('endpoint') && error.message.includes('connect-timeout'));
