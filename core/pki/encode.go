package pki

import "encoding/pem"

// pemBlockOf is one block of PEM text.
func pemBlockOf(label string, der []byte) []byte {
	return pem.EncodeToMemory(&pem.Block{Type: label, Bytes: der})
}
