package pki

import (
	"bytes"
	"syscall"
	"unsafe"
)

// systemRoots reads the ROOT store of the current user, which includes the machine's. Windows fetches some of Microsoft's
// roots only when a certificate first needs them: one that is missing here may still be trusted by Windows programs.
func systemRoots() []Root {
	name, err := syscall.UTF16PtrFromString("ROOT")
	if err != nil {
		return nil
	}
	store, err := syscall.CertOpenSystemStore(0, name)
	if err != nil {
		return nil
	}
	defer syscall.CertCloseStore(store, 0)
	var set rootSet
	var c *syscall.CertContext
	for {
		// The call frees the context before; it answers with an error after the last certificate.
		if c, err = syscall.CertEnumCertificatesInStore(store, c); err != nil || c == nil {
			return set.roots
		}
		set.addDER(bytes.Clone(unsafe.Slice(c.EncodedCert, c.Length)))
	}
}
