#!/usr/bin/python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""Drives the realtime command as a user does. Run: test_cli.py COMMAND"""

import json
import os
import pathlib
import signal
import socket
import sys
import tempfile
import unittest

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent / 'common'))
from programs import Program, run  # noqa: E402

COMMAND = sys.argv[1]

# What users of a command see.
DONE, FAILED, USAGE, REFUSED = 0, 1, 2, 3


def publish(url, channel, data):
    """Publishes data that this project's own client would not write, over a WebSocket by hand."""
    _, _, address, path = url.split('/', 3)
    host, port = address.split(':')
    commands = f'{{"id":1,"connect":{{}}}}\n{{"id":2,"publish":{{"channel":"{channel}","data":{data}}}}}'.encode()
    with socket.create_connection((host, int(port))) as connection:
        connection.sendall(
            f'GET /{path} HTTP/1.1\r\nHost: {address}\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n'
            'Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n'.encode())
        # A text frame of less than 126 bytes, under a mask of zeroes.
        connection.sendall(bytes([0x81, 0x80 | len(commands), 0, 0, 0, 0]) + commands)
        received = b''
        while b'"id":2' not in received:
            received += connection.recv(4096)


class CommandTest(unittest.TestCase):
    def setUp(self):
        os.environ.pop('REALTIME_API_KEY', None)

    def start(self, *arguments, **options):
        program = Program([COMMAND, *arguments], **options)
        self.addCleanup(program.stop)
        return program

    def serve(self, *arguments, **options):
        server = self.start('serve', *arguments, **options)
        word, url = server.next_line().split(' ')
        self.assertEqual(word, 'listening')
        return server, url

    def listen(self, *arguments, channels=1, **options):
        listener = self.start('listen', *arguments, **options)
        for _ in range(channels):
            self.assertRegex(listener.next_line('err'), '^joined ')
        return listener

    def send(self, *arguments, **options):
        return run([COMMAND, 'send', *arguments], **options)

    def assert_ends(self, program, code, text):
        self.assertEqual(program[0], code, program)
        self.assertEqual(program[1], [])
        self.assertIn(text, '\n'.join(program[2]))


class TestServe(CommandTest):
    def test_ends_on_signals(self):
        for number in (signal.SIGINT, signal.SIGTERM):
            server, url = self.serve()
            self.assertRegex(url, r'^ws://127\.0\.0\.1:\d+/')
            self.assertEqual(server.interrupt(number), DONE)
            self.assertEqual(server.rest('err'), [])

    def test_ends_with_a_client(self):
        server, url = self.serve()
        listener = self.listen(url, 'news')
        self.assertEqual(server.interrupt(), DONE)
        self.assertRegex(listener.next_line('err'), r'^connection lost \(3001 shutdown\)')
        self.assertEqual(listener.interrupt(), DONE)

    def test_port(self):
        with socket.socket() as taken:
            taken.bind(('127.0.0.1', 0))
            port = taken.getsockname()[1]
            taken.listen()
            self.assert_ends(run([COMMAND, 'serve', '--port', str(port)]), FAILED, str(port))
        _, url = self.serve('--port', str(port))
        self.assertIn(f':{port}/', url)

    def test_json(self):
        server = self.start('serve', '--json')
        self.assertRegex(json.loads(server.next_line())['listening'], '^ws://')


class TestTalk(CommandTest):
    def test_one_message(self):
        _, url = self.serve()
        listener = self.listen(url, 'news')
        code, ids, errors = self.send(url, 'news', 'Grüße')
        self.assertEqual((code, errors), (DONE, []))
        self.assertRegex(ids[0], r'^\d+$')
        self.assertEqual(listener.next_line(), 'news\t\tGrüße')
        self.assertEqual(listener.interrupt(), DONE)
        self.assertEqual(listener.rest(), [])

    def test_escapes(self):
        _, url = self.serve()
        listener = self.listen(url, 'news')
        self.send(url, 'news', 'a\tb\nc\\d\re\x1b[31m\x7f\u009b')
        self.assertEqual(listener.next_line(), 'news\t\ta\\tb\\nc\\\\d\\re\\u001b[31m\\u007f\\u009b')

    def test_several_channels(self):
        _, url = self.serve()
        listener = self.listen(url, 'one', 'two', channels=2)
        for channel in ('two', 'one', 'three', 'two'):
            self.assertEqual(self.send(url, channel, 'text')[0], DONE)
        self.assertEqual([listener.next_line().split('\t')[0] for _ in range(3)], ['two', 'one', 'two'])

    def test_lines_of_input(self):
        _, url = self.serve()
        listener = self.listen(url, 'news')
        texts = [f'line {number}' for number in range(1000)]
        code, ids, errors = self.send(url, 'news', feed='\n'.join(texts).encode())
        self.assertEqual((code, errors), (DONE, []))
        self.assertEqual(len(set(ids)), 1000)
        self.assertEqual([listener.next_line().split('\t')[2] for _ in texts], texts)

    def test_no_input(self):
        _, url = self.serve()
        self.assertEqual(self.send(url, 'news', feed=b''), (DONE, [], []))

    def test_json(self):
        _, url = self.serve()
        listener = self.listen('--json', url, 'news')
        code, lines, _ = self.send('--json', url, 'news', 'a\tb')
        self.assertEqual(code, DONE)
        sent = json.loads(lines[0])
        received = json.loads(listener.next_line())
        self.assertEqual(sent['id'], received['id'])
        self.assertEqual((received['channel'], received['content']), ('news', 'a\tb'))

    def test_json_with_line_ends(self):
        """Data comes the way it was sent; a line stays a line."""
        _, url = self.serve()
        listener = self.listen('--json', url, 'news')
        plain = self.listen(url, 'news')
        publish(url, 'news', '{"a":\r 1}')
        self.assertEqual(json.loads(listener.next_line())['data'], {'a': 1})
        self.assertEqual(plain.next_line(), 'news\t\t{"a":\\r 1}')


class TestRefusal(CommandTest):
    def test_key(self):
        _, url = self.serve(env={'REALTIME_API_KEY': 'right'})
        self.assertEqual(self.send(url, 'news', 'text', env={'REALTIME_API_KEY': 'right'})[0], DONE)
        self.assertEqual(self.send('--api-key', 'right', url, 'news', 'text')[0], DONE)
        for env in ({'REALTIME_API_KEY': 'wrong-secret'}, {}):
            result = self.send(url, 'news', 'text', env=env)
            self.assert_ends(result, REFUSED, 'realtime: ')
            self.assertNotIn('wrong-secret', '\n'.join(result[2]))
        self.assert_ends(run([COMMAND, 'listen', url, 'news']), REFUSED, 'realtime: ')

    def test_option_before_variable(self):
        _, url = self.serve('--api-key', 'right')
        self.assertEqual(self.send('--api-key', 'right', url, 'news', 'x', env={'REALTIME_API_KEY': 'wrong'})[0], DONE)


class TestFailure(CommandTest):
    def test_nobody_there(self):
        with socket.socket() as unused:
            unused.bind(('127.0.0.1', 0))
            url = f'ws://127.0.0.1:{unused.getsockname()[1]}'
            self.assert_ends(self.send(url, 'news', 'text'), FAILED, 'realtime: ')

    def test_killed_server(self):
        """It comes back with its journal, and nobody has missed anything."""
        with tempfile.TemporaryDirectory() as folder:
            journal = os.path.join(folder, 'journal')
            server, url = self.serve('--journal', journal)
            port = url.split(':')[2].split('/')[0]
            listener = self.listen(url, 'news')
            self.assertEqual(self.send(url, 'news', 'before')[0], DONE)
            self.assertEqual(listener.next_line(), 'news\t\tbefore')
            server.process.kill()
            self.assertRegex(listener.next_line('err'), '^connection lost')
            self.serve('--journal', journal, '--port', port)
            for text in ('one', 'two'):
                self.assertEqual(self.send(url, 'news', text)[0], DONE)
            self.assertEqual([listener.next_line() for _ in range(2)], ['news\t\tone', 'news\t\ttwo'])
            self.assertEqual(listener.interrupt(), DONE)
            self.assertEqual(listener.rest(), [])
            with open(journal, encoding='utf-8') as file:
                records = [json.loads(line) for line in file]
            self.assertEqual([record['offset'] for record in records if 'data' in record], [1, 2, 3])

    def test_journal_in_use(self):
        with tempfile.TemporaryDirectory() as folder:
            journal = os.path.join(folder, 'journal')
            self.serve('--journal', journal)
            self.assert_ends(run([COMMAND, 'serve', '--journal', journal]), FAILED, journal)


class TestUsage(CommandTest):
    def test_wrong(self):
        for arguments in ([], ['dance'], ['send'], ['send', 'ws://127.0.0.1:1'], ['listen', 'ws://127.0.0.1:1'],
                          ['send', 'ws://127.0.0.1:1', 'news', 'text', 'more'], ['serve', 'more'],
                          ['serve', '--port', '65536'], ['serve', '--port', '-1'], ['serve', '--ping-interval', '-1'], ['send', '--nonsense'],
                          ['send', 'ftp://127.0.0.1', 'news', 'text'], ['send', 'ws://example.org', 'news', 'text']):
            with self.subTest(arguments=arguments):
                code, out, errors = run([COMMAND, *arguments])
                self.assertEqual((code, out), (USAGE, []))
                self.assertTrue(errors)

    def test_help(self):
        for arguments in (['--help'], ['help'], ['--version'], ['serve', '--help'], ['listen', '--help'], ['send', '--help']):
            with self.subTest(arguments=arguments):
                code, out, errors = run([COMMAND, *arguments])
                self.assertEqual((code, errors), (DONE, []))
                self.assertIn('realtime', out[0] + out[1] if len(out) > 1 else out[0])

    def test_input_that_cannot_be_sent(self):
        _, url = self.serve()
        self.assert_ends(self.send(url, 'news', feed=b'\xff\xfe\n'), USAGE, 'realtime: ')
        self.assert_ends(self.send(url, 'news', feed=b'x' * 70000), USAGE, 'realtime: ')
        self.assert_ends(self.send(url, '', 'text'), USAGE, 'realtime: ')


if __name__ == '__main__':
    unittest.main(argv=sys.argv[:1], verbosity=2)
