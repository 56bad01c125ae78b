#!/usr/bin/gjs -m
// SPDX-License-Identifier: LGPL-2.1-or-later
// Strategies: the way to the server is chosen, by name, and changed while the program runs.
import Gio from 'gi://Gio';
import Rt from 'gi://Rt?version=1';
import RtMock from 'gi://RtMock?version=1';

import {assert, assertEqual, assertThrows} from './sample.js';

for (const name of ['connect_async', 'send_message_async', 'close_async'])
    Gio._promisify(Rt.Client.prototype, name);

const server = RtMock.Server.new();
server.start();
const config = Rt.Config.new(null, server.get_url());

// A selector has strategies under the names that the program gives them.
const websocket = Rt.WebsocketStrategy.new(config);
const polling = Rt.PollingStrategy.new(config, 1000);
const selector = Rt.StrategySelector.new();
selector.register('websocket', websocket);
selector.register('http', polling);
assert(selector.select('websocket') === websocket);
assertThrows(Rt.Error.INVALID_CONFIG, () => selector.select('pigeons'));

const client = Rt.ClientBuilder.new()
    .with_config(config)
    .with_strategies(['websocket', 'http'])
    .with_strategy_selector(selector)
    .build();
await client.connect_async(null);
assertEqual(client.transport, 'websocket');

// Nothing is lost or doubled by going over to another strategy.
client.use_strategy('http');
await client.send_message_async('general', 'Hello!', null);
assertEqual(client.transport, 'http');
assertThrows(Rt.Error.INVALID_ARGUMENT, () => client.use_strategy('pigeons'));
await client.close_async(null);
