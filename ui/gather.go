package ui

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"reflect"
	"strings"

	"mutual/core/exchange"
	"mutual/core/profile"
	"mutual/core/report"
	"mutual/core/store"
)

// importable is one connection of an exported file.
type importable struct {
	exchange.Connection
	was    string   // its name in the file, where that is taken here
	same   string   // the connection that has the same settings already; empty: none
	absent []string // the files that it names and that are not on this computer
}

// gathered is what exported files hold.
type gathered struct {
	format  exchange.Format // of the first
	list    []importable
	problem string // why there is nothing to import, a sentence
}

// gather reads exported files; have are the connections that there are. What it waits for is bounded by ctx only as far as
// an operating system lets go of a file.
func gather(ctx context.Context, paths []string, have []profile.Profile) (g gathered) {
	var all []exchange.Connection
	for _, path := range paths {
		list, format, err := readExport(ctx, path)
		if err != nil {
			return gathered{problem: exportWords(path, err)}
		}
		if g.format == "" {
			g.format = format
		}
		all = append(all, list...)
	}
	for _, c := range all {
		x := importable{Connection: c, was: c.Profile.Name}
		if c.Problem == "" {
			x.same, x.absent = sameAs(c, have), exchange.Absent(c.Profile, isThere)
		}
		g.list = append(g.list, x)
	}
	g.number(have)
	return g
}

// number gives a free name to each connection that can be used.
func (g *gathered) number(have []profile.Profile) {
	taken := map[string]bool{}
	for _, p := range have {
		taken[strings.ToLower(p.Name)] = true
	}
	var usable []exchange.Connection
	for _, x := range g.list {
		if x.Problem == "" {
			usable = append(usable, x.Connection)
		}
	}
	exchange.Number(usable, func(name string) bool { return taken[strings.ToLower(name)] })
	for i := range g.list {
		x := &g.list[i]
		if x.Problem == "" {
			x.Profile.Name, usable = usable[0].Profile.Name, usable[1:]
		}
		if x.was == x.Profile.Name {
			x.was = ""
		}
	}
}

// sameAs names the connection that has the same settings; one whose files are still to be written is like none.
func sameAs(c exchange.Connection, have []profile.Profile) string {
	if len(c.Files) > 0 {
		return ""
	}
	for _, p := range have {
		q := c.Profile.Clone()
		q.ID, q.Name = p.ID, p.Name
		if reflect.DeepEqual(q, p.Clone()) {
			return p.Name
		}
	}
	return ""
}

func isThere(path string) bool {
	_, err := os.Stat(path)
	return err == nil
}

var (
	errTooLarge = fmt.Errorf("it is larger than %d MiB, which no such file is", exchange.MaxSize>>20)
	errNoFile   = errors.New("it is no ordinary file")
	errEmpty    = errors.New("it holds no connection")
)

// readExport reads one exported file.
func readExport(ctx context.Context, path string) ([]exchange.Connection, exchange.Format, error) {
	info, err := os.Stat(path)
	switch {
	case err != nil:
		return nil, "", err
	case !info.Mode().IsRegular(): // a pipe would be waited for
		return nil, "", errNoFile
	}
	f, err := os.Open(path)
	if err != nil {
		return nil, "", err
	}
	defer f.Close()
	var data bytes.Buffer
	n, err := io.Copy(&data, io.LimitReader(ended{ctx, f}, exchange.MaxSize+1))
	switch {
	case err != nil:
		return nil, "", err
	case n > exchange.MaxSize:
		return nil, "", errTooLarge
	}
	list, format, err := exchange.Read(data.Bytes())
	if err == nil && len(list) == 0 {
		err = errEmpty
	}
	return list, format, err
}

// ended is a reader that ends with its context.
type ended struct {
	ctx context.Context
	r   io.Reader
}

func (e ended) Read(p []byte) (int, error) {
	if err := e.ctx.Err(); err != nil {
		return 0, err
	}
	return e.r.Read(p)
}

// isExport says whether a file holds connections that could be imported, or would if this program were newer.
func isExport(ctx context.Context, path string) bool {
	_, _, err := readExport(ctx, path)
	return err == nil || errors.Is(err, store.ErrNewer) || errors.Is(err, errEmpty)
}

// exportWords says why a file cannot be imported, and what to do.
func exportWords(path string, err error) string {
	name := report.Base(path)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return "There is no file " + name + " in " + filepath.Dir(path) + "."
	case errors.Is(err, errNoFile):
		return name + " is no file: choose the one that was exported."
	case errors.Is(err, store.ErrNewer):
		return name + " is from a newer version of Mutual: export it again with this version, or install the newer one here."
	case errors.Is(err, errEmpty):
		return name + " holds no connection: choose in the other program which to export."
	case errors.Is(err, exchange.ErrUnknown):
		return name + " is no export of Mutual, of MQTTX as JSON, or of MQTT Explorer."
	}
	var at *fs.PathError
	if errors.As(err, &at) {
		err = at.Err
	}
	return name + " cannot be read: " + sentenceOf(err.Error())
}

// whereExports says where the other programs have theirs.
const whereExports = "MQTTX writes one with Connections, Export, JSON; MQTT Explorer's is settings.json in its own folder; Mutual's is made with File, Export."
