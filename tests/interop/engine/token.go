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
	Info json.RawMessage `json:"info,omitempty"`
}

// credentialsFromToken checks an HS256 token as Centrifugo does: an expired one may be replaced by a new one, any
// other fault ends the connection for good.
func credentialsFromToken(token string, secret []byte) (*centrifuge.Credentials, error) {
	var claims connectClaims
	_, err := jwt.ParseWithClaims(token, &claims,
		func(*jwt.Token) (any, error) { return secret, nil },
		jwt.WithValidMethods([]string{jwt.SigningMethodHS256.Alg()}))
	if errors.Is(err, jwt.ErrTokenExpired) {
		return nil, centrifuge.ErrorTokenExpired
	}
	if err != nil {
		return nil, centrifuge.DisconnectInvalidToken
	}
	credentials := &centrifuge.Credentials{UserID: claims.Subject, Info: claims.Info}
	if claims.ExpiresAt != nil {
		credentials.ExpireAt = claims.ExpiresAt.Unix()
	}
	return credentials, nil
}
