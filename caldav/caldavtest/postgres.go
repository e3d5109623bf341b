package caldavtest

import (
	"context"
	"fmt"
	"path/filepath"
	"slices"
	"syscall"
	"time"
)

// database is a PostgreSQL that answers on a socket in a folder, whose users need no password.
type database struct {
	process
	socket string // the folder of its socket
}

// postgresFolder returns where the newest PostgreSQL has its programs; "" when there is none.
func postgresFolder() string {
	found, _ := filepath.Glob("/usr/lib/postgresql/*/bin/postgres")
	if len(found) == 0 {
		return ""
	}
	slices.Sort(found)
	return filepath.Dir(found[len(found)-1])
}

// startPostgres makes a database cluster in dir/data, and starts it. It ends with the test.
func startPostgres(t TB, dir string, as *syscall.Credential) *database {
	t.Helper()
	bin, data := postgresFolder(), filepath.Join(dir, "data")
	d := &database{socket: dir}
	d.program, d.as, d.dir = filepath.Join(bin, "postgres"), as, dir
	d.args = []string{"-D", data, "-k", dir, "-c", "listen_addresses=", "-c", "fsync=off"}
	d.end = syscall.SIGINT // at once, whoever is connected
	d.env = []string{"PGHOST=" + dir, "PGUSER=postgres", "PGTZ=UTC"}
	must := func(err error) {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
	}
	must(d.run(t.Context(), "", filepath.Join(bin, "initdb"), "-D", data, "-U", "postgres", "-A", "trust", "--no-sync", "-E", "UTF8", "--locale=C"))
	t.Cleanup(d.stop)
	must(d.begin(t.Context()))
	return d
}

// begin starts the database unless it runs already, and waits until it answers.
func (d *database) begin(ctx context.Context) error {
	if d.cmd == nil {
		if err := d.start(); err != nil {
			return err
		}
	}
	ctx, cancel := context.WithTimeout(ctx, startTimeout)
	defer cancel()
	tick := time.NewTicker(pollEvery)
	defer tick.Stop()
	for {
		err := d.query(ctx, "postgres", "SELECT 1")
		if err == nil {
			return nil
		}
		select {
		case <-tick.C:
		case <-d.ended:
			return fmt.Errorf("start PostgreSQL: it ended at once: %s", d.output)
		case <-ctx.Done():
			return fmt.Errorf("start PostgreSQL: %w", err)
		}
	}
}

// query runs statements in a database, by psql.
func (d *database) query(ctx context.Context, name, statements string) error {
	return d.run(ctx, statements, "psql", "-qX", "-v", "ON_ERROR_STOP=1", name)
}
