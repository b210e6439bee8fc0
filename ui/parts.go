package ui

import (
	"reflect"

	"mutual/core/profile"
)

// moved is p with those parts as in to that differ between from and to; all else, such as the name and the
// subscriptions, stays as p has it. A part that p holds in a third way was changed by someone else meanwhile: it stays
// too, and whole is false.
func moved(p, from, to profile.Profile) (q profile.Profile, whole bool) {
	q, to = p.Clone(), to.Clone()
	server := movePart(&q.Server, from.Server, to.Server)
	trust := movePart(&q.Trust, from.Trust, to.Trust)
	mine := movePart(&q.ClientCertificate, from.ClientCertificate, to.ClientCertificate)
	hello := movePart(&q.TLS, from.TLS, to.TLS)
	connect := movePart(&q.MQTT, from.MQTT, to.MQTT)
	return q, server && trust && mine && hello && connect
}

func movePart[T any](now *T, from, to T) bool {
	switch {
	case reflect.DeepEqual(from, to), reflect.DeepEqual(*now, to):
		return true
	case !reflect.DeepEqual(*now, from):
		return false
	}
	*now = to
	return true
}

// names says whether p names one of the files.
func names(p profile.Profile, files []string) bool {
	for _, f := range files {
		for _, used := range append([]string{p.ClientCertificate.CertificateFile, p.ClientCertificate.KeyFile}, p.Trust.Files...) {
			if f == used {
				return true
			}
		}
	}
	return false
}
