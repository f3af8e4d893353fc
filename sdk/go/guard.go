// Package guard authorizes requests to your API with access tokens of Writ. README.md says how.
package guard

import (
	"context"
	"crypto/x509"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/go-jose/go-jose/v4"
)

// WhenLost says what happens to JWTs while the feed of revocations is lost.
type WhenLost int

const (
	// Introspect asks Writ about each; 503 if Writ is unreachable as well.
	Introspect WhenLost = iota
	// Refuse responds with 503.
	Refuse
	// Admit trusts the signature: a revoked JWT works until it expires.
	Admit
)

// Options of New. The first four are needed.
type Options struct {
	// Issuer is the issuer URL of Writ.
	Issuer string
	// Resource is the identifier of the API's resource in Writ: the audience of its tokens.
	Resource string
	// ClientID and ClientSecret are of the client in Writ that is the resource server of the API.
	ClientID, ClientSecret string
	// Offline verifies JWTs with the keys of Writ and does not ask about each. Without it, every token is introspected. Opaque tokens
	// always are.
	Offline bool
	// DoNotFollow leaves out the feed of revocations, by which a revoked JWT is refused within a second.
	DoNotFollow bool
	// LongestLifetime of the API's JWTs. Older ones, and those that live longer, are introspected. Default: as long as Writ keeps changes.
	LongestLifetime time.Duration
	// MaxLag is the time without a sign of life of the feed after which it counts as lost. Default: 15 seconds.
	MaxLag time.Duration
	// WhenLost says what happens to JWTs then. Default: Introspect.
	WhenLost WhenLost
	// Cache is how long an introspection response is used again, never beyond the expiry of its token. A revoked token can work that
	// long. Default: 0.
	Cache time.Duration
	// URL of the API as its clients know it, which their DPoP proofs name: an origin, or one with the path that a proxy removes.
	// Default: the origin of Resource.
	URL string
	// Scopes, Name and Documentation are for the metadata of the API (RFC 9728). They are public.
	Scopes              []string
	Name, Documentation string
	// CertificateOf returns the certificate of the client of a request (RFC 8705 section 3), or nil. Behind a proxy that terminates TLS,
	// parse what it states, and only if the proxy has verified that the client has the key of the certificate, and no one else can
	// state it. Default: the certificate of the TLS connection, which needs tls.Config.ClientAuth of at least RequestClientCert.
	CertificateOf func(*http.Request) *x509.Certificate
	// Log gets errors. Default: slog.Default().
	Log *slog.Logger
}

// Needs are what a request needs besides a token that is active and for this API.
type Needs struct {
	// Scope is one, or several separated by spaces, all of which are needed.
	Scope string
	// Permission must be allowed by the token's entitlements (docs/permissions.md of Writ).
	Permission string
	// Role is the name of one. Prefer permissions: the owner of an app can give a role any name.
	Role string
	// Detail is what the request does with one thing.
	Detail *Detail
	// ACR is the class of the person's sign-in, or several separated by spaces (RFC 9470): 2 for two factors.
	ACR string
	// MaxAge is how long ago the person may have signed in (RFC 9470); 0 is any time.
	MaxAge time.Duration
}

// Detail is what a request does with one thing, for tokens that are limited by authorization_details (RFC 9396). A token that is
// limited to other things is refused; one that is not limited is admitted.
type Detail struct{ Type, Action, Identifier string }

// Refusal is the response to a request that is not authorized.
type Refusal struct {
	Status      int
	Code        string
	Description string
	Header      http.Header
}

func (r *Refusal) Error() string { return r.Description }

// Write responds with the refusal.
func (r *Refusal) Write(w http.ResponseWriter) {
	for name, values := range r.Header {
		w.Header()[name] = values
	}
	writeJSON(w, r.Status, map[string]string{"error": r.Code, "error_description": r.Description})
}

// Guard guards one API.
type Guard struct {
	options       Options
	base          string
	metadata      Metadata
	metadataURL   *url.URL
	jwts          *jwts
	introspection *introspection
	feed          *feed
	used          usedProofs
	stop          context.CancelFunc

	mutex      sync.Mutex
	cache      map[string]cached
	generation int
}

type cached struct {
	claims *Claims
	until  time.Time
}

var errInvalidToken = errors.New("the token is not active or not for this API")

const (
	notActive = "The token is not active or not for this API."
	maxCached = 10_000
)

// New creates a guard. Close it when the API ends.
func New(options Options) (*Guard, error) {
	for name, value := range map[string]string{
		"Issuer": options.Issuer, "Resource": options.Resource, "ClientID": options.ClientID, "ClientSecret": options.ClientSecret,
	} {
		if value == "" {
			return nil, fmt.Errorf("guard: %s is missing", name)
		}
	}
	if options.Log == nil {
		options.Log = slog.Default()
	}
	if options.CertificateOf == nil {
		options.CertificateOf = certificateOfConnection
	}
	if options.MaxLag == 0 {
		options.MaxLag = 15 * time.Second
	}
	at, err := url.Parse(options.Resource)
	if err != nil {
		return nil, fmt.Errorf("guard: Resource: %w", err)
	}
	base := options.URL
	if base == "" {
		base = at.Scheme + "://" + at.Host
	}
	transport := http.DefaultTransport.(*http.Transport).Clone()
	transport.ResponseHeaderTimeout = 5 * time.Second
	writ := &writ{options.Issuer, options.ClientID, options.ClientSecret, &http.Client{Timeout: 5 * time.Second, Transport: transport}}
	ctx, stop := context.WithCancel(context.Background())
	guard := &Guard{
		options:       options,
		base:          strings.TrimSuffix(base, "/"),
		metadataURL:   metadataURL(options.Resource),
		introspection: &introspection{writ: writ},
		stop:          stop,
		cache:         map[string]cached{},
		metadata: Metadata{
			Resource:             options.Resource,
			AuthorizationServers: []string{options.Issuer},
			Scopes:               options.Scopes,
			BearerMethods:        []string{"header"},
			DPoPAlgorithms:       dpopAlgorithms,
			Name:                 options.Name,
			Documentation:        options.Documentation,
		},
		jwts: &jwts{
			issuer:   options.Issuer,
			resource: options.Resource,
			fetch: func(ctx context.Context) (*jose.JSONWebKeySet, error) {
				set := &jose.JSONWebKeySet{}
				return set, writ.read(ctx, "/.well-known/openid-configuration/jwks", set)
			},
		},
	}
	if options.Offline && !options.DoNotFollow {
		guard.feed = &feed{
			resource:        options.Resource,
			writ:            writ,
			stream:          &http.Client{Transport: transport},
			maxLag:          options.MaxLag,
			longestLifetime: options.LongestLifetime,
			onChange:        guard.forget,
			log:             options.Log,
			revocations:     newRevocations(),
		}
		go guard.feed.run(ctx)
	}
	return guard, nil
}

// Close leaves the feed.
func (g *Guard) Close() { g.stop() }

// IsFeedCurrent reports whether the feed of revocations is followed now; false without Offline.
func (g *Guard) IsFeedCurrent() bool { return g.feed != nil && g.feed.isCurrent() }

type callerKey struct{}

// CallerOf returns the caller of a request that Require has admitted.
func CallerOf(ctx context.Context) *Caller {
	caller, _ := ctx.Value(callerKey{}).(*Caller)
	return caller
}

// Require admits requests to a handler, which finds their caller with CallerOf.
func (g *Guard) Require(needs Needs, next http.HandlerFunc) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		caller, refusal := g.Admit(r, needs)
		if refusal != nil {
			refusal.Write(w)
			return
		}
		next(w, r.WithContext(context.WithValue(r.Context(), callerKey{}, caller)))
	})
}

// ServeMetadata serves the metadata of the API (RFC 9728) at its path, to everyone, and everything else with next.
func (g *Guard) ServeMetadata(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		isReading := r.Method == http.MethodGet || r.Method == http.MethodHead
		if g.metadataURL == nil || !isReading || r.URL.EscapedPath() != g.metadataURL.EscapedPath() {
			next.ServeHTTP(w, r)
			return
		}
		w.Header().Set("Cache-Control", "public, max-age=300")
		// Clients in a browser read it from another origin.
		w.Header().Set("Access-Control-Allow-Origin", "*")
		writeJSON(w, http.StatusOK, g.metadata)
	})
}

var authorizationSyntax = regexp.MustCompile(`^(?i:(bearer|dpop)) +([\x21-\x7e]+)$`)

const maxTokenLength = 8_192

// Admit returns the caller of a request that is authorized, or the refusal.
func (g *Guard) Admit(r *http.Request, needs Needs) (*Caller, *Refusal) {
	refuse := func(code, description string) *Refusal {
		return g.challenge(r, http.StatusUnauthorized, parameters{code: code, description: description, scope: needs.Scope})
	}
	// A header that comes twice is no token and no proof.
	match := authorizationSyntax.FindStringSubmatch(strings.Join(r.Header.Values("Authorization"), ", "))
	if match == nil || len(match[2]) > maxTokenLength {
		return nil, refuse("invalid_token", notActive)
	}
	token := match[2]
	var shown *proof
	if strings.EqualFold(match[1], "DPoP") {
		var err error
		proofs := strings.Join(r.Header.Values("DPoP"), ", ")
		if shown, err = verifyProof(proofs, r.Method, g.base+pathOf(r), token); err != nil {
			return nil, refuse("invalid_dpop_proof", err.Error())
		}
	}
	claims, err := g.identify(r.Context(), token)
	if err == nil && !isProven(claims.Confirmation, shown, func() string { return thumbprintOf(g.options.CertificateOf(r)) }) {
		err = errInvalidToken
	}
	if err == nil && shown != nil {
		if err := g.used.add(*shown); err != nil {
			return nil, refuse("invalid_dpop_proof", err.Error())
		}
	}
	if errors.Is(err, errInvalidToken) {
		return nil, refuse("invalid_token", notActive)
	}
	if err != nil {
		g.options.Log.Error("Tokens cannot be checked.", "error", err)
		return nil, &Refusal{
			http.StatusServiceUnavailable, "temporarily_unavailable", "Tokens cannot be checked now. Try again later.",
			http.Header{"Retry-After": {"2"}},
		}
	}
	caller := callerOf(claims)
	if refusal := g.Check(r, caller, needs); refusal != nil {
		return nil, refusal
	}
	return caller, nil
}

// pathOf returns the path as the client has sent it: middleware can have removed a part of it from r.URL.
func pathOf(r *http.Request) string {
	path, _, _ := strings.Cut(r.RequestURI, "?")
	if strings.HasPrefix(path, "/") {
		return path
	}
	return r.URL.EscapedPath()
}

// Check returns the refusal of a caller that lacks something, for requests that say in their body what they need.
func (g *Guard) Check(r *http.Request, caller *Caller, needs Needs) *Refusal {
	var missing []string
	for _, scope := range strings.Fields(needs.Scope) {
		if !slices.Contains(caller.Scope, scope) {
			missing = append(missing, scope)
		}
	}
	lacking, scope := "", ""
	switch {
	case missing != nil:
		lacking, scope = "The token lacks the scope "+strings.Join(missing, " ")+".", needs.Scope
	case needs.Permission != "" && !caller.May(needs.Permission):
		lacking = "No role gives " + needs.Permission + "."
	case needs.Role != "" && !slices.Contains(caller.Roles, needs.Role):
		lacking = "The caller does not have the role " + needs.Role + "."
	case needs.Detail != nil && !caller.MayOn(*needs.Detail):
		lacking = "The authorization_details of the token do not allow this."
	}
	if lacking != "" {
		return g.challenge(r, http.StatusForbidden, parameters{code: "insufficient_scope", description: lacking, scope: scope})
	}
	return g.checkSignIn(r, caller, needs)
}

func (g *Guard) checkSignIn(r *http.Request, caller *Caller, needs Needs) *Refusal {
	wanted := strings.Fields(needs.ACR)
	// Two factors are also one: the classes are 1 and 2.
	isGood := slices.Contains(wanted, caller.ACR) || (caller.ACR == "2" && slices.Contains(wanted, "1"))
	asked := parameters{code: "insufficient_user_authentication", acrValues: needs.ACR}
	if needs.MaxAge > 0 {
		seconds := int(needs.MaxAge.Seconds())
		asked.maxAge = &seconds
	}
	switch {
	case len(wanted) > 0 && (!isGood || caller.SignedInAt.IsZero()):
		asked.description = "The person must sign in in another way."
	case needs.MaxAge > 0 && timeNow().Sub(caller.SignedInAt) > needs.MaxAge:
		asked.description = fmt.Sprintf("The person must have signed in at most %d seconds ago.", *asked.maxAge)
	default:
		return nil
	}
	return g.challenge(r, http.StatusUnauthorized, asked)
}

func (g *Guard) challenge(r *http.Request, status int, given parameters) *Refusal {
	given.realm = g.options.Resource
	if g.metadataURL != nil {
		given.resourceMetadata = g.metadataURL.String()
	}
	header := http.Header{"Www-Authenticate": {challenge(r.Header.Get("Authorization"), given)}}
	return &Refusal{status, given.code, given.description, header}
}

// identify returns the claims of an active token for this API.
func (g *Guard) identify(ctx context.Context, token string) (*Claims, error) {
	if g.options.Offline && isJWT(token) {
		claims, keyID, err := g.jwts.verify(ctx, token)
		// A JWT of token exchange ends with all that it comes from, and does not name all of that.
		isExchanged := err == nil && claims.Sources != nil
		if err != nil || (g.feed == nil && !isExchanged) {
			return claims, err
		}
		var isRevoked, isCurrent, isReached bool
		if g.feed != nil {
			isRevoked, isCurrent, isReached = g.feed.judge(claims, keyID)
		}
		switch {
		case isRevoked:
			return nil, errInvalidToken
		case isExchanged:
			return g.introspect(ctx, token)
		case isCurrent && isReached, !isCurrent && g.options.WhenLost == Admit:
			return claims, nil
		case !isCurrent && g.options.WhenLost == Refuse:
			return nil, errors.New("the feed of revocations is lost")
		}
	}
	return g.introspect(ctx, token)
}

func (g *Guard) introspect(ctx context.Context, token string) (*Claims, error) {
	g.mutex.Lock()
	kept, generation := g.cache[token], g.generation
	g.mutex.Unlock()
	if kept.claims != nil && timeNow().Before(kept.until) {
		return kept.claims, nil
	}
	claims, err := g.introspection.ask(ctx, token)
	if err != nil {
		return nil, err
	}
	if !claims.Active || !slices.Contains(claims.Audience, g.options.Resource) {
		return nil, errInvalidToken
	}
	if g.options.Cache > 0 {
		until := timeNow().Add(g.options.Cache)
		if claims.expires() < seconds(until) {
			until = time.UnixMilli(int64(claims.expires() * 1000))
		}
		g.mutex.Lock()
		defer g.mutex.Unlock()
		// What was asked before a change is not kept.
		if generation == g.generation {
			if len(g.cache) >= maxCached {
				clear(g.cache)
			}
			g.cache[token] = cached{claims, until}
		}
	}
	return claims, nil
}

func (g *Guard) forget() {
	g.mutex.Lock()
	defer g.mutex.Unlock()
	g.generation++
	clear(g.cache)
}

// isProven reports whether a request may use a token with this cnf (RFC 7800): one that is bound to a key only with a proof of it, one
// that is not bound only without a proof; one that is bound to a certificate only with that certificate (RFC 8705 section 3).
func isProven(cnf map[string]any, shown *proof, certificate func() string) bool {
	key, hasKey := cnf["jkt"]
	bound, isCertified := cnf["x5t#S256"]
	known := 0
	if hasKey {
		known++
	}
	if isCertified {
		known++
	}
	isKeyProven := !hasKey && shown == nil || hasKey && shown != nil && key == shown.thumbprint
	return known == len(cnf) && isKeyProven && (!isCertified || bound != "" && bound == certificate())
}

func writeJSON(w http.ResponseWriter, status int, body any) {
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(status)
	json.NewEncoder(w).Encode(body)
}
