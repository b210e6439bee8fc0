//go:build unix && !darwin

package pki

import (
	"io/fs"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"syscall"
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
	bundle := ""
	for _, file := range files {
		if data, err := os.ReadFile(file); err == nil {
			set.addBundle(data)
			bundle = filepath.Clean(file)
			break
		}
	}
	buffer := make([]byte, 8<<10)
	for _, folder := range folders {
		for _, name := range filesOf(folder, bundle) {
			set.addPEM(contentOf(filepath.Join(folder, name), buffer))
		}
	}
	return set.roots
}

// contentOf is os.ReadFile with half its system calls for a file that fits into buffer, which the next call overwrites; nil
// when it cannot be read. A folder has hundreds of files, and they are a third of what a start costs.
func contentOf(path string, buffer []byte) []byte {
	fd, err := syscall.Open(path, syscall.O_RDONLY|syscall.O_CLOEXEC|syscall.O_NONBLOCK, 0)
	if err != nil {
		return nil
	}
	defer syscall.Close(fd)
	n, err := syscall.Read(fd, buffer)
	if err == nil && n < len(buffer) {
		return buffer[:n] // of a regular file, less than asked for is all there is
	}
	data, err := os.ReadFile(path)
	if err != nil {
		return nil
	}
	return data
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

// filesOf lists folder without the bundle that was read already, and without the hash links into folder itself, which
// would read every certificate again.
func filesOf(folder, bundle string) []string {
	entries, err := os.ReadDir(folder)
	if err != nil {
		return nil
	}
	var out []string
	for _, e := range entries {
		if e.Type()&fs.ModeSymlink != 0 && isHash(e.Name()) {
			target, err := os.Readlink(filepath.Join(folder, e.Name()))
			if err == nil && !strings.Contains(target, "/") {
				continue
			}
		}
		if filepath.Join(folder, e.Name()) != bundle {
			out = append(out, e.Name())
		}
	}
	return out
}

// isHash says whether name is one that `openssl rehash` gives: eight hexadecimal digits, a dot, and a number.
func isHash(name string) bool {
	hash, number, ok := strings.Cut(name, ".")
	return ok && len(hash) == 8 && strings.Trim(hash, "0123456789abcdef") == "" && strings.Trim(number, "0123456789") == ""
}
