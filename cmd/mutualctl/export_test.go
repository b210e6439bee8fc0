package main

import (
	"net/http"
	"net/http/httptest"
	"os"
	"sync/atomic"

	"github.com/rogpeppe/go-internal/testscript"

	"mutual/core/deploy/deploytest"
)

// startPlatform starts the stand-in with a Dedicated deployment ded1, a Serverless one srv1, and one of somebody else's.
func startPlatform(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 1 {
		ts.Fatalf("usage: platform PREFIX")
	}
	p := &deploytest.Platform{Key: "apikey", Secret: "api-s3cret", Pending: 1, Forbidden: []string{"theirs"}, Deployments: []deploytest.Deployment{
		{ID: "ded1", Name: "plant", Type: "dedicated", Project: "default", Status: "running"},
		{ID: "srv1", Name: "toy", Type: "serverless", Project: "default", Status: "running"},
	}}
	var calls atomic.Int32
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.Method == http.MethodPut && calls.Add(1) == 1 { // the first replacement is put off
			w.Header().Set("Retry-After", "1")
			w.WriteHeader(http.StatusTooManyRequests)
			return
		}
		p.ServeHTTP(w, r)
	}))
	ts.Defer(server.Close)
	ts.Setenv(args[0]+"_API", server.URL+"/public_api/v1")
	ts.Check(os.WriteFile(ts.MkAbs("platform.key"), []byte("apikey:api-s3cret\n"), 0o600))
	ts.Check(os.WriteFile(ts.MkAbs("wrong.key"), []byte("apikey\nother\n"), 0o600))
}
