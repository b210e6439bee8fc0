package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"mutual/core/exchange"
	"mutual/core/pki"
	"mutual/core/profile"
	"mutual/core/store"
)

// importFlags are those of profile import.
type importFlags struct {
	solverFlags // for its passphrase of the file of secrets
	name        string
	files       string
	replace     bool
	keep        bool
	json        bool
}

func newProfileImport(t *terminal) *cobra.Command {
	f := &importFlags{}
	cmd := &cobra.Command{
		Use:   "import FILE",
		Short: "Save the connections of a file: Mutual's, MQTTX's or MQTT Explorer's",
		Long: `import reads what profile export has written, what MQTTX exports as JSON, and MQTT Explorer's settings.json or exported
connections, and saves every connection in it; - is standard input. All are saved or, where a name is taken already, none: then
--replace puts the new settings in the place of the old ones, which keep their password, or --name gives another name.

What has no place here (a will message, for instance) is said. Verification that another program had switched off is on here. A
password in the file is left out, or kept with --keep-secrets; certificates and keys inside the file, as MQTT Explorer has them,
are written with --files. Client identifiers that MQTTX and MQTT Explorer made up are replaced by random ones: two programs with
the same one would throw each other out.`,
		Example: `  mutualctl profile import plant7.json
  mutualctl profile import mqttx-data.json --keep-secrets
  mutualctl profile import ~/.config/MQTT-Explorer/settings.json --files ~/certificates`,
		Args: operands(1, 1, "a file"),
	}
	flags := cmd.Flags()
	flags.StringVar(&f.name, "name", "", "save the connection under this `NAME`, where the file holds one")
	flags.StringVar(&f.files, "files", "", "write certificates and keys that are inside the file into `DIR`, and use them")
	flags.BoolVar(&f.replace, "replace", false, "replace saved connections of the same name")
	flags.BoolVar(&f.keep, "keep-secrets", false, "keep passwords of the file in the keyring")
	flags.StringVar(&f.passphrase, "secrets-passphrase-file", "", "keep them in the file of secrets, where there is no keyring, with the passphrase in `FILE`")
	flags.BoolVar(&f.json, "json", false, "print one JSON object")
	cmd.RunE = func(cmd *cobra.Command, args []string) error { return t.importProfiles(cmd.Context(), f, args[0]) }
	return cmd
}

// importObject is what profile import --json prints.
type importObject struct {
	Schema   int              `json:"schema"`
	Format   exchange.Format  `json:"format"`
	Profiles []importedObject `json:"profiles"`
	Refused  []refusedObject  `json:"refused"`
}

// importedObject is a connection that was saved.
type importedObject struct {
	ID       string   `json:"id"`
	Name     string   `json:"name"`
	URL      string   `json:"url"` // empty: the practice broker
	Replaced bool     `json:"replaced"`
	Files    []string `json:"files"`    // that were written
	Left     []string `json:"left_out"` // a sentence each: what was not taken over, or is still to be done
}

// refusedObject is a connection that cannot be used.
type refusedObject struct {
	Name    string `json:"name"`
	Problem string `json:"problem"`
}

func (t *terminal) importProfiles(ctx context.Context, f *importFlags, path string) error {
	data, err := t.readFile(ctx, path, exchange.MaxSize)
	if err := interruption(ctx); err != nil {
		return err
	}
	if err != nil {
		return usage("", "reading %s", reason(err))
	}
	list, format, err := exchange.Read(data)
	switch {
	case errors.Is(err, exchange.ErrUnknown):
		return usage("MQTTX: Connections, Export, JSON; MQTT Explorer: settings.json of its own folder", "reading %s: %s", path, exchange.ErrUnknown)
	case errors.Is(err, store.ErrNewer):
		return usage("export it again with the version that is installed here, or install the newer one", "reading %s: %s", path, err)
	case err != nil:
		return usage("", "reading %s: %s", path, err)
	}
	if len(list) == 0 {
		return usage("", "%s holds no connection", path)
	}
	s, err := t.openStore()
	if err != nil {
		return err
	}
	i := &importing{t: t, f: f, store: s, o: importObject{Schema: schema, Format: format, Profiles: []importedObject{}, Refused: []refusedObject{}}}
	if err := i.name(list); err != nil {
		return err
	}
	if err := i.openSecrets(ctx); err != nil {
		return err
	}
	if err := i.save(ctx); err != nil {
		return err
	}
	return i.end()
}

// importing is one import on its way.
type importing struct {
	t      *terminal
	f      *importFlags
	store  *store.Store
	usable []exchange.Connection
	// secrets is where passwords are kept; nil: nowhere.
	secrets *store.Secrets
	o       importObject
}

// openSecrets opens the place of the passwords before anything is saved: without its passphrase none of it is.
func (i *importing) openSecrets(ctx context.Context) (err error) {
	if i.f.keep && slices.ContainsFunc(i.usable, func(c exchange.Connection) bool { return c.Password != "" }) {
		i.secrets, err = i.t.secrets(ctx, &i.f.solverFlags)
	}
	return err
}

// name sorts out what cannot be used, and gives every connection a name that is free, or the ID of what it replaces.
func (i *importing) name(list []exchange.Connection) error {
	for _, c := range list {
		if c.Problem != "" {
			i.o.Refused = append(i.o.Refused, refusedObject{c.Profile.Name, c.Problem})
			continue
		}
		i.usable = append(i.usable, c)
	}
	if i.f.name != "" {
		if len(i.usable) != 1 {
			return usage("leave out --name", "--name: the file holds %d connections that can be used, not one", len(i.usable))
		}
		i.usable[0].Profile.Name = i.f.name
	}
	exchange.Number(i.usable, nil)
	var taken []string
	for n := range i.usable {
		p := &i.usable[n].Profile
		if _, there := i.store.Named(p.Name); !there {
			continue
		}
		old, err := theProfile(i.store, p.Name)
		if err != nil {
			return err
		}
		p.ID = old.ID
		taken = append(taken, fmt.Sprintf("%q", old.Name))
	}
	if len(taken) > 0 && !i.f.replace {
		return usage("--replace, or --name NAME for another name", "already saved: %s", strings.Join(taken, ", "))
	}
	return nil
}

// save writes the files first: a connection that names a file which is not there would be of no use.
func (i *importing) save(ctx context.Context) error {
	written, err := i.writeFiles()
	if err != nil {
		return err
	}
	for n, c := range i.usable {
		replaced := c.Profile.ID != ""
		saved, err := i.store.Save(c.Profile)
		if err != nil {
			return usage("", "%s", err)
		}
		done := importedObject{ID: saved.ID, Name: saved.Name, URL: profileURL(saved), Replaced: replaced,
			Files: append([]string{}, written[n]...), Left: append([]string{}, c.Left...)}
		if len(c.Files) > 0 && i.f.files == "" {
			done.Left = append(done.Left, "Its certificates are inside the file: with --files DIR they are written, and used.")
		}
		done.Left = append(done.Left, remarks(saved)...)
		sentence, err := i.keepPassword(ctx, saved, c.Password)
		if err != nil {
			return err
		}
		if sentence != "" {
			done.Left = append(done.Left, sentence)
		}
		i.o.Profiles = append(i.o.Profiles, done)
	}
	return nil
}

// remarks say what of a saved connection somebody should know who did not make it.
func remarks(p profile.Profile) (list []string) {
	if p.Trust.DoNotVerify {
		list = append(list, "It does not verify the broker: whoever stands in between can read everything.")
	}
	there := func(path string) bool { _, err := os.Stat(path); return err == nil }
	for _, path := range exchange.Absent(p, there) {
		list = append(list, fmt.Sprintf("The file %s that it names is not on this computer.", path))
	}
	return list
}

// writeFiles writes the contents that stand in the file, all or none, and returns the paths by connection.
func (i *importing) writeFiles() ([][]string, error) {
	written := make([][]string, len(i.usable))
	if i.f.files == "" {
		return written, nil
	}
	dir, err := filepath.Abs(i.f.files)
	if err != nil {
		return nil, usage("", "--files: %s", err)
	}
	var files []pki.OutputFile
	for n, unpacked := range exchange.Unpack(i.usable, dir, nil) {
		for _, file := range unpacked {
			written[n] = append(written[n], file.Path)
		}
		files = append(files, unpacked...)
	}
	return written, writeFilesBy("--replace", files, i.f.replace)
}

// keepPassword keeps the password, or says what became of it.
func (i *importing) keepPassword(ctx context.Context, p profile.Profile, password string) (sentence string, err error) {
	switch {
	case password == "":
		return "", nil
	case i.secrets == nil:
		return "The password in the file is left out; --keep-secrets keeps it.", nil
	}
	if err := i.secrets.Set(ctx, p.ID, store.Password, password); err != nil {
		if stop := interruption(ctx); stop != nil {
			return "", stop
		}
		return fmt.Sprintf("Its password is not kept: %s; --secrets-passphrase-file FILE makes a place for it.", err), nil
	}
	return "", nil
}

// end says what was done; a connection that was refused is exit status 1.
func (i *importing) end() error {
	if i.f.json {
		i.t.object(i.o)
	} else {
		for _, p := range i.o.Profiles {
			fmt.Fprintf(i.t.out, "%-30s %s\n", p.Name, whereIs(p.URL))
			for _, l := range slices.Concat(p.Files, p.Left) {
				i.t.note("%s: %s", p.Name, l)
			}
		}
		for _, r := range i.o.Refused {
			i.t.note("%s is not saved: %s", r.Name, r.Problem)
		}
	}
	if len(i.o.Refused) > 0 {
		return ended(statusFound)
	}
	return nil
}
