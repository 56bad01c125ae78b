#!/usr/bin/python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""The code of a page that names samples is taken from them, line by line; the tests run the samples."""

import re

import checklib

# Pages that have to name the files that their code is from; others may.
REQUIRED = [f'docs/getting-started-{name}.md' for name in ('c', 'gjs', 'python', 'vala')]
NAMED = re.compile(r'`((?:examples|tests/samples)/[\w-]+\.(?:c|js|py|vala))`')
BLOCK = re.compile(r'^```(?:c|js|javascript|python|vala)\n(.*?)^```$', re.MULTILINE | re.DOTALL)


def normalize(text):
    """The lines, without blank ones, and without what they are indented by where they stand."""
    return [line.strip() for line in text.splitlines() if line.strip()]


def contains(lines, part):
    return any(lines[at:at + len(part)] == part for at in range(len(lines) - len(part) + 1))


def check_page(root, name):
    text = checklib.read(root / name)
    sources = NAMED.findall(text)
    if not sources:
        return [f'{name}: names no sample that its code is from'] if name in REQUIRED else []
    missing = [source for source in sources if not (root / source).exists()]
    if missing:
        return [f'{name}: {source} is not there' for source in missing]
    samples = [normalize(checklib.read(root / source)) for source in sources]
    return [f'{name}:{checklib.line_of(text, block.start())}: is not in ' + ' or '.join(sources)
            for block in BLOCK.finditer(text)
            if not any(contains(sample, normalize(block.group(1))) for sample in samples)]


def check(root):
    pages = [path.relative_to(root).as_posix() for path in checklib.list_files(root, ['docs'], ('.md',))]
    faults = [f'{name}: is not there' for name in REQUIRED if name not in pages]
    for name in pages:
        faults += check_page(root, name)
    return faults


TREE = {
    'examples/a.c': 'int\nmain (void)\n{\n  return 0;\n}\n',
    'tests/samples/b.py': 'x = 1\ny = 2\n',
    'docs/getting-started-c.md': 'See `examples/a.c`.\n```c\nint\nmain (void)\n```\n```sh\nls\n```\n',
    'docs/getting-started-python.md': 'See `tests/samples/b.py`.\n```python\ny = 2\n```\n',
    'docs/getting-started-gjs.md': 'See `examples/a.c`.\n',
    'docs/getting-started-vala.md': 'See `examples/a.c`.\n',
    'docs/other.md': '```c\nint z;\n```\n',
}

CASES = [
    (TREE, None),
    ({**TREE, 'examples/a.c': 'int y;\n'}, 'getting-started-c.md:2: is not in examples/a.c'),
    ({**TREE, 'tests/samples/b.py': 'y = 3\n'}, 'getting-started-python.md:2: is not in tests/samples/b.py'),
    ({**TREE, 'docs/getting-started-gjs.md': 'Nothing.\n'}, 'names no sample'),
    ({**TREE, 'docs/getting-started-vala.md': 'See `examples/c.vala`.\n'}, 'examples/c.vala is not there'),
    ({**TREE, 'docs/other.md': 'See `examples/a.c`.\n```c\nint z;\n```\n'}, 'other.md:2: is not in examples/a.c'),
    ({name: text for name, text in TREE.items() if 'vala' not in name}, 'getting-started-vala.md: is not there'),
]

if __name__ == '__main__':
    checklib.main('code in pages', check, CASES)
