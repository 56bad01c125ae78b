#!/usr/bin/python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""What is installed is enough to write a program: headers, pkg-config, typelibs, Vala bindings.
Run: test_install.py SOURCE BUILD MESON-COMMAND... """

import os
import pathlib
import shlex
import subprocess
import sys
import tempfile
import unittest

SOURCE = pathlib.Path(sys.argv[1])
BUILD = pathlib.Path(sys.argv[2])
COMPILER = shlex.split(sys.argv[3])
MESON = shlex.split(sys.argv[4])
PYTHON = sys.argv[5]
VALAC = sys.argv[6] if len(sys.argv) > 6 else None


def run(arguments, env=None, code=0):
    result = subprocess.run(arguments, env={**os.environ, **(env or {})}, capture_output=True, text=True)
    assert result.returncode == code, f'{arguments}: {result.returncode}\n{result.stdout}{result.stderr}'
    return result.stdout + result.stderr


class TestInstalled(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        folder = tempfile.TemporaryDirectory()
        cls.addClassCleanup(folder.cleanup)
        cls.root = pathlib.Path(folder.name)
        run([*MESON, 'install', '-C', str(BUILD), '--no-rebuild', '--quiet', '--destdir', str(cls.root / 'dest')])
        # The prefix of the copy is where it lies now.
        cls.pkgconfig = cls.root / 'pkgconfig'
        cls.pkgconfig.mkdir()
        for path in (cls.root / 'dest').rglob('realtime*.pc'):
            lines = path.read_text().splitlines()
            prefix = next(line for line in lines if line.startswith('prefix=')).removeprefix('prefix=')
            cls.prefix = cls.root / 'dest' / prefix.lstrip('/')
            lines = [f'prefix={cls.prefix}' if line.startswith('prefix=') else line for line in lines]
            (cls.pkgconfig / path.name).write_text('\n'.join(lines) + '\n')
        libraries = next(cls.prefix.rglob('librealtime-1.so')).parent
        cls.env = {
            'PKG_CONFIG_PATH': str(cls.pkgconfig),
            'LD_LIBRARY_PATH': str(libraries),
            'GI_TYPELIB_PATH': str(libraries / 'girepository-1.0'),
            'XDG_DATA_DIRS': f'{cls.prefix / "share"}:/usr/local/share:/usr/share',
        }

    def compile(self, source, *packages, code=0):
        flags = shlex.split(run(['pkg-config', '--cflags', '--libs', *packages], self.env))
        program = self.root / 'program'
        out = run([*COMPILER, '-Wall', '-Wextra', '-Wno-unused-parameter', '-Werror', str(source), '-o', str(program), *flags],
                  code=code)
        return program, out

    def test_program(self):
        program, _ = self.compile(SOURCE / 'examples/minimal.c', 'realtime-1')
        self.assertIn('endpoint', run([str(program), 'ftp://nowhere'], self.env, code=1))

    def test_program_with_server(self):
        program, _ = self.compile(SOURCE / 'examples/quickstart-host.c', 'realtime-1', 'realtime-mock-1')
        self.assertIn('usage', run([str(program)], self.env, code=2))

    def test_one_header_alone(self):
        for package, folder in (('realtime-1', 'realtime'), ('realtime-mock-1', 'realtime-mock')):
            headers = sorted((self.prefix / 'include/realtime-1' / folder).iterdir())
            self.assertIn(f'{folder}.h', [path.name for path in headers])
            for path in headers:
                if path.name == f'{folder}.h' or 'enum-types' in path.name:
                    continue
                with self.subTest(header=path.name):
                    source = self.root / 'alone.c'
                    source.write_text(f'#include <{folder}/{path.name}>\nint main (void) {{ return 0; }}\n')
                    _, out = self.compile(source, package, code=1)
                    self.assertIn('can be included directly', out)

    def test_typelibs(self):
        text = 'import gi\n' \
            'gi.require_version("Rt", "1")\n' \
            'gi.require_version("RtMock", "1")\n' \
            'from gi.repository import Rt, RtMock\n' \
            'print(Rt.Client.__name__, RtMock.Server.__name__)\n'
        self.assertEqual(run([PYTHON, '-c', text], self.env).split(), ['Client', 'Server'])

    def test_vala(self):
        if VALAC is None:
            self.assertEqual(list(self.prefix.rglob('*.vapi')), [])
            return
        vapi = next(self.prefix.rglob('realtime-1.vapi')).parent
        run([VALAC, '--vapidir', str(vapi), '--pkg', 'realtime-1', '--pkg', 'realtime-mock-1', '--pkg', 'gio-unix-2.0',
             '--pkg', 'posix', '--ccode', '--fatal-warnings', '--directory', str(self.root / 'vala'),
             str(SOURCE / 'examples/chat.vala')], self.env)


if __name__ == '__main__':
    unittest.main(argv=sys.argv[:1], verbosity=2)
