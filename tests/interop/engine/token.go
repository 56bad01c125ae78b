// SPDX-License-Identifier: LGPL-2.1-or-later

package main

import (
	"encoding/json"
	"errors"

	"github.com/centrifugal/centrifuge"
	"github.com/golang-jwt/jwt/v5"
)

type connectClaims struct {
	jwt.RegisteredClaims
	Info     json.RawMessage `json:"info,omitempty"`
	Channels []string        `json:"channels,omitempty"` // that the server subscribes the client to
}

type subscribeClaims struct {
	jwt.RegisteredClaims
	Channel string `json:"channel"`
}

// parseToken checks an HS256 token as Centrifugo does: an expired one may be replaced by a new one, any other fault
// is final.
func parseToken(token string, secret []byte, claims jwt.Claims, fault error) error {
	_, err := jwt.ParseWithClaims(token, claims,
		func(*jwt.Token) (any, error) { return secret, nil },
		jwt.WithValidMethods([]string{jwt.SigningMethodHS256.Alg()}))
	if errors.Is(err, jwt.ErrTokenExpired) {
		return centrifuge.ErrorTokenExpired
	}
	if err != nil {
		return fault
	}
	return nil
}

func parseConnectToken(token string, secret []byte) (*connectClaims, error) {
	var claims connectClaims
	err := parseToken(token, secret, &claims, centrifuge.DisconnectInvalidToken)
	return &claims, err
}

// parseSubscribeToken returns when the subscription of the user to the channel ends, 0 for never.
func parseSubscribeToken(token string, secret []byte, user, channel string) (int64, error) {
	var claims subscribeClaims
	if err := parseToken(token, secret, &claims, centrifuge.ErrorPermissionDenied); err != nil {
		return 0, err
	}
	if claims.Subject != user || claims.Channel != channel {
		return 0, centrifuge.ErrorPermissionDenied
	}
	return expiry(claims.RegisteredClaims), nil
}

func expiry(claims jwt.RegisteredClaims) int64 {
	if claims.ExpiresAt == nil {
		return 0
	}
	return claims.ExpiresAt.Unix()
}
