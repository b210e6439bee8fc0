package ui

import (
	"context"
	"crypto/x509"
	"path/filepath"
	"slices"
	"strconv"
	"strings"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/theme"
	"fyne.io/fyne/v2/widget"

	"mutual/core/evidence"
	"mutual/core/pki"
	"mutual/core/report"
	"mutual/ui/widgets"
)

// maker is the part of the page that makes one thing: an authority, a certificate, a request, a revocation list.
type maker struct {
	w       *Window
	conn    *connection
	request *x509.CertificateRequest // from the workshop; nil: the file counts
	guessed string                   // the name that was suggested

	what, reason                *widget.Select
	preset                      *presetFields
	purpose                     *widget.RadioGroup
	subject, names              *widgets.Entry
	pathLength, permit, exclude *widgets.Entry
	secret                      *widgets.Entry
	caFile, caKey, requestFile  *widgets.FileField
	revoke, folder              *widgets.FileField
	about                       *widget.Label
	daysName                    *widgets.Text
	start                       *widget.Button
	look                        *widget.Button // at the list that was written last; nil: none was
	said                        *widget.Label
	parts                       map[string]*fyne.Container
	box                         *container.Scroll
}

// Parts of the form, shown where what is made has use for them.
const (
	partPurpose   = "purpose"
	partSubject   = "subject"
	partNames     = "names"
	partAuthority = "authority"
	partRequest   = "request"
	partRevoke    = "revoke"
	partKey       = "key"
	partDays      = "days"
	partLimits    = "limits"
	partFolder    = "folder"
)

// makeParts are the parts for each thing.
var makeParts = map[string][]string{
	makeAuthority:    {partSubject, partKey, partDays, partLimits, partFolder},
	makeIntermediate: {partSubject, partAuthority, partKey, partDays, partLimits, partFolder},
	makeServer:       {partNames, partAuthority, partKey, partDays, partFolder},
	makeClient:       {partSubject, partNames, partAuthority, partKey, partDays, partFolder},
	makeRequest:      {partPurpose, partSubject, partNames, partKey, partFolder},
	makeSigned:       {partPurpose, partRequest, partNames, partAuthority, partDays, partFolder},
	makeRevocation:   {partRevoke, partAuthority, partDays},
}

// makeAbout says what each thing is for.
var makeAbout = map[string]string{
	makeAuthority:    "It signs other certificates. Who trusts it accepts what it signs.",
	makeIntermediate: "It signs other certificates too, and its own is signed by the authority above: that one's key can then be locked away.",
	makeServer:       "The broker shows it; clients compare its names with the host that they connect to.",
	makeClient:       "A client shows it to the broker, which sees the client under this name.",
	makeRequest:      "A key and a request that another authority signs, such as your company's.",
	makeSigned:       "Of the request only the key, the subject and the names are taken over: what the certificate is for, you say.",
	makeRevocation:   "Certificates on it are refused by brokers that read it (crlfile in mosquitto.conf). Without a certificate below, the list is only made anew, which has to happen before it runs out.",
}

const (
	forServer = "for a broker"
	forClient = "for a client"
)

func newMaker(w *Window) *maker {
	m := &maker{w: w, parts: map[string]*fyne.Container{}}
	m.buildFields()
	m.buildUI()
	m.what.SetSelected(makeAuthority)
	return m
}

func (m *maker) content() fyne.CanvasObject { return m.box }

// show suggests the host of the profile that is shown.
func (m *maker) show(c *connection) {
	m.conn = c
	if c == nil {
		return
	}
	if h := c.profile.Server.Host; h != "" && m.names.Text == m.guessed && m.what.Selected == makeServer {
		m.guessed = h
		m.names.SetText(h)
	}
}

func (m *maker) buildFields() {
	m.subject, m.names, m.pathLength, m.permit, m.exclude = widgets.NewEntry(), widgets.NewEntry(), widgets.NewEntry(), widgets.NewEntry(), widgets.NewEntry()
	m.subject.SetPlaceHolder("A name, or a whole subject such as /C=US/O=Test Org/CN=Test CA")
	m.names.SetPlaceHolder("broker.example, *.broker.example, 192.0.2.7")
	m.pathLength.SetPlaceHolder("any number")
	m.permit.SetPlaceHolder("site7.example, 10.0.0.0/8")
	m.exclude.SetPlaceHolder("secret.site7.example")
	m.secret = widgets.NewPassword()
	m.secret.SetPlaceHolder("Passphrase of the key, where it has one")
	m.caFile, m.caKey = m.file("The authority's certificate", evidence.RoleCA), m.file("The authority's private key", evidence.RoleKey)
	m.suggestAuthority(filepath.Join(m.w.dir, "certificates"))
	m.requestFile, m.revoke = m.file("The request, in any format", ""), m.file("The certificate to revoke; may stay empty", "")
	m.requestFile.OnChanged = func(path string) {
		m.request = nil
		m.w.checkFile(m.requestFile, path, "")
	}
	m.folder = widgets.NewFileField("Where the files go", func() {
		m.w.browseFolder(m.folder.Entry.Text, func(path string) { m.folder.Entry.SetText(path) })
	}, nil)
	m.folder.Folder = true
	m.folder.Entry.SetText(filepath.Join(m.w.dir, "certificates"))

	m.what = widget.NewSelect(makeKinds, func(string) { m.onWhat() })
	m.purpose = widget.NewRadioGroup([]string{forServer, forClient}, nil)
	m.purpose.Horizontal, m.purpose.Required = true, true
	m.purpose.SetSelected(forClient)
	m.preset = newPresetFields(nil)
	m.reason = widget.NewSelect(reasonNames(), nil)
	m.reason.SetSelected("unspecified")
	m.about, m.said = wrapped(""), wrapped("")
	m.said.Importance = widget.DangerImportance
	m.said.Hide()
	m.start = widget.NewButtonWithIcon("Make it", theme.DocumentCreateIcon(), m.onMake)
	m.start.Importance = widget.HighImportance
}

// suggestAuthority fills in the authority that stands in folder under its usual name, where none was chosen.
func (m *maker) suggestAuthority(folder string) {
	usual := pki.Paths(folder, pki.CA)
	run(m.w.env.async, m.w.env.ctx, func(context.Context) bool { return isFile(usual.Certificate) && isFile(usual.Key) }, func(there bool) {
		if there && m.caFile.Entry.Text == "" && m.caKey.Entry.Text == "" {
			m.caFile.Entry.SetText(usual.Certificate)
			m.caKey.Entry.SetText(usual.Key)
		}
	})
}

func (m *maker) file(hint string, role evidence.Role) *widgets.FileField {
	var f *widgets.FileField
	f = widgets.NewFileField(hint, func() { m.w.browse(f.Entry.Text, func(path string) { f.Entry.SetText(path) }) }, nil)
	f.OnChanged = func(path string) { m.w.checkFile(f, path, role) }
	return f
}

func reasonNames() []string {
	var out []string
	for name := range pki.Reasons {
		out = append(out, name)
	}
	slices.SortFunc(out, func(a, b string) int { return pki.Reasons[a] - pki.Reasons[b] })
	return out
}

func (m *maker) buildUI() {
	part := func(id string, objects ...fyne.CanvasObject) fyne.CanvasObject {
		m.parts[id] = widgets.NewRows(8, objects...)
		return m.parts[id]
	}
	m.daysName = widgets.Muted("Valid for, in days").CutTo(0)
	what := widgets.NewRows(4, labelled("What is to be made", widgets.Framed(m.what)), widgets.NewPadded(-8, -8, -6, 0, m.about), part(partPurpose, m.purpose))
	form := widgets.NewRows(10,
		part(partRequest, labelled("Request", m.requestFile)),
		part(partRevoke, labelled("Certificate", m.revoke), labelled("Reason", widgets.Framed(m.reason))),
		part(partSubject, labelled("Name", m.subject)),
		part(partNames, labelled("Names and addresses, separated by commas", m.names)),
		part(partAuthority, labelled("Signed by the authority", widgets.NewRows(6, m.caFile, m.caKey, m.secret))),
		part(partKey, m.preset.box),
		part(partDays, labelledBy(m.daysName, m.preset.days)),
		part(partLimits, container.NewGridWithColumns(3, labelled("Authorities below it", m.pathLength), labelled("Only for names below", m.permit), labelled("Not for names below", m.exclude))),
		part(partFolder, labelled("Folder", m.folder)))
	column := widgets.NewColumn(900, widgets.NewRows(10, widgets.NewCard(what), widgets.NewCard(form), m.said, container.NewHBox(widgets.NewFixedWidth(190, m.start))))
	m.box = container.NewVScroll(widgets.NewPadded(10, 20, 16, 20, column))
}

// onWhat shows only what the choice calls for.
func (m *maker) onWhat() {
	if m.box == nil {
		return
	}
	wanted := makeParts[m.what.Selected]
	for id, p := range m.parts {
		setVisible(p, slices.Contains(wanted, id))
	}
	m.about.SetText(makeAbout[m.what.Selected])
	m.start.SetText("Make it")
	m.daysName.Set("Valid for, in days")
	if m.what.Selected == makeRevocation {
		m.start.SetText("Revoke…")
		m.daysName.Set("Days until the list has to be made anew")
		if m.preset.days.Text == "365" {
			m.preset.days.SetText("30")
		}
	} else if m.preset.days.Text == "30" {
		m.preset.days.SetText("365")
	}
	if m.what.Selected != makeServer && m.names.Text == m.guessed {
		m.names.SetText("")
		m.guessed = ""
	}
	m.say("")
	m.show(m.conn)
	m.box.Refresh()
}

func (m *maker) say(text string) {
	m.said.SetText(text)
	setVisible(m.said, text != "")
}

// sign takes a request over from the workshop.
func (m *maker) sign(name string, r *x509.CertificateRequest) {
	m.what.SetSelected(makeSigned)
	m.requestFile.Entry.SetText(name)
	m.request = r
	m.requestFile.SetStatus(widgets.Good, "Request for "+requestName(r))
	m.w.checks[m.requestFile]++ // its name may be no file: what was found there does not count
}

func (m *maker) job() job {
	text := func(f *widgets.FileField) string { return strings.TrimSpace(f.Entry.Text) }
	j := job{
		what: m.what.Selected, subject: m.subject.Text, algorithm: m.preset.chosenAlgorithm(), days: m.preset.chosenDays(), preset: m.preset.chosen().ID,
		caFile: text(m.caFile), caKey: text(m.caKey), passphrase: m.secret.Text, requestFile: text(m.requestFile), request: m.request,
		reason: pki.Reasons[m.reason.Selected], folder: text(m.folder), now: m.w.env.now(),
	}
	j.kind = map[string]pki.Kind{makeAuthority: pki.CA, makeIntermediate: pki.CA, makeServer: pki.Server, makeClient: pki.Client}[j.what]
	if j.kind == "" {
		j.kind = map[string]pki.Kind{forServer: pki.Server, forClient: pki.Client}[m.purpose.Selected]
	}
	if j.what == makeServer {
		j.subject = ""
	}
	if slices.Contains(makeParts[j.what], partNames) {
		j.names = splitList(m.names.Text)
	}
	if j.kind == pki.CA {
		j.permit, j.exclude = splitList(m.permit.Text), splitList(m.exclude.Text)
		if s := strings.TrimSpace(m.pathLength.Text); s != "" {
			n, err := strconv.Atoi(s)
			if err != nil {
				n = -1
			}
			j.pathLength = &n
		}
	}
	if s := text(m.revoke); s != "" {
		j.revoke = []string{s}
	}
	return j
}

func (m *maker) onMake() {
	j := m.job()
	text := j.check()
	m.say(text)
	if text != "" {
		return
	}
	if j.what == makeRevocation {
		m.onRevoke(j)
		return
	}
	m.w.prepare("What you asked for", func(ctx context.Context) offer {
		o := j.make(ctx)
		o.saved = func(paths []string) { m.onSaved(j, paths) }
		return o
	})
}

// onSaved offers what comes next.
func (m *maker) onSaved(j job, paths []string) {
	switch j.what {
	case makeAuthority, makeIntermediate:
		m.caFile.Entry.SetText(paths[0])
		m.caKey.Entry.SetText(paths[1])
	case makeClient:
		conn := m.conn
		if conn == nil || conn.profile.Practice {
			return
		}
		use := widget.NewButton("Use in this profile", nil)
		bar := m.w.tell(widgets.Accent, report.Base(paths[0])+" can be shown to the broker at once.", use)
		use.OnTapped = func() { m.w.dismiss(bar); m.w.useFiles(conn, clientFiles(paths), "") }
	}
}
