#!/usr/bin/python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""Proves from what happened that nothing was lost, doubled, reordered, or missing without a word.

A history is lines of JSON, one event each, in the order in which its process saw them:

  {"e":"invoke","c":CLIENT,"ch":CHANNEL,"id":ID}            a send was begun
  {"e":"ok"|"fail"|"unknown","c":CLIENT,"id":ID}            it ended so
  {"e":"joined","c":CLIENT,"ch":CHANNEL,"epoch":E,"offset":N}  from here on everything is wanted
  {"e":"delivered","c":CLIENT,"ch":CHANNEL,"epoch":E,"offset":N,"id":ID}
  {"e":"gap","c":CLIENT,"ch":CHANNEL[,"epoch":E,"offset":N]}   something is missing; it goes on after this position
  {"e":"recovered","c":CLIENT,"ch":CHANNEL,"count":N}
  {"e":"left","c":CLIENT,"ch":CHANNEL}
  {"e":"state","c":CLIENT,"state":STATE}
  {"e":"closed","c":CLIENT}                                 nothing more may come
  {"e":"journaled","ch":CHANNEL,"epoch":E,"offset":N,"id":ID}  the server's own record, which alone is believed
"""

import argparse
import collections
import json
import sys

ENDS = ('ok', 'fail', 'unknown')
FIELDS = {
    'invoke': ('c', 'ch', 'id'),
    'ok': ('c', 'id'),
    'fail': ('c', 'id'),
    'unknown': ('c', 'id'),
    'joined': ('c', 'ch', 'epoch', 'offset'),
    'delivered': ('c', 'ch', 'epoch', 'offset', 'id'),
    'gap': ('c', 'ch'),
    'recovered': ('c', 'ch', 'count'),
    'left': ('c', 'ch'),
    'state': ('c', 'state'),
    'closed': ('c',),
    'journaled': ('ch', 'epoch', 'offset', 'id'),
}


class Journal:
    """What the server has accepted: of each channel the publications of each epoch, in their order."""

    def __init__(self, events):
        self.faults = []
        self.epochs = collections.defaultdict(dict)  # channel → epoch → [id], the offset is the index + 1
        self.ids = collections.defaultdict(list)     # channel → [id] over all epochs
        self.places = collections.Counter()          # (channel, epoch, id) → copies
        for event in events:
            if event['e'] == 'journaled':
                self.add(event['ch'], event['epoch'], event['offset'], event['id'])

    def add(self, channel, epoch, offset, name):
        stream = self.epochs[channel].setdefault(epoch, [])
        if offset != len(stream) + 1:
            self.faults.append(f'journal: {channel} has offset {offset} of {epoch} after {len(stream)}')
        stream.append(name)
        self.ids[channel].append(name)
        self.places[channel, epoch, name] += 1
        if self.places[channel, epoch, name] == 2:
            self.faults.append(f'journal: {name} is twice in {channel}')

    def stream(self, channel, epoch):
        return self.epochs[channel].get(epoch, [])

    def last_epoch(self, channel):
        return next(reversed(self.epochs[channel]), None)

    def has(self, channel, name):
        return name in self.known[channel]

    def finish(self):
        self.known = {channel: set(ids) for channel, ids in self.ids.items()}
        self.known = collections.defaultdict(set, self.known)


class Reader:
    """One client's view of one channel."""

    def __init__(self, who, journal, channel):
        self.who = who
        self.journal = journal
        self.channel = channel
        self.epoch = None
        self.offset = None  # None: unknown, after a gap that did not say where it goes on
        self.wants = False
        self.seen = set()
        self.gaps = 0
        self.faults = []

    def fault(self, text):
        self.faults.append(f'{self.who}: {self.channel}: {text}')

    def joined(self, event):
        if self.wants:
            return  # joined anew: what was missed meanwhile is wanted all the same
        self.wants = True
        self.epoch, self.offset = event['epoch'], event['offset']

    def gap(self, event):
        self.gaps += 1
        self.epoch, self.offset = event.get('epoch'), event.get('offset')

    def left(self):
        self.wants = False

    def delivered(self, event):
        epoch, offset, name = event['epoch'], event['offset'], event['id']
        stream = self.journal.stream(self.channel, epoch)
        if not self.wants:
            self.fault(f'{name} was delivered while not joined')
        if name in self.seen:
            self.fault(f'{name} was delivered twice')
        self.seen.add(name)
        if not 0 < offset <= len(stream) or stream[offset - 1] != name:
            self.fault(f'{name} was delivered as {epoch}/{offset}, which the journal does not have')
        elif self.offset is not None:
            if epoch != self.epoch:
                self.fault(f'{name} came from epoch {epoch} after {self.epoch}, without a gap')
            elif offset <= self.offset:
                self.fault(f'{name} came at {offset}, after {self.offset}')
            elif not self.skips_only_repeats(stream, offset):
                self.fault(f'{self.offset + 1} to {offset - 1} are missing without a gap')
        self.epoch, self.offset = epoch, offset

    def skips_only_repeats(self, stream, offset):
        """A message that was journaled in two epochs is delivered once."""
        return all(name in self.seen for name in stream[self.offset:offset - 1])

    def finish(self):
        if not self.wants or self.offset is None:
            return
        last = self.journal.last_epoch(self.channel)
        if last is not None and self.epoch != last:
            self.fault(f'it ended in epoch {self.epoch}, and the journal in {last}')
            return
        stream = self.journal.stream(self.channel, self.epoch)
        missing = [name for name in stream[self.offset:] if name not in self.seen]
        if missing:
            self.fault(f'the last {len(missing)} were not delivered, from {missing[0]} on')


class Sender:
    """One client's sends."""

    def __init__(self, who, journal):
        self.who = who
        self.journal = journal
        self.sends = {}  # id → (channel, [ends])
        self.orders = collections.defaultdict(list)
        self.faults = []

    def fault(self, text):
        self.faults.append(f'{self.who}: {text}')

    def invoke(self, event):
        if event['id'] in self.sends:
            self.fault(f'{event["id"]} was begun twice')
        self.sends[event['id']] = (event['ch'], [])
        self.orders[event['ch']].append(event['id'])

    def end(self, event):
        if event['id'] not in self.sends:
            self.fault(f'{event["id"]} ended without a beginning')
            return
        self.sends[event['id']][1].append(event['e'])

    def check_end(self, name, channel, ends):
        if not ends:
            self.fault(f'{name} never ended')
        elif len(ends) > 1:
            self.fault(f'{name} ended {len(ends)} times: {", ".join(ends)}')
        elif ends[0] == 'ok' and not self.journal.has(channel, name):
            self.fault(f'{name} was acknowledged and is not in the journal')
        elif ends[0] == 'fail' and self.journal.has(channel, name):
            self.fault(f'{name} failed and is in the journal')

    def check_order(self, channel, order):
        place = {name: i for i, name in enumerate(order)}
        last = -1
        counted = set()
        for name in self.journal.ids[channel]:
            if name in place and name not in counted:
                counted.add(name)
                if place[name] < last:
                    self.fault(f'{name} came into {channel} after what was sent later')
                last = max(last, place[name])

    def finish(self):
        for name, (channel, ends) in self.sends.items():
            self.check_end(name, channel, ends)
        for channel, order in self.orders.items():
            self.check_order(channel, order)


class Client:
    def __init__(self, who, journal):
        self.who = who
        self.journal = journal
        self.sender = Sender(who, journal)
        self.readers = {}
        self.closed = False
        self.faults = []

    def reader(self, channel):
        if channel not in self.readers:
            self.readers[channel] = Reader(self.who, self.journal, channel)
        return self.readers[channel]

    def take(self, event):
        kind = event['e']
        if self.closed:
            self.faults.append(f'{self.who}: {kind} after it was closed')
        if kind == 'invoke':
            self.sender.invoke(event)
        elif kind in ENDS:
            self.sender.end(event)
        elif kind in ('joined', 'gap', 'delivered'):
            getattr(self.reader(event['ch']), kind)(event)
        elif kind == 'left':
            self.reader(event['ch']).left()
        elif kind == 'closed':
            self.closed = True

    def finish(self):
        self.sender.finish()
        self.faults += self.sender.faults
        for reader in self.readers.values():
            # Closed on purpose, it need not have seen the end.
            if not self.closed:
                reader.finish()
            self.faults += reader.faults

    def gaps(self):
        return sum(reader.gaps for reader in self.readers.values())


def verify(events, allow_gaps=True):
    """Returns a list of faults, and counts to be printed."""
    for event in events:
        if event.get('e') not in FIELDS or any(field not in event for field in FIELDS[event['e']]):
            return [f'not an event: {event}'], collections.Counter()
    journal = Journal(events)
    journal.finish()
    clients = {}
    for event in events:
        if 'c' in event:
            clients.setdefault(event['c'], Client(event['c'], journal)).take(event)
    faults = list(journal.faults)
    for client in clients.values():
        client.finish()
        faults += client.faults
        if client.gaps() > 0 and not allow_gaps:
            faults.append(f'{client.who}: {client.gaps()} gaps, where everything could be recovered')
    return faults, collections.Counter(event['e'] for event in events)


def make_event(record):
    """A line of a history, or of the mock server's own journal. None: it says nothing of a publication."""
    if 'e' in record:
        return record
    if 'data' not in record:
        return None
    name = record.get('id') or record['data'].get('id')
    return {'e': 'journaled', 'ch': record['channel'], 'epoch': record['epoch'], 'offset': record['offset'], 'id': name}


def read(path):
    """A torn last line is what a killed process leaves."""
    with open(path, encoding='utf-8') as lines:
        events = [make_event(json.loads(line)) for line in lines if line.endswith('\n')]
    return [event for event in events if event is not None]


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument('--no-gaps', action='store_true', help='a gap is a fault')
    parser.add_argument('history', nargs='+')
    args = parser.parse_args()
    events = [event for path in args.history for event in read(path)]
    faults, counts = verify(events, not args.no_gaps)
    for fault in faults[:50]:
        print(fault)
    print(', '.join(f'{count} {kind}' for kind, count in sorted(counts.items())) or 'nothing happened')
    print(f'{len(faults)} faults')
    sys.exit(1 if faults or counts['journaled'] == 0 else 0)


if __name__ == '__main__':
    main()
