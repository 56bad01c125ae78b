// SPDX-License-Identifier: LGPL-2.1-or-later
// GJS logs an exception of a callback and goes on. A guarded callback ends the program with the code EXCEPTION.
import Gio from 'gi://Gio';
import GLib from 'gi://GLib';
import Rt from 'gi://Rt?version=1';
import System from 'system';

export const MISSING = 3;
export const EXCEPTION = 4;

function fail(error) {
    printerr(`${error}\n${error.stack ?? ''}`);
    System.exit(EXCEPTION);
}

export function guard(callback) {
    return (...args) => {
        try {
            const result = callback(...args);
            if (result instanceof Promise)
                result.catch(fail);
            return result;
        } catch (error) {
            return fail(error);
        }
    };
}

export function assert(condition, what) {
    if (!condition)
        throw new Error(`not so: ${what}`);
}

export function assertEqual(actual, expected) {
    const [is, wanted] = [actual, expected].map(value => JSON.stringify(value));
    if (is !== wanted)
        throw new Error(`${is} instead of ${wanted}`);
}

export async function assertRejects(promise, domain, code, what = '') {
    let caught = null;
    try {
        await promise;
    } catch (error) {
        caught = error;
    }
    if (!(caught instanceof GLib.Error && caught.matches(domain, code) && caught.message.includes(what)))
        throw new Error(`"${caught}" instead of ${domain} ${code} "${what}"`);
}

export function bytes(string) {
    return new GLib.Bytes(new TextEncoder().encode(string));
}

export function text(data) {
    return new TextDecoder().decode(data.toArray());
}

// When the main loop has nothing else to do: one that waits so again and again holds nothing up.
export function whenIdle(callback) {
    GLib.idle_add(GLib.PRIORITY_DEFAULT_IDLE, guard(() => {
        callback();
        return GLib.SOURCE_REMOVE;
    }));
}

// Resolves when the signal arrives with arguments that fit.
export function once(object, signal, fits = () => true) {
    return new Promise(resolve => {
        const id = object.connect(signal, guard((...args) => {
            if (!fits(...args))
                return;
            object.disconnect(id);
            resolve(args);
        }));
    });
}

// Runs the program's main function, and ends with the code that it returns.
export async function run(main) {
    let code = EXCEPTION;
    try {
        code = await main() ?? 0;
    } catch (error) {
        fail(error);
    }
    System.exit(code);
}

for (const name of ['connect_async', 'close_async', 'join_channel_async', 'send_message_async',
    'send_message_with_options_async', 'rpc_async', 'ping_async'])
    Gio._promisify(Rt.Client.prototype, name);
for (const name of ['send_async', 'send_message_async', 'history_async', 'presence_async', 'presence_stats_async',
    'leave_async'])
    Gio._promisify(Rt.Channel.prototype, name);
Gio._promisify(Rt.History.prototype, 'load_more_async');
