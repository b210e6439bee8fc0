package chain

import (
	"bytes"
	"slices"
	"strings"

	"mutual/core/evidence"
)

// FilePartlyBad is the finding id of what a client refuses, or misses, because of how a CA file is written.
const FilePartlyBad = "file-partly-bad"

// loader is how a client gets trust anchors out of a file: whose reader it uses, and what that reader's faults are to it.
type loader struct {
	reader evidence.Reader
	// refusal is what the client says of a file that it takes nothing from; ok is false where it takes what was found.
	refusal func(evidence.Reading) (code, text string, ok bool)
}

// Load is what one client makes of a CA file that others read differently.
type Load struct {
	Client     string
	Refused    bool   // it takes nothing from the file, and goes no further
	Code, Text string // the client's own, where it refuses
	// Anchors are what it takes from the file, in its order; nil where it refuses.
	Anchors []Certificate
}

// Loads is what each client makes of f, a CA file or a client certificate file; nil where all read it as this program
// does. Of client certificate files only OpenSSL's reading is known.
func Loads(f evidence.File) []Load {
	if f.Role == evidence.RoleCertificate {
		return clientLoads(f)
	}
	if f.Role != evidence.RoleCA || f.Readings == nil {
		return nil
	}
	var loads []Load
	for _, j := range judges {
		if l, ok := j.(interface{ loads() loader }); ok {
			if load, differs := l.loads().load(f); differs {
				load.Client = j.Name()
				loads = append(loads, load)
			}
		}
	}
	return loads
}

// clientLoads is SSL_CTX_use_certificate_chain_file: what is no certificate is passed over, if its text can be decoded.
func clientLoads(f evidence.File) (loads []Load) {
	reading, ok := f.ReadBy(evidence.OpenSSLReader)
	if !ok {
		return nil
	}
	text := reading.Fault
	for _, found := range reading.Found {
		if strings.HasSuffix(found.Label, "CERTIFICATE") && found.Label != "TRUSTED CERTIFICATE" && (found.Broken || !Parse(evidence.Certificate{DER: found.Certificate}).Legible()) {
			text = "ASN1 lib"
		}
	}
	if text == "" {
		return nil
	}
	for _, j := range []Judge{opensslJudge{}, opensslJudge{partial: true}, python313Judge{}} {
		loads = append(loads, Load{Client: j.Name(), Refused: true, Text: text})
	}
	return loads
}

func (l loader) load(f evidence.File) (load Load, differs bool) {
	reading, ok := f.ReadBy(l.reader)
	if !ok {
		return Load{}, false
	}
	if load.Code, load.Text, load.Refused = l.refusal(reading); load.Refused {
		return load, true
	}
	for _, found := range reading.Found {
		if len(found.Certificate) > 0 {
			load.Anchors = append(load.Anchors, Parse(evidence.Certificate{
				Source: evidence.CAFile, File: f.Path, Block: blockOf(f, found.Certificate), DER: found.Certificate,
			}))
		}
	}
	return load, !slices.EqualFunc(load.Anchors, anchorsOf(f), func(a, b Certificate) bool { return a.SHA256 == b.SHA256 })
}

// blockOf is the index of the block that holds der.
func blockOf(f evidence.File, der []byte) int {
	return max(0, slices.IndexFunc(f.Blocks, func(b evidence.Block) bool { return bytes.Equal(b.Certificate, der) }))
}

// loading is judge's verdict on q with the trust anchors that l takes from q's files.
func (q Question) loading(l loader, judge func(Question) Verdict) Verdict {
	if q.Files == nil {
		return judge(q)
	}
	loaded, changed := q, ""
	for _, f := range q.Files {
		load, differs := l.load(f)
		if load.Refused {
			v := judge(q)
			v.Accepted, v.Code, v.Text, v.Depth, v.path = false, load.Code, load.Text, -1, nil
			v.Reasons = slices.Concat([]Reason{{ID: FilePartlyBad, File: f.Path, Code: load.Code, Text: load.Text, Depth: -1}}, v.Reasons)
			return v
		}
		if differs {
			changed = f.Path
			loaded.Anchors = replaced(loaded.Anchors, f.Path, load.Anchors)
		}
	}
	if changed == "" {
		return judge(q)
	}
	v := judge(loaded)
	if !v.Accepted && judge(q).Accepted {
		v.Reasons = []Reason{{ID: FilePartlyBad, File: changed, Code: v.Code, Text: v.Text, Depth: v.Depth}}
	}
	return v
}

// replaced are anchors with others in the place of those from a file.
func replaced(anchors []Certificate, file string, by []Certificate) []Certificate {
	from := func(c Certificate) bool { return c.Source == evidence.CAFile && c.File == file }
	at := max(0, slices.IndexFunc(anchors, from))
	return slices.Concat(anchors[:at], by, slices.DeleteFunc(slices.Clone(anchors[at:]), from))
}

// notACertificate reports whether something stands where r's reader looked for what it could use, and is not that.
func notACertificate(r evidence.Reading) bool {
	return slices.ContainsFunc(r.Found, func(f evidence.Found) bool { return f.Broken })
}

// unread reports whether r's reader found a certificate that the library cannot read.
func unread(r evidence.Reading, readable func(Certificate) bool) bool {
	return slices.ContainsFunc(r.Found, func(f evidence.Found) bool {
		return len(f.Certificate) > 0 && !readable(Parse(evidence.Certificate{DER: f.Certificate}))
	})
}

// loads is X509_load_cert_crl_file: all or nothing.
func (opensslJudge) loads() loader {
	return loader{evidence.OpenSSLReader, func(r evidence.Reading) (code, text string, ok bool) {
		const given = "PEM lib"
		switch {
		case notACertificate(r) || unread(r, Certificate.Legible):
			return "", given + " (ASN1 lib)", true
		case r.Fault == given:
			return "", given, true
		case r.Fault != "":
			return "", given + " (" + r.Fault + ")", true
		case !slices.ContainsFunc(r.Found, func(f evidence.Found) bool { return len(f.Certificate) > 0 || f.Label == "X509 CRL" }):
			return "", "no certificate or crl found", true
		}
		return "", "", false
	}}
}

// loads is SSLContext.load_verify_locations, which names the library and its reason.
func (python313Judge) loads() loader {
	l := opensslJudge{}.loads()
	refusal := l.refusal
	l.refusal = func(r evidence.Reading) (code, text string, ok bool) {
		_, text, ok = refusal(r)
		switch {
		case !ok:
			return "", "", false
		case strings.HasPrefix(text, "PEM lib"):
			return "", "[X509] PEM lib", true
		}
		return "", "[X509: NO_CERTIFICATE_OR_CRL_FOUND] " + text, true
	}
	return l
}

// loads is CertificateFactory.generateCertificates: all or an exception.
func (javaJudge) loads() loader {
	return loader{evidence.JavaReader, func(r evidence.Reading) (code, text string, ok bool) {
		for _, found := range r.Found {
			if found.Broken {
				return "CertificateException", "Unable to initialize", true
			}
			c := Parse(evidence.Certificate{DER: found.Certificate})
			if c.view == nil {
				return "CertificateException", "Unable to initialize", true
			}
			if x := readJava(&member{Certificate: c, v: c.view}); x.problem != "" {
				return x.class, x.problem, true
			}
		}
		if code, text, ok = strings.Cut(r.Fault, ": "); ok {
			return code, text, true
		}
		if len(r.Found) == 0 {
			return "CertificateException", "No certificate data found", true
		}
		return "", "", false
	}}
}

// loads is gnutls_certificate_set_x509_trust_file: all or nothing, and a file without certificates is nothing.
func (gnutlsJudge) loads() loader {
	return loader{evidence.GnuTLSReader, func(r evidence.Reading) (code, text string, ok bool) {
		switch {
		case notACertificate(r):
			return "GNUTLS_E_ASN1_DER_ERROR", "ASN1 parser: Error in DER parsing.", true
		case unread(r, func(c Certificate) bool { return gnutlsReads(c.read()) }):
			return gnutlsUnreadable, gnutlsErrors[gnutlsUnreadable], true
		case r.Fault != "":
			return "GNUTLS_E_BASE64_UNEXPECTED_HEADER_ERROR", r.Fault, true
		}
		return "", "", false
	}}
}

// loads is mbedtls_x509_crt_parse, of which programs take what could be read; with nothing at all they end.
func (mbedtlsJudge) loads() loader {
	return loader{evidence.MbedTLSReader, func(r evidence.Reading) (code, text string, ok bool) {
		if slices.ContainsFunc(r.Found, func(f evidence.Found) bool { return len(f.Certificate) > 0 }) {
			return "", "", false
		}
		return mbedtlsUnknownFormat.code(), mbedtlsUnknownFormat.text(), true
	}}
}

// NodeAnchors are what Node.js takes of a CA file that others read differently (tls.createSecureContext, addCACert): what
// stands before the first block that it cannot read, with no word about the rest. cut says that there is such a block.
func NodeAnchors(f evidence.File) (anchors []Certificate, cut bool) {
	reading, ok := f.ReadBy(evidence.OpenSSLReader)
	if !ok {
		return anchorsOf(f), false
	}
	for _, found := range reading.Found {
		if found.Broken && strings.HasSuffix(found.Label, "CERTIFICATE") {
			return anchors, true
		}
		if len(found.Certificate) > 0 {
			anchors = append(anchors, Parse(evidence.Certificate{
				Source: evidence.CAFile, File: f.Path, Block: blockOf(f, found.Certificate), DER: found.Certificate,
			}))
		}
	}
	return anchors, reading.Fault != ""
}
