#!/usr/bin/gjs -m
// SPDX-License-Identifier: LGPL-2.1-or-later
// Throws on purpose where GJS would only log it.
// Run: gjs -m throws.js guarded|guarded-async|signal|reply|vfunc|rejection
import GObject from 'gi://GObject';
import Rt from 'gi://Rt?version=1';
import RtMock from 'gi://RtMock?version=1';
import System from 'system';

import {guard} from './guard.js';

function throwIt() {
    throw new Error('thrown on purpose');
}

const Strategy = GObject.registerClass({
    Implements: [Rt.ConnectionStrategy],
}, class Strategy extends GObject.Object {
    vfunc_begin_connect(_task) {
        throwIt();
    }
});

const server = RtMock.Server.new();
server.start();
const client = Rt.Client.new(new Rt.Config({endpoint: server.get_url()}));
const strategy = new Strategy();
const [place] = System.programArgs;
switch (place) {
case 'guarded':
    client.connect('connected', guard(throwIt));
    break;
case 'guarded-async':
    client.connect('connected', guard(async () => {
        await null;
        throwIt();
    }));
    break;
case 'signal':
    client.connect('connected', throwIt);
    break;
case 'reply':
    client.ping_async(null, throwIt);
    break;
case 'vfunc':
    strategy.connect_async(null, () => {});
    break;
case 'rejection':
    client.connect('connected', async () => {
        await null;
        throwIt();
    });
    break;
default:
    throw new Error(`unknown place: ${place}`);
}
client.connect_async(null);
await new Promise(() => {});
