package ui

import (
	"net/url"
	"os"
	"path/filepath"
	"strings"
)

// fileURL is the address of a local file (RFC 8089); a drive's letter follows a slash.
func fileURL(path string) *url.URL {
	path = filepath.ToSlash(path)
	if !strings.HasPrefix(path, "/") {
		path = "/" + path
	}
	return &url.URL{Scheme: "file", Path: path}
}

// pathOf is the path of a file's address; empty: it is one of another computer's. On Windows a drive's letter follows a
// slash, and a host is a server whose folder is shared (RFC 8089 appendix E).
func pathOf(u *url.URL, windows bool) string {
	local := u.Host == "" || strings.EqualFold(u.Host, "localhost")
	switch path := u.Path; {
	case !windows && !local:
		return ""
	case !windows:
		return path
	case !local:
		return `\\` + u.Host + strings.ReplaceAll(path, "/", `\`)
	case len(path) >= 3 && path[0] == '/' && path[2] == ':':
		return strings.ReplaceAll(path[1:], "/", `\`)
	default:
		return strings.ReplaceAll(path, "/", `\`)
	}
}

// absolute says whether a path is one from a root: filepath.IsAbs for either system.
func absolute(path string, windows bool) bool {
	if !windows {
		return strings.HasPrefix(path, "/")
	}
	return strings.HasPrefix(path, `\\`) || len(path) >= 3 && path[1] == ':' && (path[2] == '\\' || path[2] == '/')
}

// pastedPaths are the files that were copied in a file manager, which gives them as paths or as addresses, a line each;
// none where one of the lines is neither. Whether they are there is not looked at: see allThere.
func pastedPaths(text string, windows bool) (paths []string) {
	const longest = 64 << 10 // what a thousand names come to
	if len(text) > longest {
		return nil
	}
	for line := range strings.Lines(text) {
		line = strings.TrimSpace(line)
		if line == "" || line == "copy" || line == "cut" { // GNOME's own first line
			continue
		}
		if u, err := url.Parse(line); err == nil && u.Scheme == "file" {
			line = pathOf(u, windows)
		}
		if !absolute(line, windows) {
			return nil
		}
		paths = append(paths, line)
	}
	return paths
}

func allThere(paths []string) bool {
	for _, p := range paths {
		if _, err := os.Stat(p); err != nil {
			return false
		}
	}
	return true
}
