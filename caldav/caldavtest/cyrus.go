package caldavtest

import (
	"bufio"
	"context"
	"fmt"
	"net"
	"os"
	"os/exec"
	osuser "os/user"
	"path/filepath"
	"strconv"
	"strings"
)

const (
	// cyrusMaster is where Debian puts the program that starts the others.
	cyrusMaster = "/usr/sbin/cyrmaster"
	// cyrusUser is whom they run as; only root can start them so.
	cyrusUser = "cyrus"
)

// CyrusMissing says why Cyrus cannot be started here; "" when it can.
func CyrusMissing() string {
	files := []string{cyrusMaster, "/usr/lib/cyrus/bin/imapd", "/usr/lib/cyrus/bin/httpd", "/usr/sbin/saslpasswd2"}
	if why := missing("cyrus-caldav cyrus-imapd sasl2-bin", files...); why != "" {
		return why
	}
	if os.Geteuid() != 0 {
		return "only root can start Cyrus, which runs as a user of its own"
	}
	return ""
}

// StartCyrus starts Cyrus on free loopback ports, with its data in a temporary folder and
// the user alice. No mail system is needed: imapd is there to make her mailbox, which is
// where the calendars are. Where it cannot be started the test fails; see [CyrusMissing].
func StartCyrus(t TB) *Real {
	t.Helper()
	if why := CyrusMissing(); why != "" {
		t.Fatalf("start cyrus: %s", why)
	}
	dir := folder(t, "cyrus", nil)
	address, imap := freeAddress(t), freeAddress(t)
	r := &Real{URL: "http://" + address + "/", User: "alice", Password: "open-sesame"}
	r.program, r.args = cyrusMaster, []string{"-D", "-C", dir + "/imapd.conf", "-M", dir + "/cyrus.conf", "-p", dir + "/master.pid"}
	r.home, r.data = r.URL+"dav/calendars/user/alice/", dir
	r.lacks = map[string]string{"shared": "this Cyrus has one mailbox alone, which is where calendars are"}
	writeCyrus(t, dir, address, imap)
	for _, name := range []string{r.User, "admin"} {
		if err := addPassword(t.Context(), dir, name, r.Password); err != nil {
			t.Fatal(err)
		}
	}
	if err := giveToCyrus(dir); err != nil {
		t.Fatal(err)
	}
	r.begin(t)
	if err := addMailbox(t.Context(), imap, "admin", r.Password, r.User); err != nil {
		t.Fatalf("%v\n%s", err, r.output)
	}
	return r
}

// writeCyrus writes the configuration, and makes the folders that it names.
func writeCyrus(t TB, dir, http, imap string) {
	t.Helper()
	for _, sub := range []string{"proc", "lock", "socket", "db", "sync", "log", "msg", "spool", "sieve"} {
		if err := os.Mkdir(filepath.Join(dir, sub), 0o755); err != nil {
			t.Fatal(err)
		}
	}
	conf := filepath.Join(dir, "imapd.conf")
	writeFile(t, conf, strings.ReplaceAll(strings.Join([]string{
		"configdirectory: DIR", "proc_path: DIR/proc", "mboxname_lockpath: DIR/lock", "defaultpartition: default",
		"partition-default: DIR/spool", "sievedir: DIR/sieve", "unixhierarchysep: yes", "httpmodules: caldav", "admins: admin",
		"allowplaintext: yes", "sasl_mech_list: PLAIN", "sasl_pwcheck_method: auxprop", "sasl_auxprop_plugin: sasldb",
		"sasl_sasldb_path: DIR/passwords", "servername: localhost", "idlesocket: DIR/socket/idle",
		"notifysocket: DIR/socket/notify", "lmtpsocket: DIR/socket/lmtp", "",
	}, "\n"), "DIR", dir))
	writeFile(t, filepath.Join(dir, "cyrus.conf"), strings.Join([]string{
		"START {", `  recover cmd="/usr/lib/cyrus/bin/ctl_cyrusdb -C ` + conf + ` -r"`, "}",
		"SERVICES {",
		`  imap cmd="imapd -C ` + conf + `" listen="` + imap + `" prefork=0`,
		`  http cmd="httpd -C ` + conf + `" listen="` + http + `" prefork=1`,
		"}", "",
	}, "\n"))
}

func addPassword(ctx context.Context, dir, name, password string) error {
	ctx, cancel := context.WithTimeout(ctx, setupTimeout)
	defer cancel()
	cmd := exec.CommandContext(ctx, "/usr/sbin/saslpasswd2", "-p", "-c", "-f", filepath.Join(dir, "passwords"), "-u", "localhost", name)
	cmd.Stdin = strings.NewReader(password)
	if out, err := cmd.CombinedOutput(); err != nil {
		return fmt.Errorf("set a password: %w: %s", err, out)
	}
	return nil
}

// giveToCyrus makes the folder the server's user's own.
func giveToCyrus(dir string) error {
	u, err := osuser.Lookup(cyrusUser)
	if err != nil {
		return err
	}
	uid, err := strconv.Atoi(u.Uid)
	if err != nil {
		return err
	}
	if err := os.Chmod(dir, 0o755); err != nil {
		return err
	}
	return giveAway(dir, uid)
}

// addMailbox makes a user's mailbox, by IMAP.
func addMailbox(ctx context.Context, address, admin, password, name string) error {
	ctx, cancel := context.WithTimeout(ctx, setupTimeout)
	defer cancel()
	c, err := (&net.Dialer{}).DialContext(ctx, "tcp", address)
	if err != nil {
		return fmt.Errorf("make a mailbox: %w", err)
	}
	defer c.Close()
	if deadline, ok := ctx.Deadline(); ok {
		_ = c.SetDeadline(deadline)
	}
	lines := bufio.NewScanner(c)
	for i, command := range []string{"LOGIN " + admin + " " + password, "CREATE user/" + name, "LOGOUT"} {
		tag := fmt.Sprintf("a%d ", i)
		if _, err := c.Write([]byte(tag + command + "\r\n")); err != nil {
			return fmt.Errorf("make a mailbox: %w", err)
		}
		if answer := await(lines, tag); !strings.HasPrefix(answer, tag+"OK") {
			return fmt.Errorf("make a mailbox: %s was answered %q", strings.Fields(command)[0], answer)
		}
	}
	return nil
}

// await returns the line that answers a command; "" when the server ends before.
func await(lines *bufio.Scanner, tag string) string {
	for lines.Scan() {
		if strings.HasPrefix(lines.Text(), tag) {
			return lines.Text()
		}
	}
	return ""
}
