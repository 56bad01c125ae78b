// SPDX-License-Identifier: LGPL-2.1-or-later

package main

import (
	"bufio"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"strconv"
	"strings"

	"github.com/centrifugal/centrifuge"
)

// control obeys lines; each is answered with "ok" or "error TEXT". ../mock-serve.c obeys the same ones.
//
//	publish CHANNEL JSON     as the server
//	forget CHANNEL           loses the channel's history
//	drop                     cuts every line without a word
//	disconnect CODE REASON   closes every connection with this code
//	pongs                    says "ok N": so many clients have answered a ping
type control struct {
	node     *centrifuge.Node
	listener *trackingListener
	out      io.Writer
}

func (c *control) obey(lines io.Reader) {
	scanner := bufio.NewScanner(lines)
	scanner.Buffer(nil, 1<<20)
	for scanner.Scan() {
		verb, rest, _ := strings.Cut(strings.TrimSpace(scanner.Text()), " ")
		if verb == "pongs" {
			fmt.Fprintf(c.out, "ok %d\n", c.countPongs())
		} else if err := c.run(verb, rest); err != nil {
			fmt.Fprintf(c.out, "error %v\n", err)
		} else {
			fmt.Fprintln(c.out, "ok")
		}
	}
}

func (c *control) run(verb, rest string) error {
	first, second, _ := strings.Cut(rest, " ")
	switch verb {
	case "publish":
		return c.publish(first, second)
	case "forget":
		return c.node.RemoveHistory(first)
	case "drop":
		_, err := c.listener.cut()
		return err
	case "disconnect":
		return c.disconnect(first, second)
	default:
		return fmt.Errorf("unknown command %q", verb)
	}
}

func (c *control) publish(channel, data string) error {
	if !json.Valid([]byte(data)) {
		return errors.New("the data is not JSON")
	}
	options := publishOptions(channel)
	_, err := c.node.Publish(channel, []byte(data),
		centrifuge.WithHistory(options.HistorySize, options.HistoryTTL))
	return err
}

func (c *control) disconnect(code, reason string) error {
	number, err := strconv.ParseUint(code, 10, 32)
	if err != nil {
		return err
	}
	for _, client := range c.node.Hub().Connections() {
		client.Disconnect(centrifuge.Disconnect{Code: uint32(number), Reason: reason})
	}
	return nil
}

// countPongs returns how many clients have answered a ping.
func (c *control) countPongs() int {
	answered := 0
	for _, client := range c.node.Hub().Connections() {
		if _, known := client.LatestPingPongLatency(); known {
			answered++
		}
	}
	return answered
}
