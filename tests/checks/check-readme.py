#!/usr/bin/python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""The programs in README.md are the examples that they name, which the tests run."""

import re

import checklib

EXAMPLES = ['examples/minimal.c', 'examples/minimal.py']
BLOCK = re.compile(r'^```(?:c|python)\n(.*?)^```$', re.MULTILINE | re.DOTALL)
LICENCE = re.compile(r'^.*SPDX-License-Identifier.*\n', re.MULTILINE)
SHEBANG = re.compile(r'^#!.*\n')


def snippet(text):
    """An example as README shows it: without the lines that are no part of the program."""
    return LICENCE.sub('', SHEBANG.sub('', text))


def check(root):
    blocks = BLOCK.findall(checklib.read(root / 'README.md'))
    faults = [f'README.md: {name} is not there word for word' for name in EXAMPLES
              if snippet(checklib.read(root / name)) not in blocks]
    if len(blocks) > len(EXAMPLES):
        faults.append('README.md: has a program that is no example')
    return faults


TREE = {
    'examples/minimal.c': '/* SPDX-License-Identifier: X */\nint x;\n',
    'examples/minimal.py': '#!/usr/bin/python3\n# SPDX-License-Identifier: X\nx = 1\n',
    'README.md': 'Text\n```c\nint x;\n```\n```python\nx = 1\n```\n```sh\nls\n```\n',
}

CASES = [
    (TREE, None),
    ({**TREE, 'examples/minimal.c': 'int y;\n'}, 'minimal.c is not there'),
    ({**TREE, 'examples/minimal.py': 'x = 2\n'}, 'minimal.py is not there'),
    ({**TREE, 'README.md': TREE['README.md'] + '```c\nint z;\n```\n'}, 'no example'),
]

if __name__ == '__main__':
    checklib.main('programs in README.md', check, CASES)
