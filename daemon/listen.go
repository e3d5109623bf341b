package daemon

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"log/slog"
	"net"
	"net/http"
	"os"
	"sync"
	"sync/atomic"
	"time"

	"calbell"
	"calbell/access"
	"calbell/api"
	"calbell/service"
	"calbell/store/bolt"
)

const (
	// socketMode lets the socket's owner and group speak to the daemon, and nobody else.
	socketMode = 0o660
	// maxSocketPath is what the kernel takes (sun_path in unix(7), less its final zero).
	maxSocketPath = 107
	// stopWait is how long requests under way may take when the daemon stops.
	stopWait = 5 * time.Second
	// headerWait and maxHeader bound what a client may send before it is answered.
	headerWait = 10 * time.Second
	maxHeader  = 32 << 10
	// requestWait is how long a whole request may take to arrive: a body is a megabyte at most.
	requestWait = time.Minute
	// idleWait is how long a connection stays open unused.
	idleWait = 2 * time.Minute
)

// front answers over HTTP: the command line at the socket, people and monitors at the page's address.
type front struct {
	settings *settings
	service  *service.Service
	store    *bolt.Store
	probes   *probes
	metrics  *metrics
	self     *self
	welcome  atomic.Pointer[welcome] // the demo's link; nil: there is none
	version  string
	log      *slog.Logger
}

// listen starts answering on the socket and, for the probes, on server.listen. The
// returned function stops it. A server that fails later ends the program.
func (f *front) listen(fail context.CancelCauseFunc) (stop func(), err error) {
	cfg := f.settings.config.Load().Server
	socket, err := listenUnix(cfg.Socket)
	if err != nil {
		return nil, err
	}
	servers := []*http.Server{f.server(meanwhile(f.socketHandler))}
	listeners := []net.Listener{socket}
	if cfg.Listen != "" {
		gate := f.gate(cfg)
		l, err := listenPage(cfg, gate)
		if err != nil {
			socket.Close()
			return nil, err
		}
		servers, listeners = append(servers, f.server(meanwhile(func() http.Handler { return f.pageHandler(gate, f.hosts(cfg)) }))), append(listeners, l)
		if at, ok := l.Addr().(*net.TCPAddr); ok {
			a := at.AddrPort()
			f.self.at.Store(&a)
		}
		f.log.Info("the page's address", "listen", l.Addr().String(), "tls", cfg.Cert != "", "hosts", append(PageHosts(cfg), "localhost", "IP addresses"))
	}
	for i, s := range servers {
		go func() {
			if err := s.Serve(listeners[i]); !errors.Is(err, http.ErrServerClosed) {
				fail(fmt.Errorf("serve: %w", err))
			}
		}()
	}
	return sync.OnceFunc(func() { stopServers(servers) }), nil
}

// stopServers lets requests under way end, for a while.
func stopServers(servers []*http.Server) {
	ctx, cancel := context.WithTimeout(context.Background(), stopWait)
	defer cancel()
	var all sync.WaitGroup
	for _, s := range servers {
		all.Go(func() {
			if s.Shutdown(ctx) != nil {
				s.Close()
			}
		})
	}
	all.Wait()
}

// server answers with a handler. Whatever is sent to it is bounded in time and size.
func (f *front) server(h http.Handler) *http.Server {
	return &http.Server{
		Handler: h, ReadHeaderTimeout: headerWait, ReadTimeout: requestWait, IdleTimeout: idleWait, MaxHeaderBytes: maxHeader,
		ErrorLog: slog.NewLogLogger(f.log.Handler(), slog.LevelDebug),
	}
}

// meanwhile is a handler that is made beside a start: pages and schemas take a tenth of a second,
// for which no reminder is to wait. Who asks before waits.
func meanwhile(make func() http.Handler) http.Handler {
	made := sync.OnceValue(make)
	go made()
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { made().ServeHTTP(w, r) })
}

// socketHandler answers the command line: whoever may open the socket is an admin.
func (f *front) socketHandler() http.Handler {
	return access.Local(api.Handler(f.service, f.version, func(*http.Request) calbell.Caller { return calbell.LocalAdmin() }, nil))
}

// probe answers load balancers and monitors with what is wrong, and nothing else.
func probe(wrong func() string) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { answer(w, wrong()) })
}

// answer tells a monitor what is wrong; "" is nothing.
func answer(w http.ResponseWriter, wrong string) {
	w.Header().Set("Content-Type", "text/plain; charset=utf-8")
	w.Header().Set("Cache-Control", "no-store")
	if wrong != "" {
		w.WriteHeader(http.StatusServiceUnavailable)
		_, _ = io.WriteString(w, "not ok\n"+wrong+"\n")
		return
	}
	_, _ = io.WriteString(w, "ok\n")
}

// listenUnix listens at a path. A socket that a dead daemon left there is replaced: the
// database's lock is ours, so nobody else is alive behind it.
func listenUnix(path string) (net.Listener, error) {
	if len(path) > maxSocketPath {
		return nil, &calbell.Error{
			Kind: calbell.KindConfig, What: calbell.English("server.socket %s is %d bytes long; sockets take %d", path, len(path), maxSocketPath),
			Hint: calbell.English("choose a shorter path, such as /run/calbell/calbell.sock"),
		}
	}
	info, err := os.Lstat(path)
	switch {
	case err == nil && info.Mode().Type() != fs.ModeSocket:
		return nil, &calbell.Error{
			Kind: calbell.KindFailed, What: calbell.English("listen on %s: something that is not a socket is there", path),
			Hint: calbell.English("move it away, or change server.socket"),
		}
	case err == nil:
		if conn, err := net.Dial("unix", path); err == nil {
			conn.Close()
			return nil, &calbell.Error{Kind: calbell.KindAlreadyRuns, What: calbell.English("a daemon answers at %s", path), Hint: calbell.English("stop it first, or give this one another server.socket")}
		}
		if err := os.Remove(path); err != nil {
			return nil, explained(&calbell.Error{Kind: calbell.KindFailed, What: calbell.English("remove the socket of an earlier run"), Err: err}, socketSteps(path), "change server.socket")
		}
	}
	l, err := net.Listen("unix", path)
	if err != nil {
		return nil, &calbell.Error{Kind: calbell.KindFailed, What: calbell.English("listen on %s", path), Err: plain(err), Hint: calbell.Plain(socketSteps(path).of(err, "its folder must exist and be writable: change server.socket, or make the folder"))}
	}
	if err := os.Chmod(path, socketMode); err != nil {
		l.Close()
		return nil, err
	}
	return l, nil
}

// plain drops the address from a network error: the message names it already.
func plain(err error) error {
	var op *net.OpError
	if errors.As(err, &op) {
		return op.Err
	}
	return err
}
