// SPDX-License-Identifier: LGPL-2.1-or-later

package main

import (
	"net/http"
	"sync/atomic"
)

// gate lets requests pass, or answers them with a status, as something between a client and a server may.
type gate struct {
	status atomic.Int32 // 0 lets pass
}

func (g *gate) before(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if status := g.status.Load(); status != 0 {
			w.WriteHeader(int(status))
			return
		}
		next.ServeHTTP(w, r)
	})
}
