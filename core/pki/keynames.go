package pki

import (
	"encoding/asn1"
	"fmt"
	"strconv"
	"strings"
)

// keyAlgorithmNames are object identifiers of key algorithms (RFC 3279, 8410; FIPS 204 for ML-DSA).
var keyAlgorithmNames = map[string]string{
	oidRSA.String(): "RSA", oidRSAPSS.String(): "RSA-PSS", oidDSA.String(): "DSA", oidEC.String(): "ECDSA",
	"1.3.101.110": "X25519", "1.3.101.111": "X448", "1.3.101.112": "Ed25519", "1.3.101.113": "Ed448",
	"1.2.840.113549.1.3.1": "DH", "1.2.840.10046.2.1": "DH", "1.2.156.10197.1.301": "SM2",
	"2.16.840.1.101.3.4.3.17": "ML-DSA-44", "2.16.840.1.101.3.4.3.18": "ML-DSA-65", "2.16.840.1.101.3.4.3.19": "ML-DSA-87",
}

// curveNames are object identifiers of named curves (RFC 5480, RFC 5639 §4.1, SEC 2 §A, X9.62).
var curveNames = map[string]string{
	"1.2.840.10045.3.1.7": "P-256", "1.3.132.0.34": "P-384", "1.3.132.0.35": "P-521", "1.3.132.0.33": "P-224", "1.2.840.10045.3.1.1": "P-192",
	"1.2.840.10045.3.1.2": "prime192v2", "1.2.840.10045.3.1.3": "prime192v3", "1.2.840.10045.3.1.4": "prime239v1",
	"1.2.840.10045.3.1.5": "prime239v2", "1.2.840.10045.3.1.6": "prime239v3",
	"1.3.132.0.10": "secp256k1", "1.3.132.0.6": "secp112r1", "1.3.132.0.7": "secp112r2", "1.3.132.0.28": "secp128r1", "1.3.132.0.29": "secp128r2",
	"1.3.132.0.9": "secp160k1", "1.3.132.0.8": "secp160r1", "1.3.132.0.30": "secp160r2", "1.3.132.0.31": "secp192k1", "1.3.132.0.32": "secp224k1",
	"1.3.132.0.4": "sect113r1", "1.3.132.0.5": "sect113r2", "1.3.132.0.22": "sect131r1", "1.3.132.0.23": "sect131r2",
	"1.3.132.0.1": "sect163k1", "1.3.132.0.2": "sect163r1", "1.3.132.0.15": "sect163r2", "1.3.132.0.24": "sect193r1", "1.3.132.0.25": "sect193r2",
	"1.3.132.0.26": "sect233k1", "1.3.132.0.27": "sect233r1", "1.3.132.0.3": "sect239k1", "1.3.132.0.16": "sect283k1", "1.3.132.0.17": "sect283r1",
	"1.3.132.0.36": "sect409k1", "1.3.132.0.37": "sect409r1", "1.3.132.0.38": "sect571k1", "1.3.132.0.39": "sect571r1",
	"1.3.36.3.3.2.8.1.1.1": "brainpoolP160r1", "1.3.36.3.3.2.8.1.1.2": "brainpoolP160t1", "1.3.36.3.3.2.8.1.1.3": "brainpoolP192r1",
	"1.3.36.3.3.2.8.1.1.4": "brainpoolP192t1", "1.3.36.3.3.2.8.1.1.5": "brainpoolP224r1", "1.3.36.3.3.2.8.1.1.6": "brainpoolP224t1",
	"1.3.36.3.3.2.8.1.1.7": "brainpoolP256r1", "1.3.36.3.3.2.8.1.1.8": "brainpoolP256t1", "1.3.36.3.3.2.8.1.1.9": "brainpoolP320r1",
	"1.3.36.3.3.2.8.1.1.10": "brainpoolP320t1", "1.3.36.3.3.2.8.1.1.11": "brainpoolP384r1", "1.3.36.3.3.2.8.1.1.12": "brainpoolP384t1",
	"1.3.36.3.3.2.8.1.1.13": "brainpoolP512r1", "1.3.36.3.3.2.8.1.1.14": "brainpoolP512t1",
	"1.2.156.10197.1.301": "SM2",
}

// explicitParameters stands for a curve that a key describes by its numbers and not by its name.
const explicitParameters = "on a curve that is written out"

// keyTypeByOID names a kind of key, and says whether Go's TLS can use it.
func keyTypeByOID(algorithm, parameter asn1.ObjectIdentifier) (name string, supported bool) {
	name = keyAlgorithmNames[algorithm.String()]
	if !algorithm.Equal(oidEC) {
		return name, name == "RSA" || name == "Ed25519"
	}
	if parameter == nil {
		return "ECDSA " + explicitParameters, false // or none
	}
	c, known := curveNames[parameter.String()]
	if !known {
		return "ECDSA " + parameter.String(), false
	}
	return "ECDSA " + c, c == "P-256" || c == "P-384" || c == "P-521"
}

// publicKeyType is keyTypeByOID for a SubjectPublicKeyInfo.
func publicKeyType(der []byte) (name string, supported bool) {
	algorithm, parameter, _ := algorithmOf(der)
	return keyTypeByOID(algorithm, parameter)
}

// refusedKey says who refuses a kind of key that Go's TLS does not have. What is said of other programs was observed
// against servers with such keys; where nothing was, nothing is said.
func refusedKey(keyType string) string {
	curve := strings.TrimPrefix(keyType, "ECDSA ")
	switch {
	case keyType == "":
		return "a kind of key that Go does not know"
	case keyType == "X25519", keyType == "X448", keyType == "DH":
		return keyType + " keys agree on secrets and cannot sign, so no program can use them for a certificate of TLS" // RFC 8446 §4.4.3
	case keyType == "Ed448":
		return "Ed448 keys are refused by Go, and so by this program, and by mbedTLS; OpenSSL and Python take them"
	case keyType == "RSA-PSS":
		return "RSA-PSS keys are refused by Go, and so by this program, and by mbedTLS; OpenSSL, Python, Java and GnuTLS take them"
	case keyType == "DSA":
		return "DSA keys are refused by Go, and so by this program, and TLS 1.3 has no place for them" // RFC 8446 §4.2.3
	case curve == "P-224", curve == "P-192":
		return keyType + " keys are refused by Go, and so by this program, and by OpenSSL, Python and GnuTLS"
	case curve == "secp256k1", strings.HasPrefix(curve, "brainpool"):
		return keyType + " keys are refused by Go, and so by this program, and by OpenSSL, Python, Java and GnuTLS, as they are usually set up; mbedTLS takes them"
	}
	return keyType + " keys are refused by Go, and so by this program"
}

// RefusedKey says who refuses certificates with a kind of key (evidence.Block.KeyType), as the start of a sentence without its stop;
// empty: it is one that every client takes, or none that is known.
func RefusedKey(keyType string) string {
	if size, ok := strings.CutPrefix(keyType, "RSA "); ok {
		if bits, err := strconv.Atoi(size); err == nil && bits < leastRSABits {
			return fmt.Sprintf("RSA keys of %d bits are too short for Go, and so for this program", bits)
		}
		return ""
	}
	switch keyType {
	case "", "RSA", "Ed25519", "ECDSA P-256", "ECDSA P-384", "ECDSA P-521":
		return ""
	}
	return refusedKey(keyType)
}

// encryptionNames are the ciphers and hashes that files are encrypted and protected with, and that are not opened here, by
// object identifier, as openssl writes them.
var encryptionNames = map[string]string{
	"1.2.392.200011.61.1.1.1.2": "Camellia-128", "1.2.392.200011.61.1.1.1.3": "Camellia-192", "1.2.392.200011.61.1.1.1.4": "Camellia-256",
	"1.2.410.200046.1.1.2": "ARIA-128", "1.2.410.200046.1.1.7": "ARIA-192", "1.2.410.200046.1.1.12": "ARIA-256",
	"1.2.410.200004.1.4": "SEED", "1.2.156.10197.1.104.2": "SM4", "1.3.6.1.4.1.3029.1.2": "Blowfish", "1.2.840.113533.7.66.10": "CAST5",
	"1.3.6.1.4.1.188.7.1.1.2": "IDEA", "1.2.643.2.2.21": "GOST 28147-89", "1.2.840.113549.3.4": "RC4", "1.2.840.113549.3.9": "RC5",
	"1.2.840.113549.1.5.1": "DES with MD2", "1.2.840.113549.1.5.4": "RC2 with MD2",
	"2.16.840.1.101.3.4.1.6": "AES-128 in GCM mode", "2.16.840.1.101.3.4.1.26": "AES-192 in GCM mode", "2.16.840.1.101.3.4.1.46": "AES-256 in GCM mode",
	"1.3.36.3.2.1": "RIPEMD-160", "1.2.156.10197.1.401": "SM3", "1.0.10118.3.0.55": "Whirlpool",
	"1.3.6.1.4.1.1722.12.2.1.16": "BLAKE2b", "1.3.6.1.4.1.1722.12.2.2.8": "BLAKE2s", "1.2.156.10197.1.401.2": "HMAC with SM3",
	"1.2.643.7.1.1.2.2": "Streebog-256", "1.2.643.7.1.1.2.3": "Streebog-512",
}

// encryptionName is the usual name of an object identifier, with the number.
func encryptionName(oid asn1.ObjectIdentifier) string {
	if name := encryptionNames[oid.String()]; name != "" {
		return name
	}
	return oid.String()
}
