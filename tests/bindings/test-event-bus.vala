// SPDX-License-Identifier: LGPL-2.1-or-later
// The event bus from Vala.

class Listener : Object {
    public string log = "";

    public void handle (Rt.Event event) {
        log += event.get_name () + " ";
    }
}

void settle () {
    while (MainContext.default ().iteration (false)) {
    }
}

void expect_refusal (Rt.EventBus bus) {
    try {
        bus.try_subscribe_channel ("a**", (event) => {});
        assert_not_reached ();
    } catch (Rt.Error.INVALID_ARGUMENT failure) {
        assert ("a**" in failure.message);
    } catch (Error failure) {
        assert_not_reached ();
    }
}

void run () {
    var bus = new Rt.EventBus ();
    var listener = new Listener ();
    var log = "";

    var all = bus.subscribe_all (listener.handle);
    bus.subscribe (Rt.EventType.GAP, (event) => log += "gap ");
    bus.subscribe_once (Rt.EventType.CUSTOM, (event) => log += "once ");
    bus.subscribe_name ("orders.*", (event) => log += event.get_name () + " ");
    expect_refusal (bus);
    assert (bus.get_n_subscriptions () == 4);

    bus.dispatch (new Rt.Event (Rt.EventType.GAP, null));
    bus.dispatch (new Rt.Event.custom ("orders.new", null));
    bus.dispatch (new Rt.Event.custom ("orders", null));
    settle ();
    assert (listener.log == "gap orders.new orders ");
    assert (log == "gap once orders.new ");

    var owner = new Object ();
    all.bind (owner);
    owner = null;
    assert (!all.is_active ());
    bus.dispatch (new Rt.Event (Rt.EventType.GAP, null));
    bus = null;
    settle ();
    assert (listener.log == "gap orders.new orders ");
    assert (listener.ref_count == 1);
}

int main () {
    run ();
    return 0;
}
