package pki

import (
	"crypto"
	"slices"

	"mutual/core/evidence"
)

// ReadKeys returns the private keys of a file of any format that is known here, for a hand-over to a broker: nothing
// else takes keys out of this package. encrypted says that the file is protected with a passphrase. Without a usable key
// File.Problem says why; PassphraseNone and PassphraseBad tell that passphrase has to be another one.
func ReadKeys(path, passphrase string) (keys []crypto.Signer, encrypted bool, f evidence.File) {
	c := readContents(path, "", passphrase)
	c.Role = evidence.RoleKey
	var order []int
	for index := range c.keys {
		order = append(order, index)
	}
	slices.Sort(order)
	for _, index := range order {
		keys = append(keys, c.keys[index])
	}
	for _, b := range c.Blocks {
		encrypted = encrypted || b.Kind == kindEncryptedKey
	}
	if c.Problem == evidence.Readable {
		c.judgeKey()
	}
	return keys, encrypted, c.File
}
