package guard

import (
	"crypto"
	"crypto/rsa"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"net/url"
	"strings"
	"sync"
	"time"

	"github.com/go-jose/go-jose/v4"
)

var dpopAlgorithms = []string{"PS256", "ES256", "EdDSA"}

const (
	proofMaxAge   = 285 * time.Second
	proofMaxAhead = 15 * time.Second
	proofMemory   = proofMaxAge + proofMaxAhead
)

// invalidProof is why a proof is refused, as a sentence.
type invalidProof string

func (e invalidProof) Error() string { return string(e) }

type proof struct{ thumbprint, id string }

// verifyProof verifies a DPoP proof (RFC 9449 §4.3) except for its single use; the caller compares the thumbprint with the token.
func verifyProof(text, method, address, accessToken string) (*proof, error) {
	payload, key, err := readProof(text)
	if err != nil {
		return nil, err
	}
	var claims struct {
		ID        string   `json:"jti"`
		Method    string   `json:"htm"`
		URL       string   `json:"htu"`
		IssuedAt  *float64 `json:"iat"`
		Expires   *float64 `json:"exp"`
		NotBefore *float64 `json:"nbf"`
		TokenHash string   `json:"ath"`
	}
	if err := json.Unmarshal(payload, &claims); err != nil {
		return nil, invalidProof("The claims of the DPoP proof have wrong types.")
	}
	now := seconds(time.Now())
	hash := sha256.Sum256([]byte(accessToken))
	switch {
	case claims.ID == "" || len(claims.ID) > 512:
		return nil, invalidProof("The DPoP proof needs a jti.")
	case claims.Method != method:
		return nil, invalidProof("The htm of the DPoP proof is not the method of the request.")
	case plainURL(claims.URL) == "" || plainURL(claims.URL) != plainURL(address):
		return nil, invalidProof("The htu of the DPoP proof is not the URL of the request.")
	case claims.IssuedAt == nil || *claims.IssuedAt < now-proofMaxAge.Seconds() || *claims.IssuedAt > now+proofMaxAhead.Seconds():
		return nil, invalidProof("The iat of the DPoP proof is not recent enough.")
	case claims.Expires != nil && *claims.Expires <= now,
		claims.NotBefore != nil && *claims.NotBefore > now+proofMaxAhead.Seconds():
		return nil, invalidProof("The DPoP proof is not valid at this time.")
	case claims.TokenHash != base64.RawURLEncoding.EncodeToString(hash[:]):
		return nil, invalidProof("The ath of the DPoP proof is not the digest of the access token.")
	}
	thumbprint, err := key.Thumbprint(crypto.SHA256)
	if err != nil {
		return nil, invalidProof("The jwk of the DPoP proof is not a public key.")
	}
	return &proof{base64.RawURLEncoding.EncodeToString(thumbprint), claims.ID}, nil
}

func readProof(text string) ([]byte, *jose.JSONWebKey, error) {
	signed, err := jose.ParseSignedCompact(text, []jose.SignatureAlgorithm{jose.PS256, jose.ES256, jose.EdDSA})
	if err != nil {
		return nil, nil, invalidProof("The DPoP header must have one JWT with a public key in its jwk.")
	}
	header := signed.Signatures[0].Protected
	key := header.JSONWebKey
	// A private or symmetric key must not be accepted (RFC 9449 §4.3).
	if key == nil || !key.Valid() || !key.IsPublic() {
		return nil, nil, invalidProof("The jwk of the DPoP proof must be a public key.")
	}
	if header.ExtraHeaders[jose.HeaderType] != "dpop+jwt" {
		return nil, nil, invalidProof("The typ of the DPoP proof must be dpop+jwt.")
	}
	if of, ok := key.Key.(*rsa.PublicKey); ok && of.Size() < 256 {
		return nil, nil, invalidProof("The key of the DPoP proof is too short.")
	}
	payload, err := signed.Verify(key)
	if err != nil {
		return nil, nil, invalidProof("The DPoP proof must be signed by its jwk.")
	}
	return payload, key, nil
}

// plainURL is a URL without query and fragment (RFC 9449 §4.3) in a comparable form; empty if it is none.
func plainURL(text string) string {
	at, err := url.Parse(text)
	if err != nil || at.Host == "" {
		return ""
	}
	host, path := strings.ToLower(at.Host), at.EscapedPath()
	switch at.Scheme {
	case "http":
		host = strings.TrimSuffix(host, ":80")
	case "https":
		host = strings.TrimSuffix(host, ":443")
	default:
		return ""
	}
	if path == "" {
		path = "/"
	}
	return at.Scheme + "://" + host + path
}

// usedProofs are the proofs that this guard has admitted, which it must not admit again.
type usedProofs struct {
	mutex sync.Mutex
	until map[proof]time.Time
	order []proof
}

func (u *usedProofs) add(used proof) error {
	u.mutex.Lock()
	defer u.mutex.Unlock()
	now := time.Now()
	for len(u.order) > 0 && !u.until[u.order[0]].After(now) {
		delete(u.until, u.order[0])
		u.order = u.order[1:]
	}
	if _, known := u.until[used]; known {
		return invalidProof("The DPoP proof was already used.")
	}
	if u.until == nil {
		u.until = map[proof]time.Time{}
	}
	u.until[used] = now.Add(proofMemory)
	u.order = append(u.order, used)
	return nil
}
