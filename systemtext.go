package calbell

import (
	"context"
	"crypto/x509"
	"errors"
	"io"
	"net"
	"os"
	"strings"
	"syscall"
)

// systemText returns the text of a common error of Go's library or of the system; the zero Text
// for other errors. It examines err itself, not the errors that it wraps.
func systemText(err error) Text {
	switch e := err.(type) {
	case syscall.Errno:
		return errnoText(e)
	case *net.DNSError:
		return dnsText(e)
	case x509.UnknownAuthorityError:
		return T("system.unknown-authority", "x509: certificate signed by unknown authority")
	case x509.HostnameError:
		if e.Certificate != nil && len(e.Certificate.DNSNames) > 0 {
			return T("system.other-host", "x509: certificate is valid for %s, not %s", strings.Join(e.Certificate.DNSNames, ", "), e.Host)
		}
	case x509.CertificateInvalidError:
		if e.Reason == x509.Expired {
			return T("system.expired", "x509: certificate has expired or is not yet valid: %s", e.Detail)
		}
	}
	if errors.Unwrap(err) != nil {
		return Text{}
	}
	switch {
	case errors.Is(err, os.ErrDeadlineExceeded):
		return T("system.io-timeout", "i/o timeout")
	case errors.Is(err, context.DeadlineExceeded):
		return T("system.deadline", "context deadline exceeded")
	case errors.Is(err, context.Canceled):
		return T("system.canceled", "context canceled")
	case errors.Is(err, io.ErrUnexpectedEOF):
		return T("system.eof", "unexpected EOF")
	}
	return Text{}
}

// errnoText returns the text for the error of a system call.
func errnoText(e syscall.Errno) Text {
	switch e {
	case syscall.ECONNREFUSED:
		return T("system.refused", "connection refused")
	case syscall.ECONNRESET:
		return T("system.reset", "connection reset by peer")
	case syscall.ENETUNREACH:
		return T("system.no-network", "network is unreachable")
	case syscall.EHOSTUNREACH:
		return T("system.no-route", "no route to host")
	case syscall.ENOENT:
		return T("system.no-file", "no such file or directory")
	case syscall.EACCES:
		return T("system.denied", "permission denied")
	case syscall.ENOSPC:
		return T("system.disk-full", "no space left on device")
	}
	return Text{}
}

// dnsText returns the text for a host name that does not exist.
func dnsText(e *net.DNSError) Text {
	switch {
	case !e.IsNotFound:
		return Text{}
	case e.Server != "":
		return T("system.no-host-of", "lookup %s on %s: no such host", e.Name, e.Server)
	}
	return T("system.no-host", "lookup %s: no such host", e.Name)
}
