package main

import (
	"net/http/httptest"
	"os"

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
	server := httptest.NewServer(p)
	ts.Defer(server.Close)
	ts.Setenv(args[0]+"_API", server.URL+"/public_api/v1")
	ts.Check(os.WriteFile(ts.MkAbs("platform.key"), []byte("apikey:api-s3cret\n"), 0o600))
	ts.Check(os.WriteFile(ts.MkAbs("wrong.key"), []byte("apikey\nother\n"), 0o600))
}
