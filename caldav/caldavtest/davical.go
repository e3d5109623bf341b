package caldavtest

import (
	"context"
	_ "embed" // the script through which the server is run
	"path/filepath"
	"strings"
)

//go:embed servers/davical.php
var davicalScript string

const davicalTables = "/usr/share/davical/dba/create-database.sh"

// DAViCalMissing returns what DAViCal cannot be started without; "" when all is there.
func DAViCalMissing() string {
	const packages = "davical php-cgi postgresql"
	if postgresFolder() == "" {
		return "PostgreSQL is missing: apt-get install -y " + packages
	}
	return missing(packages, davicalTables, phpProgram, "/usr/bin/psql")
}

// StartDAViCal starts DAViCal in PHP's own web server over a PostgreSQL of its own, with the users
// alice and bob. Where it cannot be started the test fails; see [DAViCalMissing].
func StartDAViCal(t TB) *Real {
	t.Helper()
	if why := DAViCalMissing(); why != "" {
		t.Fatalf("start DAViCal: %s", why)
	}
	as, err := unprivileged()
	if err != nil {
		t.Fatal(err)
	}
	dir := folder(t, "davical", as)
	db := startPostgres(t, dir, as)
	if err := db.run(t.Context(), "", "sh", davicalTables, "davical", "unused"); err != nil {
		t.Fatal(err)
	}
	if err := db.query(t.Context(), "davical", davicalPeople); err != nil {
		t.Fatal(err)
	}
	r := startPHP(t, dir, davicalScript, as)
	r.under = []running{db}
	writeFor(t, as, filepath.Join(dir, "davical-conf.php"), strings.ReplaceAll(davicalConf, "DIR", dir))
	r.home, r.data = r.URL+"caldav.php/alice/", filepath.Join(dir, "data")
	r.other = &person{credentials: credentials{"bob", r.Password}, home: r.URL + "caldav.php/bob/"}
	r.share = func(ctx context.Context, _ string) error { return db.query(ctx, "davical", davicalShare) }
	r.repeats = true
	r.begin(t)
	return r
}

const davicalConf = `<?php
$_SERVER['SERVER_NAME'] = $c->domain_name = '127.0.0.1';
$c->admin_email = 'admin@example.org';
$c->pg_connect[] = 'host=DIR dbname=davical user=davical_app';
`

const davicalPeople = `
INSERT INTO usr (user_no, active, email_ok, updated, username, password, fullname, email)
	SELECT no, TRUE, current_date, current_date, name, '**open-sesame', initcap(name), name || '@example.org'
	FROM (VALUES (1001, 'alice'), (1002, 'bob')) v (no, name);
INSERT INTO principal (type_id, user_no, displayname, default_privileges)
	SELECT 1, user_no, fullname, privilege_to_bits(ARRAY['read-free-busy', 'schedule-deliver']) FROM usr WHERE user_no > 1000;
`

// davicalShare grants what its web page does when bob lets alice read his calendars. By HTTP that is
// an ACL request, a method that PHP's web server does not know.
const davicalShare = `
INSERT INTO grants (by_principal, to_principal, privileges, is_group)
	SELECT b.principal_id, a.principal_id, privilege_to_bits('DAV::read'), FALSE
	FROM dav_principal a, dav_principal b WHERE a.username = 'alice' AND b.username = 'bob'
	ON CONFLICT DO NOTHING;
`
