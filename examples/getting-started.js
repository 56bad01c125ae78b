#!/usr/bin/gjs -m
// SPDX-License-Identifier: LGPL-2.1-or-later
// A program that awaits: nothing blocks, every error is looked at. Run: gjs -m getting-started.js URL
import Gio from 'gi://Gio';
import GLib from 'gi://GLib';
import Rt from 'gi://Rt?version=1';
import System from 'system';

for (const name of ['connect_async', 'join_channel_async', 'close_async'])
    Gio._promisify(Rt.Client.prototype, name);
Gio._promisify(Rt.Channel.prototype, 'send_message_async');

async function talk(client) {
    await client.connect_async(null);
    const news = await client.join_channel_async('news', null, null);
    const heard = new Promise(resolve => {
        news.connect('message', (_channel, message) => resolve(message));
    });
    await news.send_message_async('Hello', null);
    const message = await heard;
    print(`${news.name}: ${message.content}`);
}

let client;
try {
    client = Rt.Client.new(Rt.Config.new(GLib.getenv('REALTIME_API_KEY'), System.programArgs[0]));
} catch (error) {
    printerr(error.message);
    System.exit(1);
}
let status = 0;
try {
    await talk(client);
} catch (error) {
    printerr(error.message);
    status = 1;
}
await client.close_async(null);
System.exit(status);
