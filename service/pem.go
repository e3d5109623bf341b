package service

import (
	"strings"

	"calbell"
)

// maxPEM and maxKeyPEM limit the certificates of an account and its key, in bytes. The authorities of a
// company take some kB, the longest keys three.
const maxPEM, maxKeyPEM = 64 << 10, 16 << 10

// checkPEM rejects certificates that are too long, and keys among the certificates, which
// are shown. Whether the certificates can be used is checked when they are loaded.
func checkPEM(a calbell.Account) error {
	switch {
	case len(a.CAPEM) > maxPEM:
		return tooLong("ca_pem", maxPEM)
	case len(a.ClientCertificatePEM) > maxPEM:
		return tooLong("client_certificate_pem", maxPEM)
	case len(a.ClientKeyPEM.Reveal()) > maxKeyPEM:
		return tooLong("client_key_pem", maxKeyPEM)
	case strings.Contains(a.CAPEM+a.ClientCertificatePEM, "PRIVATE KEY"):
		return field("client_certificate_pem", calbell.T("service:key-stands-among-certificates", "a key stands among the certificates"), calbell.T("service:give-client-key-pem", "give it as client_key_pem, which is kept secret"))
	case a.ClientCertificatePEM != "" && a.ClientKeyPEM == "":
		return field("client_key_pem", calbell.T("service:client-certificate-needs-key", "a client certificate needs its key"), calbell.Text{})
	}
	return nil
}
