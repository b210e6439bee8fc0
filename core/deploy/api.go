package deploy

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/netip"
	"net/url"
	"strings"
	"time"

	"mutual/core/expression"
)

// DefaultAPI is the address of EMQX Platform's interface. Its documentation writes {api}; this one is from programs in
// use, so it is a setting. Consoles of other regions have other hosts.
const DefaultAPI = "https://cloud-intl.emqx.com/public_api/v1"

// Credentials are a Platform API key and its secret. They print as nothing.
type Credentials struct{ Key, Secret string }

// String hides both.
func (c Credentials) String() string { return "API key (not shown)" }

// GoString is String.
func (c Credentials) GoString() string { return c.String() }

// MarshalJSON hides both.
func (c Credentials) MarshalJSON() ([]byte, error) { return []byte("null"), nil }

// ParseCredentials reads key and secret as KEY:SECRET, or as two lines.
func ParseCredentials(text string) (Credentials, bool) {
	lines := strings.Fields(text)
	switch len(lines) {
	case 1:
		key, secret, ok := strings.Cut(lines[0], ":")
		return Credentials{key, secret}, ok && key != "" && secret != ""
	case 2:
		return Credentials{lines[0], lines[1]}, true
	}
	return Credentials{}, false
}

// Text is what ParseCredentials reads, for a place where secrets are kept.
func (c Credentials) Text() string { return c.Key + ":" + c.Secret }

// SecretID is the ID under which the credentials for the interface at base are kept as a store.PlatformKey.
func SecretID(base string) string {
	host := base
	if u, err := CheckAPI(base); err == nil {
		host = strings.ToLower(u.Host)
	}
	sum := sha256.Sum256([]byte(host))
	return "emqx-" + hex.EncodeToString(sum[:8])
}

// API speaks EMQX Platform's documented interface. Nothing that it returns or reports holds the credentials or a
// private key.
type API struct {
	Base        string // empty: DefaultAPI
	Credentials Credentials
	HTTP        *http.Client  // nil: a client of its own. Redirects are not followed, whatever it says
	Timeout     time.Duration // of each call; 0: 30 s
	// Calls remembers the calls, so that the limits are kept over restarts; nil: within this value only.
	Calls CallLog
	Now   func() time.Time // nil: time.Now

	own memoryCalls
}

// Deployment is one of the deployments that the key may see.
type Deployment struct {
	ID       string `json:"deploymentID"`
	Name     string `json:"deploymentName"`
	Type     string `json:"deploymentType"` // Plan.API
	Platform string `json:"platform"`
	Region   string `json:"region"`
	Project  string `json:"projectName"`
	Status   string `json:"status"` // "running", "starting", "stopped"
}

// Installed is what the interface says of the certificate of a deployment. It never returns the certificate itself.
type Installed struct {
	Type   string `json:"tlsType"` // "one-way", "two-way"
	Expire string `json:"expire"`  // "2034-05-22 02:43:21", of no stated time zone
	Status string `json:"status"`  // "running", "pending"
}

// Running says whether the certificate is in use.
func (i Installed) Running() bool { return i.Status == "running" }

// call is one kind of call, as documented.
type call struct {
	method  string
	tls     bool // …/tls
	perHour int
	doing   string // for errors
}

var (
	listCall   = call{method: http.MethodGet, perHour: 60, doing: "listing the deployments"}
	lookCall   = call{method: http.MethodGet, perHour: 60, doing: "asking for the deployment"}
	statusCall = call{method: http.MethodGet, tls: true, perHour: 60, doing: "asking for the certificate"}
	createCall = call{method: http.MethodPost, tls: true, perHour: 6, doing: "uploading the certificate"}
	updateCall = call{method: http.MethodPut, tls: true, perHour: 6, doing: "replacing the certificate"}
	removeCall = call{method: http.MethodDelete, tls: true, perHour: 6, doing: "deleting the certificate"}
)

// Deployments lists those that the key may see.
func (a *API) Deployments(ctx context.Context) ([]Deployment, error) {
	var all []Deployment
	err := a.do(ctx, listCall, "", nil, &all)
	return all, err
}

// Deployment returns one.
func (a *API) Deployment(ctx context.Context, id string) (Deployment, error) {
	var d Deployment
	err := a.do(ctx, lookCall, id, nil, &d)
	return d, err
}

// Installed says what certificate a deployment has; ok is false when it has none.
func (a *API) Installed(ctx context.Context, id string) (i Installed, ok bool, err error) {
	err = a.do(ctx, statusCall, id, nil, &i)
	var refused *APIError
	if errors.As(err, &refused) && refused.Status == http.StatusNotFound {
		// The documentation has 404 for a deployment that is not there; one without a certificate answers so as well
		// or with an empty object. Which of the two it is, Deployment tells.
		return Installed{}, false, nil
	}
	return i, err == nil && i.Type != "", err
}

// upload is the body of POST and PUT.
type upload struct {
	Type     string `json:"tlsType"`
	Cert     string `json:"cert"` // with the chain: there is no field for it
	Key      string `json:"key"`
	ClientCA string `json:"cacert,omitempty"`
}

// Upload gives a deployment the certificate, chain and key of h; replace: it has one already. The answer is usually
// "pending": see AwaitRunning.
func (a *API) Upload(ctx context.Context, id string, h Handover, replace bool) (Installed, error) {
	body := upload{Type: "one-way"}
	for to, field := range map[*string]string{&body.Cert: FieldMerged, &body.Key: FieldKey} {
		f, ok := h.Field(field)
		if !ok || f.Value == "" {
			return Installed{}, fmt.Errorf("uploading the certificate: the field %s is empty", field)
		}
		*to = f.Value
	}
	if h.TwoWay {
		f, ok := h.Field(FieldClientCA)
		if !ok || f.Value == "" {
			return Installed{}, fmt.Errorf("uploading the certificate: the field %s is empty", FieldClientCA)
		}
		body.Type, body.ClientCA = "two-way", f.Value
	}
	c := createCall
	if replace {
		c = updateCall
	}
	var i Installed
	err := a.do(ctx, c, id, body, &i)
	return i, err
}

// Remove deletes the certificate of a deployment, which disconnects its ports 8883 and 8084.
func (a *API) Remove(ctx context.Context, id string) error {
	return a.do(ctx, removeCall, id, nil, nil)
}

// AwaitRunning asks until the certificate is in use or ctx ends, and tells each answer to say, which may be nil. The
// first question comes after pause (0: 10 s), each further one after half as long again, up to a minute, so that the
// limit of 60 an hour lasts.
func (a *API) AwaitRunning(ctx context.Context, id string, pause time.Duration, say func(Installed)) (Installed, error) {
	if pause <= 0 {
		pause = 10 * time.Second
	}
	for {
		timer := time.NewTimer(pause)
		select {
		case <-ctx.Done():
			timer.Stop()
			return Installed{}, fmt.Errorf("waiting until the certificate is in use: %w", ctx.Err())
		case <-timer.C:
		}
		i, ok, err := a.Installed(ctx, id)
		if err != nil {
			return i, err
		}
		if say != nil {
			say(i)
		}
		if ok && i.Running() {
			return i, nil
		}
		pause = min(pause*3/2, time.Minute)
	}
}

// maxAnswer bounds an answer, in bytes: a list of a thousand deployments is less.
const maxAnswer = 1 << 20

// do makes one call. into is nil where there is no answer to be read.
func (a *API) do(ctx context.Context, c call, id string, body, into any) error {
	address, err := a.address(c, id)
	if err != nil {
		return fmt.Errorf("%s: %w", c.doing, err)
	}
	if err := a.take(address.Host, c); err != nil {
		return err
	}
	timeout := a.Timeout
	if timeout <= 0 {
		timeout = 30 * time.Second
	}
	callCtx, cancel := context.WithTimeout(ctx, timeout)
	defer cancel()
	var reader io.Reader
	if body != nil {
		data, err := json.Marshal(body)
		if err != nil {
			return fmt.Errorf("%s: %w", c.doing, err)
		}
		reader = bytes.NewReader(data)
	}
	request, err := http.NewRequestWithContext(callCtx, c.method, address.String(), reader)
	if err != nil {
		return fmt.Errorf("%s: %w", c.doing, err)
	}
	request.SetBasicAuth(a.Credentials.Key, a.Credentials.Secret)
	request.Header.Set("Accept", "application/json")
	if body != nil {
		request.Header.Set("Content-Type", "application/json")
	}
	response, err := a.client().Do(request)
	if err != nil {
		return a.unreached(ctx, c, address, timeout, err)
	}
	defer response.Body.Close()
	answer, err := io.ReadAll(io.LimitReader(response.Body, maxAnswer+1))
	if err != nil {
		return a.unreached(ctx, c, address, timeout, err)
	}
	return a.judge(c, id, address, response, answer, into)
}

// judge reads an answer.
func (a *API) judge(c call, id string, address *url.URL, response *http.Response, answer []byte, into any) error {
	if response.StatusCode < 200 || response.StatusCode > 299 {
		return a.refused(c, id, address, response, answer)
	}
	if into == nil || response.StatusCode == http.StatusNoContent {
		return nil
	}
	if len(answer) > maxAnswer || json.Unmarshal(answer, into) != nil {
		return &APIError{Doing: c.doing, Status: response.StatusCode,
			Text: fmt.Sprintf("%s answered with something else than EMQX's interface does.", address.Host),
			Do:   "Look at the interface's address: it ends in /public_api/v1, and no page to log in may stand before it.",
		}
	}
	return nil
}

// client is the HTTP client, which follows no redirect: it would carry the credentials and the key elsewhere.
func (a *API) client() *http.Client {
	var c http.Client
	if a.HTTP != nil {
		c = *a.HTTP
	}
	c.CheckRedirect = func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }
	return &c
}

// idShape is what a deployment's identifier looks like ("ge6a1a75"); more generous, but no path.
var idShape = expression.New(`^[A-Za-z0-9_-]{1,64}$`)

// address checks the setting and adds the call's path.
func (a *API) address(c call, id string) (*url.URL, error) {
	base := a.Base
	if base == "" {
		base = DefaultAPI
	}
	u, err := CheckAPI(base)
	if err != nil {
		return nil, err
	}
	u.Path = strings.TrimRight(u.Path, "/") + "/deployments"
	if c == listCall {
		return u, nil
	}
	if !idShape.MatchString(id) {
		return nil, fmt.Errorf("%q is no deployment's identifier; it stands in the console on the deployment's overview", id)
	}
	u.Path += "/" + id
	if c.tls {
		u.Path += "/tls"
	}
	return u, nil
}

// CheckAPI reads the address of the interface. It must be encrypted, as a private key goes there; only on this computer
// it need not be.
func CheckAPI(base string) (*url.URL, error) {
	u, err := url.Parse(base)
	if err != nil || u.Host == "" || u.Opaque != "" {
		return nil, errors.New("the interface's address is not of the form https://host/public_api/v1")
	}
	if u.User != nil || u.RawQuery != "" || u.Fragment != "" {
		return nil, errors.New("the interface's address has no place for a user, a query or a fragment")
	}
	if u.Scheme != "https" && !(u.Scheme == "http" && local(u.Hostname())) {
		return nil, fmt.Errorf("the interface's address begins with %q, and a private key goes only where https:// leads", u.Scheme+"://")
	}
	return u, nil
}

func local(host string) bool {
	address, err := netip.ParseAddr(host)
	return host == "localhost" || err == nil && address.IsLoopback()
}
