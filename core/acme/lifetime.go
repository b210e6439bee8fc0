package acme

import "time"

const aDay = 24 * time.Hour

// lifetimes are those of Let's Encrypt's profiles: https://letsencrypt.org/docs/profiles/ and
// https://letsencrypt.org/2025/12/02/from-90-to-45. The later ones stand first.
var lifetimes = map[string][]struct {
	from time.Time
	long time.Duration
}{
	"classic": {
		{time.Date(2028, 2, 16, 0, 0, 0, 0, time.UTC), 45 * aDay},
		{time.Date(2027, 2, 10, 0, 0, 0, 0, time.UTC), 64 * aDay},
		{time.Time{}, 90 * aDay},
	},
	"tlsserver":  {{time.Time{}, 45 * aDay}},
	"shortlived": {{time.Time{}, 160 * time.Hour}},
}

// ProfileRemark is what clients can stumble over in certificates of one of Let's Encrypt's profiles, a sentence
// (https://letsencrypt.org/docs/profiles/); empty: nothing.
func ProfileRemark(profile string) string {
	switch profile {
	case "tlsserver":
		return "Its certificates have no common name, no subject key identifier and, with RSA, no key encipherment: very old clients look for them."
	case "shortlived":
		return "Its certificates have no common name, no subject key identifier and, with RSA, no key encipherment: very old clients look for them. They can be for IP addresses, and have to be renewed every few days by a program."
	}
	return ""
}

// Lifetime is how long a certificate of one of Let's Encrypt's profiles lasts that is issued at a time; an empty name is
// the default, classic. ok is false for other authorities and profiles, of which nothing is known.
func Lifetime(d Directory, profile string, at time.Time) (long time.Duration, ok bool) {
	if d.URL != LetsEncrypt.URL && d.URL != LetsEncryptStaging.URL {
		return 0, false
	}
	if profile == "" {
		profile = "classic"
	}
	for _, l := range lifetimes[profile] {
		if !at.Before(l.from) {
			return l.long, true
		}
	}
	return 0, false
}
