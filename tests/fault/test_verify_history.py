#!/usr/bin/python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""The verifier of histories, on good ones and on ones with each thing wrong that it is there to find."""

import copy
import os
import subprocess
import sys
import tempfile
import unittest

import verify_history


def event(kind, **fields):
    return {'e': kind, **fields}


def delivered(client, offset, name, epoch='A', channel='room'):
    return event('delivered', c=client, ch=channel, epoch=epoch, offset=offset, id=name)


def journaled(offset, name, epoch='A', channel='room'):
    return event('journaled', ch=channel, epoch=epoch, offset=offset, id=name)


def make_good():
    """Two clients; ann's 3 was unknown and came; her 5 failed; her 6 was unknown and never came."""
    events = [event('joined', c=who, ch='room', epoch='A', offset=0) for who in ('ann', 'bob')]
    events += [event('state', c='ann', state='connected')]
    for name in ('1', '2', '3', '4', '5', '6'):
        events.append(event('invoke', c='ann', ch='room', id=name))
    for kind, name in (('ok', '1'), ('ok', '2'), ('unknown', '3'), ('ok', '4'), ('fail', '5'), ('unknown', '6')):
        events.append(event(kind, c='ann', id=name))
    for offset, name in enumerate(('1', '2', '3', '4'), 1):
        events += [delivered('ann', offset, name), delivered('bob', offset, name)]
    events += [event('recovered', c='bob', ch='room', count=2)]
    events += [journaled(offset, name) for offset, name in enumerate(('1', '2', '3', '4'), 1)]
    return events


def find(events, **fields):
    return next(i for i, item in enumerate(events) if all(item.get(key) == value for key, value in fields.items()))


def drop(events, **fields):
    del events[find(events, **fields)]


def double(events, **fields):
    at = find(events, **fields)
    events.insert(at + 1, copy.deepcopy(events[at]))


def swap(events, one, other):
    i, j = find(events, **one), find(events, **other)
    events[i], events[j] = events[j], events[i]


def change(events, where, **fields):
    events[find(events, **where)].update(fields)


LAST = {'e': 'delivered', 'c': 'bob', 'id': '4'}


def trimmed(events):
    """Bob misses 2 and 3 and is told."""
    drop(events, e='delivered', c='bob', id='2')
    at = find(events, e='delivered', c='bob', id='3')
    events[at] = event('gap', c='bob', ch='room', epoch='A', offset=3)


def new_epoch(events):
    """The server forgets everything; 5 comes into the new epoch."""
    change(events, {'e': 'fail', 'id': '5'}, e='ok')
    for who in ('ann', 'bob'):
        events += [event('gap', c=who, ch='room', epoch='B', offset=0), delivered(who, 1, '5', 'B')]
    events += [journaled(1, '5', 'B')]


def repeated_in_new_epoch(events):
    """4, acknowledged in vain, was sent again into a new epoch: another copy there, delivered once."""
    new_epoch(events)
    change(events, {'e': 'journaled', 'id': '5'}, offset=2)
    events.insert(find(events, e='journaled', id='5'), journaled(1, '4', 'B'))
    for who in ('ann', 'bob'):
        change(events, {'e': 'delivered', 'c': who, 'id': '5'}, offset=2)


def closed(events):
    """Closed on purpose before 4 came."""
    drop(events, **LAST)
    events.append(event('closed', c='bob'))


def left(events):
    drop(events, **LAST)
    events.append(event('left', c='bob', ch='room'))


def joined_late(events):
    drop(events, e='delivered', c='bob', id='1')
    change(events, {'e': 'joined', 'c': 'bob'}, offset=1)


def joined_again(events):
    events.insert(find(events, e='delivered', c='bob', id='3'), event('joined', c='bob', ch='room', epoch='A', offset=2))


GOOD = [lambda events: None, trimmed, new_epoch, repeated_in_new_epoch, closed, left, joined_late, joined_again]


def late_message(events):
    closed(events)
    events.append(delivered('bob', 4, '4'))


def silent_new_epoch(events):
    new_epoch(events)
    drop(events, e='gap', c='bob')


def missed_new_epoch(events):
    new_epoch(events)
    drop(events, e='gap', c='bob')
    drop(events, e='delivered', c='bob', id='5')


def gap_hides_the_end(events):
    trimmed(events)
    drop(events, **LAST)


def joined_again_without_what_was_missed(events):
    joined_again(events)
    drop(events, e='delivered', c='bob', id='3')


def repeat_delivered_in_new_epoch(events):
    repeated_in_new_epoch(events)
    events.insert(find(events, e='delivered', c='bob', id='5'), delivered('bob', 1, '4', 'B'))


def sent_out_of_order(events):
    swap(events, {'e': 'invoke', 'id': '1'}, {'e': 'invoke', 'id': '2'})


def end_after_close(events):
    at = find(events, e='ok', id='4')
    late = events.pop(at)
    events += [event('closed', c='ann'), late]


BAD = [
    ('lost at the end', lambda e: drop(e, **LAST), 'the last 1 were not delivered'),
    ('lost in the middle', lambda e: drop(e, e='delivered', c='bob', id='2'), 'missing without a gap'),
    ('delivered twice', lambda e: double(e, e='delivered', c='bob', id='2'), 'delivered twice'),
    ('delivered in another order', lambda e: swap(e, {'e': 'delivered', 'c': 'bob', 'id': '2'},
                                                  {'e': 'delivered', 'c': 'bob', 'id': '3'}), 'came at 2, after 3'),
    ('acknowledged and not kept', lambda e: drop(e, e='journaled', id='4'), 'not in the journal'),
    ('failed and kept', lambda e: change(e, {'e': 'ok', 'id': '4'}, e='fail'), 'failed and is in the journal'),
    ('callback twice', lambda e: double(e, e='ok', id='1'), 'ended 2 times'),
    ('callback twice, differently', lambda e: e.append(event('unknown', c='ann', id='1')), 'ended 2 times'),
    ('callback never', lambda e: drop(e, e='unknown', id='6'), 'never ended'),
    ('callback for nothing', lambda e: e.append(event('ok', c='ann', id='99')), 'without a beginning'),
    ('kept twice', lambda e: e.append(journaled(5, '1')), 'twice in room'),
    ('a hole in the journal', lambda e: change(e, {'e': 'journaled', 'id': '4'}, offset=5), 'offset 5'),
    ('invented', lambda e: e.insert(find(e, **LAST) + 1, delivered('bob', 5, '7')), 'the journal does not have'),
    ('another offset', lambda e: change(e, LAST, offset=3), 'the journal does not have'),
    ('new epoch without a gap', silent_new_epoch, 'without a gap'),
    ('new epoch not noticed', missed_new_epoch, 'it ended in epoch A'),
    ('a gap, and then less than promised', gap_hides_the_end, 'were not delivered'),
    ('after the close', late_message, 'after it was closed'),
    ('callback after the close', end_after_close, 'ok after it was closed'),
    ('after leaving', lambda e: e.insert(find(e, **LAST), event('left', c='bob', ch='room')), 'while not joined'),
    ('joined again, and missed', joined_again_without_what_was_missed, 'missing without a gap'),
    ('a repeat in a new epoch', repeat_delivered_in_new_epoch, 'delivered twice'),
    ('sent in another order', sent_out_of_order, 'after what was sent later'),
    ('begun twice', lambda e: double(e, e='invoke', id='1'), 'begun twice'),
    ('not an event', lambda e: e.append({'e': 'ok', 'c': 'ann'}), 'not an event'),
]


class TestVerifier(unittest.TestCase):
    def test_good(self):
        for mutate in GOOD:
            with self.subTest(mutate.__name__):
                events = make_good()
                mutate(events)
                self.assertEqual(verify_history.verify(events)[0], [])

    def test_bad(self):
        for name, mutate, expected in BAD:
            with self.subTest(name):
                events = make_good()
                mutate(events)
                faults, _ = verify_history.verify(events)
                self.assertTrue(any(expected in fault for fault in faults), faults)

    def test_gaps_can_be_forbidden(self):
        events = make_good()
        self.assertEqual(verify_history.verify(events, allow_gaps=False)[0], [])
        trimmed(events)
        self.assertNotEqual(verify_history.verify(events, allow_gaps=False)[0], [])

    def run_program(self, text):
        with tempfile.TemporaryDirectory() as folder:
            path = os.path.join(folder, 'history')
            with open(path, 'w', encoding='utf-8') as out:
                out.write(text)
            return subprocess.run([sys.executable, verify_history.__file__, path], capture_output=True, text=True,
                                  check=False)

    def test_program(self):
        good = '{"e":"journaled","ch":"room","epoch":"A","offset":1,"id":"1"}\n'
        done = self.run_program(good + '{"e":"journaled","ch"')
        self.assertEqual((done.returncode, done.stdout), (0, '1 journaled\n0 faults\n'))
        done = self.run_program(good + '{"e":"invoke","c":"ann","ch":"room","id":"9"}\n')
        self.assertEqual(done.returncode, 1)
        self.assertIn('ann: 9 never ended', done.stdout)
        own = ('{"channel":"room","epoch":"A"}\n'
               '{"channel":"room","epoch":"A","offset":1,"id":"1","data":{"text":"x"}}\n'
               '{"channel":"room","epoch":"A","offset":2,"data":{"$rt":1,"id":"2"}}\n')
        self.assertEqual(self.run_program(own).stdout, '2 journaled\n0 faults\n')
        # A history without a journal proves nothing.
        self.assertEqual(self.run_program('').returncode, 1)


if __name__ == '__main__':
    unittest.main()
