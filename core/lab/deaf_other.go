//go:build !linux

package lab

import (
	"context"
	"errors"
	"io"
)

// deafPorts says whether this system has deafPort.
const deafPorts = false

// deafPort cannot be had here without rights: see Faults.
func deafPort(context.Context) (port int, held []io.Closer, err error) {
	return 0, nil, errors.New("making a port that never answers: not on this system")
}
