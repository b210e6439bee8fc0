package diagnose

import (
	"fmt"
	"slices"
	"strings"

	"mutual/core/evidence"
)

// fileRules are about the user's own files. A file that cannot be used makes the connection impossible.
var fileRules = []Rule{
	forProblem("file-missing", "", missingFile, evidence.Missing),
	forProblem("file-unreadable", "", unreadableFile, evidence.Unreadable, evidence.TooLarge),
	forProblem("file-empty", "", emptyFile, evidence.Empty),
	{ID: "file-encoding", Spec: "RFC 7468 §2", Check: fileEncoding},
	{ID: "file-wrong-format", Spec: "RFC 7468", Check: wrongFormat},
	{ID: "file-wrong-content", Spec: "RFC 7468", Check: wrongContent},
	forProblem("key-encrypted", "RFC 5958", keyEncrypted, evidence.PassphraseNone),
	forProblem("passphrase-wrong", "RFC 5958", passphraseWrong, evidence.PassphraseBad),
	{ID: "key-unsupported", Spec: "RFC 5958", Check: unsupportedKeys},
	{ID: "key-mismatch", Spec: "RFC 8446 §4.4.2.2", Check: mismatched},
	{ID: "certificate-malformed", Spec: "RFC 5280 §4.1", Check: refusedAnchors},
	{ID: "file-partly-bad", Spec: "RFC 7468", Check: partlyBad},
}

// forProblem makes a rule of a sentence about each file that has one of problems.
func forProblem(id, spec string, word func(*Case, evidence.File) Finding, problems ...evidence.Problem) Rule {
	return Rule{ID: id, Spec: spec, Check: func(c *Case) []Finding {
		return c.eachFile(func(f evidence.File) (Finding, bool) {
			for _, p := range problems {
				if f.Problem == p {
					return word(c, f), true
				}
			}
			return Finding{}, false
		})
	}}
}

// eachFile collects the findings about files, with severity and subject filled in.
func (c *Case) eachFile(check func(evidence.File) (Finding, bool)) []Finding {
	if c.Files == nil {
		return nil
	}
	var out []Finding
	for _, file := range c.Files.Files {
		f, ok := check(file)
		if !ok {
			continue
		}
		if f.Severity == "" {
			f.Severity = Error
		}
		f.Subject.Kind, f.Subject.File = "file", file.Path
		f.Evidence = append([]Fact{{"file", file.Path}}, f.Evidence...)
		if file.Detail != "" {
			f.Evidence = append(f.Evidence, Fact{"detail", file.Detail})
		}
		out = append(out, f)
	}
	return out
}

// roleName says what a file is used for.
func roleName(r evidence.Role) string {
	switch r {
	case evidence.RoleCA:
		return "CA file"
	case evidence.RoleCertificate:
		return "client certificate file"
	case evidence.RoleKey:
		return "client key file"
	case evidence.RoleUntrusted:
		return "file of intermediate certificates"
	case evidence.RoleChain:
		return "chain file"
	case evidence.RoleCRL:
		return "file of revocation lists"
	}
	return "file"
}

func named(f evidence.File) string { return "The " + roleName(f.Role) + " " + base(f.Path) }

func missingFile(c *Case, f evidence.File) Finding {
	if f.Path == "" {
		return Finding{
			Title:  fmt.Sprintf("The %s is not chosen, though the other half of the pair is.", roleName(f.Role)),
			Detail: "A client certificate needs its private key, and a key its certificate. Choose the missing file, or remove the other one.",
		}
	}
	return Finding{
		Title:  named(f) + " does not exist.",
		Detail: "Nothing is at " + f.Path + ". It may have been moved or renamed; choose it again in the settings.",
	}
}

func unreadableFile(c *Case, f evidence.File) Finding {
	if f.Problem == evidence.TooLarge {
		return Finding{
			Title:  fmt.Sprintf("%s is %d MiB, too large to hold certificates or a key.", named(f), f.Size>>20),
			Detail: "Certificate files are a few kilobytes. This is probably another file; choose the right one in the settings.",
		}
	}
	return Finding{
		Title:  named(f) + " cannot be read.",
		Detail: "The operating system does not let this program read " + f.Path + ". Check that it is a file and not a folder, and that your account may read it.",
	}
}

func emptyFile(c *Case, f evidence.File) Finding {
	return Finding{
		Title:  named(f) + " is empty.",
		Detail: "It holds no bytes. It may be a download or a copy that stopped; fetch it again.",
	}
}

// formats says what a file is that is not PEM.
var formats = map[string]string{
	"der-certificate": "a certificate in DER form",
	"der-key":         "a private key in DER form",
	"der-csr":         "a certificate request in DER form",
	"pkcs7":           "a PKCS #7 bundle",
	"pkcs12":          "a PKCS #12 file (.p12, .pfx)",
	"jks":             "a Java keystore",
	"jceks":           "a Java keystore (JCEKS)",
	"bks":             "a Bouncy Castle keystore (BKS or UBER)",
	"der-crl":         "a revocation list in DER form",
	"openssh":         "an OpenSSH key",
	"html":            "a web page",
	"rtf":             "a rich-text document",
	"utf-16":          "text in UTF-16",
	"ocsp-response":   "an OCSP response",
	"ocsp-request":    "an OCSP request",
	"cms":             "an encrypted or packed message (CMS)",
	"smime":           "a mail with a signature (S/MIME)",
	"jwk":             "a JSON Web Key",
	"pvk":             "a private key in Microsoft's PVK format",
	"msblob":          "a key blob of Microsoft's CryptoAPI",
	"openssl-enc":     "a file that openssl enc has encrypted",
	"spkac":           "a signed public key and challenge (SPKAC)",
	"pgp":             "an OpenPGP key or message",
}

// advice says how to get PEM out of a format.
var advice = map[string]string{
	"der-certificate": "The same certificate is needed as PEM text, which begins with -----BEGIN CERTIFICATE-----.",
	"der-key":         "The same key is needed as PEM text, which begins with -----BEGIN PRIVATE KEY-----.",
	"der-csr":         "A request is what a CA makes a certificate from. Choose the certificate that the CA sent back.",
	"pkcs7":           "Take the certificates out with: mutualctl cert convert --to pem FILE",
	"pkcs12":          "Choose it as the client certificate without a key file beside it, or take certificate and key out with: mutualctl cert convert --to pem FILE",
	"jks":             "Convert it with: mutualctl cert convert --to pkcs12 FILE. The result can be chosen as the client certificate.",
	"jceks":           "Convert it with: mutualctl cert convert --to pkcs12 FILE. The result can be chosen as the client certificate.",
	"bks":             "Convert it with keytool and Bouncy Castle's provider: keytool -importkeystore -srcstoretype BKS -srckeystore FILE -destkeystore client.p12 -deststoretype PKCS12, then choose client.p12 as the client certificate.",
	"der-crl":         "A revocation list says which certificates no longer count. Choose the certificate itself.",
	"openssh":         "Convert a copy of it with: ssh-keygen -p -m PEM -f COPY",
	"html":            "A log-in or error page was saved in place of the file. Download it again.",
	"rtf":             "The text was saved by a word processor. Save it as plain text.",
	"utf-16":          "Windows PowerShell writes this when a command's output is redirected. Save the file as plain ASCII or UTF-8 text.",
	"ocsp-response":   "It says whether a certificate is revoked. Choose the certificate itself.",
	"ocsp-request":    "It asks whether a certificate is revoked. Choose the certificate itself.",
	"cms":             "It holds a message for somebody, and no certificates that can be read. Choose the certificate itself.",
	"smime":           "Take the certificates out with: openssl smime -pk7out -in FILE, then mutualctl cert convert --to pem on what it prints, saved as a file.",
	"jwk":             "The same key is needed as PEM text, which begins with -----BEGIN PRIVATE KEY-----. Node.js writes it: crypto.createPrivateKey({key, format: 'jwk'}).export({type: 'pkcs8', format: 'pem'}).",
	"pvk":             "Convert it with: openssl rsa -inform PVK -in FILE -out client.key",
	"msblob":          "Convert it with: openssl rsa -inform MSBLOB -in FILE -out client.key",
	"openssl-enc":     "What is in it cannot be told before it is decrypted with the options that it was encrypted with: openssl enc -d …",
	"spkac":           "It is what browsers once sent to an authority. Choose the certificate that the authority sent back.",
	"pgp":             "TLS has no use for it. Choose a certificate or key whose text begins with -----BEGIN CERTIFICATE----- or -----BEGIN PRIVATE KEY-----.",
}

// trustAdvice is what to do where the file was chosen for the authorities in it, and not as a client certificate.
var trustAdvice = map[string]string{
	"pkcs12": "Take the certificates out with: mutualctl cert convert --to pem FILE, and choose the result.",
	"jks":    "Take the certificates out with: mutualctl cert convert --to pem FILE, and choose the result.",
	"jceks":  "Take the certificates out with: mutualctl cert convert --to pem FILE, and choose the result.",
	"bks":    "Take the certificates out with keytool and Bouncy Castle's provider: keytool -list -rfc -storetype BKS -keystore FILE, and choose what it prints, saved as a file.",
}

func wrongFormat(c *Case) []Finding {
	return c.eachFile(func(f evidence.File) (Finding, bool) {
		if f.Problem != evidence.NotPEM && !f.HoldsOnlyPKCS7() {
			return Finding{}, false
		}
		if f.Problem != evidence.NotPEM {
			f.Format = "pkcs7"
		}
		what, known := formats[f.Format]
		out := Finding{
			Title:    fmt.Sprintf("%s is %s, where PEM text is expected.", named(f), what),
			Detail:   advice[f.Format],
			Evidence: []Fact{{"format", f.Format}},
		}
		if f.Problem != evidence.NotPEM {
			out.Title = fmt.Sprintf("%s is %s, where single certificates are expected.", named(f), what)
		}
		if !known {
			out.Title = named(f) + " holds no certificate or key that can be read as PEM text."
			out.Detail = "A PEM file is plain text with lines like -----BEGIN CERTIFICATE-----. This file has none that is whole."
		}
		if text := trustAdvice[f.Format]; text != "" && f.Role == evidence.RoleCA {
			out.Detail = text
		}
		if convertible(f) {
			out.Fixes = []Fix{{
				ID: "convert-file", Title: "Save it as PEM", Risk: NoRisk, Automatic: true,
				Action: Action{Convert: f.Path},
			}}
		}
		return out, true
	})
}

// convertible says that the right thing is in the file, in a form that can be written as PEM without a passphrase.
func convertible(f evidence.File) bool {
	if f.Role == evidence.RoleKey {
		return f.Format == "der-key"
	}
	return f.Format == "der-certificate" || f.Format == "pkcs7"
}

// kinds says what a block is.
var kinds = map[string]string{
	"certificate":           "a certificate",
	"trusted-certificate":   "a certificate in OpenSSL's own TRUSTED form",
	"private-key":           "a private key",
	"encrypted-private-key": "an encrypted private key",
	"certificate-request":   "a certificate request",
	"public-key":            "a public key",
	"crl":                   "a revocation list",
	"pkcs7":                 "a PKCS #7 bundle",
	"parameters":            "key parameters",
	"unknown":               "an unknown kind of data",
}

// wanted says what each role needs.
func wanted(r evidence.Role) string {
	switch r {
	case evidence.RoleKey:
		return "a private key"
	case evidence.RoleCA:
		return "the certificate of a certificate authority"
	case evidence.RoleCRL:
		return "a certificate revocation list"
	}
	return "a certificate"
}

func wrongContent(c *Case) []Finding {
	return c.eachFile(func(f evidence.File) (Finding, bool) {
		if f.Problem != evidence.WrongContent || f.HoldsOnlyPKCS7() || len(lost(f)) > 0 {
			return Finding{}, false
		}
		var held []string
		for _, b := range f.Blocks {
			what, ok := kinds[b.Kind]
			if !ok {
				what = "a block named " + b.Label
			}
			held = append(held, what)
		}
		out := Finding{
			Title:    fmt.Sprintf("%s holds %s, not %s.", named(f), list(held), wanted(f.Role)),
			Detail:   "Choose the file that holds " + wanted(f.Role) + ".",
			Evidence: []Fact{{"blocks", strings.Join(held, ", ")}},
		}
		if holds(f, "certificate-request") && f.Role != evidence.RoleKey {
			out.Detail = "A request is what a CA makes a certificate from. Choose the certificate that the CA sent back, or sign the request first."
		}
		if fix, ok := c.swapFiles(f); ok {
			out.Detail = "The certificate and the key stand in each other's place."
			out.Fixes = []Fix{fix}
		}
		return out, true
	})
}

func holds(f evidence.File, kind string) bool {
	for _, b := range f.Blocks {
		if b.Kind == kind {
			return true
		}
	}
	return false
}

// swapFiles is the fix for a certificate and a key that were chosen the wrong way round.
func (c *Case) swapFiles(f evidence.File) (Fix, bool) {
	certificates, keys := c.files(evidence.RoleCertificate), c.files(evidence.RoleKey)
	if len(certificates) != 1 || len(keys) != 1 || f.Role != evidence.RoleCertificate && f.Role != evidence.RoleKey {
		return Fix{}, false
	}
	if !holds(keys[0], "certificate") || !holds(certificates[0], "private-key") && !holds(certificates[0], "encrypted-private-key") {
		return Fix{}, false
	}
	return Fix{
		ID: "swap-files", Title: "Swap the two files", Risk: NoRisk, Automatic: true,
		Action: Action{Set: []Assignment{{FieldCertificateFile, keys[0].Path}, {FieldKeyFile, certificates[0].Path}}},
	}, true
}

func keyEncrypted(c *Case, f evidence.File) Finding {
	return Finding{
		Title:  fmt.Sprintf("The key in %s is encrypted, and its passphrase is not known.", base(f.Path)),
		Detail: "It can be used as soon as the passphrase is given.",
		Fixes:  []Fix{enterPassphrase},
	}
}

func passphraseWrong(c *Case, f evidence.File) Finding {
	return Finding{
		Title:  fmt.Sprintf("The passphrase does not open the key in %s.", base(f.Path)),
		Detail: "The key was found and is whole as far as can be told; only the passphrase does not fit. Check upper and lower case and the keyboard's language.",
		Fixes:  []Fix{enterPassphrase},
	}
}

var enterPassphrase = Fix{
	ID: "enter-passphrase", Title: "Enter the passphrase", Risk: NoRisk,
	Action: Action{Passphrase: true, Text: "Give the passphrase of the key: in the settings, or with --passphrase-file."},
}

func keyUnsupported(c *Case, f evidence.File) Finding {
	return Finding{
		Title:  fmt.Sprintf("The key in %s is of a kind that cannot be used for TLS here.", base(f.Path)),
		Detail: "RSA, ECDSA on P-256, P-384 and P-521, and Ed25519 can be used. Have a new key and certificate made with one of them.",
	}
}

func keyMismatch(c *Case, f evidence.File) Finding {
	certificate := "the certificate"
	if cs := c.files(evidence.RoleCertificate); len(cs) > 0 {
		certificate = base(cs[0].Path)
	}
	key := base(f.Path)
	if keys := c.files(evidence.RoleKey); f.Role == evidence.RoleCertificate && len(keys) > 0 {
		key = base(keys[0].Path)
	}
	out := Finding{
		Title:  fmt.Sprintf("The key in %s does not belong to the certificate in %s.", key, certificate),
		Detail: "Their public keys differ, so the broker would refuse the proof of possession.",
	}
	for _, x := range append(c.files(evidence.RoleCertificate), c.files(evidence.RoleKey)...) {
		for _, b := range x.Blocks {
			if len(b.PublicKeySHA256) > 0 {
				out.Evidence = append(out.Evidence, Fact{"public key in " + base(x.Path), fmt.Sprintf("%s, SHA-256 %x", b.KeyType, b.PublicKeySHA256)})
				break
			}
		}
	}
	if f.Matching != "" {
		field := FieldKeyFile
		if f.Role == evidence.RoleCertificate {
			field = FieldCertificateFile
		}
		out.Detail += fmt.Sprintf(" %s, in the same folder, does belong to it.", base(f.Matching))
		out.Fixes = []Fix{{
			ID: "use-matching-file", Title: "Use " + base(f.Matching), Risk: NoRisk, Automatic: true,
			Action: Action{Set: []Assignment{{field, f.Matching}}},
		}}
	}
	return out
}

// damages are the words for evidence.File.Encoding.
var damages = map[string]string{
	"utf-16":             "every character takes two bytes (UTF-16)",
	"byte-order-mark":    "a byte order mark stands before the first line",
	"escaped-line-ends":  `the line ends are written out as "\n"`,
	"carriage-returns":   "the lines end in carriage returns, as on old Macs",
	"one-line":           "a whole block stands on one line",
	"indented":           "the lines are indented",
	"dashes":             "the dashes around BEGIN or END are not five hyphens",
	"end-missing":        "an END line is missing",
	"armor-missing":      "its BEGIN and END lines are missing",
	"foreign-characters": "foreign characters stand between the letters",
	"program-text":       "it stands in the strings of source code or in a web page",
	"code-page":          "it is in an old code page (Windows-1252 or Mac OS Roman)",
}

// fileEncoding is about PEM text that an editor, a shell or a chat program has changed. Where the rest of the file can be
// used as it is, the damage is only a warning: what is missing may be what was needed.
func fileEncoding(c *Case) []Finding {
	return c.eachFile(func(f evidence.File) (Finding, bool) {
		if len(f.Encoding) == 0 || f.Problem != evidence.BadEncoding && f.Problem != evidence.Readable && !c.ownIsLost(f) {
			return Finding{}, false
		}
		var words []string
		for _, d := range f.Encoding {
			if w, ok := damages[d]; ok {
				words = append(words, w)
			}
		}
		out := Finding{
			Title:    fmt.Sprintf("%s holds damaged PEM text: %s.", named(f), list(words)),
			Detail:   "Programs look for lines that begin with -----BEGIN, and read what follows line by line. What the blocks hold is whole, and can be saved in the form that all programs read; the file itself stays as it is. Such damage comes from word processors, chat programs, environment variables and redirected output of Windows PowerShell.",
			Evidence: []Fact{{"encoding", strings.Join(f.Encoding, ", ")}},
			Fixes: []Fix{{
				ID: "repair-file", Title: "Save a repaired copy", Risk: NoRisk, Automatic: true,
				Action: Action{Convert: f.Path},
			}},
		}
		if f.Problem == evidence.Readable && !c.ownIsLost(f) {
			o := c.othersOf(f)
			out.Severity, out.Clients = c.severity(o.refusers, Warning), o.refusers
			out.Detail = sentences("Some of its blocks can be read as they are, and others not.", o.words, out.Detail)
			out.Evidence = append(out.Evidence, o.facts...)
		}
		return out, true
	})
}

// lost are the blocks of the kind that the file is for, and that cannot be read.
func lost(f evidence.File) (out []evidence.Block) {
	for _, b := range f.Blocks {
		fits := b.Kind == "certificate" || b.Kind == "trusted-certificate"
		switch f.Role {
		case evidence.RoleKey:
			fits = b.Kind == "private-key" || b.Kind == "encrypted-private-key"
		case evidence.RoleCRL:
			fits = b.Kind == "crl"
		}
		if fits && b.Error != "" {
			out = append(out, b)
		}
	}
	return out
}

// ownIsLost says that f is a client certificate file whose first certificate, the client's own, cannot be read, so that
// the next one was taken in its place and does not fit the key.
func (c *Case) ownIsLost(f evidence.File) bool {
	if f.Role != evidence.RoleCertificate {
		return false
	}
	i := slices.IndexFunc(f.Blocks, func(b evidence.Block) bool { return b.Kind == "certificate" })
	return i >= 0 && f.Blocks[i].Error != "" && slices.ContainsFunc(append(c.files(evidence.RoleKey), f), func(f evidence.File) bool {
		return f.Problem == evidence.KeyMismatch
	})
}

// unsupportedKeys are the user's own keys. A trust anchor with such a key is a certificate that Go cannot parse.
func unsupportedKeys(c *Case) []Finding {
	return c.eachFile(func(f evidence.File) (Finding, bool) {
		if f.Problem != evidence.KeyUnsupported || len(refused(f)) > 0 {
			return Finding{}, false
		}
		return keyUnsupported(c, f), true
	})
}

// mismatched are the files of which keyMismatch speaks: not where the client's own certificate is lost.
func mismatched(c *Case) []Finding {
	if slices.ContainsFunc(c.files(evidence.RoleCertificate), c.ownIsLost) {
		return nil
	}
	return forProblem("", "", keyMismatch, evidence.KeyMismatch).Check(c)
}
