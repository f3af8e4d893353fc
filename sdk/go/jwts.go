package guard

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/go-jose/go-jose/v4"
)

const (
	// keysFor is how long keys are kept, unless a token names one that is not among them.
	keysFor = 5 * time.Minute
	// keysPause is the shortest time between two requests for keys.
	keysPause = 5 * time.Second
	// maxVerified is how many JWTs are remembered whose signature was verified, until keys are fetched again.
	maxVerified = 5_000
)

var jwtAlgorithms = []jose.SignatureAlgorithm{jose.ES256, jose.RS256, jose.PS256, jose.EdDSA}

func isJWT(token string) bool {
	return strings.HasPrefix(token, "eyJ") && strings.Count(token, ".") == 2
}

// jwts verifies JWT access tokens (RFC 9068) with the keys of Writ, which it fetches when it needs them.
type jwts struct {
	issuer, resource string
	fetch            func(context.Context) (*jose.JSONWebKeySet, error)

	mutex      sync.Mutex
	keys       map[string]*jose.JSONWebKey
	verified   map[string]verifiedJWT
	freshUntil time.Time
	triedAt    time.Time
	failure    error
}

type verifiedJWT struct {
	claims *Claims
	keyID  string
}

// verify returns the claims and the kid; errInvalidToken, or another error if the keys cannot be fetched.
func (j *jwts) verify(ctx context.Context, token string) (*Claims, string, error) {
	j.mutex.Lock()
	known, isKnown := j.verified[token]
	isFresh := !time.Now().After(j.freshUntil)
	j.mutex.Unlock()
	if !isKnown || !isFresh {
		claims, keyID, err := j.verifyAnew(ctx, token)
		if err != nil {
			return nil, "", err
		}
		known = verifiedJWT{claims, keyID}
		j.mutex.Lock()
		if len(j.verified) >= maxVerified {
			clear(j.verified)
		}
		// A key that was fetched away in the meantime verifies nothing.
		if j.keys[keyID] != nil {
			j.verified[token] = known
		}
		j.mutex.Unlock()
	}
	if !known.claims.inForce() {
		return nil, "", errInvalidToken
	}
	return known.claims, known.keyID, nil
}

func (j *jwts) verifyAnew(ctx context.Context, token string) (*Claims, string, error) {
	signed, err := jose.ParseSignedCompact(token, jwtAlgorithms)
	if err != nil {
		return nil, "", errInvalidToken
	}
	header := signed.Signatures[0].Protected
	typ, _ := header.ExtraHeaders[jose.HeaderType].(string)
	if strings.TrimPrefix(strings.ToLower(typ), "application/") != "at+jwt" || header.KeyID == "" {
		return nil, "", errInvalidToken
	}
	key, err := j.key(ctx, header.KeyID)
	if err != nil {
		return nil, "", err
	}
	payload, err := signed.Verify(key)
	if err != nil {
		return nil, "", errInvalidToken
	}
	claims := &Claims{}
	if json.Unmarshal(payload, claims) != nil ||
		claims.Issuer != j.issuer || !slices.Contains(claims.Audience, j.resource) ||
		claims.Expires == nil || claims.IssuedAt == 0 || claims.Subject == "" || claims.ClientID == "" || claims.ID == "" {
		return nil, "", errInvalidToken
	}
	return claims, header.KeyID, nil
}

func (j *jwts) key(ctx context.Context, id string) (*jose.JSONWebKey, error) {
	j.mutex.Lock()
	defer j.mutex.Unlock()
	now := time.Now()
	if (now.After(j.freshUntil) || j.keys[id] == nil) && now.Sub(j.triedAt) > keysPause {
		j.triedAt = now
		if set, err := j.fetch(context.WithoutCancel(ctx)); err != nil {
			// Keys that were good stay so: the feed tells of a key that is revoked.
			j.failure = fmt.Errorf("the keys cannot be read: %w", err)
		} else {
			j.failure, j.freshUntil, j.keys = nil, now.Add(keysFor), map[string]*jose.JSONWebKey{}
			j.verified = map[string]verifiedJWT{}
			for _, key := range set.Keys {
				j.keys[key.KeyID] = &key
			}
		}
	}
	if key := j.keys[id]; key != nil {
		return key, nil
	}
	if j.failure != nil {
		return nil, j.failure
	}
	return nil, errInvalidToken
}
