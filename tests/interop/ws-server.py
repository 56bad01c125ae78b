#!/usr/bin/env python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""A WebSocket server on Python's websockets, with the same behaviour as node/ws-server.mjs."""

import asyncio
import sys

import websockets


def thirds(text):
    third = len(text) // 3
    return [text[:third], text[third:2 * third], text[2 * third:]]


async def echo(socket):
    async for message in socket:
        await socket.send(message)


async def fragments(socket):
    async def parts(text):
        first, second, last = thirds(text)
        yield first
        yield second
        await socket.ping("between")
        yield last

    async for message in socket:
        await socket.send(parts(message))


async def ping(socket):
    payload = "are you there?"
    # It resolves only for a pong that carries this payload.
    await (await socket.ping(payload))
    await socket.send(payload)
    await socket.wait_closed()


async def close(socket):
    await socket.recv()
    await socket.close(4001, "as you wish")


BEHAVIOURS = {"/echo": echo, "/fragments": fragments, "/ping": ping, "/close": close}


async def serve_one(socket):
    try:
        await BEHAVIOURS[socket.path](socket)
    except websockets.ConnectionClosed:
        pass
    await socket.wait_closed()
    print("closed", socket.close_code, socket.close_reason, flush=True)


async def main():
    loop = asyncio.get_running_loop()
    async with websockets.serve(serve_one, "127.0.0.1", 0) as server:
        host, port = server.sockets[0].getsockname()[:2]
        print(f"listening ws://{host}:{port}", flush=True)
        await loop.run_in_executor(None, sys.stdin.read)


asyncio.run(main())
