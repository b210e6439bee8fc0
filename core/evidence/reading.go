package evidence

// Reader is a library that finds the certificates in a file of text in its own way.
type Reader string

const (
	OpenSSLReader Reader = "openssl"
	JavaReader    Reader = "java"
	MbedTLSReader Reader = "mbedtls"
	GnuTLSReader  Reader = "gnutls"
)

// Reading is what a library comes upon in a file, block by block. Some libraries read what others cannot, some pass over
// a block without a word, some take nothing from a file with one damaged block in it.
type Reading struct {
	Reader Reader `json:"reader"`
	// Found are the blocks that the library looks into, in order, up to where it gives up.
	Found []Found `json:"found,omitempty"`
	// Fault is why it reads no further, in its own words; empty: it came to the end of the file.
	Fault string `json:"fault,omitempty"`
	// Passed is how many damaged blocks it passed over, and counts.
	Passed int `json:"passed,omitempty"`
}

// Found is one block as a library takes it.
type Found struct {
	Label string `json:"label,omitempty"`
	// Certificate is the DER of a certificate; nothing else is kept.
	Certificate []byte `json:"certificate,omitempty"`
	// Broken says that what stands there is not what the library looks for under that label.
	Broken bool `json:"broken,omitempty"`
}

// ReadBy is how a library reads f; ok is false where it reads what stands in Blocks.
func (f File) ReadBy(library Reader) (r Reading, ok bool) {
	for _, r := range f.Readings {
		if r.Reader == library {
			return r, true
		}
	}
	return Reading{}, false
}

// UsableCertificates are the blocks of f that hold a certificate for which it can be trusted: also one that only this
// program cannot parse, and none that its trust settings exclude.
func (f File) UsableCertificates() (out []Block) {
	for _, b := range f.Blocks {
		if len(b.Certificate) > 0 && (b.Error == "" || b.Kind == "certificate") {
			out = append(out, b)
		}
	}
	return out
}
