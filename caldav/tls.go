package caldav

import (
	"crypto/tls"
	"crypto/x509"
	"errors"
	"os"

	"calbell"
)

// maxPEMBytes bounds a file of certificates: a bundle of all public authorities is 250 kB.
const maxPEMBytes = 4 << 20

// readAuthorities adds those of the account to what there is; nil = the system's.
func readAuthorities(a calbell.Account, roots *x509.CertPool) (*x509.CertPool, error) {
	text := []byte(a.CAPEM)
	if a.CAFile != "" {
		var err error
		if text, err = readPEM(a.CAFile); err != nil {
			return nil, fileError(a.Key(), "ca_file", a.CAFile, err)
		}
	}
	if len(text) == 0 {
		return roots, nil
	}
	if roots != nil {
		roots = roots.Clone()
	} else if system, err := x509.SystemCertPool(); err == nil {
		roots = system
	} else { // a machine without any
		roots = x509.NewCertPool()
	}
	if !roots.AppendCertsFromPEM(text) {
		return nil, pemError(a, "ca_file", a.CAFile, calbell.Errorf("caldav:holds-no-certificate", "it holds no certificate"))
	}
	return roots, nil
}

// readCertificate reads the account's certificate and key.
func readCertificate(a calbell.Account, have []tls.Certificate) ([]tls.Certificate, error) {
	certificate, key := []byte(a.ClientCertificatePEM), []byte(a.ClientKeyPEM.Reveal())
	if a.ClientCertificate != "" {
		var err error
		if certificate, err = readPEM(a.ClientCertificate); err != nil {
			return nil, fileError(a.Key(), "client_certificate", a.ClientCertificate, err)
		}
		key = certificate // many tools write both into one file
		if a.ClientKey != "" {
			if key, err = readPEM(a.ClientKey); err != nil {
				return nil, fileError(a.Key(), "client_key", a.ClientKey, err)
			}
		}
	}
	if len(certificate) == 0 {
		return have, nil
	}
	pair, err := tls.X509KeyPair(certificate, key)
	if err != nil {
		return nil, pemError(a, "client_certificate", a.ClientCertificate, err)
	}
	return append([]tls.Certificate{pair}, have...), nil
}

// pemError is why certificates cannot be used: those of a file, or of a text when path is "".
func pemError(a calbell.Account, key, path string, err error) error {
	if path != "" {
		return fileError(a.Key(), key, path, err)
	}
	return &calbell.Error{
		Kind: calbell.KindConfig, What: calbell.T("caldav:cannot-use-its", "account %q: cannot use its %s", a.Key(), key), Err: err,
		Hint: calbell.T("caldav:must-pem-lines-between", "It must be in PEM: lines between BEGIN and END."),
	}
}

func readPEM(path string) ([]byte, error) {
	text, err := readFile(path, maxPEMBytes, nil)
	var at *os.PathError
	if errors.As(err, &at) {
		return nil, at.Err // the line around it names the path
	}
	return text, err
}

func fileError(account, key, path string, err error) error {
	return &calbell.Error{
		Kind: calbell.KindConfig, What: calbell.T("caldav:cannot-use-its-file", "account %q: cannot use its %s %q", account, key, path), Err: err,
		Hint: calbell.T("caldav:must-pem-file-daemon", "It must be a PEM file that the daemon's user may read."),
	}
}
