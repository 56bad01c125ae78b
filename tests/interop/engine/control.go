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
	"time"

	"github.com/centrifugal/centrifuge"
	"github.com/golang-jwt/jwt/v5"
)

// control obeys lines; each is answered with "ok", "ok VALUE" or "error TEXT". ../mock-serve.c obeys publish, and those
// from forget to pongs.
//
//	publish CHANNEL JSON             as the server
//	tagged CHANNEL TAGS JSON         likewise, with an object of tags without blanks
//	forget CHANNEL                   loses the channel's history
//	drop                             cuts every line without a word
//	shut                             does the same, and to each new one, too
//	open                             lets clients in again
//	disconnect CODE REASON           closes every connection with this code
//	pongs                            says how many clients have answered a ping
//	clients                          says how many there are
//	refreshes                        says how many new tokens were taken from clients
//	subscribe CHANNEL                subscribes every client
//	unsubscribe CHANNEL CODE REASON  ends the subscription of every client
//	websocket STATUS                 answers WebSocket clients with this HTTP status; 0 lets them in
//	refuse CHANNEL CODE              answers the next subscribe to the channel with this error
//	connect-token USER SECONDS CHANNEL...  makes a token that holds so long, with server-side subscriptions
//	channel-token USER SECONDS CHANNEL     makes one for a channel
type control struct {
	engine   *engine
	listener *trackingListener
	gate     *gate
	out      io.Writer
}

func (c *control) obey(lines io.Reader) {
	scanner := bufio.NewScanner(lines)
	scanner.Buffer(nil, 1<<20)
	for scanner.Scan() {
		verb, rest, _ := strings.Cut(strings.TrimSpace(scanner.Text()), " ")
		answer, err := c.run(verb, rest)
		switch {
		case err != nil:
			fmt.Fprintf(c.out, "error %v\n", err)
		case answer != "":
			fmt.Fprintf(c.out, "ok %s\n", answer)
		default:
			fmt.Fprintln(c.out, "ok")
		}
	}
}

func (c *control) run(verb, rest string) (string, error) {
	first, second, _ := strings.Cut(rest, " ")
	switch verb {
	case "publish":
		return "", c.publish(first, second)
	case "tagged":
		tags, data, _ := strings.Cut(second, " ")
		return "", c.publishTagged(first, tags, data)
	case "forget":
		return "", c.engine.node.RemoveHistory(first)
	case "drop":
		return "", c.listener.cut()
	case "shut":
		c.listener.setClosed(true)
		return "", c.listener.cut()
	case "open":
		c.listener.setClosed(false)
		return "", nil
	case "disconnect":
		return "", c.disconnect(first, second)
	case "pongs":
		return strconv.Itoa(c.countPongs()), nil
	case "clients":
		return strconv.Itoa(c.engine.node.Hub().NumClients()), nil
	case "refreshes":
		return strconv.Itoa(c.engine.countRefreshes()), nil
	case "subscribe":
		return "", c.subscribe(first)
	case "unsubscribe":
		return "", c.unsubscribe(first, second)
	case "websocket":
		return "", c.setStatus(first)
	case "refuse":
		return "", c.refuse(first, second)
	case "connect-token", "channel-token":
		return c.makeToken(verb, strings.Fields(rest))
	default:
		return "", fmt.Errorf("unknown command %q", verb)
	}
}

func (c *control) publish(channel, data string) error {
	if !json.Valid([]byte(data)) {
		return errors.New("the data is not JSON")
	}
	options := publishOptions(channel)
	_, err := c.engine.node.Publish(channel, []byte(data),
		centrifuge.WithHistory(options.HistorySize, options.HistoryTTL))
	return err
}

func (c *control) publishTagged(channel, text, data string) error {
	tags := make(map[string]string)
	if err := json.Unmarshal([]byte(text), &tags); err != nil {
		return err
	}
	options := publishOptions(channel)
	_, err := c.engine.node.Publish(channel, []byte(data),
		centrifuge.WithHistory(options.HistorySize, options.HistoryTTL), centrifuge.WithTags(tags))
	return err
}

func parseCode(text string) (uint32, error) {
	number, err := strconv.ParseUint(text, 10, 32)
	return uint32(number), err
}

func (c *control) disconnect(text, reason string) error {
	code, err := parseCode(text)
	if err != nil {
		return err
	}
	for _, client := range c.engine.node.Hub().Connections() {
		client.Disconnect(centrifuge.Disconnect{Code: code, Reason: reason})
	}
	return nil
}

func (c *control) subscribe(channel string) error {
	options := subscribeOptions(channel)
	for _, client := range c.engine.node.Hub().Connections() {
		if err := client.Subscribe(channel, func(o *centrifuge.SubscribeOptions) { *o = options }); err != nil {
			return err
		}
	}
	return nil
}

func (c *control) unsubscribe(channel, rest string) error {
	text, reason, _ := strings.Cut(rest, " ")
	code, err := parseCode(text)
	if err != nil {
		return err
	}
	for _, client := range c.engine.node.Hub().Connections() {
		client.Unsubscribe(channel, centrifuge.Unsubscribe{Code: code, Reason: reason})
	}
	return nil
}

func (c *control) refuse(channel, text string) error {
	code, err := parseCode(text)
	if err != nil {
		return err
	}
	c.engine.refuse(channel, code)
	return nil
}

func (c *control) setStatus(text string) error {
	status, err := strconv.Atoi(text)
	if err != nil || (status != 0 && (status < 100 || status > 999)) {
		return fmt.Errorf("%q is no HTTP status", text)
	}
	c.gate.status.Store(int32(status))
	return nil
}

func (c *control) makeToken(verb string, words []string) (string, error) {
	if len(words) < 2 {
		return "", errors.New("a user and seconds are missing")
	}
	seconds, err := strconv.Atoi(words[1])
	if err != nil {
		return "", err
	}
	registered := jwt.RegisteredClaims{
		Subject:   words[0],
		ExpiresAt: jwt.NewNumericDate(time.Now().Add(time.Duration(seconds) * time.Second)),
	}
	var claims jwt.Claims = connectClaims{RegisteredClaims: registered, Channels: words[2:]}
	if verb == "channel-token" {
		claims = subscribeClaims{RegisteredClaims: registered, Channel: strings.Join(words[2:], " ")}
	}
	return jwt.NewWithClaims(jwt.SigningMethodHS256, claims).SignedString(c.engine.secret)
}

// countPongs returns how many clients have answered a ping.
func (c *control) countPongs() int {
	answered := 0
	for _, client := range c.engine.node.Hub().Connections() {
		if _, known := client.LatestPingPongLatency(); known {
			answered++
		}
	}
	return answered
}
