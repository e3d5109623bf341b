package caldavtest

import (
	"path/filepath"
	"syscall"
)

const (
	phpProgram = "/usr/bin/php"
	// phpRouter is the name of the script that gets every request.
	phpRouter = "router.php"
	// phpWorkers is how many requests PHP's own web server answers at a time.
	phpWorkers = "4"
)

// startPHP describes a server that is a script in PHP's own web server; begin starts it.
func startPHP(t TB, dir, script string, as *syscall.Credential) *Real {
	t.Helper()
	address := freeAddress(t)
	writeFor(t, as, filepath.Join(dir, phpRouter), script)
	r := &Real{URL: "http://" + address + "/", User: "alice", Password: "open-sesame"}
	r.program, r.as, r.dir, r.env = phpProgram, as, dir, []string{"PHP_CLI_SERVER_WORKERS=" + phpWorkers}
	r.group = true
	r.args = []string{"-q", "-d", "display_errors=0", "-S", address, filepath.Join(dir, phpRouter)}
	return r
}
