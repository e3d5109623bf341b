package caldav

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"net"
	"net/http"
	"net/netip"
	"net/url"
	"time"

	"calbell/caldav/transport"

	"calbell"
)

// The defaults of [Options].
const (
	// DefaultTimeout bounds a whole request with its answer. Servers were seen to take a
	// minute for a listing of 10,000 events; nothing else waits for a sync.
	DefaultTimeout = 5 * time.Minute
	// DefaultRunTimeout bounds a whole discovery or sync. What was handed over until then is
	// stored, and the next sync goes on from there.
	DefaultRunTimeout = time.Hour
	// DefaultBatch is how many objects one multiget asks for. One server needs 11 s for
	// 500, and 50 to 100 cost all of them little more than the transfer.
	DefaultBatch = 64
	// maxBatch bounds Options.Batch, so that one answer stays within MaxBytes.
	maxBatch = 1000
	// defaultUserAgent names the program to server logs.
	defaultUserAgent = "Calbell"
)

// Options tune a [Client]. The zero value is good for accounts that the administrator made;
// for those of page users set Guard.
type Options struct {
	// Timeout bounds one request with its whole answer; 0 = [DefaultTimeout].
	Timeout time.Duration
	// RunTimeout bounds one call of Discover or Changes, with all its requests; 0 =
	// [DefaultRunTimeout].
	RunTimeout time.Duration
	// MaxBytes bounds one answer, after inflating; 0 = [calbell.MaxDAVBytes].
	MaxBytes int64
	// UserAgent is sent with each request; "" = "Calbell".
	UserAgent string
	// Transport does the requests, whatever the account and these options say about TLS;
	// nil = one of the client's own. It must not follow redirects (no RoundTripper should).
	Transport http.RoundTripper
	// RootCAs are the authorities that servers may be certified by, beside the account's
	// CAFile; nil = the system's.
	RootCAs *x509.CertPool
	// Certificates sign in by TLS, after the account's own. They are shown to the account's
	// servers, and not to others to which a redirect leads.
	Certificates []tls.Certificate
	// Guard is asked about each address before it is connected to, after the DNS, and whether
	// that is for TLS; its error ends the request. It is for accounts that users of the page
	// make: when it is set no proxy is used, which would hide the address from it, and no
	// file of this machine is read. nil = everything may be reached.
	//
	// An error with a method Hides that reports true looks like that of a host that does not
	// exist: which names there are is not for everybody.
	Guard func(address netip.AddrPort, secure bool) error
	// Batch is how many objects one multiget asks for, 1 to 1000; 0 = [DefaultBatch].
	Batch int
	// Budget limits the memory of the answers to this and other clients; nil = no limit.
	Budget *Budget
	// Files limits how many files and subscriptions are read at the same time by this and other clients;
	// nil = no limit.
	Files *ReadLimit
	// Spool is the folder of files without a name in which large subscriptions are kept, encrypted,
	// while they are read; "" = the system's own for temporary files, which may be in memory.
	Spool string
	// Resolver looks up the servers of a domain; nil = the system's.
	Resolver Resolver
}

// Client speaks to the server of one account, one request at a time. It is safe for concurrent use.
type Client struct {
	account calbell.Account
	address address
	start   *url.URL // where discovery starts
	wire    *transport.Client
	o       Options
}

// New returns a client for an account. It makes no request. The account's URL may be one
// (https:, http:; webcal:, file: and those that end in .ics are subscriptions), a host name, or a mail address, which is then the username if there is no
// other. A URL that cannot be read, or that holds credentials, is a KindConfig error; so is a
// file of certificates that cannot be used.
func New(a calbell.Account, o Options) (*Client, error) {
	at, err := readAddress(a.Key(), a.URL)
	if err != nil {
		return nil, err
	}
	if o.Guard != nil && (isFile(at.start) || a.CAFile != "" || a.ClientCertificate != "" || a.ClientKey != "") {
		return nil, configError(a.Key(), calbell.T("caldav:files-machine-not-users", "files of this machine are not for users of the page"))
	}
	o = o.withDefaults()
	w := transport.Options{Start: at.start, Secret: at.feed, Timeout: o.Timeout, UserAgent: o.UserAgent, Transport: o.Transport, Guard: o.Guard}
	if o.Transport == nil {
		if w.RootCAs, err = readAuthorities(a, o.RootCAs); err != nil {
			return nil, err
		}
		if w.Certificates, err = readCertificate(a, o.Certificates); err != nil {
			return nil, err
		}
	}
	a = at.signedIn(a)
	return &Client{account: a, address: at, start: at.start, wire: transport.New(a, w), o: o}, nil
}

// CloseIdle closes connections that are kept for the next request. The client stays usable.
func (c *Client) CloseIdle() { c.wire.CloseIdle() }

// SetPatience bounds how long the client waits until a server begins its first answer, and how long
// until each one begins, and pauses; 0: Options.Timeout, which bounds each whole answer whatever
// is set here. It is to be called before the client is used.
func (c *Client) SetPatience(first, each time.Duration) { c.wire.SetPatience(first, each) }

// bounded bounds a whole run.
func (c *Client) bounded(ctx context.Context) (context.Context, context.CancelFunc) {
	return context.WithTimeoutCause(ctx, c.o.RunTimeout, calbell.Errorf("caldav:all-took-longer-than", "all of it took longer than %v", c.o.RunTimeout))
}

func (o Options) withDefaults() Options {
	if o.Timeout <= 0 {
		o.Timeout = DefaultTimeout
	}
	if o.RunTimeout <= 0 {
		o.RunTimeout = DefaultRunTimeout
	}
	if o.MaxBytes <= 0 {
		o.MaxBytes = calbell.MaxDAVBytes
	}
	if o.UserAgent == "" {
		o.UserAgent = defaultUserAgent
	}
	if o.Batch <= 0 {
		o.Batch = DefaultBatch
	}
	o.Batch = min(o.Batch, maxBatch)
	if o.Resolver == nil {
		o.Resolver = net.DefaultResolver
	}
	return o
}

func configError(account string, why calbell.Text) error {
	return &calbell.Error{Kind: calbell.KindConfig, What: calbell.T("caldav:account-config", "account %q: %s", account, why)}
}
