package config

import (
	"cmp"
	"errors"
	"io"
	"io/fs"
	"net/netip"
	"os"
	"path/filepath"
	"strings"

	"calbell"
	"calbell/config/yamltree"
	"calbell/internal/rights"
)

// Load reads the configuration file at path, with the environment over its scalar keys, and
// the secrets in the files that it names. getenv is os.Getenv, or nil for no environment.
// All faults are returned at once, as a *calbell.Error of KindConfig around [Errors]; the
// configuration is nil then.
func Load(path string, getenv func(string) string) (*Config, error) {
	return LoadWith(path, getenv, nil)
}

// LoadWith is Load with flags, by their names in [Flags], which override the environment. A
// path among them is relative to the working directory.
func LoadWith(path string, getenv func(string) string, flags map[string]string) (*Config, error) {
	data, err := readFile(path)
	if err != nil {
		return nil, err
	}
	return parse(data, path, getenv, flags)
}

// readFile reads a file of at most calbell.MaxConfigBytes.
func readFile(path string) ([]byte, error) {
	f, err := os.Open(path)
	if err != nil {
		hint := calbell.Text{}
		switch {
		case errors.Is(err, fs.ErrNotExist):
			hint = calbell.T("config:name-another-file", "name another with -c, or start from config.example.yaml")
		case errors.Is(err, fs.ErrPermission):
			hint = calbell.Plain(rights.Missing(path))
		}
		return nil, &calbell.Error{Kind: calbell.KindConfig, What: calbell.T("config:read-configuration", "read the configuration"), Hint: hint, Err: err}
	}
	defer f.Close()
	data, err := io.ReadAll(io.LimitReader(f, calbell.MaxConfigBytes+1))
	if err != nil {
		return nil, &calbell.Error{Kind: calbell.KindConfig, What: calbell.T("config:read-configuration", "read the configuration"), Err: err}
	}
	return data, nil
}

// Parse is Load for the contents of a file. path is its name in messages, and the base of
// relative paths; "" stands for a file in the working directory.
func Parse(data []byte, path string, getenv func(string) string) (*Config, error) {
	return parse(data, path, getenv, nil)
}

func parse(data []byte, path string, getenv func(string) string, flags map[string]string) (*Config, error) {
	r, err := newReader(data, path, getenv)
	if err != nil {
		return nil, err
	}
	r.flags = flags
	r.doc.OwnWords = ownWords
	root, findings := r.doc.Parse()
	r.findings = findings
	if root != nil {
		r.root(root)
	}
	r.doc.Seal(r.findings...)
	if err := r.findings.Err(); err != nil {
		return nil, err
	}
	return r.cfg, nil
}

// newReader prepares reading a file.
func newReader(data []byte, path string, getenv func(string) string) (*reader, error) {
	doc := &file{Document: yamltree.New(cmp.Or(path, "configuration"), data)}
	absolute, err := filepath.Abs(path)
	if err != nil {
		return nil, calbell.Errorf("config:find-working-folder", "find the working folder: %w", err)
	}
	cfg := Default()
	cfg.doc = doc
	standing, err := filepath.Abs(".")
	if err != nil {
		return nil, calbell.Errorf("config:find-working-folder", "find the working folder: %w", err)
	}
	base := absolute
	if path != "" {
		cfg.Path, base = absolute, filepath.Dir(absolute)
	}
	if getenv == nil {
		getenv = func(string) string { return "" }
	}
	doc.credentials = getenv("CREDENTIALS_DIRECTORY")
	return &reader{
		doc: doc, cfg: cfg, getenv: getenv, base: base, standing: standing,
		texts: map[string]string{}, known: map[string]fields{},
	}, nil
}

// root reads the whole file.
func (r *reader) root(root *yamltree.Node) {
	if root.Kind != yamltree.Mapping {
		r.findings = append(r.findings, r.doc.Finding(root.Place, calbell.T("config:file-not-mapping", "the file must be a mapping of keys, not %s", root.Kind.Text()),
			calbell.T("config:begin-with-key", "begin with a key, such as accounts:")))
		return
	}
	r.cfg.TimeZone, r.cfg.TimeZoneName = machineZone(r.getenv, "/etc")
	r.mapping("", root, r.topLevel())
	r.overlay()
	r.together()
	r.unique()
}

// topLevel returns the keys of the file: the lists, and the sections of the scalar keys.
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

// section returns the keys of the mapping that contains a key, and adds this mapping to its
// parent.
func section(all map[string]fields, key string) fields {
	path := key[:max(0, strings.LastIndex(key, "."))]
	keys := all[path]
	if keys == nil {
		keys = fields{}
		all[path] = keys
	}
	if path != "" {
		section(all, path)[lastPart(path)] = object(func(r *reader, path string, n *yamltree.Node) {
			if r.is(path, n, yamltree.Mapping) {
				r.mapping(path, n, keys)
			}
		})
	}
	return keys
}

// reading stores the text of a scalar key for the overlay.
func (s setting) reading() reading {
	return single(s.shape, func(r *reader, path string, n *yamltree.Node) { r.texts[path] = n.Text })
}

// privateNetworks reads a list of networks that may be reached, each at one port or at all
// ports.
func privateNetworks(to *[]calbell.Network) reading {
	return list(single(textShape(), func(r *reader, path string, n *yamltree.Node) {
		network, err := calbell.ParseNetwork(n.Text)
		switch {
		case errors.Is(err, calbell.ErrHostBits):
			masked := calbell.Network{Prefix: network.Masked(), Port: network.Port}
			r.reject(path, fault(calbell.T("config:host-bits", "%s has bits set after /%d", network, network.Bits()), calbell.T("config:network-is", "the network is %s", masked)).AsShown())
		case err != nil:
			r.reject(path, invalid(calbell.T("config:invalid-network", "invalid network"), n.Text, calbell.T("config:network-port-form", "write 10.0.0.0/8, 192.168.1.7:8065, fd00::/8 or [fd00::7]:443")))
		default:
			*to = append(*to, network)
		}
	}))
}

// networks reads a list of networks. An address is a network of its own.
func networks(to *[]netip.Prefix) reading {
	return list(single(textShape(), func(r *reader, path string, n *yamltree.Node) { r.network(path, n, to) }))
}

func (r *reader) network(path string, n *yamltree.Node, to *[]netip.Prefix) {
	prefix, err := netip.ParsePrefix(n.Text)
	if err != nil {
		addr, err := netip.ParseAddr(n.Text)
		if err != nil || addr.Zone() != "" {
			r.reject(path, invalid(calbell.T("config:invalid-network", "invalid network"), n.Text, calbell.T("config:network-form", "write 10.0.0.0/8, 192.168.1.7 or fd00::/8")))
			return
		}
		prefix = netip.PrefixFrom(addr, addr.BitLen())
	}
	if prefix != prefix.Masked() {
		r.reject(path, fault(calbell.T("config:host-bits", "%s has bits set after /%d", prefix, prefix.Bits()),
			calbell.T("config:network-is", "the network is %s", prefix.Masked())).AsShown())
		return
	}
	*to = append(*to, prefix)
}
