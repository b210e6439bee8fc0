package pki

import "crypto"

// GenerateKey makes a key of the kind a; empty means RSA2048.
func GenerateKey(a KeyAlgorithm) (crypto.Signer, error) { return a.generate() }
