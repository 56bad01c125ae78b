#!/usr/bin/python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""Redis on a free port of the loopback interface, without files. Prints "listening HOST:PORT" when it answers; ends when
standard input is closed."""

import socket
import subprocess
import sys

HOST = '127.0.0.1'
ATTEMPTS = 10


def free_port():
    with socket.create_server((HOST, 0)) as probe:
        return probe.getsockname()[1]


def answers(port):
    with socket.create_connection((HOST, port)) as line:
        line.sendall(b'PING\r\n')
        return line.recv(16) == b'+PONG\r\n'


def start():
    """Between the choice of a port and its use somebody else may have taken it: Redis ends then."""
    for _ in range(ATTEMPTS):
        port = free_port()
        redis = subprocess.Popen(
            ['redis-server', '--port', str(port), '--bind', HOST, '--save', '', '--appendonly', 'no'],
            stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, text=True)
        for line in redis.stdout:
            if 'Ready to accept connections' in line and answers(port):
                return redis, port
        redis.wait()
    sys.exit('Redis did not start')


redis, port = start()
try:
    print(f'listening {HOST}:{port}', flush=True)
    sys.stdin.read()
finally:
    redis.terminate()
    redis.communicate()
