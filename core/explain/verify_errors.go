package explain

import "sync"

// verifyErrors are OpenSSL's verify errors that a chain can cause. Which fault gives which number was observed with
// OpenSSL 3.0; where a number means two things, it is the older release that differs.
var verifyErrors = sync.OnceValue(func() []verifyError {
	return []verifyError{
		{2, "UNABLE_TO_GET_ISSUER_CERT", "unable to get issuer cert(?:ificate)?", []cause{
			may("anchor-not-root", "OpenSSL error 2: the chain reached a certificate of the CA file that is not a self-signed root, and the one that issued it is not there."),
			could("anchor-not-self-consistent", "OpenSSL error 2: or the CA file does hold a self-signed root, but one that OpenSSL does not take for self-signed, because its key identifiers differ or it has no subject."),
		}, []cause{
			may("client-certificate-unknown-ca", "The broker's CA file ends in a certificate that is not a self-signed root, and OpenSSL did not accept the client certificate's chain (error 2)."),
		}},
		{3, "UNABLE_TO_GET_CRL", "unable to get (?:certificate )?crl\\b", []cause{
			may("revocation-unknown", "OpenSSL error 3: revocation is to be checked, and there is no list of revoked certificates from this issuer."),
		}, []cause{
			may("client-certificate-unknown-ca", "The broker checks revocation and has no list for the issuer of the client certificate; OpenSSL answers that with alert 48 (unknown CA)."),
		}},
		{4, "UNABLE_TO_DECRYPT_CERT_SIGNATURE", "unable to decrypt certificate's signature", sigBad(4), nil},
		{5, "UNABLE_TO_DECRYPT_CRL_SIGNATURE", "unable to decrypt crl's signature", crlBad(5), crlBroker(5)},
		{6, "UNABLE_TO_DECODE_ISSUER_PUBLIC_KEY", "unable to decode issuer public key", []cause{
			may("signature-algorithm-unsupported", "OpenSSL error 6: the issuer's public key is of a kind that this OpenSSL cannot use."),
		}, nil},
		{7, "CERT_SIGNATURE_FAILURE", "certificate signature failure", []cause{
			may("signature-invalid", "OpenSSL error 7: the signature on a certificate does not verify with its issuer's key."),
			may("ca-rotated", "OpenSSL error 7: or the CA file holds an authority of the same name and key identifier, but with another key."),
		}, nil},
		{8, "CRL_SIGNATURE_FAILURE", "crl signature failure", crlBad(8), crlBroker(8)},
		{9, "CERT_NOT_YET_VALID", "cert(?:ificate)? is not (?:yet )?valid(?: yet)?\\b|certificate not yet valid", notYet("OpenSSL error 9"), []cause{
			is("client-certificate-not-yet-valid", "The broker says that the client certificate's time has not begun (OpenSSL error 9)."),
			could("clock-wrong", "Or the broker's clock is behind."),
		}},
		{10, "CERT_HAS_EXPIRED", "\\bcert(?:ificate)?(?: chain)? (?:has |is )?(?:already )?expired\\b", expired("OpenSSL error 10"), []cause{
			is("client-certificate-expired", "The broker says that the client certificate, or one that was sent with it, has expired (OpenSSL error 10)."),
			could("clock-wrong", "Or the broker's clock is ahead."),
		}},
		{11, "CRL_NOT_YET_VALID", "crl is not yet valid", crlBad(11), crlBroker(11)},
		{12, "CRL_HAS_EXPIRED", "crl has expired", []cause{
			may("server-crl-expired", "OpenSSL error 12: a list of revoked certificates has expired. In MQTT it is most often the broker that has one."),
			may("revocation-unknown", "OpenSSL error 12: or this client was told to check revocation, and its own list has expired."),
		}, crlBroker(12)},
		{13, "ERROR_IN_CERT_NOT_BEFORE_FIELD", "format error in certificate's notbefore field", malformed(13), nil},
		{14, "ERROR_IN_CERT_NOT_AFTER_FIELD", "format error in certificate's notafter field", malformed(14), nil},
		{15, "ERROR_IN_CRL_LAST_UPDATE_FIELD", "format error in crl's lastupdate field", crlBad(15), crlBroker(15)},
		{16, "ERROR_IN_CRL_NEXT_UPDATE_FIELD", "format error in crl's nextupdate field", crlBad(16), crlBroker(16)},
		{18, "DEPTH_ZERO_SELF_SIGNED_CERT", "self signed (?:peer )?certificate", []cause{
			is("self-signed-leaf", "OpenSSL error 18: the server's certificate is signed by itself, and it is not in the CA file."),
		}, []cause{
			is("client-certificate-unknown-ca", "The client certificate is signed by itself, and the broker does not trust it (OpenSSL error 18)."),
		}},
		{19, "SELF_SIGNED_CERT_IN_CHAIN", "self signed (?:root )?certificate in (?:the )?(?:certificate )?chain", []cause{
			is("root-sent-untrusted", "OpenSSL error 19: the server sends its own root, and that root is not in the CA file."),
			could("interception", "A product that inspects TLS traffic shows the same: it sends a root of its own."),
			could("ca-rotated", "Or the CA file holds an older root of the same name."),
		}, []cause{
			is("client-certificate-unknown-ca", "The root that came with the client certificate is not in the broker's CA file (OpenSSL error 19)."),
		}},
		{20, "UNABLE_TO_GET_ISSUER_CERT_LOCALLY", "unable to get local issuer(?: cert(?:ificate)?)?|issuer certificate could not be found", []cause{
			may("root-unknown", "OpenSSL error 20: the chain ends at a certificate whose issuer is not in the CA file; most often the CA file is another authority's, or none was given."),
			may("intermediate-missing", "OpenSSL error 20: or the server does not send a certificate between its own and the root."),
			could("ca-rotated", "OpenSSL error 20: or the CA file holds an authority of the right name with an older key."),
			could("ca-file-holds-leaf", "OpenSSL error 20: or the CA file holds the server's own certificate instead of the authority's."),
			could("file-wrong-format", "Node and MQTT X pass over a CA file that is not PEM without a word, and then say this."),
		}, []cause{
			may("client-certificate-unknown-ca", "The issuer of the client certificate is not in the broker's CA file (OpenSSL error 20)."),
			may("client-chain-incomplete", "Or the client sends its certificate without the intermediate that issued it."),
		}},
		{21, "UNABLE_TO_VERIFY_LEAF_SIGNATURE", "unable to verify (?:the )?(?:first|leaf) (?:certificate|signature)", []cause{
			may("intermediate-missing", "OpenSSL error 21: the server sent nothing but its own certificate, and its issuer is not in the CA file."),
			may("root-unknown", "OpenSSL error 21: or the server's certificate comes straight from an authority that is not in the CA file."),
			could("file-wrong-format", "Node and MQTT X pass over a CA file that is not PEM without a word, and then say this."),
		}, []cause{
			may("client-chain-incomplete", "The client sent nothing but its own certificate, and its issuer is not in the broker's CA file (OpenSSL error 21)."),
			may("client-certificate-unknown-ca", "Or the broker does not trust the authority that issued the client certificate."),
		}},
		{22, "CERT_CHAIN_TOO_LONG", "certificate chain too long", []cause{
			is("chain-too-complex", "OpenSSL error 22: the chain has more certificates than the verifier follows."),
		}, nil},
		{23, "CERT_REVOKED", "\\bcert(?:ificate)? (?:has been |is |was )?revoked\\b", []cause{
			is("certificate-revoked", "OpenSSL error 23: the certificate is on its issuer's list of revoked certificates."),
		}, []cause{is("client-certificate-revoked", "The client certificate is on the broker's list of revoked certificates (OpenSSL error 23).")}},
		{24, "NO_ISSUER_PUBLIC_KEY", "issuer certificate doesn't have a public key", []cause{
			may("issuer-not-ca", "Before OpenSSL 3 error 24 is \"invalid CA certificate\": a certificate that signs another is not an authority's."),
			could("certificate-malformed", "Since OpenSSL 3 error 24 says that an issuer's certificate has no public key."),
		}, nil},
		{25, "PATH_LENGTH_EXCEEDED", "(?:proxy )?path length constraint exceeded", []cause{
			is("path-length-exceeded", "OpenSSL error 25: an authority allows fewer intermediates below it than there are."),
		}, []cause{may("client-certificate-unknown-ca", "An authority above the client certificate allows fewer intermediates than there are; OpenSSL answers with alert 48.")}},
		{26, "INVALID_PURPOSE", "unsupported certificate purpose|unsuitable certificate purpose", []cause{
			may("extended-key-usage", "OpenSSL error 26: a certificate of the chain is not for server authentication."),
			could("leaf-not-first", "At depth 0 it can also be that the server sends an authority's certificate first."),
			could("key-usage", "Or the key usage of the certificate does not allow it."),
		}, []cause{may("client-certificate-usage", "The client certificate, or one above it, is not for client authentication (OpenSSL error 26).")}},
		{27, "CERT_UNTRUSTED", "\\bcertificate not trusted\\b", []cause{
			may("root-unknown", "OpenSSL error 27: the root is not marked as trusted for this purpose."),
			could("extended-key-usage", "The trust settings of the root may be for another purpose."),
		}, nil},
		{28, "CERT_REJECTED", "^certificate rejected|: certificate rejected\\b", []cause{
			may("root-distrusted", "OpenSSL error 28: the root is marked as rejected for this purpose."),
		}, nil},
		{29, "SUBJECT_ISSUER_MISMATCH", "subject issuer mismatch", []cause{
			may("intermediate-missing", "OpenSSL error 29: the candidate issuer has another name than the certificate asks for."),
			could("ca-name-encoding", "Two names can print alike and still be encoded differently."),
		}, nil},
		{30, "AKID_SKID_MISMATCH", "authority and (?:subject|issuer) key identifier mismatch", keyIdentifiers(30), nil},
		{31, "AKID_ISSUER_SERIAL_MISMATCH", "authority and issuer serial number mismatch", keyIdentifiers(31), nil},
		{32, "KEYUSAGE_NO_CERTSIGN", "key ?usage does not include certificate signing", []cause{
			may("issuer-cannot-sign", "OpenSSL error 32: the key usage of an issuer does not include signing certificates."),
			may("issuer-not-ca", "Node says the same of an issuer that is not an authority at all."),
		}, nil},
		{33, "UNABLE_TO_GET_CRL_ISSUER", "unable to get crl issuer certificate", crlBad(33), crlBroker(33)},
		{34, "UNHANDLED_CRITICAL_EXTENSION", "unhandled critical extension", []cause{
			is("critical-extension-unknown", "OpenSSL error 34: a certificate has an extension marked critical that OpenSSL does not know."),
		}, nil},
		{35, "KEYUSAGE_NO_CRL_SIGN", "key ?usage does not include crl signing", crlBad(35), crlBroker(35)},
		{36, "UNHANDLED_CRITICAL_CRL_EXTENSION", "unhandled critical crl extension", crlBad(36), crlBroker(36)},
		{37, "INVALID_NON_CA", "invalid non ca certificate", strict(37), nil},
		{39, "KEYUSAGE_NO_DIGITAL_SIGNATURE", "key ?usage does not include digital signature", []cause{
			is("key-usage", "OpenSSL error 39: the certificate's key usage does not include digital signatures."),
		}, nil},
		{41, "INVALID_EXTENSION", "invalid or inconsistent certificate extension", malformed(41), nil},
		{42, "INVALID_POLICY_EXTENSION", "invalid or inconsistent certificate policy extension", []cause{
			may("policy-constraint", "OpenSSL error 42: the policies of the chain contradict each other or cannot be read."),
			could("certificate-malformed", "OpenSSL error 42: an extension of a certificate cannot be read."),
		}, nil},
		{43, "NO_EXPLICIT_POLICY", "no explicit policy", []cause{is("policy-constraint", "OpenSSL error 43: a certificate policy is required, and the path has none.")}, nil},
		{44, "DIFFERENT_CRL_SCOPE", "different crl scope", crlBad(44), crlBroker(44)},
		{45, "UNSUPPORTED_EXTENSION_FEATURE", "unsupported extension feature", malformed(45), nil},
		{47, "PERMITTED_VIOLATION", "permitted subtree violation", constraint(47), nil},
		{48, "EXCLUDED_VIOLATION", "excluded subtree violation", constraint(48), nil},
		{49, "SUBTREE_MINMAX", "name constraints minimum and maximum not supported", constraint(49), nil},
		{51, "UNSUPPORTED_CONSTRAINT_TYPE", "unsupported name constraint type", constraint(51), nil},
		{52, "UNSUPPORTED_CONSTRAINT_SYNTAX", "unsupported or invalid name constraint syntax", constraint(52), nil},
		{53, "UNSUPPORTED_NAME_SYNTAX", "unsupported or invalid name syntax", constraint(53), nil},
		{54, "CRL_PATH_VALIDATION_ERROR", "crl path validation error", crlBad(54), crlBroker(54)},
		{55, "PATH_LOOP", "^path loop|: path loop", []cause{is("chain-too-complex", "OpenSSL error 55: the certificates issue each other in a circle.")}, nil},
		{62, "HOSTNAME_MISMATCH", "host ?name mismatch", []cause{
			is("name-mismatch", "OpenSSL error 62: the name that was connected to is not among the names of the server's certificate."),
			could("wildcard-mismatch", "A wildcard stands for exactly one label, so *.example covers neither example nor a.b.example."),
			could("name-missing", "Or the certificate has no names at all."),
		}, nil},
		{64, "IP_ADDRESS_MISMATCH", "ip address mismatch", []cause{
			is("ip-address-not-in-certificate", "OpenSSL error 64: the connection goes to an IP address that the server's certificate does not list."),
		}, nil},
		{66, "EE_KEY_TOO_SMALL", "ee (?:certificate )?key too (?:weak|small)", tooWeak(66), nil},
		{67, "CA_KEY_TOO_SMALL", "ca (?:certificate )?key too (?:weak|small)", tooWeak(67), nil},
		{68, "CA_MD_TOO_WEAK", "ca (?:signature digest algorithm|md) too weak", []cause{
			is("signature-algorithm-weak", "OpenSSL error 68: a certificate is signed with SHA-1 or MD5, which this security level does not accept."),
		}, nil},
		{73, "OCSP_VERIFY_NEEDED", "ocsp verification needed", crlBad(73), nil},
		{74, "OCSP_VERIFY_FAILED", "ocsp verification failed", crlBad(74), nil},
		{75, "OCSP_CERT_UNKNOWN", "ocsp unknown cert", crlBad(75), nil},
		{76, "UNSUPPORTED_SIGNATURE_ALGORITHM", "cannot find certificate signature algorithm", []cause{
			is("signature-algorithm-unsupported", "OpenSSL error 76: a certificate is signed with an algorithm that this OpenSSL does not know."),
		}, nil},
		{77, "SIGNATURE_ALGORITHM_MISMATCH", "subject signature algorithm and issuer public key algorithm mismatch", []cause{
			may("signature-invalid", "OpenSSL error 77: a certificate's signature is of another kind than its issuer's key."),
			may("ca-rotated", "Or the CA file holds an authority of the same name with a key of another kind."),
		}, nil},
		{78, "SIGNATURE_ALGORITHM_INCONSISTENCY", "cert info signature and signature algorithm mismatch", malformed(78), nil},
		{79, "INVALID_CA", "invalid ca certificate", []cause{
			may("issuer-not-ca", "OpenSSL error 79 (24 before OpenSSL 3): a certificate that signs another is not an authority's."),
			may("issuer-cannot-sign", "Or it is an authority's, but its key usage does not include signing certificates."),
		}, []cause{may("client-certificate-unknown-ca", "A certificate that signs the client's is not an authority's; OpenSSL answers with alert 48.")}},
		{80, "PATHLEN_INVALID_FOR_NON_CA", "path length invalid for non ca cert", strict(80), nil},
		{81, "PATHLEN_WITHOUT_KU_KEY_CERT_SIGN", "path length given without key usage keycertsign", strict(81), nil},
		{82, "KU_KEY_CERT_SIGN_INVALID_FOR_NON_CA", "key usage keycertsign invalid for non ca cert", strict(82), nil},
		{83, "ISSUER_NAME_EMPTY", "issuer name empty", strict(83), nil},
		{84, "SUBJECT_NAME_EMPTY", "subject name empty", strict(84), nil},
		{85, "MISSING_AUTHORITY_KEY_IDENTIFIER", "missing authority key identifier", strict(85), nil},
		{86, "MISSING_SUBJECT_KEY_IDENTIFIER", "missing subject key identifier", strict(86), nil},
		{87, "EMPTY_SUBJECT_ALT_NAME", "empty subject alternative name extension", strict(87), nil},
		{88, "EMPTY_SUBJECT_SAN_NOT_CRITICAL", "subject empty and subject alt name extension not critical", strict(88), nil},
		{89, "CA_BCONS_NOT_CRITICAL", "basic constraints of ca cert not marked critical", strict(89), nil},
		{90, "AUTHORITY_KEY_IDENTIFIER_CRITICAL", "authority key identifier marked critical", strict(90), nil},
		{91, "SUBJECT_KEY_IDENTIFIER_CRITICAL", "subject key identifier marked critical", strict(91), nil},
		{92, "CA_CERT_MISSING_KEY_USAGE", "ca cert does not include key usage extension", strict(92), nil},
		{93, "EXTENSIONS_REQUIRE_VERSION_3", "using cert extension requires at least x509v3", strict(93), nil},
		{94, "EC_KEY_EXPLICIT_PARAMS", "certificate public key has explicit ecc parameters", strict(94), nil},
	}
})
