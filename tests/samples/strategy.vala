// SPDX-License-Identifier: LGPL-2.1-or-later
// Strategies: the way to the server is chosen, by name, and changed while the program runs.

Rt.StrategySelector register_strategies (Rt.Config config) throws Error {
    // A selector has strategies under the names that the program gives them.
    var websocket = new Rt.WebsocketStrategy (config);
    var polling = new Rt.PollingStrategy (config, 1000);
    var selector = new Rt.StrategySelector ();
    selector.register ("websocket", websocket);
    selector.register ("http", polling);
    assert (selector.select ("websocket") == websocket);
    try {
        selector.select ("pigeons");
        assert_not_reached ();
    } catch (Rt.Error.INVALID_CONFIG error) {
        assert ("pigeons" in error.message);
    }
    return selector;
}

void switch_strategy (Rt.Client client) throws Error {
    client.connect_sync (null);
    assert (client.transport == "websocket");

    // Nothing is lost or doubled by going over to another strategy.
    client.use_strategy ("http");
    client.send_message_sync ("general", "Hello!", null);
    assert (client.transport == "http");
}

int main () {
    try {
        var server = new RtMock.Server ();
        server.start ();
        var config = new Rt.Config (null, server.get_url ());
        var client = new Rt.ClientBuilder ()
            .with_config (config)
            .with_strategies ({ "websocket", "http" })
            .with_strategy_selector (register_strategies (config))
            .build ();
        switch_strategy (client);
        client.close_sync (null);
    } catch (Error error) {
        GLib.error ("%s", error.message);
    }
    return 0;
}
