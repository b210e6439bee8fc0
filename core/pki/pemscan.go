package pki

import (
	"bytes"
	"encoding/pem"
	"errors"
	"fmt"
	"strings"
)

// pemBlock is one BEGIN line and what follows it. encoding/pem passes silently over a block that it cannot read; here
// it is kept, with the reason.
type pemBlock struct {
	label       string
	block       *pem.Block // nil: see err
	err         error
	atLineStart bool // its BEGIN line starts a line
}

var (
	beginMark = []byte("-----BEGIN ")
	endMark   = []byte("-----END ")
	dashes    = []byte("-----")
)

// maxBlocks bounds the blocks of one file that are looked at: far more than any bundle has.
const maxBlocks = 10_000

// scanPEM finds every block whose BEGIN line starts a line, as OpenSSL and Go do (RFC 7468 §2), and also those whose
// BEGIN line does not: for these both programs are blind, so they have an error.
func scanPEM(data []byte) []pemBlock {
	var out []pemBlock
	for pos := 0; ; {
		begin := bytes.Index(data[pos:], beginMark)
		if begin < 0 {
			return out
		}
		begin += pos
		if len(out) == maxBlocks {
			return append(out, pemBlock{label: labelOf(data[begin:]), err: fmt.Errorf("not read, and neither is what follows: a file has at most %d blocks", maxBlocks)})
		}
		pos = blockEnd(data, begin)
		out = append(out, readBlock(data, begin, pos))
	}
}

// blockEnd is where the block that begins at begin ends: after its END line, or at the next BEGIN mark if that comes
// first.
func blockEnd(data []byte, begin int) int {
	limit := len(data)
	if next := bytes.Index(data[begin+len(beginMark):], beginMark); next >= 0 {
		limit = begin + len(beginMark) + next
	}
	end := bytes.Index(data[begin:limit], endMark)
	if end < 0 {
		return limit
	}
	if line := bytes.IndexByte(data[begin+end:limit], '\n'); line >= 0 {
		return begin + end + line + 1
	}
	return limit
}

// readBlock reads the block from begin to end.
func readBlock(data []byte, begin, end int) pemBlock {
	out := pemBlock{label: labelOf(data[begin:end])}
	if begin > 0 && data[begin-1] != '\n' {
		out.err = errors.New("its BEGIN line does not start at the beginning of the line")
		if string(data[:begin]) == byteOrderMark {
			out.err = errors.New("a byte order mark stands before its BEGIN line")
		}
		return out
	}
	// The whole last line, because what stands behind the END mark makes the block unreadable to others too.
	if data[end-1] != '\n' {
		if rest := bytes.IndexByte(data[end:], '\n'); rest >= 0 {
			end += rest + 1
		} else {
			end = len(data)
		}
	}
	out.atLineStart = true
	block, _ := pem.Decode(data[begin:end])
	switch {
	case block != nil && len(block.Bytes) == 0:
		out.err = errors.New("nothing stands between its BEGIN and END lines")
	case block != nil:
		out.block, out.label = block, block.Type
	default:
		out.err = blockFault(data[begin:end], out.label)
	}
	return out
}

// byteOrderMark is U+FEFF in UTF-8, which some editors put at the start of a file.
const byteOrderMark = "\xef\xbb\xbf"

// labelOf is what stands between BEGIN and the dashes, at most 64 bytes of it.
func labelOf(text []byte) string {
	line, _, _ := bytes.Cut(text[len(beginMark):], []byte("\n"))
	label, _, _ := bytes.Cut(line, dashes)
	label = bytes.TrimSpace(label)
	return strings.ToValidUTF8(string(label[:min(len(label), 64)]), "?")
}

// blockFault says why encoding/pem does not read the block.
func blockFault(text []byte, label string) error {
	line, body, _ := bytes.Cut(text, []byte("\n"))
	if !bytes.HasSuffix(bytes.TrimRight(line, " \t\r"), dashes) || len(line) <= len(beginMark)+len(dashes) {
		return errors.New("its BEGIN line is damaged")
	}
	end := bytes.Index(body, endMark)
	if end < 0 {
		return errors.New("its END line is missing")
	}
	endLine, _, _ := bytes.Cut(body[end:], []byte("\n"))
	if want := string(endMark) + label + string(dashes); strings.TrimRight(string(endLine), " \t\r") != want {
		return fmt.Errorf("its END line is not %q", want)
	}
	return errors.New("what stands between its BEGIN and END lines is not base64")
}
