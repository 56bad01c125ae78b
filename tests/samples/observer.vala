// SPDX-License-Identifier: LGPL-2.1-or-later
// The observer: whoever wants to know subscribes to a bus; whoever has something to tell dispatches it there.

string? seen = null;

void expect (string name) {
    while (seen == null)
        MainContext.default ().iteration (true);
    assert (seen == name);
    seen = null;
}

// A bus of one's own.
void subscribe () throws Error {
    var bus = new Rt.EventBus ();
    var subscription = bus.subscribe (Rt.EventType.MESSAGE_RECEIVED, (event) => { seen = event.message.content; });

    // From any thread; the handler runs later, in the context that it was subscribed in.
    var message = new Rt.Message.text ("general", "Hello!");
    bus.dispatch (new Rt.EventFactory ().create_message_event (Rt.EventType.MESSAGE_RECEIVED, message));
    assert (seen == null);
    expect ("Hello!");

    // After this nothing comes any more.
    subscription.cancel ();
    assert (!subscription.is_active ());
}

// Everything, or what fits a pattern.
void subscribe_by_pattern () {
    var bus = new Rt.EventBus ();
    bus.subscribe_name ("orders.*", (event) => { seen = event.name; });
    bus.dispatch (new Rt.Event.custom ("news.new", null));
    bus.dispatch (new Rt.Event.custom ("orders.new", null));
    expect ("orders.new");
}

// A client puts on its bus what happens to it.
void watch_client () throws Error {
    var server = new RtMock.Server ();
    server.start ();
    var client = new Rt.Client (new Rt.Config (null, server.get_url ()));
    var subscription = client.on (Rt.EventType.CONNECTED, (event) => { seen = event.name; });
    client.connect_sync (null);
    expect ("connected");

    // Its subscriptions end with it.
    client.close_sync (null);
    while (subscription.is_active ())
        MainContext.default ().iteration (true);
}

int main () {
    try {
        subscribe ();
        subscribe_by_pattern ();
        watch_client ();
    } catch (Error error) {
        GLib.error ("%s", error.message);
    }
    return 0;
}
