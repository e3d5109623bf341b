// How an account signs in besides its user name: password, bearer token, private
// certificate authorities, client certificate. All of them are read from files here and
// sent to the daemon as texts.

package main

import (
	"bytes"
	"cmp"
	"encoding/pem"
	"fmt"
	"io"
	"os"
	"strings"

	"calbell/api/types"

	"github.com/spf13/pflag"
)

// maxPEM limits a PEM file; the daemon accepts no more.
const maxPEM = 64 << 10

// signIn are the flags of how an account signs in. They name files, because other users of
// the machine can read a command line.
type signIn struct {
	passwordFile, tokenFile      string
	caFile, certificate, keyFile string
}

// flags adds the flags to f. password is the help of --password-file, which differs by
// command.
func (s *signIn) flags(f *pflag.FlagSet, password string) {
	f.StringVar(&s.passwordFile, "password-file", "", password)
	f.StringVar(&s.tokenFile, "token-file", "", "`FILE` that holds a token, which signs in by itself; - = standard input")
	f.StringVar(&s.caFile, "ca-file", "", "`FILE` of authorities (PEM) that certify the server, beside the public ones; - = standard input")
	f.StringVar(&s.certificate, "client-certificate", "", "`FILE` (PEM) of a certificate that signs in by TLS, and maybe its key; - = standard input")
	f.StringVar(&s.keyFile, "client-key", "", "`FILE` (PEM) of the certificate's key, when it has a file of its own; - = standard input")
}

// signInKeys maps the flags to the keys of the request, for changes.
func signInKeys() map[string]string {
	return map[string]string{
		"password-file": "password", "token-file": "token", "ca-file": "ca_pem",
		"client-certificate": "client_certificate_pem", "client-key": "client_key_pem",
	}
}

// check rejects flags that contradict each other. Standard input can be read only once, so
// at most one file may be "-".
func (s *signIn) check(username string) error {
	stdin := 0
	for _, file := range []string{s.passwordFile, s.tokenFile, s.caFile, s.certificate, s.keyFile} {
		if file == "-" {
			stdin++
		}
	}
	switch {
	case stdin > 1:
		return usage("standard input (-) can be only one of the files")
	case s.tokenFile != "" && (s.passwordFile != "" || username != ""):
		return usage("a token signs in by itself: leave out --username and --password-file")
	case s.keyFile != "" && s.certificate == "":
		return missing("--client-certificate", "a key needs its certificate")
	}
	return nil
}

// readSignIn reads the files into a request, except that of the password, for which the
// commands prompt differently. A key in the certificate's file is used unless --client-key
// names another.
func (a *app) readSignIn(s *signIn, n *types.NewAccount) (err error) {
	if err := s.check(n.Username); err != nil {
		return err
	}
	if s.tokenFile != "" {
		if n.Token, err = a.readSecret(s.tokenFile, "token: "); err != nil {
			return err
		}
	}
	if n.CAPEM, _, err = a.readPEM("--ca-file", s.caFile); err != nil {
		return err
	}
	if n.ClientCertificatePEM, n.ClientKeyPEM, err = a.readPEM("--client-certificate", s.certificate); err != nil {
		return err
	}
	_, key, err := a.readPEM("--client-key", s.keyFile)
	n.ClientKeyPEM = cmp.Or(key, n.ClientKeyPEM)
	switch {
	case err != nil:
		return err
	case n.ClientCertificatePEM != "" && n.ClientKeyPEM == "":
		return missing("--client-key", "the certificate's file holds no key")
	}
	return nil
}

// readPEM returns the certificates and the private keys of a PEM file (RFC 7468), each
// re-encoded; other blocks and text between them are left out. Both are "" when path is "".
// A file without either is an error. flag names the file in errors.
func (a *app) readPEM(flag, path string) (certificates, keys string, err error) {
	if path == "" {
		return "", "", nil
	}
	in := a.in
	if path != "-" {
		f, err := os.Open(path)
		if err != nil {
			return "", "", err
		}
		defer f.Close()
		in = f
	}
	text, err := io.ReadAll(io.LimitReader(in, maxPEM+1))
	switch {
	case err != nil:
		return "", "", err
	case len(text) > maxPEM:
		return "", "", usage("%s: %s is larger than %d kB", flag, quoted(path), maxPEM>>10)
	}
	var certs, secrets bytes.Buffer
	for {
		var block *pem.Block
		if block, text = pem.Decode(text); block == nil {
			break
		}
		to := &certs
		if strings.HasSuffix(block.Type, "PRIVATE KEY") {
			to = &secrets
		} else if block.Type != "CERTIFICATE" {
			continue // for example EC PARAMETERS
		}
		if err := pem.Encode(to, block); err != nil {
			return "", "", fmt.Errorf("%s: %w", flag, err)
		}
	}
	if certs.Len()+secrets.Len() == 0 {
		return "", "", usage("%s: %s holds nothing in PEM", flag, quoted(path))
	}
	return certs.String(), secrets.String(), nil
}
