// SPDX-License-Identifier: LGPL-2.1-or-later
// A server under test, run as a child that prints "listening URL" and obeys lines on its standard input.

import {spawn} from 'node:child_process';
import {createHmac} from 'node:crypto';
import {createInterface} from 'node:readline';
import {within} from './tap.mjs';

export const SECRET = 'interop secret';

export class Server {
  #child;
  #answers;
  url;

  static async start(command, args) {
    const server = new Server();
    server.#child = spawn(command, args, {stdio: ['pipe', 'pipe', 'inherit']});
    server.#answers = createInterface({input: server.#child.stdout})[Symbol.asyncIterator]();
    const line = await server.#answer('the server to listen');
    if (!line.startsWith('listening '))
      throw new Error(`the server said: ${line}`);
    server.url = line.slice('listening '.length);
    return server;
  }

  async #answer(what) {
    const {value, done} = await within(this.#answers.next(), what);
    if (done)
      throw new Error(`the server ended; waiting for ${what}`);
    return value;
  }

  /** Sends one line of control, waits until it is done, and returns what the answer says behind "ok". */
  async control(line) {
    this.#child.stdin.write(`${line}\n`);
    const answer = await this.#answer(line);
    if (!answer.startsWith('ok'))
      throw new Error(`${line}: ${answer}`);
    return answer.slice('ok '.length);
  }

  async stop() {
    const ended = new Promise(resolve => this.#child.on('exit', (code, signal) => resolve(signal ?? code)));
    this.#child.stdin.end();
    return within(ended, 'the server to end');
  }
}

const encode = value => Buffer.from(value).toString('base64url');

/** An HS256 token, as an application's backend makes it. */
export function makeToken(sub, {secret = SECRET, lifetime = 3600, info} = {}) {
  const exp = Math.floor(Date.now() / 1000) + lifetime;
  const signed = `${encode(JSON.stringify({alg: 'HS256', typ: 'JWT'}))}.${encode(JSON.stringify({sub, exp, info}))}`;
  return `${signed}.${createHmac('sha256', secret).update(signed).digest('base64url')}`;
}
