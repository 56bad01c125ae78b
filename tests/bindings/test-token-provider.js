#!/usr/bin/gjs -m
// SPDX-License-Identifier: LGPL-2.1-or-later
// Token providers written in GJS.
import GLib from 'gi://GLib';
import GObject from 'gi://GObject';
import Rt from 'gi://Rt?version=1';

import {assert, assertEqual, assertRejects, run, whenIdle} from './guard.js';

// Finds its tokens later.
const Provider = GObject.registerClass({
    Implements: [Rt.TokenProvider],
}, class Provider extends GObject.Object {
    vfunc_get_timeout() {
        return 30000;
    }

    vfunc_begin_token(channel, task) {
        whenIdle(() => {
            if (channel === null)
                this.return_token(task, 'connection');
            else if (channel === 'secret')
                task.return_error(new GLib.Error(Rt.Error, Rt.Error.UNAUTHORIZED, 'logged out'));
            else
                task.return_value(`for ${channel}`);
        });
    }
});

// Keeps its task too long.
const Slow = GObject.registerClass({
    Implements: [Rt.TokenProvider],
}, class Slow extends GObject.Object {
    vfunc_get_timeout() {
        return 1;
    }

    vfunc_begin_token(_channel, task) {
        this.task = task;
    }
});

const Wrong = GObject.registerClass({
    Implements: [Rt.TokenProvider],
}, class Wrong extends GObject.Object {
    vfunc_begin_token(_channel, task) {
        task.return_value(17);
    }
});

function ask(provider, channel = null) {
    return new Promise((resolve, reject) => {
        provider.get_token_async(channel, null, (source, result) => {
            try {
                resolve(source.get_token_finish(result));
            } catch (error) {
                reject(error);
            }
        });
    });
}

async function testTokens() {
    const provider = new Provider();
    assertEqual(provider.get_timeout(), 30000);
    assertEqual(await ask(provider), 'connection');
    assertEqual(await ask(provider, 'news'), 'for news');
    await assertRejects(ask(provider, 'secret'), Rt.Error, Rt.Error.UNAUTHORIZED, 'logged out');
}

async function testFaults() {
    await assertRejects(ask(new Slow()), Rt.Error, Rt.Error.TIMED_OUT, 'within 1 ms');
    await assertRejects(ask(new Wrong()), Rt.Error, Rt.Error.FAILED, 'no text');
}

async function testFunction() {
    assertEqual(await ask(Rt.TokenProvider.new_for_func(channel => `of ${channel}`), 'news'), 'of news');
    const refusing = Rt.TokenProvider.new_for_func(() => {
        throw new GLib.Error(Rt.Error, Rt.Error.UNAUTHORIZED, 'logged out');
    });
    await assertRejects(ask(refusing), Rt.Error, Rt.Error.UNAUTHORIZED, 'logged out');
    const throwing = Rt.TokenProvider.new_for_func(() => {
        throw new Error('thrown on purpose');
    });
    const words = await ask(throwing).catch(error => error.message);
    assert(words.includes('gave no token: thrown on purpose'), words);
}

await run(async () => {
    await testTokens();
    await testFaults();
    await testFunction();
});
