// SPDX-License-Identifier: LGPL-2.1-or-later
// npm centrifuge against a server, over "websocket", "http_stream" or "sse":
// node centrifuge-client.mjs TRANSPORT SERVER [ARGUMENT...]

import assert from 'node:assert/strict';
import {setTimeout} from 'node:timers/promises';
import {Centrifuge} from 'centrifuge';
import EventSource from 'eventsource';
import WebSocket from 'ws';
import {Queue, runTests, test, within} from './tap.mjs';
import {SECRET, Server, makeToken} from './server.mjs';

const [transport, command, ...args] = process.argv.slice(2);
const server = await Server.start(command, [...args, '--token-secret', SECRET, '--ping-interval', '1000']);
const clients = [];
let channels = 0;

const base = server.url.replace(/^ws(.*)\/connection\/websocket$/, 'http$1');
const address = transport === 'websocket' ? server.url : [{transport, endpoint: `${base}/connection/${transport}`}];
/** Over HTTP each command is a request of its own, and they may overtake each other. */
const isOrdered = transport === 'websocket';

const newChannel = () => `room:${++channels}`;

/** Runs the tests' clients into one list, so that each test can end with none. */
function makeClient(user, options = {}) {
  const client = new Centrifuge(address, {
    websocket: WebSocket,
    eventsource: EventSource,
    emulationEndpoint: `${base}/emulation`,
    token: makeToken(user),
    minReconnectDelay: 1,
    maxReconnectDelay: 20,
    ...options,
  });
  client.events = new Queue();
  for (const name of ['connected', 'disconnected', 'connecting', 'error'])
    client.on(name, context => client.events.push({name, ...context}));
  clients.push(client);
  return client;
}

async function nextEvent(emitter, name) {
  for (;;) {
    const event = await emitter.events.take(name);
    if (event.name === name)
      return event;
  }
}

async function connect(user, options) {
  const client = makeClient(user, options);
  client.connect();
  await nextEvent(client, 'connected');
  return client;
}

async function subscribe(client, channel, options) {
  const sub = client.newSubscription(channel, options);
  sub.publications = new Queue();
  sub.events = new Queue();
  sub.on('publication', context => sub.publications.push(context));
  for (const name of ['subscribed', 'unsubscribed', 'join', 'leave', 'error'])
    sub.on(name, context => sub.events.push({name, ...context}));
  sub.subscribe();
  sub.first = await nextEvent(sub, 'subscribed');
  return sub;
}

/** A client whose next connection attempt waits until `open` is called: what is published before is missed. */
async function connectGated(user) {
  let gate = null;
  const client = await connect(user, {getData: async () => { await gate; return null; }});
  const shut = () => {
    let open;
    gate = new Promise(resolve => { open = resolve; });
    return open;
  };
  return {client, shut};
}

const numbers = contexts => contexts.map(context => context.data.n);
const range = (from, to) => Array.from({length: to - from + 1}, (_, i) => from + i);

async function publishAll(sub, from, to) {
  if (isOrdered)
    return Promise.all(range(from, to).map(n => sub.publish({n})));
  for (const n of range(from, to))
    await sub.publish({n});
}

function scenario(name, run) {
  test(name, async () => {
    try {
      await run();
    } finally {
      for (const client of clients.splice(0))
        client.disconnect();
    }
  });
}

scenario('connects with a token', async () => {
  const client = makeClient('ann');
  client.connect();
  const connected = await nextEvent(client, 'connected');
  assert.match(connected.client, /^[0-9a-f-]{36}$/);
  assert.equal(connected.transport, transport);
});

scenario('is refused with a token of another secret', async () => {
  const client = makeClient('ann', {token: makeToken('ann', {secret: 'another'})});
  client.connect();
  const ended = await nextEvent(client, 'disconnected');
  assert.equal(ended.code, 3500);
  assert.equal(ended.reason, 'invalid token');
});

scenario('brings a new token when its own has expired', async () => {
  let asked = 0;
  const client = makeClient('ann', {
    token: makeToken('ann', {lifetime: -60}),
    getToken: async () => { asked++; return makeToken('ann'); },
  });
  client.connect();
  await nextEvent(client, 'connected');
  assert.equal(asked, 1);
});

scenario('receives its own publications in order, with its name', async () => {
  const client = await connect('ann');
  const sub = await subscribe(client, newChannel());
  assert.equal(sub.first.recoverable, true);
  assert.equal(sub.first.positioned, true);
  await publishAll(sub, 1, 200);
  const got = await sub.publications.takeMany(200, 'publications');
  assert.deepEqual(numbers(got), range(1, 200));
  assert.deepEqual(got.map(context => context.offset), range(1, 200));
  assert.equal(got[0].info.user, 'ann');
  assert.equal(sub.publications.length, 0);
});

scenario('carries text of every kind unchanged', async () => {
  const client = await connect('ann');
  const sub = await subscribe(client, newChannel());
  const texts = ['', 'häß 日本語 \u{1F600}', '"\\/\b\f\n\r\t\u0001\u2028', '</script>', 'x'.repeat(60000)];
  for (const text of texts)
    await sub.publish({text});
  const got = await sub.publications.takeMany(texts.length, 'publications');
  assert.deepEqual(got.map(context => context.data.text), texts);
});

scenario('sends many commands in one message', async () => {
  const client = await connect('ann');
  const sub = await subscribe(client, newChannel());
  client.startBatching();
  const sent = range(1, 50).map(n => sub.publish({n}));
  client.stopBatching();
  await Promise.all(sent);
  assert.deepEqual(numbers(await sub.publications.takeMany(50, 'publications')), range(1, 50));
});

scenario('sees who is present, who joins and who leaves', async () => {
  const channel = newChannel();
  const ann = await connect('ann');
  const sub = await subscribe(ann, channel, {joinLeave: true});
  const bob = await connect('bob');
  const other = await subscribe(bob, channel, {joinLeave: true});

  let joined;
  do
    joined = await nextEvent(sub, 'join');
  while (joined.info.user !== 'bob');
  const {clients: present} = await sub.presence();
  assert.deepEqual(Object.values(present).map(info => info.user).sort(), ['ann', 'bob']);
  assert.equal(present[joined.info.client].user, 'bob');
  assert.deepEqual(await sub.presenceStats(), {numClients: 2, numUsers: 2});

  other.unsubscribe();
  const left = await nextEvent(sub, 'leave');
  assert.equal(left.info.client, joined.info.client);
  assert.deepEqual(await sub.presenceStats(), {numClients: 1, numUsers: 1});
});

scenario('reads the history forwards, backwards and from a position', async () => {
  const client = await connect('ann');
  const sub = await subscribe(client, newChannel());
  await publishAll(sub, 1, 10);
  const all = await sub.history({limit: -1});
  assert.deepEqual(numbers(all.publications), range(1, 10));
  assert.equal(all.offset, 10);
  const {epoch} = all;
  const top = await sub.history({limit: 0});
  assert.deepEqual([top.publications.length, top.offset, top.epoch], [0, 10, epoch]);
  const last = await sub.history({limit: 3, reverse: true});
  assert.deepEqual(numbers(last.publications), [10, 9, 8]);
  const since = await sub.history({limit: 2, since: {offset: 4, epoch}});
  assert.deepEqual(numbers(since.publications), [5, 6]);
  const before = await sub.history({limit: 2, since: {offset: 4, epoch}, reverse: true});
  assert.deepEqual(numbers(before.publications), [3, 2]);
});

scenario('recovers what it missed after the line dropped', async () => {
  const channel = newChannel();
  const {client, shut} = await connectGated('ann');
  const sub = await subscribe(client, channel);
  await sub.publish({n: 1});
  const open = shut();
  await server.control('drop');
  await nextEvent(client, 'connecting');
  for (const n of range(2, 6))
    await server.control(`publish ${channel} {"n":${n}}`);
  open();
  const again = await nextEvent(sub, 'subscribed');
  assert.equal(again.wasRecovering, true);
  assert.equal(again.recovered, true);
  await server.control(`publish ${channel} {"n":7}`);
  assert.deepEqual(numbers(await sub.publications.takeMany(7, 'publications')), range(1, 7));
  assert.equal(sub.publications.length, 0);
});

scenario('is told that what it missed is gone', async () => {
  const channel = newChannel();
  const {client, shut} = await connectGated('ann');
  const sub = await subscribe(client, channel);
  await sub.publish({n: 1});
  const open = shut();
  await server.control('drop');
  await nextEvent(client, 'connecting');
  await server.control(`publish ${channel} {"n":2}`);
  await server.control(`forget ${channel}`);
  open();
  const again = await nextEvent(sub, 'subscribed');
  assert.equal(again.wasRecovering, true);
  assert.equal(again.recovered, false);
});

scenario('has its calls answered, or refused with the application\'s code', async () => {
  const client = await connect('ann');
  const {data} = await client.rpc('echo', {list: [1, 'two', null, {three: 3.5}]});
  assert.deepEqual(data, {list: [1, 'two', null, {three: 3.5}]});
  await assert.rejects(client.rpc('fail', {}), {code: 1000, message: 'out of stock'});
});

scenario('answers pings', async () => {
  await connect('ann');
  while (await server.control('pongs') === '0')
    await setTimeout(20);
});

scenario('comes back after a close that allows it', async () => {
  const client = await connect('ann');
  const sub = await subscribe(client, newChannel());
  await server.control('disconnect 3001 shutdown');
  await nextEvent(client, 'connected');
  await nextEvent(sub, 'subscribed');
  await sub.publish({n: 1});
  assert.deepEqual(numbers(await sub.publications.takeMany(1, 'a publication')), [1]);
});

scenario('stays away after a close that is final', async () => {
  const client = await connect('ann');
  await server.control('disconnect 3503 force disconnect');
  const ended = await nextEvent(client, 'disconnected');
  assert.equal(ended.code, 3503);
  assert.equal(ended.reason, 'force disconnect');
});

scenario('receives nothing more after it has left', async () => {
  const channel = newChannel();
  const client = await connect('ann');
  const sub = await subscribe(client, channel);
  const witness = await subscribe(await connect('bob'), channel);
  sub.unsubscribe();
  await client.rpc('echo', null);
  await server.control(`publish ${channel} {"n":1}`);
  await witness.publications.take('the publication');
  await client.rpc('echo', null);
  assert.equal(sub.publications.length, 0);
});

test('the server ends cleanly when it is told to', async () => {
  assert.equal(await within(server.stop(), 'the server to end'), 0);
});

process.exitCode = await runTests() ? 0 : 1;
