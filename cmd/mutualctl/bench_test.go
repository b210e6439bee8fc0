package main

import (
	"bytes"
	"context"
	"net"
	"os/exec"
	"slices"
	"strconv"
	"testing"
	"time"

	"mutual/core/lab"
	"mutual/core/profile"
)

// connectAndLeave is MQTT 5.0's CONNECT with a clean start and the client identifier "benc", and DISCONNECT: the server
// answers with CONNACK and closes.
const connectAndLeave = "\x10\x11\x00\x04MQTT\x05\x02\x00\x3c\x00\x00\x04benc\xe0\x00"

// BenchmarkDiagnoseProcess runs `mutualctl diagnose` against a sound local broker, in turn with what it is measured
// against: one handshake of openssl s_client with the same files, and CONNECT. Both are whole processes. Reported are the
// medians in milliseconds, and the median of the ratios pair by pair; the aim is at most 1.5.
func BenchmarkDiagnoseProcess(b *testing.B) {
	openssl, err := exec.LookPath("openssl")
	if err != nil {
		b.Skip("SKIPPED: openssl is not installed")
	}
	binary := b.TempDir() + "/mutualctl"
	if out, err := exec.Command("go", "build", "-buildvcs=false", "-o", binary, ".").CombinedOutput(); err != nil {
		b.Fatalf("%v\n%s", err, out)
	}
	l, err := lab.Start(context.Background(), lab.Options{})
	if err != nil {
		b.Fatal(err)
	}
	defer l.Close()
	p := l.Profile()
	args := append([]string{"diagnose"}, arguments(p)...)
	var own, others, ratios []float64
	for range 2 { // the files come into memory
		timed(b, "", binary, args...)
		timed(b, connectAndLeave, openssl, sClient(p)...)
	}
	for b.Loop() {
		a, o := timed(b, "", binary, args...), timed(b, connectAndLeave, openssl, sClient(p)...)
		own, others, ratios = append(own, a), append(others, o), append(ratios, a/o)
	}
	b.ReportMetric(median(own), "diagnose-ms")
	b.ReportMetric(median(others), "s_client-ms")
	b.ReportMetric(median(ratios), "ratio")
}

// sClient are the arguments of openssl s_client for p.
func sClient(p profile.Profile) []string {
	return []string{
		"s_client", "-quiet", "-verify_return_error", "-connect", net.JoinHostPort(p.Server.Host, strconv.Itoa(p.Server.Port)),
		"-servername", p.Server.Host, "-CAfile", p.Trust.Files[0],
		"-cert", p.ClientCertificate.CertificateFile, "-key", p.ClientCertificate.KeyFile,
	}
}

// timed runs a program that has to succeed and returns how many milliseconds it took.
func timed(b *testing.B, input, program string, args ...string) float64 {
	b.Helper()
	cmd := exec.Command(program, args...)
	cmd.Stdin = bytes.NewBufferString(input)
	started := time.Now()
	out, err := cmd.CombinedOutput()
	took := time.Since(started)
	if err != nil {
		b.Fatalf("%s: %v\n%s", program, err, out)
	}
	return float64(took) / float64(time.Millisecond)
}

func median(of []float64) float64 {
	sorted := slices.Sorted(slices.Values(of))
	return sorted[len(sorted)/2]
}
