#!/usr/bin/gjs -m
// SPDX-License-Identifier: LGPL-2.1-or-later
// Sending, from the simple to the expert: each step asks for more, and gives more say.
import Gio from 'gi://Gio';
import Rt from 'gi://Rt?version=1';
import RtMock from 'gi://RtMock?version=1';

import {assertEqual} from './sample.js';

for (const name of ['connect_async', 'send_message_async', 'send_message_with_options_async', 'send_async',
    'close_async'])
    Gio._promisify(Rt.Client.prototype, name);

const server = RtMock.Server.new();
server.start();

// Everything that most programs need.
const client = Rt.Client.new(Rt.Config.new('key', server.get_url()));
await client.connect_async(null);
await client.send_message_async('general', 'Hello!', null);

// Priority and time to live: after five minutes of waiting it is not worth sending.
const options = new Rt.MessageOptions({priority: Rt.Priority.HIGH, ttl: 5 * 60 * 1000});
let sent = await client.send_message_with_options_async('general', 'Hello!', options, null);
assertEqual(sent.priority, Rt.Priority.HIGH);
assertEqual(sent.ttl, 300000);

// With a cancellable that may take it back.
const cancellable = new Gio.Cancellable();
sent = await client.send_message_async('general', 'later', cancellable);
assertEqual(sent.content, 'later');

// A message of one's own making, with data instead of text. It keeps its id: after OUTCOME_UNKNOWN the same message
// can be sent again, and arrives once.
const message = Rt.MessageBuilder.new()
    .with_channel('general')
    .with_json('{"x": 3, "y": 4}')
    .with_tag('kind', 'position')
    .build();
sent = await client.send_async(message, null);
assertEqual(sent.id, message.id);

await client.close_async(null);
assertEqual(server.get_messages('general').length, 4);
