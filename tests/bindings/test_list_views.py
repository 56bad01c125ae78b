#!/usr/bin/python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""Members, messages and history in list views of GTK, which get the models as they are and nothing else.

Needs a display: run under xvfb-run.
"""

import sys
import unittest

import gi
gi.require_version('Gtk', '4.0')
gi.require_version('Rt', '1')
gi.require_version('RtMock', '1')
from gi.repository import Gtk, Rt, RtMock

import guard
from guard import call, wait_until

HISTORY = 150
PAGE = 20


def labels_of(widget):
    """The texts of all labels that the view shows at the moment."""
    texts = []
    child = widget.get_first_child()
    while child is not None:
        if isinstance(child, Gtk.Label) and child.get_mapped():
            texts.append(child.get_text())
        texts += labels_of(child)
        child = child.get_next_sibling()
    return texts


def make_view(model, text_of):
    """A list view over a model, with a factory that shows a property of each item."""
    factory = Gtk.SignalListItemFactory()
    factory.connect('setup', lambda factory, item: item.set_child(Gtk.Label(xalign=0)))
    factory.connect('bind', lambda factory, item: item.get_child().set_text(text_of(item.get_item())))
    view = Gtk.ListView(model=Gtk.NoSelection(model=model), factory=factory)
    return view, Gtk.ScrolledWindow(child=view, hexpand=True, vexpand=True)


class TestListViews(unittest.TestCase):
    def setUp(self):
        self.server = RtMock.Server.new()
        self.server.start()
        self.publish(1, HISTORY)
        self.ann = self.make('ann')
        self.bob = self.make('bob')
        options = Rt.ChannelOptions(messages_limit=30, prefill=10)
        self.room = call(self.ann.join_channel_async, self.ann.join_channel_finish, 'room', options)
        self.box = Gtk.Box(spacing=12)
        self.window = Gtk.Window(default_width=600, default_height=300, child=self.box)

    def make(self, user):
        client = Rt.Client(config=Rt.Config(endpoint=self.server.get_url(), user_id=user))
        call(client.connect_async, client.connect_finish)
        return client

    def tearDown(self):
        self.window.destroy()
        for client in self.ann, self.bob:
            call(client.close_async, client.close_finish)

    def publish(self, first, last):
        for number in range(first, last + 1):
            self.server.publish('room', f'{{"text":"{number}"}}')

    def show(self, model, text_of):
        view, scrolled = make_view(model, text_of)
        self.box.append(scrolled)
        self.window.present()
        return view, scrolled.get_vadjustment()

    def text_of(self, message):
        return message.props.data['text']

    def test_members(self):
        view, _ = self.show(self.room.props.members, lambda member: member.props.user_id)
        wait_until(lambda: labels_of(view) == ['ann'])
        theirs = call(self.bob.join_channel_async, self.bob.join_channel_finish, 'room', None)
        wait_until(lambda: labels_of(view) == ['ann', 'bob'])
        call(theirs.leave_async, theirs.leave_finish)
        wait_until(lambda: labels_of(view) == ['ann'])

    def test_messages(self):
        view, adjustment = self.show(self.room.props.messages, self.text_of)
        wait_until(lambda: labels_of(view)[:2] == [str(HISTORY - 9), str(HISTORY - 8)])
        self.publish(HISTORY + 1, HISTORY + 40)
        wait_until(lambda: len(self.room.props.messages) == 30
                   and self.text_of(self.room.props.messages[29]) == str(HISTORY + 40))
        # The oldest have gone, and the newest are at the end.
        adjustment.set_value(adjustment.get_upper())
        wait_until(lambda: labels_of(view)[-1:] == [str(HISTORY + 40)])
        self.assertNotIn(str(HISTORY), labels_of(view))

    def test_history(self):
        history = call(self.room.history_async, self.room.history_finish, PAGE, None, True)
        history.props.auto_load = True
        view, adjustment = self.show(history, self.text_of)
        wait_until(lambda: labels_of(view)[:1] == [str(HISTORY)])
        self.assertLess(len(history), HISTORY)

        def scroll():
            adjustment.set_value(adjustment.get_upper())
            return labels_of(view)[-1:] == ['1']

        wait_until(scroll)
        self.assertEqual([self.text_of(message) for message in history],
                         [str(number) for number in range(HISTORY, 0, -1)])
        self.assertFalse(history.props.has_more)

    def test_all_at_once(self):
        history = call(self.room.history_async, self.room.history_finish, PAGE, None, True)
        history.props.auto_load = True
        views = [self.show(self.room.props.members, lambda member: member.props.user_id)[0],
                 self.show(self.room.props.messages, self.text_of)[0],
                 self.show(history, self.text_of)[0]]
        self.publish(HISTORY + 1, HISTORY + 2)
        wait_until(lambda: all(labels_of(view) for view in views))


if not Gtk.init_check():
    sys.exit('There is no display: run this with xvfb-run')
guard.install()
unittest.main(verbosity=2)
