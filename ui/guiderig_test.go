package ui

import (
	"path/filepath"
	"sync"
	"testing"

	"fyne.io/fyne/v2/test"

	"mutual/core/acme"
	"mutual/core/acme/acmetest"
	"mutual/core/nameserver"
	"mutual/core/nameserver/nameservertest"
	"mutual/core/route53/route53test"
)

// domain is what the guide is played against: a DNS with example.org in a stand-in for Route 53, and Pebble.
type domain struct {
	world *nameservertest.World
	aws   *route53test.Service
	ca    *acmetest.Authority

	mu     sync.Mutex
	denied string // an action that is not allowed; empty: none
}

func newDomain(t *testing.T, o acmetest.Options) *domain {
	t.Helper()
	w := nameservertest.NewWorld(t, "example.org", "emqx.cloud")
	d := &domain{world: w, aws: route53test.NewService(t, w, "example.org"), ca: acmetest.NewAuthority(t, w, o)}
	d.ca.Trust(t)
	d.aws.Pending = 0
	d.aws.Fail = func(action string) (int, string, string) {
		d.mu.Lock()
		defer d.mu.Unlock()
		if action == d.denied {
			return 403, "AccessDenied", "User: alice is not authorized to perform: route53:" + action
		}
		return 0, "", ""
	}
	w.Set(0, "ab1234.emqx.cloud.", "A", "127.0.0.1")
	for name, value := range map[string]string{"AWS_ENDPOINT_URL": d.aws.URL, "AWS_ACCESS_KEY_ID": d.aws.Key.AccessKeyID,
		"AWS_SECRET_ACCESS_KEY": d.aws.Key.SecretAccessKey, "AWS_EC2_METADATA_DISABLED": "true", "AWS_PROFILE": "",
		"AWS_CONFIG_FILE": filepath.Join(t.TempDir(), "none"), "AWS_SHARED_CREDENTIALS_FILE": filepath.Join(t.TempDir(), "none"), "MUTUAL_KEYRING": "off"} {
		t.Setenv(name, value)
	}
	return d
}

func (d *domain) deny(action string) {
	d.mu.Lock()
	d.denied = action
	d.mu.Unlock()
}

func (d *domain) resolver() nameserver.Resolver { return d.world.Resolver() }

// open opens a window on the page, on dir.
func (d *domain) open(t *testing.T, dir string) *rig {
	t.Helper()
	r := rigOn(t, dir, nil, func(o *Options) { o.Resolver = d.resolver() })
	r.tabs.Select(guidePage)
	return r
}

// passed waits until a step is passed.
func (r *rig) passed(s *guideStep) {
	r.t.Helper()
	r.until("the step "+string(s.stage)+" to be passed", func() bool { return r.guide.plan.Has(s.stage) || s.stop == nil && s.said.Text != "" })
	if !r.guide.plan.Has(s.stage) {
		r.t.Fatalf("the step %s says %q", s.stage, s.said.Text)
	}
}

// ended waits until a step is doing nothing more.
func (r *rig) ended(s *guideStep) {
	r.t.Helper()
	r.until("the step "+string(s.stage)+" to end", func() bool { return s.stop == nil })
}

// address, rights and alias play the first three steps.
func (r *rig) playAddress() {
	r.t.Helper()
	g := r.guide
	g.address.deployment.SetText("mqtts://ab1234.emqx.cloud:8883")
	g.address.name.SetText("mqtt.example.org")
	test.Tap(g.address.check)
	r.passed(g.address.guideStep)
}

func (r *rig) playTo(d *domain, stage acme.Stage) {
	r.t.Helper()
	g := r.guide
	r.playAddress()
	test.Tap(g.rights.check)
	r.passed(g.rights.guideStep)
	if stage == acme.StageAlias {
		return
	}
	test.Tap(g.alias.look)
	r.ended(g.alias.guideStep)
	test.Tap(g.alias.apply)
	r.passed(g.alias.guideStep)
	r.chooseAuthority(d)
	if g.order.info == nil {
		r.t.Fatalf("the authority was not asked: %q", g.order.said.Text)
	}
	g.order.contact.SetText("admin@example.org")
}

// playToFiles plays until a certificate is obtained and its files are shown.
func (r *rig) playToFiles(d *domain) {
	r.t.Helper()
	r.playTo(d, acme.StageCertificate)
	g := r.guide
	g.order.agree.SetChecked(true)
	test.Tap(g.order.get)
	r.passed(g.order.guideStep)
	r.until("the files", func() bool { return g.files.got != nil })
}

// chooseAuthority enters the directory of the domain's authority, and asks it.
func (r *rig) chooseAuthority(d *domain) {
	r.t.Helper()
	g := r.guide
	r.ended(g.order.guideStep)
	g.order.directory.SetSelectedIndex(2)
	g.order.url.SetText(d.ca.URL)
	g.order.caFile.Entry.SetText(d.ca.CAFile)
	test.Tap(g.order.get)
	r.ended(g.order.guideStep)
}
