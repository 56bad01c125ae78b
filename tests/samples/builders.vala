// SPDX-License-Identifier: LGPL-2.1-or-later
// Builders: settings, clients and messages, put together step by step, checked at once, immutable afterwards.

void report_faults () {
    // One error names every fault, so that none waits behind another.
    try {
        new Rt.ConfigBuilder ().with_endpoint ("ftp://example.com").with_connect_timeout (5).build ();
        assert_not_reached ();
    } catch (Error error) {
        assert (error is Rt.Error.INVALID_CONFIG);
        assert ("endpoint" in error.message && "connect-timeout" in error.message);
    }
}

int main () {
    try {
        var config = new Rt.ConfigBuilder ()
            .with_api_key ("my-api-key")
            .with_endpoint ("wss://example.com/realtime")
            .with_reconnect_delay (5000)
            .with_max_reconnects (10)
            .build ();
        assert (config.endpoint == "wss://example.com/realtime");
        assert (config.reconnect_delay == 5000);
        // What was not given has its default.
        assert (config.connect_timeout == 10000);

        var client = new Rt.ClientBuilder ()
            .with_api_key ("my-api-key")
            .with_endpoint ("wss://example.com/realtime")
            .with_reconnect_delay (5000)
            .with_max_reconnects (10)
            .build ();
        assert (client.config.max_reconnects == 10);
        assert (client.state == Rt.ConnectionState.DISCONNECTED);

        var message = new Rt.MessageBuilder ()
            .with_channel ("general")
            .with_content ("Hello!")
            .with_priority (Rt.Priority.HIGH)
            .with_metadata ("key", "value")
            .build ();
        assert (message.channel == "general");
        assert (message.content == "Hello!");
        assert (message.priority == Rt.Priority.HIGH);
        assert (message.get_metadata_value ("key") == "value");
    } catch (Error error) {
        GLib.error ("%s", error.message);
    }
    report_faults ();
    return 0;
}
