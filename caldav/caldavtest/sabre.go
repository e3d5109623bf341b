package caldavtest

import (
	"context"
	_ "embed" // the script through which the server is run
	"os"
	"path/filepath"
)

//go:embed servers/sabre.php
var sabreScript string

// SabreDAVMissing returns what sabre/dav cannot be started without; "" when all is there.
func SabreDAVMissing() string {
	return missing("php-sabre-dav php-sqlite3 php-cgi", "/usr/share/php/Sabre/CalDAV/Plugin.php", phpProgram)
}

// StartSabreDAV starts sabre/dav in PHP's own web server over SQLite, with the users alice and bob.
// Where it cannot be started the test fails; see [SabreDAVMissing].
func StartSabreDAV(t TB) *Real {
	t.Helper()
	if why := SabreDAVMissing(); why != "" {
		t.Fatalf("start sabre/dav: %s", why)
	}
	as, err := unprivileged()
	if err != nil {
		t.Fatal(err)
	}
	r := startPHP(t, folder(t, "sabre", as), sabreScript, as)
	r.home, r.data = r.URL+"calendars/alice/", filepath.Join(r.dir, "data")
	if err := os.Mkdir(r.data, 0o700); err != nil {
		t.Fatal(err)
	}
	if as != nil {
		if err := os.Chown(r.data, int(as.Uid), int(as.Gid)); err != nil {
			t.Fatal(err)
		}
	}
	if err := r.run(t.Context(), sabreTables, phpProgram, filepath.Join(r.dir, phpRouter)); err != nil {
		t.Fatal(err)
	}
	r.other = &person{credentials: credentials{"bob", r.Password}, home: r.URL + "calendars/bob/"}
	r.share = r.shareSabre
	r.begin(t)
	return r
}

// shareSabre has bob make alice a proxy who may read: this version shares no single calendars.
func (r *Real) shareSabre(ctx context.Context, _ string) error {
	const body = `<?xml version="1.0" encoding="utf-8"?>
<D:propertyupdate xmlns:D="DAV:"><D:set><D:prop>
<D:group-member-set><D:href>/principals/alice/</D:href></D:group-member-set>
</D:prop></D:set></D:propertyupdate>`
	return do(ctx, r.other.credentials, "PROPPATCH", r.URL+"principals/bob/calendar-proxy-read", "application/xml; charset=utf-8", body)
}

const sabreTables = `
CREATE TABLE principals (id INTEGER PRIMARY KEY, uri TEXT UNIQUE, email TEXT, displayname TEXT, vcardurl TEXT);
CREATE TABLE groupmembers (id INTEGER PRIMARY KEY, principal_id INTEGER, member_id INTEGER, UNIQUE (principal_id, member_id));
CREATE TABLE calendars (id INTEGER PRIMARY KEY, principaluri TEXT, displayname TEXT, uri TEXT, ctag INTEGER, description TEXT,
	calendarorder INTEGER, calendarcolor TEXT, timezone TEXT, components TEXT, transparent BOOL);
CREATE TABLE calendarobjects (id INTEGER PRIMARY KEY, calendardata BLOB, uri TEXT, calendarid INTEGER, lastmodified INTEGER,
	etag TEXT, size INTEGER, componenttype TEXT, firstoccurence INTEGER, lastoccurence INTEGER);
INSERT INTO principals (uri, email, displayname) VALUES
	('principals/alice', 'alice@example.org', 'Alice'), ('principals/bob', 'bob@example.org', 'Bob'),
	('principals/alice/calendar-proxy-read', NULL, NULL), ('principals/alice/calendar-proxy-write', NULL, NULL),
	('principals/bob/calendar-proxy-read', NULL, NULL), ('principals/bob/calendar-proxy-write', NULL, NULL);
`
