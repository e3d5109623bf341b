package caldavtest

import (
	"context"
	"fmt"
	"net"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"time"
)

const (
	sogoProgram      = "/usr/sbin/sogod"
	memcachedProgram = "/usr/bin/memcached"
	// sogoConf is read by SOGo at each start, whatever its arguments say.
	sogoConf = "/etc/sogo/sogo.conf"
	// sogoWorkers is how many requests SOGo answers at a time.
	sogoWorkers = "6"
)

// SOGoMissing returns what SOGo cannot be started without; "" when all is there.
func SOGoMissing() string {
	const packages = "sogo memcached postgresql"
	if postgresFolder() == "" {
		return "PostgreSQL is missing: apt-get install -y " + packages
	}
	if why := missing(packages, sogoProgram, memcachedProgram, sogoConf, "/usr/bin/psql"); why != "" {
		return why
	}
	f, err := os.Open(sogoConf)
	if err != nil {
		return "SOGo does not start unless it can read the machine's own settings: run this as root, or as one of the group sogo: " + err.Error()
	}
	_ = f.Close()
	return ""
}

// withSOGo lets a user read SOGo's settings too, which are its group's.
func withSOGo(as *syscall.Credential) error {
	info, err := os.Stat(sogoConf)
	if err != nil || as == nil {
		return err
	}
	if stat, ok := info.Sys().(*syscall.Stat_t); ok {
		as.Groups = []uint32{stat.Gid}
	}
	return nil
}

// StartSOGo starts SOGo without a web server before it, over a PostgreSQL and a memcached of its own,
// with the users alice and bob. Where it cannot be started the test fails; see [SOGoMissing].
func StartSOGo(t TB) *Real {
	t.Helper()
	if why := SOGoMissing(); why != "" {
		t.Fatalf("start SOGo: %s", why)
	}
	as, err := unprivileged()
	if err != nil {
		t.Fatal(err)
	}
	if err := withSOGo(as); err != nil {
		t.Fatal(err)
	}
	dir, address := folder(t, "sogo", as), freeAddress(t)
	db := startPostgres(t, dir, as)
	for _, step := range [][2]string{{"postgres", "CREATE DATABASE sogo"}, {"sogo", sogoPeople}} {
		if err := db.query(t.Context(), step[0], step[1]); err != nil {
			t.Fatal(err)
		}
	}
	cache := &memcached{process{dir: dir}}
	cache.program, cache.as = memcachedProgram, as
	cache.args = []string{"-s", cache.socket(), "-m", "16"}
	t.Cleanup(cache.stop)
	r := &Real{URL: "http://" + address + "/SOGo/dav/", User: "alice", Password: "open-sesame"}
	r.program, r.as, r.dir = sogoProgram, as, dir
	r.env = append([]string{"HOME=" + dir}, db.env...)
	r.args = sogoSettings(dir, address, cache.socket())
	r.under = []running{db, cache}
	r.home, r.data = r.URL+"alice/Calendar/", filepath.Join(dir, "data")
	r.other = &person{credentials: credentials{"bob", r.Password}, home: r.URL + "bob/Calendar/", seen: r.URL + "alice/Calendar/bob_"}
	r.share = r.shareSOGo
	r.seconds, r.overwrites, r.unnamed, r.repeats = true, true, true, true
	r.end = syscall.SIGKILL // asked politely it takes longer than a test may; all that it has is in the database
	r.begin(t)
	return r
}

// sogoSettings are SOGo's defaults as arguments, which go before those of the machine's own file.
func sogoSettings(dir, address, cache string) []string {
	settings := map[string]string{
		"WONoDetach": "YES", "WOPort": address, "WOLogFile": "-", "WOPidFile": dir + "/sogo.pid", "WOWorkersCount": sogoWorkers,
		"SOGoMemcachedHost": cache, "SOGoMailSpoolPath": dir, "SOGoTimeZone": "UTC",
		"SOGoAppointmentSendEMailNotifications": "NO",
		"SOGoUserSources":                       strings.ReplaceAll(sogoSource, "DATABASE", sogoDatabase+"people"),
	}
	for name, table := range map[string]string{"SOGoProfileURL": "profiles", "OCSFolderInfoURL": "folders", "OCSSessionsFolderURL": "sessions"} {
		settings[name] = sogoDatabase + table
	}
	var out []string
	for name, value := range settings {
		out = append(out, "-"+name, value)
	}
	return out
}

// sogoDatabase names no host, so that the client library takes the socket of PGHOST.
const sogoDatabase = "postgresql://postgres@/sogo/"

const sogoSource = `({type = sql; id = people; viewURL = "DATABASE"; canAuthenticate = YES; isAddressBook = NO; userPasswordAlgorithm = none;})`

const sogoPeople = `
CREATE TABLE people (c_uid TEXT PRIMARY KEY, c_name TEXT, c_password TEXT, c_cn TEXT, mail TEXT);
INSERT INTO people SELECT name, name, 'open-sesame', initcap(name), name || '@example.org' FROM (VALUES ('alice'), ('bob')) v (name);
`

// shareSOGo has bob let alice read a calendar, and alice subscribe to it, as both do on its page.
func (r *Real) shareSOGo(ctx context.Context, calendar string) error {
	const grant = `<?xml version="1.0" encoding="utf-8"?>
<acl-query xmlns="urn:inverse:params:xml:ns:inverse-dav"><set-roles user="alice"><PublicViewer/></set-roles></acl-query>`
	const subscribe = `<?xml version="1.0" encoding="utf-8"?>
<subscribe xmlns="urn:inverse:params:xml:ns:inverse-dav"/>`
	if err := do(ctx, r.other.credentials, "POST", calendar, "application/xml; charset=utf-8", grant); err != nil {
		return err
	}
	return r.Do(ctx, "POST", calendar, "application/xml; charset=utf-8", subscribe)
}

// memcached is the cache of SOGo, which answers on a socket in its folder.
type memcached struct{ process }

func (m *memcached) socket() string { return filepath.Join(m.dir, "cache") }

func (m *memcached) begin(ctx context.Context) error {
	if m.cmd != nil {
		return nil
	}
	if err := m.start(); err != nil {
		return err
	}
	ctx, cancel := context.WithTimeout(ctx, startTimeout)
	defer cancel()
	tick := time.NewTicker(pollEvery)
	defer tick.Stop()
	for {
		c, err := (&net.Dialer{}).DialContext(ctx, "unix", m.socket())
		if err == nil {
			return c.Close()
		}
		select {
		case <-tick.C:
		case <-m.ended:
			return fmt.Errorf("start memcached: it ended at once: %s", m.output)
		case <-ctx.Done():
			return fmt.Errorf("start memcached: %w", err)
		}
	}
}
