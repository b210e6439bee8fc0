package pki

import "os"

// systemRoots reads the file that macOS keeps for OpenSSL: Apple's own roots as of the last system update. Roots that an
// administrator or the user added stand only in the keychains, which need cgo or Security.framework to be asked; name
// such a root's file as a CA file instead.
func systemRoots() []Root {
	var set rootSet
	if data, err := os.ReadFile("/etc/ssl/cert.pem"); err == nil {
		set.addPEM(data)
	}
	return set.roots
}
