// SPDX-License-Identifier: LGPL-2.1-or-later
// What the samples in GJS check with; no part of what they show.
import Gio from 'gi://Gio';
import Rt from 'gi://Rt?version=1';

export function assert(condition) {
    if (!condition)
        throw new Error('not so');
}

export function assertEqual(actual, expected) {
    const [is, wanted] = [actual, expected].map(value => JSON.stringify(value));
    if (is !== wanted)
        throw new Error(`${is} instead of ${wanted}`);
}

function expectError(error, code) {
    if (!(error instanceof Rt.Error && error.code === code))
        throw new Error(`"${error}" instead of the code ${code}`);
    return error;
}

// Returns the error with which the function fails.
export function assertThrows(code, callback) {
    let caught = null;
    try {
        callback();
    } catch (error) {
        caught = error;
    }
    return expectError(caught, code);
}

// Returns the error with which the promise is rejected.
export async function assertRejects(code, promise) {
    let caught = null;
    try {
        await promise;
    } catch (error) {
        caught = error;
    }
    return expectError(caught, code);
}

export async function assertCancelled(promise) {
    let caught = null;
    try {
        await promise;
    } catch (error) {
        caught = error;
    }
    if (!caught?.matches(Gio.IOErrorEnum, Gio.IOErrorEnum.CANCELLED))
        throw new Error(`"${caught}" instead of a cancellation`);
}
