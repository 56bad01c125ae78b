// SPDX-License-Identifier: LGPL-2.1-or-later
// Where the references of other libraries are.
baseURLs = [
  ['GLib', 'https://docs.gtk.org/glib/'],
  ['GObject', 'https://docs.gtk.org/gobject/'],
  ['Gio', 'https://docs.gtk.org/gio/'],
  ['Rt', '../Rt-1/'],
];
