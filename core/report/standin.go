package report

import (
	"cmp"
	"fmt"
	"net/netip"
	"slices"
	"strings"
)

// addIP gives an address its stand-in. After 762 of a kind, the rest share one.
func (m *mask) addIP(ip netip.Addr) string {
	ip = ip.WithZone("").Unmap()
	if out, ok := m.ips[ip]; ok {
		return out
	}
	var out string
	for out == "" || m.original[out] {
		if ip.Is4() {
			m.v4++
			switch n := m.v4 - 1; {
			case n < 254:
				out = fmt.Sprintf("192.0.2.%d", n+1)
			case n < 2*254:
				out = fmt.Sprintf("198.51.100.%d", n-254+1)
			case n < 3*254:
				out = fmt.Sprintf("203.0.113.%d", n-2*254+1)
			default:
				out = "0.0.0.0"
			}
		} else {
			m.v6++
			out = fmt.Sprintf("2001:db8::%x", m.v6)
		}
	}
	m.ips[ip] = out
	return out
}

// addHost gives a name its stand-in. A name below the base of a wildcard that is known already keeps its place there:
// else nobody could see any more why the wildcard does not reach it.
func (m *mask) addHost(name string) {
	name = lower(strings.Trim(name, ". "))
	if rest, ok := strings.CutPrefix(name, "*."); ok {
		name = rest
	}
	if name == "" || m.names[name] != "" || m.files[name] || strings.IndexFunc(name, func(r rune) bool { return !inWord(r) }) >= 0 {
		return
	}
	if _, err := netip.ParseAddr(name); err == nil {
		return
	}
	m.names[name] = m.hostFor(name)
}

func (m *mask) hostFor(name string) string {
	under, to := "", "example"
	for _, p := range m.bases(name) {
		under, to = p, m.names[p]
		break
	}
	labels := 1
	if under != "" {
		labels = 1 + strings.Count(strings.TrimSuffix(name, "."+under), ".")
	}
	for ; labels > 0; labels-- {
		next := ""
		for next == "" || m.original[next] {
			m.hosts++
			next = fmt.Sprintf("host-%d.%s", m.hosts, to)
		}
		to = next
	}
	return to
}

// bases are the known names above name, the nearest first.
func (m *mask) bases(name string) (known []string) {
	for {
		_, rest, ok := strings.Cut(name, ".")
		if !ok || !strings.Contains(rest, ".") {
			return known
		}
		if name = rest; m.names[name] != "" {
			known = append(known, name)
		}
	}
}

// addFile remembers a file's name, and lets its folder be left out wherever the path stands.
func (m *mask) addFile(path string) {
	name := Base(path)
	m.files[lower(name)] = true
	if name == "" || name == path {
		return
	}
	m.folders = append(m.folders, standIn{path, name})
	if folder := path[:len(path)-len(name)]; len(folder) > 1 {
		m.folders = append(m.folders, standIn{folder, ""}, standIn{folder[:len(folder)-1], "(folder)"})
	}
}

func (m *mask) addClient(id, kind string) {
	if len(id) < 2 || slices.ContainsFunc(m.literals, func(l standIn) bool { return l.from == id }) {
		return
	}
	m.clients++
	m.literals = append(m.literals, standIn{id, fmt.Sprintf("%s-%d", kind, m.clients)})
}

// finish orders what was collected: what is longer is replaced first.
func (m *mask) finish() {
	longest := func(a, b standIn) int {
		return cmp.Or(len(b.from)-len(a.from), strings.Compare(a.from, b.from))
	}
	for name, to := range m.names {
		if strings.Contains(name, ".") {
			m.parts = append(m.parts, standIn{name, to})
		}
	}
	for ip, to := range m.ips {
		m.parts = append(m.parts, standIn{ip.String(), to})
	}
	for _, list := range []*[]standIn{&m.folders, &m.literals, &m.parts} {
		slices.SortFunc(*list, longest)
		*list = slices.Compact(*list)
	}
	m.parts = m.parts[:min(len(m.parts), mostParts)]
}
