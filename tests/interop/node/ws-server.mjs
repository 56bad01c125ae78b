// SPDX-License-Identifier: LGPL-2.1-or-later
// A WebSocket server on npm ws, with the same behaviour as ../ws-server.py: what it does is chosen by the path.
//   /echo       sends each message back
//   /fragments  sends each message back in three fragments, with a ping before the last
//   /ping       pings, and sends the payload of the pong as a message
//   /close      closes with 4001 "as you wish" at the first message
// It prints "listening URL" and then "closed CODE REASON" for each connection that ends, until its input is closed.

import {WebSocketServer} from 'ws';

function sendFragments(socket, text) {
  const third = Math.floor(text.length / 3);
  socket.send(text.subarray(0, third), {binary: false, fin: false});
  socket.send(text.subarray(third, 2 * third), {binary: false, fin: false});
  socket.ping('between');
  socket.send(text.subarray(2 * third), {binary: false, fin: true});
}

const behaviours = {
  '/echo': socket => socket.on('message', (data, binary) => socket.send(data, {binary})),
  '/fragments': socket => socket.on('message', data => sendFragments(socket, data)),
  '/ping': socket => {
    socket.on('pong', payload => socket.send(payload, {binary: false}));
    socket.ping('are you there?');
  },
  '/close': socket => socket.on('message', () => socket.close(4001, 'as you wish')),
};

const server = new WebSocketServer({host: '127.0.0.1', port: 0});
server.on('listening', () => console.log(`listening ws://127.0.0.1:${server.address().port}`));
server.on('connection', (socket, request) => {
  socket.on('error', error => console.error(`${request.url}: ${error.message}`));
  socket.on('close', (code, reason) => console.log(`closed ${code} ${reason}`));
  behaviours[request.url](socket);
});
process.stdin.resume();
process.stdin.on('end', () => {
  for (const socket of server.clients)
    socket.terminate();
  server.close();
});
