// SPDX-License-Identifier: LGPL-2.1-or-later

package main

import (
	"errors"
	"net"
	"sync"
)

// trackingListener knows the open TCP connections, so that lines can be cut as a failing network cuts them.
type trackingListener struct {
	net.Listener
	mu     sync.Mutex
	open   map[*trackedConn]struct{}
	closed bool
}

type trackedConn struct {
	*net.TCPConn
	listener *trackingListener
}

func (l *trackingListener) Accept() (net.Conn, error) {
	for {
		conn, err := l.Listener.Accept()
		if err != nil {
			return nil, err
		}
		tracked := &trackedConn{TCPConn: conn.(*net.TCPConn), listener: l}
		if l.admit(tracked) {
			return tracked, nil
		}
		if err := tracked.reset(); err != nil {
			return nil, err
		}
	}
}

func (l *trackingListener) admit(conn *trackedConn) bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	if !l.closed {
		l.open[conn] = struct{}{}
	}
	return !l.closed
}

// reset ends the connection without an orderly end of TCP, if it has not ended by itself.
func (c *trackedConn) reset() error {
	err := c.SetLinger(0)
	if err == nil {
		err = c.Close()
	}
	if errors.Is(err, net.ErrClosed) {
		return nil
	}
	return err
}

func (c *trackedConn) Close() error {
	c.listener.mu.Lock()
	delete(c.listener.open, c)
	c.listener.mu.Unlock()
	return c.TCPConn.Close()
}

// setClosed says whether new connections are reset, too.
func (l *trackingListener) setClosed(closed bool) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.closed = closed
}

// cut resets every connection: no WebSocket close frame and no orderly end of TCP.
func (l *trackingListener) cut() error {
	l.mu.Lock()
	var conns []*trackedConn
	for conn := range l.open {
		conns = append(conns, conn)
	}
	l.mu.Unlock()
	for _, conn := range conns {
		if err := conn.reset(); err != nil {
			return err
		}
	}
	return nil
}
