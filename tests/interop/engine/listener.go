// SPDX-License-Identifier: LGPL-2.1-or-later

package main

import (
	"net"
	"sync"
)

// trackingListener knows the open TCP connections, so that lines can be cut as a failing network cuts them.
type trackingListener struct {
	net.Listener
	mu   sync.Mutex
	open map[*trackedConn]struct{}
}

type trackedConn struct {
	*net.TCPConn
	listener *trackingListener
}

func (l *trackingListener) Accept() (net.Conn, error) {
	conn, err := l.Listener.Accept()
	if err != nil {
		return nil, err
	}
	tracked := &trackedConn{TCPConn: conn.(*net.TCPConn), listener: l}
	l.mu.Lock()
	l.open[tracked] = struct{}{}
	l.mu.Unlock()
	return tracked, nil
}

func (c *trackedConn) Close() error {
	c.listener.mu.Lock()
	delete(c.listener.open, c)
	c.listener.mu.Unlock()
	return c.TCPConn.Close()
}

// cut resets every connection: no WebSocket close frame and no orderly end of TCP. It returns how many there were.
func (l *trackingListener) cut() (int, error) {
	l.mu.Lock()
	var conns []*trackedConn
	for conn := range l.open {
		conns = append(conns, conn)
	}
	l.mu.Unlock()
	for _, conn := range conns {
		if err := conn.SetLinger(0); err != nil {
			return 0, err
		}
		if err := conn.Close(); err != nil {
			return 0, err
		}
	}
	return len(conns), nil
}
