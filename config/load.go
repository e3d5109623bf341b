package config

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"net/netip"
	"os"
	"path/filepath"
	"strings"
	"unicode/utf8"

	"calbell"
	"calbell/internal/rights"
)

// Load reads the configuration file at path, with the environment that getenv gives
// (os.Getenv; nil for none) over its scalar keys, and the secrets that it points to.
// Everything that is wrong comes back at once as a *calbell.Error of KindConfig around
// [Errors]; the configuration is nil then.
func Load(path string, getenv func(string) string) (*Config, error) {
	data, err := readFile(path)
	if err != nil {
		return nil, err
	}
	return Parse(data, path, getenv)
}

// readFile reads a file of at most calbell.MaxConfigBytes.
func readFile(path string) ([]byte, error) {
	f, err := os.Open(path)
	if err != nil {
		hint := ""
		switch {
		case errors.Is(err, fs.ErrNotExist):
			hint = "name another with -c, or start from config.example.yaml"
		case errors.Is(err, fs.ErrPermission):
			hint = rights.Missing(path)
		}
		return nil, &calbell.Error{Kind: calbell.KindConfig, What: "read the configuration", Hint: hint, Err: err}
	}
	defer f.Close()
	data, err := io.ReadAll(io.LimitReader(f, calbell.MaxConfigBytes+1))
	if err != nil {
		return nil, &calbell.Error{Kind: calbell.KindConfig, What: "read the configuration", Err: err}
	}
	return data, nil
}

// Parse is Load for a file whose bytes are at hand. path is its name, which messages
// show and relative paths are relative to; "" stands for a file in the working folder.
func Parse(data []byte, path string, getenv func(string) string) (*Config, error) {
	r, err := newReader(data, path, getenv)
	if err != nil {
		return nil, err
	}
	r.doc.own = ownWords
	root, findings := r.doc.parse()
	r.findings = findings
	if root != nil {
		r.root(root)
	}
	r.doc.seal(r.findings...)
	if err := r.findings.err(); err != nil {
		return nil, err
	}
	return r.cfg, nil
}

// newReader checks what can be known before parsing.
func newReader(data []byte, path string, getenv func(string) string) (*reader, error) {
	doc := newDocument(path, data)
	if path == "" {
		doc.name = "configuration"
	}
	switch {
	case len(data) > calbell.MaxConfigBytes:
		return nil, Errors{{File: doc.name, Msg: fmt.Sprintf("larger than %d bytes", calbell.MaxConfigBytes)}}.err()
	case !utf8.ValidString(doc.text):
		return nil, Errors{doc.finding(doc.firstInvalid(), "not UTF-8", "save the file as UTF-8")}.err()
	}
	absolute, err := filepath.Abs(path)
	if err != nil {
		return nil, fmt.Errorf("find the working folder: %w", err)
	}
	cfg := Default()
	cfg.doc = doc
	base := absolute
	if path != "" {
		cfg.Path, base = absolute, filepath.Dir(absolute)
	}
	if getenv == nil {
		getenv = func(string) string { return "" }
	}
	doc.credentials = getenv("CREDENTIALS_DIRECTORY")
	return &reader{
		doc: doc, cfg: cfg, getenv: getenv, base: base,
		texts: map[string]string{}, known: map[string]fields{},
	}, nil
}

// firstInvalid is the place of the first byte that is not UTF-8.
func (d *document) firstInvalid() place {
	for i, line := range d.lines {
		if at := strings.IndexRune(line, utf8.RuneError); at >= 0 && !utf8.ValidString(line) {
			return place{i + 1, utf8.RuneCountInString(line[:at]) + 1}
		}
	}
	return place{1, 1}
}

// root reads the whole file.
func (r *reader) root(root *node) {
	if !r.doc.enter("", root) {
		r.findings = append(r.findings, r.doc.finding(root.place,
			fmt.Sprintf("more than %d values", maxNodes), "an alias repeats everything below its anchor"))
		return
	}
	if root.kind != mapping {
		r.findings = append(r.findings, r.doc.finding(root.place, "the file must be a mapping of keys, not "+root.kind.String(),
			"begin with a key, such as accounts:"))
		return
	}
	r.cfg.TimeZone, r.cfg.TimeZoneName = machineZone(r.getenv, "/etc")
	r.mapping("", root, r.topLevel())
	r.overlay()
	r.together()
	r.unique()
}

// topLevel are the keys of the file: the lists, and the sections of the scalar keys.
func (r *reader) topLevel() fields {
	top := fields{}
	sections := map[string]fields{"": top}
	for _, l := range r.lists() {
		section(sections, l.key)[lastPart(l.key)] = l.reading
	}
	for _, s := range r.settings() {
		section(sections, s.key)[lastPart(s.key)] = s.reading()
	}
	return top
}

// lastPart returns the last part of a key: "interval" of "sync.interval".
func lastPart(key string) string { return key[strings.LastIndex(key, ".")+1:] }

// section returns the keys of the mapping in which a key stands, and makes it known to the
// one around it.
func section(all map[string]fields, key string) fields {
	path := key[:max(0, strings.LastIndex(key, "."))]
	keys := all[path]
	if keys == nil {
		keys = fields{}
		all[path] = keys
	}
	if path != "" {
		section(all, path)[lastPart(path)] = object(func(r *reader, path string, n *node) {
			if r.is(path, n, mapping) {
				r.mapping(path, n, keys)
			}
		})
	}
	return keys
}

// reading remembers the text of a scalar key for the overlay.
func (s setting) reading() reading {
	return single(s.shape, func(r *reader, path string, n *node) { r.texts[path] = n.text })
}

// privateNetworks reads a list of networks that may be reached, each at one port or all.
func privateNetworks(to *[]calbell.Network) reading {
	return list(single(textShape(), func(r *reader, path string, n *node) {
		network, err := calbell.ParseNetwork(n.text)
		switch {
		case errors.Is(err, calbell.ErrHostBits):
			masked := calbell.Network{Prefix: network.Masked(), Port: network.Port}
			r.reject(path, fault(fmt.Sprintf("the network is %s", masked), "%s has bits set after /%d", network, network.Bits()).asShown())
		case err != nil:
			r.reject(path, invalid("write 10.0.0.0/8, 192.168.1.7:8065, fd00::/8 or [fd00::7]:443", "invalid network", n.text))
		default:
			*to = append(*to, network)
		}
	}))
}

// networks reads a list of networks, each of which may be one address.
func networks(to *[]netip.Prefix) reading {
	return list(single(textShape(), func(r *reader, path string, n *node) { r.network(path, n, to) }))
}

func (r *reader) network(path string, n *node, to *[]netip.Prefix) {
	prefix, err := netip.ParsePrefix(n.text)
	if err != nil {
		addr, err := netip.ParseAddr(n.text)
		if err != nil || addr.Zone() != "" {
			r.reject(path, invalid("write 10.0.0.0/8, 192.168.1.7 or fd00::/8", "invalid network", n.text))
			return
		}
		prefix = netip.PrefixFrom(addr, addr.BitLen())
	}
	if prefix != prefix.Masked() {
		r.reject(path, fault(fmt.Sprintf("the network is %s", prefix.Masked()),
			"%s has bits set after /%d", prefix, prefix.Bits()).asShown())
		return
	}
	*to = append(*to, prefix)
}
