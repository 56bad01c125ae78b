// SPDX-License-Identifier: LGPL-2.1-or-later

package main

import (
	"context"
	"log"
	"strings"
	"time"

	"github.com/centrifugal/centrifuge"
)

const (
	historySize = 1000
	historyTTL  = 10 * time.Minute

	// Channels with a meaning of their own, by the beginning of the name.
	deniedPrefix   = "denied:"   // nobody may subscribe or publish
	readonlyPrefix = "readonly:" // nobody may publish
	briefPrefix    = "brief:"    // a history of briefSize publications only
	plainPrefix    = "plain:"    // neither history, recovery nor presence
	briefSize      = 2
)

type engine struct {
	node   *centrifuge.Node
	secret []byte
}

func newEngine(secret string) (*engine, error) {
	node, err := centrifuge.New(centrifuge.Config{
		LogLevel: centrifuge.LogLevelError,
		LogHandler: func(entry centrifuge.LogEntry) {
			log.Print(entry.Message, " ", entry.Fields)
		},
	})
	if err != nil {
		return nil, err
	}
	e := &engine{node: node, secret: []byte(secret)}
	node.OnConnecting(e.connecting)
	node.OnConnect(e.connected)
	return e, node.Run()
}

func (e *engine) connecting(_ context.Context, event centrifuge.ConnectEvent) (centrifuge.ConnectReply, error) {
	if len(e.secret) == 0 {
		return centrifuge.ConnectReply{Credentials: &centrifuge.Credentials{}}, nil
	}
	credentials, err := credentialsFromToken(event.Token, e.secret)
	return centrifuge.ConnectReply{Credentials: credentials, ClientSideRefresh: true}, err
}

func (e *engine) connected(client *centrifuge.Client) {
	client.OnSubscribe(func(event centrifuge.SubscribeEvent, done centrifuge.SubscribeCallback) {
		if strings.HasPrefix(event.Channel, deniedPrefix) {
			done(centrifuge.SubscribeReply{}, centrifuge.ErrorPermissionDenied)
			return
		}
		done(centrifuge.SubscribeReply{Options: subscribeOptions(event.Channel)}, nil)
	})
	client.OnPublish(func(event centrifuge.PublishEvent, done centrifuge.PublishCallback) {
		if strings.HasPrefix(event.Channel, deniedPrefix) || strings.HasPrefix(event.Channel, readonlyPrefix) {
			done(centrifuge.PublishReply{}, centrifuge.ErrorPermissionDenied)
			return
		}
		options := publishOptions(event.Channel)
		options.ClientInfo = event.ClientInfo
		done(centrifuge.PublishReply{Options: options}, nil)
	})
	client.OnPresence(func(_ centrifuge.PresenceEvent, done centrifuge.PresenceCallback) {
		done(centrifuge.PresenceReply{}, nil)
	})
	client.OnPresenceStats(func(_ centrifuge.PresenceStatsEvent, done centrifuge.PresenceStatsCallback) {
		done(centrifuge.PresenceStatsReply{}, nil)
	})
	client.OnHistory(func(_ centrifuge.HistoryEvent, done centrifuge.HistoryCallback) {
		done(centrifuge.HistoryReply{}, nil)
	})
	client.OnRPC(answerRPC)
}

// answerRPC echoes, fails with an error of the application for "fail", and knows no method "unknown".
func answerRPC(event centrifuge.RPCEvent, done centrifuge.RPCCallback) {
	switch event.Method {
	case "fail":
		done(centrifuge.RPCReply{}, &centrifuge.Error{Code: 1000, Message: "out of stock"})
	case "unknown":
		done(centrifuge.RPCReply{}, centrifuge.ErrorMethodNotFound)
	default:
		done(centrifuge.RPCReply{Data: event.Data}, nil)
	}
}

func subscribeOptions(channel string) centrifuge.SubscribeOptions {
	if strings.HasPrefix(channel, plainPrefix) {
		return centrifuge.SubscribeOptions{}
	}
	return centrifuge.SubscribeOptions{
		EnableRecovery:    true,
		EnablePositioning: true,
		EmitPresence:      true,
		EmitJoinLeave:     true,
		PushJoinLeave:     true,
	}
}

func publishOptions(channel string) centrifuge.PublishOptions {
	switch {
	case strings.HasPrefix(channel, plainPrefix):
		return centrifuge.PublishOptions{}
	case strings.HasPrefix(channel, briefPrefix):
		return centrifuge.PublishOptions{HistorySize: briefSize, HistoryTTL: historyTTL}
	default:
		return centrifuge.PublishOptions{HistorySize: historySize, HistoryTTL: historyTTL}
	}
}
