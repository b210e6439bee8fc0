package pki

import (
	"bytes"
	"encoding/asn1"
	"encoding/pem"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"

	"mutual/core/evidence"
)

// MaxFileSize is the largest file, in bytes, that is read. The largest CA bundles have a few hundred kilobytes.
const MaxFileSize = 16 << 20

// ReadFile reads path and says what it is and what each block holds, with an eye to role. It never fails: see
// evidence.File.Problem. passphrase may be empty. With an empty role nothing is expected of the file, and only what is
// of no known format has the problem NotPEM.
func ReadFile(path string, role evidence.Role, passphrase string) evidence.File {
	return readContents(path, role, passphrase).File
}

func readContents(path string, role evidence.Role, passphrase string) contents {
	c := contents{File: evidence.File{Role: role, Path: path}}
	data, err := readBounded(path, &c.File)
	if err != nil {
		c.Detail = err.Error()
		return c
	}
	c.Size = int64(len(data))
	c.parse(data, passphrase)
	return c
}

// readBounded reads a regular file or a named pipe of at most MaxFileSize, or sets f.Problem. Devices are refused: they
// can wait for ever or have no end.
func readBounded(path string, f *evidence.File) ([]byte, error) {
	if path == "" {
		f.Problem = evidence.Missing
		return nil, errors.New("no file is named")
	}
	info, err := os.Stat(path)
	if err != nil {
		f.Problem = evidence.Unreadable
		if errors.Is(err, fs.ErrNotExist) {
			f.Problem = evidence.Missing
		}
		return nil, err
	}
	f.Size = info.Size()
	switch {
	case info.IsDir():
		f.Problem = evidence.Unreadable
		return nil, fmt.Errorf("%s is a folder", path)
	case info.Mode()&fs.ModeNamedPipe != 0:
		data, err := readPipe(path)
		f.Size = int64(len(data))
		switch {
		case err != nil:
			f.Problem = evidence.Unreadable
		case len(data) > MaxFileSize:
			f.Problem, err = evidence.TooLarge, fmt.Errorf("%s has more than %d bytes", path, MaxFileSize)
		}
		return data, err
	case !info.Mode().IsRegular():
		f.Problem = evidence.Unreadable
		return nil, fmt.Errorf("%s is not a regular file", path)
	case f.Size > MaxFileSize:
		f.Problem = evidence.TooLarge
		return nil, fmt.Errorf("%s has %d bytes; at most %d are read", path, f.Size, MaxFileSize)
	}
	file, err := os.Open(path)
	if err != nil {
		f.Problem = evidence.Unreadable
		return nil, err
	}
	defer file.Close()
	data, err := io.ReadAll(io.LimitReader(file, MaxFileSize+1))
	switch {
	case err != nil:
		f.Problem = evidence.Unreadable
	case len(data) > MaxFileSize: // it has grown since
		f.Problem, err = evidence.TooLarge, fmt.Errorf("%s has more than %d bytes", path, MaxFileSize)
	}
	return data, err
}

// parse says what data is and fills in the blocks.
func (c *contents) parse(data []byte, passphrase string) {
	if len(bytes.TrimSpace(data)) == 0 {
		c.Problem = evidence.Empty
		return
	}
	data = trimDER(data)
	scanned := scanPEM(data)
	if der := armoredPKCS12(scanned); der != nil {
		data, scanned = der, nil
	}
	readable := false
	for _, p := range scanned {
		readable = readable || p.block != nil
	}
	c.Format = formatPEM
	if !readable {
		c.Format = formatOf(data)
	}
	if c.Role == "" && (c.Format == formatUnknown || readable) && c.addSequence(data, passphrase) {
		return
	}
	switch c.Format {
	case formatPEM, formatUnknown:
		for _, p := range scanned {
			c.addPEM(p, passphrase)
		}
		c.settlePEMFormat(scanned)
	case formatDERCertificate, formatDERKey, formatDERRequest, formatDERCRL:
		c.addDER(data, passphrase)
	case formatPKCS12:
		c.addPKCS12(data, passphrase)
	case formatPKCS7, formatJKS, formatJCEKS: // of no use to any role
		if c.Role == "" && c.Format != formatPKCS7 {
			c.addJKS(data, passphrase)
		} else if c.Role == "" {
			c.containerError = c.addPKCS7(data)
		}
	}
	switch c.Format {
	case formatPEM, formatUnknown, formatUTF16, formatOpenSSH, formatHTML:
		c.findDamage(data, scanned)
	}
	c.addReadings(data)
	c.judge()
	if cut := cutOff(data); cut != "" && c.Format == formatUnknown && len(c.Blocks) == 0 {
		c.Detail = cut
	}
}

// cutOff says that data is the beginning of a DER structure that is longer; empty: it is not.
func cutOff(data []byte) string {
	in := data
	if len(in) < 4 || in[0] != 0x30 || in[1] < 0x81 || in[1] > 0x84 {
		return ""
	}
	length, size := 0, int(in[1]&0x7f)
	if len(in) < 2+size {
		return ""
	}
	for _, b := range in[2 : 2+size] {
		length = length<<8 | int(b)
	}
	// Inside is another structure, or a version, in whatever can be a certificate, a key or a container.
	if whole := 2 + size + length; whole > len(in) && whole <= MaxFileSize && len(in) > 2+size && (in[2+size] == 0x30 || in[2+size] == 2 || in[2+size] == 6) {
		return fmt.Sprintf("it begins as a structure of %d bytes does, and has only %d: it is cut off", whole, len(in))
	}
	return ""
}

// settlePEMFormat decides between "pem", "openssh" and "unknown" once the blocks are read. A file none of whose BEGIN
// lines starts a line is no PEM file to any program; one with a damaged block is, though nothing in it can be read.
func (c *contents) settlePEMFormat(scanned []pemBlock) {
	atLineStart, openSSH := false, len(scanned) > 0
	for _, p := range scanned {
		atLineStart = atLineStart || p.atLineStart
		openSSH = openSSH && p.label == labelOpenSSH
	}
	switch {
	case openSSH:
		c.Format = formatOpenSSH
	case atLineStart:
		c.Format = formatPEM
	}
}

// addDER reads a file that is one DER structure.
func (c *contents) addDER(data []byte, passphrase string) {
	b := evidence.Block{Kind: kindCertificate}
	switch c.Format {
	case formatDERRequest:
		b.Kind = kindRequest
	case formatDERKey, formatDERCRL:
		b.Kind, _ = derKind(data)
	}
	c.read(&b, &pem.Block{Bytes: data}, passphrase)
	c.Blocks = append(c.Blocks, b)
}

// trimDER cuts off line ends after a DER structure: every program that reads the structure passes over them.
func trimDER(data []byte) []byte {
	var first asn1.RawValue
	if data[0] != 0x30 {
		return data
	}
	if rest, err := asn1.Unmarshal(data, &first); err == nil && len(bytes.TrimSpace(rest)) == 0 {
		return first.FullBytes
	}
	return data
}
