// SPDX-License-Identifier: LGPL-2.1-or-later
// A test a function, one TAP line each; whatever is thrown fails it.

const DEADLINE_MS = 20000;

const tests = [];

export function test(name, run) {
  tests.push({name, run});
}

/** Resolves as `promise` does, or fails with what was being waited for. */
export function within(promise, what) {
  let timer;
  const late = new Promise((_, reject) => {
    timer = setTimeout(() => reject(new Error(`not in time: ${what}`)), DEADLINE_MS);
  });
  return Promise.race([promise, late]).finally(() => clearTimeout(timer));
}

/** Values put in by events, taken out in order by whoever waits for them. */
export class Queue {
  #values = [];
  #waiter = null;

  push(value) {
    this.#values.push(value);
    this.#waiter?.();
  }

  get length() {
    return this.#values.length;
  }

  async take(what) {
    if (this.#values.length === 0)
      await within(new Promise(resolve => { this.#waiter = resolve; }), what);
    this.#waiter = null;
    return this.#values.shift();
  }

  async takeMany(count, what) {
    const taken = [];
    while (taken.length < count)
      taken.push(await this.take(`${what} (${taken.length} of ${count} came)`));
    return taken;
  }
}

export async function runTests() {
  let failed = 0;
  console.log(`1..${tests.length}`);
  for (const [index, {name, run}] of tests.entries()) {
    try {
      await within(run(), `the end of the test`);
      console.log(`ok ${index + 1} - ${name}`);
    } catch (error) {
      failed++;
      console.log(`not ok ${index + 1} - ${name}`);
      console.log(String(error.stack ?? error).replace(/^/gm, '# '));
    }
  }
  return failed === 0;
}
