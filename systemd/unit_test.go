package systemd

import (
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"calbell"
	"calbell/config"
)

// maxExposure is how much "systemd-analyze security" may find to complain about, of 10.
// What remains is the network, without which nothing can be delivered.
const maxExposure = 1.2

// unit returns the values of each key of the service file, in order.
func unit(t *testing.T) map[string][]string {
	t.Helper()
	keys := map[string][]string{}
	for line := range strings.Lines(readUnit(t)) {
		key, value, ok := strings.Cut(strings.TrimSpace(line), "=")
		if ok && !strings.HasPrefix(key, "#") {
			keys[key] = append(keys[key], value)
		}
	}
	return keys
}

func readUnit(t *testing.T) string {
	t.Helper()
	data, err := os.ReadFile("calbell.service")
	if err != nil {
		t.Fatal(err)
	}
	return string(data)
}

// installed is a copy of the unit as it stands on a machine: its program exists.
func installed(t *testing.T) string {
	t.Helper()
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	text := strings.Replace(readUnit(t), "ExecStart=/usr/bin/calbell", "ExecStart="+self, 1)
	path := filepath.Join(t.TempDir(), "calbell.service")
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

// run runs one of systemd's programs; the test fails where there is none.
func run(t *testing.T, name string, args ...string) string {
	t.Helper()
	program, err := exec.LookPath(name)
	if err != nil {
		t.Fatalf("%s is not installed: make test installs it", name)
	}
	out, err := exec.CommandContext(t.Context(), program, args...).CombinedOutput()
	if err != nil {
		t.Fatalf("%s %v: %v\n%s", name, args, err, out)
	}
	return string(out)
}

func TestVerify(t *testing.T) {
	if out := run(t, "systemd-analyze", "verify", "--man=no", installed(t)); strings.Contains(out, "calbell") {
		t.Errorf("systemd-analyze verify says:\n%s", out)
	}
}

var exposure = regexp.MustCompile(`Overall exposure level for \S+: ([0-9.]+)`)

func TestSecurity(t *testing.T) {
	out := run(t, "systemd-analyze", "security", "--offline=true", "--no-pager", installed(t))
	m := exposure.FindStringSubmatch(out)
	if m == nil {
		t.Fatalf("systemd-analyze security says:\n%s", out)
	}
	if level, err := strconv.ParseFloat(m[1], 64); err != nil || level > maxExposure {
		t.Errorf("exposure is %s, at most %.1f is allowed:\n%s", m[1], maxExposure, out)
	}
}

// The folders that the unit makes are those of the default configuration.
func TestFoldersAreTheDefaults(t *testing.T) {
	u, c := unit(t), config.Default()
	if got := filepath.Join("/var/lib", u["StateDirectory"][0]); got != filepath.Dir(c.Data.Path) {
		t.Errorf("state is in %s, the database in %s", got, filepath.Dir(c.Data.Path))
	}
	if got := filepath.Join("/run", u["RuntimeDirectory"][0]); got != filepath.Dir(c.Server.Socket) {
		t.Errorf("the runtime folder is %s, the socket in %s", got, filepath.Dir(c.Server.Socket))
	}
	if got := u["StateDirectoryMode"]; !slices.Equal(got, []string{"0700"}) {
		t.Errorf("the database's folder has mode %q", got)
	}
}

// What would fail again in the same way is not tried again.
func TestNoRestartForWhatStays(t *testing.T) {
	codes := strings.Fields(unit(t)["RestartPreventExitStatus"][0])
	for _, kind := range []calbell.ErrorKind{calbell.KindUsage, calbell.KindConfig, calbell.KindAlreadyRuns} {
		if !slices.Contains(codes, strconv.Itoa(int(kind))) {
			t.Errorf("exit code %d starts the daemon again", kind)
		}
	}
	if slices.Contains(codes, strconv.Itoa(int(calbell.KindFailed))) {
		t.Error("a failure stops the daemon for good")
	}
}

// What heals without us (a full disk, a network that is down) may take long: systemd goes on
// trying, at a rate that hurts nobody.
func TestNeverGivenUp(t *testing.T) {
	u := unit(t)
	if got := u["StartLimitIntervalSec"]; !slices.Equal(got, []string{"0"}) {
		t.Errorf("StartLimitIntervalSec is %q: after some failures nothing is sent any more", got)
	}
	if seconds, err := strconv.Atoi(u["RestartSec"][0]); err != nil || seconds < 1 || seconds > 10 {
		t.Errorf("it is started again after %q s", u["RestartSec"])
	}
	if u["Restart"][0] != "on-failure" || u["WatchdogSec"][0] == "" {
		t.Errorf("Restart=%q, WatchdogSec=%q", u["Restart"], u["WatchdogSec"])
	}
}

// A stop waits for the longest attempt that the configuration allows.
func TestStopWaitsForAttempts(t *testing.T) {
	seconds, err := strconv.Atoi(unit(t)["TimeoutStopSec"][0])
	if err != nil {
		t.Fatal(err)
	}
	if stop := time.Duration(seconds) * time.Second; stop <= config.MaxPostTimeout {
		t.Errorf("systemd kills after %v, an attempt may take %v", stop, config.MaxPostTimeout)
	}
}

// The unit says how secrets get in without standing in a file that others can read.
func TestCredentialsAreShown(t *testing.T) {
	text := readUnit(t)
	for _, want := range []string{"#LoadCredential=", "#LoadCredentialEncrypted=", "data.key_credential", "password_credential", "url_credential"} {
		if !strings.Contains(text, want) {
			t.Errorf("the unit does not show %s", want)
		}
	}
	for _, key := range []string{"Environment", "SetCredential"} {
		if len(unit(t)[key]) > 0 {
			t.Errorf("the unit sets %s", key)
		}
	}
}

// The user and the folders are made as the unit needs them.
func TestUserAndFolders(t *testing.T) {
	if os.Getuid() != 0 {
		t.Skip("making users needs root, in a folder too")
	}
	root := t.TempDir()
	for from, to := range map[string]string{"sysusers.d": "usr/lib/sysusers.d", "tmpfiles.d": "usr/lib/tmpfiles.d"} {
		if err := os.CopyFS(filepath.Join(root, to), os.DirFS(from)); err != nil {
			t.Fatal(err)
		}
	}
	if err := os.Mkdir(filepath.Join(root, "etc"), 0o755); err != nil {
		t.Fatal(err)
	}
	run(t, "systemd-sysusers", "--root="+root)
	run(t, "systemd-tmpfiles", "--root="+root, "--create")
	u := unit(t)
	for file, name := range map[string]string{"etc/passwd": u["User"][0], "etc/group": u["Group"][0]} {
		data, err := os.ReadFile(filepath.Join(root, file))
		if err != nil || !strings.HasPrefix(string(data), name+":") {
			t.Errorf("%s has no %s: %q, %v", file, name, data, err)
		}
	}
	for path, mode := range map[string]os.FileMode{"etc/calbell": 0o750, "etc/calbell/credentials": 0o700} {
		info, err := os.Stat(filepath.Join(root, path))
		if err != nil || info.Mode().Perm() != mode {
			t.Errorf("%s: %v, %v; want mode %o", path, info, err, mode)
		}
	}
}
