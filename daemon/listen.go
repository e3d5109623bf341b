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
	// socketMode allows the socket's owner and group to connect, and nobody else.
	socketMode = 0o660
	// maxSocketPath is the longest path that the kernel accepts (sun_path in unix(7), without its final
	// zero).
	maxSocketPath = 107
	// stopWait is how long requests under way may take when the daemon stops.
	stopWait = 5 * time.Second
	// headerWait and maxHeader limit the time and the size of a request's header.
	headerWait = 10 * time.Second
	maxHeader  = 32 << 10
	// requestWait limits how long a whole request may take to arrive; a body has at most a megabyte.
	requestWait = time.Minute
	// idleWait is how long an idle connection stays open.
	idleWait = 2 * time.Minute
)

// front serves HTTP: the API for commands on the socket, and page, API and probes at
// server.listen.
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

// listen starts the servers of the socket and of server.listen. The returned function stops
// them. A server that fails later ends the program through fail.
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

// stopServers stops the servers and gives requests in flight stopWait to finish.
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

// server returns an HTTP server for a handler, with limits on time and size.
func (f *front) server(h http.Handler) *http.Server {
	return &http.Server{
		Handler: h, ReadHeaderTimeout: headerWait, ReadTimeout: requestWait, IdleTimeout: idleWait, MaxHeaderBytes: maxHeader,
		ErrorLog: slog.NewLogLogger(f.log.Handler(), slog.LevelDebug),
	}
}

// meanwhile returns a handler that is built in the background. Building pages and schemas
// takes a tenth of a second, which must not delay reminders at a start; requests that
// arrive earlier wait.
func meanwhile(make func() http.Handler) http.Handler {
	made := sync.OnceValue(make)
	go made()
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { made().ServeHTTP(w, r) })
}

// socketHandler returns the handler of the socket. Every caller is an admin: the file mode
// of the socket decides who may connect.
func (f *front) socketHandler() http.Handler {
	return access.Local(api.Handler(f.service, f.version, func(*http.Request) calbell.Caller { return calbell.LocalAdmin() }, nil))
}

// probe returns the handler of a health check, which reports only what wrong returns.
func probe(wrong func() string) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { answer(w, wrong()) })
}

// answer writes the result of a health check; "" means healthy.
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

// listenUnix listens at a path. It replaces a socket that a killed daemon left there: this
// process holds the database's lock, so no other daemon is using it.
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

// plain removes operation and address from a network error: the message around it already
// names them.
func plain(err error) error {
	var op *net.OpError
	if errors.As(err, &op) {
		return op.Err
	}
	return err
}
