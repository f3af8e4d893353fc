package guard

import (
	"crypto/sha256"
	"crypto/x509"
	"encoding/base64"
	"net/http"
)

// certificateOfConnection returns the certificate of the client of a TLS connection; nil without one.
func certificateOfConnection(r *http.Request) *x509.Certificate {
	if r.TLS == nil || len(r.TLS.PeerCertificates) == 0 {
		return nil
	}
	return r.TLS.PeerCertificates[0]
}

// thumbprintOf returns the x5t#S256 of a certificate (RFC 8705 section 3.1); "" without one.
func thumbprintOf(certificate *x509.Certificate) string {
	if certificate == nil {
		return ""
	}
	hash := sha256.Sum256(certificate.Raw)
	return base64.RawURLEncoding.EncodeToString(hash[:])
}
