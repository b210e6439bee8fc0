//go:build unix && !darwin

package pki

import (
	"io/fs"
	"os"
	"path/filepath"
	"runtime"
	"strings"
)

// The places and their order are those of crypto/x509 (root_linux.go, root_bsd.go, root_unix.go of Go 1.26), so that
// System holds exactly what a Go program on this machine trusts: the first file that can be read, and all files of all
// folders. SSL_CERT_FILE and SSL_CERT_DIR (separated by colons) replace them.
var (
	linuxFiles = []string{
		"/etc/ssl/certs/ca-certificates.crt",                // Debian, Ubuntu, Gentoo
		"/etc/pki/tls/certs/ca-bundle.crt",                  // Fedora, RHEL 6
		"/etc/ssl/ca-bundle.pem",                            // openSUSE
		"/etc/pki/tls/cacert.pem",                           // OpenELEC
		"/etc/pki/ca-trust/extracted/pem/tls-ca-bundle.pem", // CentOS, RHEL 7
		"/etc/ssl/cert.pem",                                 // Alpine Linux
	}
	linuxFolders = []string{
		"/etc/ssl/certs",     // SLES 10 and 11
		"/etc/pki/tls/certs", // Fedora, RHEL
	}
	bsdFiles = []string{
		"/usr/local/etc/ssl/cert.pem",            // FreeBSD
		"/etc/ssl/cert.pem",                      // OpenBSD
		"/usr/local/share/certs/ca-root-nss.crt", // DragonFly
		"/etc/openssl/certs/ca-certificates.crt", // NetBSD
	}
	bsdFolders = []string{
		"/etc/ssl/certs",         // FreeBSD 12.2 and later
		"/usr/local/share/certs", // FreeBSD
		"/etc/openssl/certs",     // NetBSD
	}
)

func systemRoots() []Root {
	files, folders := rootPlaces()
	var set rootSet
	for _, file := range files {
		if data, err := os.ReadFile(file); err == nil {
			set.addPEM(data)
			break
		}
	}
	for _, folder := range folders {
		for _, name := range filesOf(folder) {
			if data, err := os.ReadFile(filepath.Join(folder, name)); err == nil {
				set.addPEM(data)
			}
		}
	}
	return set.roots
}

func rootPlaces() (files, folders []string) {
	files, folders = linuxFiles, linuxFolders
	if strings.HasSuffix(runtime.GOOS, "bsd") || runtime.GOOS == "dragonfly" {
		files, folders = bsdFiles, bsdFolders
	}
	if f := os.Getenv("SSL_CERT_FILE"); f != "" {
		files = []string{f}
	}
	if d := os.Getenv("SSL_CERT_DIR"); d != "" {
		folders = strings.Split(d, ":")
	}
	return files, folders
}

// filesOf lists folder without the hash links into folder itself, which would read every certificate again.
func filesOf(folder string) []string {
	entries, err := os.ReadDir(folder)
	if err != nil {
		return nil
	}
	var out []string
	for _, e := range entries {
		if e.Type()&fs.ModeSymlink != 0 {
			target, err := os.Readlink(filepath.Join(folder, e.Name()))
			if err == nil && !strings.Contains(target, "/") {
				continue
			}
		}
		out = append(out, e.Name())
	}
	return out
}
