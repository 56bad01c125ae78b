// SPDX-License-Identifier: LGPL-2.1-or-later

// Engine is a server on the Go library centrifuge, for checking Realtime's client against a server that is not
// its own. It listens on a free port of the loopback interface, prints "listening URL", obeys the lines of
// control.go on standard input, and ends when that is closed or on SIGINT and SIGTERM.
package main

import (
	"context"
	"flag"
	"fmt"
	"log"
	"net"
	"net/http"
	"os"
	"os/signal"
	"syscall"
	"time"

	"github.com/centrifugal/centrifuge"
)

const shutdownTime = 2 * time.Second

func main() {
	log.SetFlags(0)
	log.SetPrefix("engine: ")
	if err := run(); err != nil {
		log.Fatal(err)
	}
}

func run() error {
	port := flag.Int("port", 0, "port on 127.0.0.1; 0 takes a free one")
	redis := flag.String("redis", "", "HOST:PORT of a Redis that nodes share; none keeps everything in memory")
	secret := flag.String("token-secret", "", "secret of the HS256 tokens; none lets everybody in")
	interval := flag.Uint("ping-interval", 25000, "milliseconds between two pings, whole seconds")
	flag.Parse()

	engine, err := newEngine(*secret, *redis)
	if err != nil {
		return err
	}
	tcp, err := net.Listen("tcp", fmt.Sprintf("127.0.0.1:%d", *port))
	if err != nil {
		return err
	}
	listener := &trackingListener{Listener: tcp, open: make(map[*trackedConn]struct{})}
	gate := &gate{}
	server := &http.Server{Handler: newMux(engine.node, gate, time.Duration(*interval)*time.Millisecond)}
	go func() {
		if err := server.Serve(listener); err != http.ErrServerClosed {
			log.Print(err)
		}
	}()
	fmt.Printf("listening ws://%s/connection/websocket\n", tcp.Addr())

	control := &control{engine: engine, listener: listener, gate: gate, out: os.Stdout}
	waitForEnd(control)
	ctx, cancel := context.WithTimeout(context.Background(), shutdownTime)
	defer cancel()
	if err := engine.node.Shutdown(ctx); err != nil {
		return err
	}
	return server.Close()
}

func newMux(node *centrifuge.Node, gate *gate, ping time.Duration) *http.ServeMux {
	pong := centrifuge.PingPongConfig{PingInterval: ping, PongTimeout: ping / 3}
	mux := http.NewServeMux()
	mux.Handle("/connection/websocket",
		gate.before(centrifuge.NewWebsocketHandler(node, centrifuge.WebsocketConfig{PingPongConfig: pong})))
	mux.Handle("/connection/http_stream",
		centrifuge.NewHTTPStreamHandler(node, centrifuge.HTTPStreamConfig{PingPongConfig: pong}))
	mux.Handle("/connection/sse",
		centrifuge.NewSSEHandler(node, centrifuge.SSEConfig{PingPongConfig: pong}))
	mux.Handle("/emulation",
		centrifuge.NewEmulationHandler(node, centrifuge.EmulationConfig{}))
	return mux
}

// waitForEnd returns when standard input is closed or a signal asks to end.
func waitForEnd(control *control) {
	signals := make(chan os.Signal, 1)
	signal.Notify(signals, syscall.SIGINT, syscall.SIGTERM)
	closed := make(chan struct{})
	go func() {
		control.obey(os.Stdin)
		close(closed)
	}()
	select {
	case <-signals:
	case <-closed:
	}
}
