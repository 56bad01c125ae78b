#!/usr/bin/gjs -m
// SPDX-License-Identifier: LGPL-2.1-or-later
// The chat in GJS. Run: gjs -m chat.js URL CHANNEL NAME. Ends at the end of the input.
import Gio from 'gi://Gio';
import GLib from 'gi://GLib';
import Rt from 'gi://Rt?version=1';
import System from 'system';

Gio._promisify(Gio.DataInputStream.prototype, 'read_line_async', 'read_line_finish_utf8');
for (const name of ['connect_async', 'join_channel_async', 'close_async'])
    Gio._promisify(Rt.Client.prototype, name);
Gio._promisify(Rt.Channel.prototype, 'send_message_async');

const [url, name, user] = System.programArgs;

const client = Rt.Client.new(Rt.ConfigBuilder.new()
    .with_endpoint(url)
    .with_user_id(user)
    .with_api_key(GLib.getenv('REALTIME_API_KEY'))
    .build());
await client.connect_async(null);

const channel = await client.join_channel_async(name, null, null);
channel.connect('message', (_channel, message) => print(`${message.sender}: ${message.content}`));
channel.connect('member-joined', (_channel, member) => print(`* ${member.userId} joined`));
channel.connect('member-left', (_channel, member) => print(`* ${member.userId} left`));

const input = new Gio.DataInputStream({base_stream: new Gio.UnixInputStream({fd: 0})});
for (;;) {
    const [line] = await input.read_line_async(GLib.PRIORITY_DEFAULT, null);
    if (line === null)
        break;
    await channel.send_message_async(line, null);
}
await client.close_async(null);
