package acme

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
)

// AWSSources says, in the SDK's order, where credentials stand that are not typed; empty: nowhere that is known here. No
// secret is shown.
func AWSSources() string {
	var found []string
	if id := os.Getenv("AWS_ACCESS_KEY_ID"); id != "" && os.Getenv("AWS_SECRET_ACCESS_KEY") != "" {
		found = append(found, fmt.Sprintf("the environment (AWS_ACCESS_KEY_ID is %s)", id))
	}
	profile := os.Getenv("AWS_PROFILE")
	for _, f := range []struct{ variable, name string }{{"AWS_SHARED_CREDENTIALS_FILE", "credentials"}, {"AWS_CONFIG_FILE", "config"}} {
		path := os.Getenv(f.variable)
		if home, err := os.UserHomeDir(); path == "" && err == nil {
			path = filepath.Join(home, ".aws", f.name)
		}
		if _, err := os.Stat(path); path == "" || err != nil {
			continue
		}
		text := "the file " + path
		if profile != "" {
			text += " (AWS_PROFILE is " + profile + ")"
		}
		found = append(found, text)
	}
	return strings.Join(found, ", then ")
}
