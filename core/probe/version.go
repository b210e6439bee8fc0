package probe

import (
	"context"
	"fmt"

	"mutual/core/evidence"
	"mutual/core/pki"
	"mutual/core/profile"
	"mutual/core/session"
)

// Made is what a connection is made of, except its secrets.
type Made struct {
	Profile  profile.Profile
	Material pki.Material
}

// chooseVersion tries the other version of MQTT where the answer to CONNECT says that it was the version, or where the
// server ended the connection instead of an answer, as some do with a version that they do not know.
func chooseVersion(a *evidence.Attempt, made Made) []experiment {
	if a.Dial == nil || a.Dial.Status != evidence.OK || a.Dial.Proxy != nil {
		return nil // see choose
	}
	if !versionInDoubt(a) {
		return nil
	}
	other := profile.Version311
	if a.Target.MQTTVersion == other.Level() {
		other = profile.Version5
	}
	return []experiment{{"mqtt-" + string(other), tryVersion(made, other)}}
}

// versionInDoubt says that CONNECT was sent and not answered by a yes, in a way that its version may be the cause of.
func versionInDoubt(a *evidence.Attempt) bool {
	m := a.MQTT
	switch {
	case m == nil || m.Status != evidence.Failed:
		return false
	case m.ReasonCode == nil:
		return (m.Failure == evidence.Closed || m.Failure == evidence.Reset) && len(m.FirstBytes) == 0
	}
	asked := a.Target.MQTTVersion
	if asked == 0 {
		asked = profile.Version5.Level()
	}
	return m.VersionRefused() || m.Version != asked
}

// tryVersion sends a CONNECT of that version on the same way as before, with a client identifier of its own and without
// user name and password. Any CONNACK of the version proves that the server speaks it.
func tryVersion(made Made, version profile.Version) func(context.Context, target, *evidence.Probe) {
	return func(ctx context.Context, _ target, p *evidence.Probe) {
		q := made.Profile.Clone()
		q.MQTT = profile.Settings{Version: version, KeepAlive: profile.DefaultKeepAlive, CleanStart: true}
		q.Subscriptions = nil
		m := session.Try(ctx, q, made.Material, "", session.Options{Timeout: eachWait}).MQTT
		p.Status = evidence.Failed
		switch {
		case m == nil:
			p.Detail = fmt.Sprintf("A CONNECT in MQTT %s could not be sent.", version)
		case m.ReasonCode == nil:
			p.Failure, p.Bytes = m.Failure, m.FirstBytes
			p.Detail = fmt.Sprintf("A CONNECT in MQTT %s was not answered either.", version)
		case m.Version != version.Level() || m.VersionRefused():
			p.Failure = evidence.RefusedMQTT
			p.Detail = fmt.Sprintf("A CONNECT in MQTT %s was refused too: %s.", version, m.ReasonName())
		default:
			p.Status = evidence.OK
			p.Detail = fmt.Sprintf("A CONNECT in MQTT %s, without user name and password, was answered with CONNACK: %s.", version, m.ReasonName())
		}
	}
}
