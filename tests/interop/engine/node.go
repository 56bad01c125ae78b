// SPDX-License-Identifier: LGPL-2.1-or-later

package main

import (
	"context"
	"log"
	"strings"
	"sync"
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
	privatePrefix  = "private:"  // only with a token for the channel
	taggedPrefix   = "tagged:"   // filters of tags are allowed
	briefSize      = 2

	// How long what has expired may stay, for a new token to come.
	expiredDelay = time.Second
)

type engine struct {
	node   *centrifuge.Node
	secret []byte

	mu        sync.Mutex
	refusals  map[string]uint32 // the error that the next subscribe to a channel gets
	refreshes int               // that were answered well
}

func newEngine(secret, redis string) (*engine, error) {
	node, err := centrifuge.New(centrifuge.Config{
		LogLevel: centrifuge.LogLevelError,
		LogHandler: func(entry centrifuge.LogEntry) {
			log.Print(entry.Message, " ", entry.Fields)
		},
		ClientExpiredCloseDelay:    expiredDelay,
		ClientExpiredSubCloseDelay: expiredDelay,
	})
	if err != nil {
		return nil, err
	}
	if redis != "" {
		if err := useRedis(node, redis); err != nil {
			return nil, err
		}
	}
	e := &engine{node: node, secret: []byte(secret), refusals: make(map[string]uint32)}
	node.OnConnecting(e.connecting)
	node.OnConnect(e.connected)
	return e, node.Run()
}

func (e *engine) connecting(
	_ context.Context, event centrifuge.ConnectEvent,
) (centrifuge.ConnectReply, error) {
	if len(e.secret) == 0 {
		return centrifuge.ConnectReply{Credentials: &centrifuge.Credentials{}}, nil
	}
	claims, err := parseConnectToken(event.Token, e.secret)
	if err != nil {
		return centrifuge.ConnectReply{}, err
	}
	subscriptions := make(map[string]centrifuge.SubscribeOptions)
	for _, channel := range claims.Channels {
		subscriptions[channel] = subscribeOptions(channel)
	}
	return centrifuge.ConnectReply{
		Credentials: &centrifuge.Credentials{
			UserID:   claims.Subject,
			Info:     claims.Info,
			ExpireAt: expiry(claims.RegisteredClaims),
		},
		Subscriptions:     subscriptions,
		ClientSideRefresh: true,
	}, nil
}

func (e *engine) connected(client *centrifuge.Client) {
	client.OnSubscribe(func(event centrifuge.SubscribeEvent, done centrifuge.SubscribeCallback) {
		done(e.subscribe(client, event))
	})
	client.OnRefresh(func(event centrifuge.RefreshEvent, done centrifuge.RefreshCallback) {
		done(e.refresh(client, event))
	})
	client.OnSubRefresh(func(event centrifuge.SubRefreshEvent, done centrifuge.SubRefreshCallback) {
		expireAt, err := parseSubscribeToken(event.Token, e.secret, client.UserID(), event.Channel)
		done(centrifuge.SubRefreshReply{ExpireAt: expireAt}, e.countRefresh(err))
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

func (e *engine) subscribe(
	client *centrifuge.Client, event centrifuge.SubscribeEvent,
) (centrifuge.SubscribeReply, error) {
	if err := e.takeRefusal(event.Channel); err != nil {
		return centrifuge.SubscribeReply{}, err
	}
	options := subscribeOptions(event.Channel)
	switch {
	case strings.HasPrefix(event.Channel, deniedPrefix):
		return centrifuge.SubscribeReply{}, centrifuge.ErrorPermissionDenied
	case strings.HasPrefix(event.Channel, privatePrefix):
		expireAt, err := parseSubscribeToken(event.Token, e.secret, client.UserID(), event.Channel)
		if err != nil {
			return centrifuge.SubscribeReply{}, err
		}
		options.ExpireAt = expireAt
	}
	return centrifuge.SubscribeReply{Options: options, ClientSideRefresh: true}, nil
}

func (e *engine) refresh(client *centrifuge.Client, event centrifuge.RefreshEvent) (centrifuge.RefreshReply, error) {
	claims, err := parseConnectToken(event.Token, e.secret)
	if err == nil && claims.Subject != client.UserID() {
		err = centrifuge.DisconnectInvalidToken
	}
	return centrifuge.RefreshReply{ExpireAt: expiry(claims.RegisteredClaims)}, e.countRefresh(err)
}

func (e *engine) countRefresh(err error) error {
	e.mu.Lock()
	defer e.mu.Unlock()
	if err == nil {
		e.refreshes++
	}
	return err
}

func (e *engine) countRefreshes() int {
	e.mu.Lock()
	defer e.mu.Unlock()
	return e.refreshes
}

// refuse lets the next subscribe to the channel fail.
func (e *engine) refuse(channel string, code uint32) {
	e.mu.Lock()
	defer e.mu.Unlock()
	e.refusals[channel] = code
}

func (e *engine) takeRefusal(channel string) error {
	e.mu.Lock()
	defer e.mu.Unlock()
	code, refused := e.refusals[channel]
	delete(e.refusals, channel)
	if !refused {
		return nil
	}
	temporary := code == centrifuge.ErrorInternal.Code
	return &centrifuge.Error{Code: code, Message: "refused on demand", Temporary: temporary}
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
		AllowTagsFilter:   strings.HasPrefix(channel, taggedPrefix),
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
