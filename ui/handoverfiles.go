package ui

import (
	"net"
	"slices"
	"strconv"
	"strings"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/theme"
	"fyne.io/fyne/v2/widget"

	"mutual/core/deploy"
	"mutual/core/evidence"
	"mutual/core/profile"
	"mutual/ui/widgets"
)

// handoverFiles is the part where the broker and the files are chosen.
type handoverFiles struct {
	h           *handover
	brokers     []deploy.Broker
	plans       []deploy.Plan
	broker      *widget.Select
	plan        *widget.Select
	planRow     *fyne.Container
	about       *widget.Label
	host        *widgets.Entry
	hostRow     *fyne.Container
	twoWay      *widget.Check
	certificate *widgets.FileField
	key         *widgets.FileField
	passphrase  *widgets.Entry
	passRow     *fyne.Container
	clientCA    *fileList
	chain       *fileList
	client      *widgets.FileField
	clientRow   *fyne.Container
	folder      *widgets.Entry
	port        *widgets.Entry
	ownRow      *fyne.Container // folder and port, of a broker of one's own
	more        *widgets.Fold
	moreRows    *fyne.Container
	names       map[string]*widgets.Text // what the fields are called, which depends on the broker
	box         *fyne.Container
	suggested   suggestion
	quiet       bool // the program fills in
}

func newHandoverFiles(h *handover) *handoverFiles {
	f := &handoverFiles{h: h, brokers: deploy.Brokers(), plans: deploy.Plans(), names: map[string]*widgets.Text{}}
	f.buildFields()
	f.buildUI()
	return f
}

func (f *handoverFiles) buildFields() {
	var brokers, plans []string
	for _, b := range f.brokers {
		brokers = append(brokers, b.Title)
	}
	for _, p := range f.plans {
		plans = append(plans, p.Title)
	}
	f.broker = widget.NewSelect(brokers, func(string) { f.onChoice() })
	f.plan = widget.NewSelect(plans, func(string) { f.onChoice() })
	f.about = widget.NewLabel("")
	f.about.Wrapping, f.about.SizeName = fyne.TextWrapWord, theme.SizeNameCaptionText
	f.host = f.entry("broker.example: empty, and names are not checked")
	f.twoWay = widget.NewCheck("Clients show a certificate, too (two-way TLS)", func(bool) { f.onChoice() })
	f.certificate = f.file("For instance fullchain.pem or server.crt", evidence.RoleChain)
	f.key = f.file("For instance privkey.pem; empty when the other file holds it", evidence.RoleKey)
	f.passphrase = widgets.NewPassword()
	f.passphrase.SetPlaceHolder("It stays in this window; what is handed over has none")
	f.passphrase.OnSubmitted = func(string) { f.changed() }
	f.passphrase.OnLeft = func() { f.changed() }
	f.passphrase.OnEscape = f.h.close
	f.clientCA = newFileList(f, "The authority that issues the clients' certificates", "Add another authority", evidence.RoleCA)
	f.chain = newFileList(f, "Certificates of authorities that the first file lacks", "Add another file", evidence.RoleUntrusted)
	f.client = f.file("Compared with the authority; it is not handed over", evidence.RoleChain)
	f.folder, f.port = f.entry("The broker's customary folder"), f.entry("8883")
}

func (f *handoverFiles) entry(hint string) *widgets.Entry {
	e := widgets.NewEntry()
	e.SetPlaceHolder(hint)
	e.OnChanged = func(string) { f.changed() }
	e.OnEscape = f.h.close
	return e
}

func (f *handoverFiles) file(hint string, role evidence.Role) *widgets.FileField {
	var field *widgets.FileField
	field = widgets.NewFileField(hint, func() { f.browse(field) }, nil)
	field.Entry.OnEscape = f.h.close
	field.OnChanged = func(path string) {
		f.h.w.checkFile(field, strings.TrimSpace(path), role)
		f.changed()
	}
	return field
}

func (f *handoverFiles) browse(field *widgets.FileField) {
	now := field.Entry.Text
	if now == "" {
		now = f.certificate.Entry.Text
	}
	f.h.w.browse(now, func(path string) { field.Entry.SetText(path) })
}

// named is labelled with a name that can change.
func (f *handoverFiles) named(id, name string, field fyne.CanvasObject) *fyne.Container {
	l := widgets.Muted(name).CutTo(0)
	f.names[id] = l
	return labelledBy(l, field)
}

func (f *handoverFiles) buildUI() {
	f.planRow = labelled("Kind of deployment", widgets.Framed(f.plan))
	f.hostRow = labelled("Name or address that clients connect to", f.host)
	f.passRow = labelled("Passphrase of the key", f.passphrase)
	f.passRow.Hide()
	f.clientRow = labelled("A client's certificate", f.client)
	f.ownRow = container.NewGridWithColumns(2, labelled("Folder of the files on the broker's machine", f.folder), labelled("Port", f.port))
	f.moreRows = widgets.NewRows(8, labelled("Further certificates of the chain", f.chain.box), f.clientRow, f.ownRow)
	f.more = widgets.NewFold("More", f.moreRows, nil)
	f.box = widgets.NewRows(8,
		container.NewGridWithColumns(2, labelled("Broker", widgets.Framed(f.broker)), f.planRow),
		widgets.NewPadded(-6, -6, -6, 0, f.about),
		f.named("certificate", "The broker's certificate", f.certificate), f.named("key", "Its private key", f.key), f.passRow,
		f.twoWay, f.named("clientCA", "Client CA certificate", f.clientCA.box), f.hostRow, f.more)
}

// chosen is the broker that is selected.
func (f *handoverFiles) chosen() deploy.Broker { return f.brokers[max(f.broker.SelectedIndex(), 0)] }

func (f *handoverFiles) chosenPlan() deploy.Plan { return f.plans[max(f.plan.SelectedIndex(), 0)] }

// onChoice shows the fields that the broker calls for, and remembers the choice.
func (f *handoverFiles) onChoice() {
	b := f.chosen()
	cloud, amazon := b.ID == "emqx", b.ID == "aws-iot"
	f.about.SetText(b.About + " After " + b.Source)
	setVisible(f.planRow, cloud)
	setVisible(f.twoWay, !amazon)
	setVisible(f.hostRow, !amazon)
	setVisible(f.clientRow, !amazon && f.twoWay.Checked)
	setVisible(f.ownRow, !cloud && !amazon)
	setVisible(f.clientCA.row(f.box), amazon || f.twoWay.Checked)
	whose, ca := "The broker's certificate", "Client CA certificate: the authority that issues the clients' certificates"
	if amazon {
		whose, ca = "The client's certificate", "The authority that signed it"
	}
	f.names["certificate"].Set(whose)
	f.names["clientCA"].Set(ca)
	if !f.quiet {
		f.h.w.app.Preferences().SetString(prefBroker, b.ID)
		f.h.w.app.Preferences().SetString(prefPlan, f.chosenPlan().ID)
	}
	f.suggest()
	f.box.Refresh()
	f.changed()
}

func (f *handoverFiles) changed() {
	if !f.quiet {
		f.h.touched()
	}
}

// choosePlan takes the kind of a deployment that EMQX named.
func (f *handoverFiles) choosePlan(name string) {
	plan, known := deploy.PlanNamed(name)
	i := slices.IndexFunc(f.plans, func(p deploy.Plan) bool { return p.ID == plan.ID })
	if known && name != "" && i != f.plan.SelectedIndex() {
		f.plan.SetSelectedIndex(i)
	}
}

// order is what is to be prepared; problem says in one sentence what cannot be.
func (f *handoverFiles) order() (b deploy.Broker, s deploy.Sources, o deploy.Options, problem string) {
	b = f.chosen()
	path := func(field *widgets.FileField) string { return strings.TrimSpace(field.Entry.Text) }
	now := f.h.w.env.now()
	s = deploy.Sources{Certificate: path(f.certificate), Key: path(f.key), Chain: f.chain.paths(), Passphrase: f.passphrase.Text, At: now}
	o = deploy.Options{OneWay: !f.twoWay.Checked, At: now}
	if b.ID == "aws-iot" {
		o.OneWay = false
		s.ClientCA = f.clientCA.paths()
		return b, s, o, ""
	}
	if !o.OneWay {
		s.ClientCA, s.Client = f.clientCA.paths(), path(f.client)
	}
	if o.Host, problem = handoverHost(f.host.Text); problem != "" {
		return b, s, o, problem
	}
	if b.ID == "emqx" {
		o.Plan = f.chosenPlan().ID
		return b, s, o, ""
	}
	o.Folder = strings.TrimSpace(f.folder.Text)
	if text := strings.TrimSpace(f.port.Text); text != "" {
		var err error
		if o.Port, err = strconv.Atoi(text); err != nil || o.Port < 1 || o.Port > 65535 {
			problem = "The port is a number from 1 to 65535."
		}
	}
	return b, s, o, problem
}

// handoverHost reads a name, an address, or a whole URL that was pasted.
func handoverHost(text string) (host, problem string) {
	text = strings.TrimSpace(text)
	if text == "" || net.ParseIP(text) != nil {
		return text, ""
	}
	server, err := profile.ParseURL(text)
	if err != nil {
		return "", "The name that clients connect to is not one: " + strings.TrimSuffix(addressText(err), ".") + "."
	}
	return server.Host, ""
}

// invitation says what to do first.
func (f *handoverFiles) invitation() string {
	if f.chosen().ID == "aws-iot" {
		return "Choose the client's certificate and its key, or drop the files here."
	}
	return "Choose the broker's certificate and its key, or drop the files here."
}

// judge words why preparing did not succeed, and shows it at the field of the file.
func (f *handoverFiles) judge(err error) string {
	if err == nil {
		return ""
	}
	text, file := judgeRead(err, f.h.w.env.now())
	if file == nil {
		return text
	}
	needs := file.Problem == evidence.PassphraseNone || file.Problem == evidence.PassphraseBad
	if needs && !f.passRow.Visible() {
		f.passRow.Show()
		f.box.Refresh()
		if f.h.tabs.Selected() == handFiles {
			f.h.w.win.Canvas().Focus(f.passphrase)
		}
	}
	for _, field := range slices.Concat([]*widgets.FileField{f.certificate, f.key, f.client}, f.clientCA.fields, f.chain.fields) {
		if strings.TrimSpace(field.Entry.Text) == file.Path {
			f.h.w.checks[field]++ // what checkFile finds is of another use of the file
			field.SetStatus(widgets.Bad, text)
			break
		}
	}
	return text
}

// fileList is any number of files of one kind.
type fileList struct {
	of     *handoverFiles
	hint   string
	role   evidence.Role
	fields []*widgets.FileField
	rows   *fyne.Container
	add    *widget.Button
	box    *fyne.Container
}

func newFileList(of *handoverFiles, hint, more string, role evidence.Role) *fileList {
	l := &fileList{of: of, hint: hint, role: role, rows: widgets.NewRows(4)}
	l.add = widget.NewButtonWithIcon(more, theme.ContentAddIcon(), func() { l.addField("") })
	l.add.Importance = widget.LowImportance
	l.box = widgets.NewRows(0, l.rows, container.NewHBox(l.add))
	l.addField("")
	return l
}

// row is the list with its name, in parent.
func (l *fileList) row(parent *fyne.Container) fyne.CanvasObject {
	for _, o := range parent.Objects {
		if c, ok := o.(*fyne.Container); ok && slices.Contains(c.Objects, fyne.CanvasObject(l.box)) {
			return o
		}
	}
	return l.box
}

func (l *fileList) addField(path string) {
	var field *widgets.FileField
	field = widgets.NewFileField(l.hint, func() { l.of.browse(field) }, func() { l.remove(field) })
	field.Entry.OnEscape = l.of.h.close
	field.OnChanged = func(path string) {
		l.of.h.w.checkFile(field, strings.TrimSpace(path), l.role)
		l.of.changed()
	}
	l.fields = append(l.fields, field)
	l.rows.Add(field)
	if path != "" {
		field.Entry.SetText(path)
	}
	l.box.Refresh()
}

// remove takes a field away; the last one is emptied.
func (l *fileList) remove(field *widgets.FileField) {
	if len(l.fields) == 1 {
		field.Entry.SetText("")
		return
	}
	l.fields = slices.DeleteFunc(l.fields, func(f *widgets.FileField) bool { return f == field })
	l.rows.Remove(field)
	l.of.changed()
	l.box.Refresh()
}

// use puts path into the first empty field, or a new one.
func (l *fileList) use(path string) {
	if path == "" || slices.Contains(l.paths(), path) {
		return
	}
	for _, f := range l.fields {
		if f.Entry.Text == "" {
			f.Entry.SetText(path)
			return
		}
	}
	l.addField(path)
}

// paths are those filled in.
func (l *fileList) paths() (out []string) {
	for _, f := range l.fields {
		if p := strings.TrimSpace(f.Entry.Text); p != "" {
			out = append(out, p)
		}
	}
	return out
}
