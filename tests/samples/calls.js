#!/usr/bin/gjs -m
// SPDX-License-Identifier: LGPL-2.1-or-later
// A client that keeps to a pace, and calls of the server's methods.
import Gio from 'gi://Gio';
import GLib from 'gi://GLib';
import Rt from 'gi://Rt?version=1';
import RtMock from 'gi://RtMock?version=1';

import {assertEqual} from './sample.js';

for (const name of ['connect_async', 'send_message_async', 'rpc_with_timeout_async', 'send_notification_async',
    'close_async'])
    Gio._promisify(Rt.Client.prototype, name);

const server = RtMock.Server.new();
server.start();

const config = Rt.ConfigBuilder.new()
    .with_endpoint(server.get_url())
    .with_rate_limit(20)
    .with_rate_policy(Rt.RatePolicy.WAIT)
    .build();
const client = Rt.Client.new(config);
await client.connect_async(null);
for (let number = 0; number < 25; number++)
    await client.send_message_async('general', `number ${number}`, null);
assertEqual(server.get_messages('general').length, 25);

// A call that may take a minute. The server of this program answers with what it was given.
const report = await client.rpc_with_timeout_async('report', new GLib.Variant('s', 'today'), 60000, null);
assertEqual(report.deepUnpack(), 'today');

// Nobody waits for what comes of this.
await client.send_notification_async('typing', new GLib.Variant('s', 'general'), null);

await client.close_async(null);
