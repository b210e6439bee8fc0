package pki

import (
	"os"

	"github.com/gofrs/flock"
)

// lockFile keeps other programs out until the function that it returns is called, by a file at path that is gone
// afterwards. (Where a file that is open cannot be removed, as on Windows, it may stay.)
func lockFile(path string) (unlock func(), err error) {
	for {
		lock := flock.New(path)
		if err := lock.Lock(); err != nil {
			return nil, err
		}
		// Whoever had it before has removed the file that was waited for: then the lock holds nobody back.
		held, heldErr := lock.Stat()
		there, thereErr := os.Stat(path)
		if heldErr == nil && thereErr == nil && os.SameFile(held, there) {
			return func() {
				_ = os.Remove(path) // before it is let go, so that nobody locks what is about to go
				_ = lock.Unlock()
			}, nil
		}
		if err := lock.Unlock(); err != nil {
			return nil, err
		}
	}
}
