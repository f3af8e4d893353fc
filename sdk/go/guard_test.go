package guard

import (
	"context"
	"crypto"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/sha256"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"io"
	"log/slog"
	"math/big"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/go-jose/go-jose/v4"
)

const resource = "https://api.example.com"

// newGuard creates a guard of an API at resource, in front of nothing unless options name an issuer.
func newGuard(t *testing.T, options Options) *Guard {
	t.Helper()
	if options.Issuer == "" {
		options.Issuer = "http://localhost:1"
	}
	options.Resource, options.ClientID, options.ClientSecret = resource, "acme:api", "secret"
	options.Log = slog.New(slog.DiscardHandler)
	guard, err := New(options)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(guard.Close)
	return guard
}

// server answers as Writ does, as far as guards ask.
type server struct {
	*httptest.Server
	key *ecdsa.PrivateKey

	mutex    sync.Mutex
	states   map[string]map[string]any
	requests []string
	handle   map[string]http.HandlerFunc
	changes  chan string
	// served are the APIs whose revocations the client can follow.
	served atomic.Value
}

func newServer(t *testing.T) *server {
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	s := &server{key: key, states: map[string]map[string]any{}, handle: map[string]http.HandlerFunc{}, changes: make(chan string, 10)}
	s.served.Store([]string{resource})
	s.Server = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		s.mutex.Lock()
		s.requests = append(s.requests, r.URL.Path)
		handle := s.handle[r.URL.Path]
		s.mutex.Unlock()
		if id, secret, _ := r.BasicAuth(); handle == nil && r.URL.Path != "/.well-known/openid-configuration/jwks" && (id != "acme%3Aapi" || secret != "secret") {
			w.WriteHeader(http.StatusUnauthorized)
			return
		}
		if handle == nil {
			handle = s.serve
		}
		handle(w, r)
	}))
	t.Cleanup(s.Server.Close)
	t.Cleanup(s.CloseClientConnections)
	return s
}

func (s *server) serve(w http.ResponseWriter, r *http.Request) {
	state := func(token string) map[string]any {
		s.mutex.Lock()
		defer s.mutex.Unlock()
		if found := s.states[token]; found != nil {
			return found
		}
		return map[string]any{"active": false}
	}
	switch r.URL.Path {
	case "/connect/introspect":
		writeJSON(w, http.StatusOK, state(r.PostFormValue("token")))
	case "/connect/guard/introspect":
		var body struct{ Tokens []string }
		json.NewDecoder(r.Body).Decode(&body)
		states := []map[string]any{}
		for _, token := range body.Tokens {
			states = append(states, state(token))
		}
		writeJSON(w, http.StatusOK, map[string]any{"tokens": states})
	case "/.well-known/openid-configuration/jwks":
		writeJSON(w, http.StatusOK, jose.JSONWebKeySet{Keys: []jose.JSONWebKey{{Key: s.key.Public(), KeyID: "es-1", Algorithm: "ES256"}}})
	case feedPath:
		if r.Header.Get("Accept") != "text/event-stream" {
			writeJSON(w, http.StatusOK, map[string]any{
				"items": []any{}, "resources": s.served.Load(), "last": 7, "more": false, "retention": 86_400,
			})
			return
		}
		w.Header().Set("Content-Type", "text/event-stream")
		io.WriteString(w, "retry: 1000\n\n"+s.alive())
		w.(http.Flusher).Flush()
		for {
			select {
			case text := <-s.changes:
				io.WriteString(w, text)
				w.(http.Flusher).Flush()
			case <-r.Context().Done():
				return
			}
		}
	}
}

func (s *server) alive() string {
	data, _ := json.Marshal(map[string]any{"last": 7, "resources": s.served.Load()})
	return "event: alive\nid: 7\ndata: " + string(data) + "\n\n"
}

func (s *server) set(path string, handle http.HandlerFunc) {
	s.mutex.Lock()
	defer s.mutex.Unlock()
	s.handle[path] = handle
}

func (s *server) issue(token string, claims map[string]any) {
	s.mutex.Lock()
	defer s.mutex.Unlock()
	state := map[string]any{"active": true, "aud": resource, "sub": "worker", "client_id": "worker"}
	for name, value := range claims {
		state[name] = value
	}
	s.states[token] = state
}

func (s *server) count(path string) int {
	s.mutex.Lock()
	defer s.mutex.Unlock()
	count := 0
	for _, each := range s.requests {
		if each == path {
			count++
		}
	}
	return count
}

// jwt signs a token of an hour.
func (s *server) jwt(t *testing.T, id string) string {
	now := time.Now().Unix()
	return sign(t, s.key, (&jose.SignerOptions{}).WithType("at+jwt").WithHeader("kid", "es-1"), map[string]any{
		"iss": s.URL, "aud": resource, "sub": "worker", "client_id": "worker", "jti": id, "iat": now, "exp": now + 3_600,
		"epochs": map[string]int{"client": 1},
	})
}

func sign(t *testing.T, key *ecdsa.PrivateKey, options *jose.SignerOptions, claims map[string]any) string {
	t.Helper()
	signer, err := jose.NewSigner(jose.SigningKey{Algorithm: jose.ES256, Key: key}, options)
	if err != nil {
		t.Fatal(err)
	}
	payload, _ := json.Marshal(claims)
	signed, err := signer.Sign(payload)
	if err != nil {
		t.Fatal(err)
	}
	text, _ := signed.CompactSerialize()
	return text
}

func statusOf(guard *Guard, authorization string, headers ...string) int {
	request := httptest.NewRequest("GET", "/things?x=1", nil)
	request.Header.Set("Authorization", authorization)
	for i := 0; i < len(headers); i += 2 {
		request.Header.Add(headers[i], headers[i+1])
	}
	if _, refusal := guard.Admit(request, Needs{}); refusal != nil {
		return refusal.Status
	}
	return http.StatusOK
}

// at sets the clock of a test to seconds since 1970.
func at(t *testing.T, now int64) {
	timeNow = func() time.Time { return time.Unix(now, 0) }
	t.Cleanup(func() { timeNow = time.Now })
}

func expect(t *testing.T, what string, got, wanted any) {
	t.Helper()
	if got != wanted {
		t.Errorf("%s: %v instead of %v", what, got, wanted)
	}
}

func eventually(t *testing.T, what string, isSo func() bool) {
	t.Helper()
	for end := time.Now().Add(5 * time.Second); !isSo(); time.Sleep(5 * time.Millisecond) {
		if time.Now().After(end) {
			t.Fatal(what)
		}
	}
}

func TestTokensThatAreAskedAboutTogetherTravelInOneRequest(t *testing.T) {
	writ := newServer(t)
	guard := newGuard(t, Options{Issuer: writ.URL})
	// The requests on their way are held up until all others wait.
	release := make(chan struct{})
	held := func(w http.ResponseWriter, r *http.Request) { <-release; writ.serve(w, r) }
	writ.set("/connect/introspect", held)
	writ.set("/connect/guard/introspect", held)
	var done sync.WaitGroup
	var asking atomic.Int32
	for index := range 102 {
		token := fmt.Sprintf("token-%d", index)
		if index%2 == 0 {
			writ.issue(token, nil)
		}
		wanted := http.StatusOK + index%2*201
		done.Add(1)
		go func() {
			defer done.Done()
			asking.Add(1)
			expect(t, token, statusOf(guard, "Bearer "+token), wanted)
		}()
	}
	eventually(t, "the others wait", func() bool {
		guard.introspection.mutex.Lock()
		defer guard.introspection.mutex.Unlock()
		// Two requests are on their way, and hold what was there first.
		return guard.introspection.inFlight == maxInFlight && asking.Load() == 102
	})
	close(release)
	done.Wait()
	if sent := writ.count("/connect/introspect") + writ.count("/connect/guard/introspect"); sent > 5 {
		t.Errorf("%d requests", sent)
	}
	writ.set("/connect/guard/introspect", http.NotFound)
	found, err := guard.introspection.askAll([]string{"token-0", "token-1"})
	if err != nil || !found[0].Active || found[1].Active {
		t.Error("an older Writ is not asked one by one:", err)
	}
}

func TestResponsesAreKeptOnlyAsLongAsTheAPIAllows(t *testing.T) {
	writ := newServer(t)
	fresh, kept := newGuard(t, Options{Issuer: writ.URL}), newGuard(t, Options{Issuer: writ.URL, Cache: time.Hour})
	writ.issue("long", nil)
	writ.issue("short", map[string]any{"exp": time.Now().Unix() + 60})
	for _, token := range []string{"long", "short"} {
		expect(t, token, statusOf(kept, "Bearer "+token), 200)
		expect(t, token, statusOf(fresh, "Bearer "+token), 200)
		delete(writ.states, token)
		expect(t, token+" without a cache", statusOf(fresh, "Bearer "+token), 401)
		expect(t, token+" from the cache", statusOf(kept, "Bearer "+token), 200)
	}
	at(t, time.Now().Unix()+61)
	expect(t, "short after its expiry", statusOf(kept, "Bearer short"), 401)
	expect(t, "long", statusOf(kept, "Bearer long"), 200)
}

func TestAJWTIsRefusedFromItsRevocationOn(t *testing.T) {
	writ := newServer(t)
	guard := newGuard(t, Options{Issuer: writ.URL, Offline: true})
	eventually(t, "the feed is followed", guard.IsFeedCurrent)
	first, second := writ.jwt(t, "tok_1"), writ.jwt(t, "tok_2")
	expect(t, "before", statusOf(guard, "Bearer "+first), 200)
	writ.changes <- `event: change` + "\nid: 8\n" + `data: {"number":8,"at":"2026-11-30T10:00:00.000Z","kind":"token.revoked","jti":"tok_1"}` + "\n\n"
	eventually(t, "it is refused", func() bool { return statusOf(guard, "Bearer "+first) == 401 })
	expect(t, "another", statusOf(guard, "Bearer "+second), 200)
	writ.changes <- `event: change` + "\nid: 9\n" + `data: {"number":9,"at":"2026-11-30T10:00:00.000Z","kind":"key.revoked","kid":"es-1"}` + "\n\n"
	eventually(t, "it is refused", func() bool { return statusOf(guard, "Bearer "+second) == 401 })
	expect(t, "introspections", writ.count("/connect/introspect"), 0)
}

func TestAJWTThatTheFeedDoesNotReachIsIntrospected(t *testing.T) {
	writ := newServer(t)
	guard := newGuard(t, Options{Issuer: writ.URL, Offline: true, LongestLifetime: time.Minute})
	eventually(t, "the feed is followed", guard.IsFeedCurrent)
	now := time.Now().Unix()
	options := func() *jose.SignerOptions {
		return (&jose.SignerOptions{}).WithType("at+jwt").WithHeader("kid", "es-1")
	}
	claims := map[string]any{"iss": writ.URL, "aud": resource, "sub": "a", "client_id": "a", "jti": "tok_1", "iat": now - 120, "exp": now + 60}
	expect(t, "an old one", statusOf(guard, "Bearer "+sign(t, writ.key, options(), claims)), 401)
	claims["iat"] = now
	expect(t, "a short one", statusOf(guard, "Bearer "+sign(t, writ.key, options(), claims)), 200)
	claims["exp"] = now + 120
	expect(t, "a long one", statusOf(guard, "Bearer "+sign(t, writ.key, options(), claims)), 401)
}

func TestAJWTOfTokenExchangeIsIntrospectedWhateverTheGuardFollows(t *testing.T) {
	writ := newServer(t)
	guards := map[string]*Guard{
		"following":     newGuard(t, Options{Issuer: writ.URL, Offline: true}),
		"not following": newGuard(t, Options{Issuer: writ.URL, Offline: true, DoNotFollow: true}),
		"lost":          newGuard(t, Options{Issuer: writ.URL, Offline: true, WhenLost: Admit, MaxLag: time.Nanosecond}),
	}
	eventually(t, "the feed is followed", guards["following"].IsFeedCurrent)
	now := time.Now().Unix()
	exchanged := sign(t, writ.key, (&jose.SignerOptions{}).WithType("at+jwt").WithHeader("kid", "es-1"), map[string]any{
		"iss": writ.URL, "aud": resource, "sub": "a", "client_id": "a", "jti": "tok_1", "iat": now, "exp": now + 60, "sources": []string{"tok_0"},
	})
	for name, guard := range guards {
		expect(t, name, statusOf(guard, "Bearer "+exchanged), 401)
	}
	writ.issue(exchanged, nil)
	for name, guard := range guards {
		expect(t, name+", active", statusOf(guard, "Bearer "+exchanged), 200)
	}
}

func TestWithoutTheFeedJWTsAreIntrospectedRefusedOrAdmitted(t *testing.T) {
	writ := newServer(t)
	gone := func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusInternalServerError) }
	token := writ.jwt(t, "tok_1")
	writ.issue(token, nil)
	for whenLost, wanted := range map[WhenLost][2]int{Introspect: {200, 503}, Refuse: {503, 503}, Admit: {200, 200}} {
		writ.set(feedPath, nil)
		writ.set("/connect/introspect", nil)
		guard := newGuard(t, Options{Issuer: writ.URL, Offline: true, WhenLost: whenLost})
		eventually(t, "the feed is followed", guard.IsFeedCurrent)
		expect(t, "before", statusOf(guard, "Bearer "+token), 200)
		writ.set(feedPath, gone)
		// Instead of closing its stream and waiting: a guard that hears nothing for this long has lost the feed.
		guard.feed.mutex.Lock()
		guard.feed.maxLag = 0
		guard.feed.mutex.Unlock()
		eventually(t, "the feed is lost", func() bool { return !guard.IsFeedCurrent() })
		expect(t, fmt.Sprint("with Writ ", whenLost), statusOf(guard, "Bearer "+token), wanted[0])
		writ.set("/connect/introspect", gone)
		expect(t, fmt.Sprint("without Writ ", whenLost), statusOf(guard, "Bearer "+token), wanted[1])
	}
}

func TestAFeedWithoutTheAPIIsNotReliedOnAndReadAgainWhenItHasIt(t *testing.T) {
	writ := newServer(t)
	writ.served.Store([]string{"https://other.example.com"})
	var begins atomic.Int32
	writ.set(feedPath, func(w http.ResponseWriter, r *http.Request) {
		if r.URL.RawQuery == "" && r.Header.Get("Last-Event-ID") == "" {
			begins.Add(1)
		}
		writ.serve(w, r)
	})
	logged := &lockedBuffer{}
	guard, err := New(Options{
		Issuer: writ.URL, Resource: resource, ClientID: "acme:api", ClientSecret: "secret", Offline: true,
		Log: slog.New(slog.NewTextHandler(logged, nil)),
	})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(guard.Close)
	token := writ.jwt(t, "tok_1")
	eventually(t, "the log says it", func() bool {
		return strings.Contains(logged.String(), "is not the resource server of "+resource)
	})
	expect(t, "current", guard.IsFeedCurrent(), false)
	expect(t, "while the API is missing", statusOf(guard, "Bearer "+token), 401)
	writ.served.Store([]string{"https://other.example.com", resource})
	eventually(t, "the feed is followed", guard.IsFeedCurrent)
	expect(t, "when the API is there", statusOf(guard, "Bearer "+token), 200)
	before := begins.Load()
	writ.served.Store([]string{})
	writ.changes <- writ.alive()
	eventually(t, "it is not relied on", func() bool { return !guard.IsFeedCurrent() })
	expect(t, "when the API is missing again", statusOf(guard, "Bearer "+token), 401)
	writ.served.Store([]string{resource})
	eventually(t, "the feed is followed again", guard.IsFeedCurrent)
	if begins.Load() == before {
		t.Error("what was passed over is not read")
	}
}

// lockedBuffer is a log that can be read while it is written.
type lockedBuffer struct {
	mutex sync.Mutex
	text  strings.Builder
}

func (b *lockedBuffer) Write(text []byte) (int, error) {
	b.mutex.Lock()
	defer b.mutex.Unlock()
	return b.text.Write(text)
}

func (b *lockedBuffer) String() string {
	b.mutex.Lock()
	defer b.mutex.Unlock()
	return b.text.String()
}

func TestAFeedThatHasAGapIsReadAgain(t *testing.T) {
	writ := newServer(t)
	guard := newGuard(t, Options{Issuer: writ.URL, Offline: true})
	eventually(t, "the feed is followed", guard.IsFeedCurrent)
	token := writ.jwt(t, "tok_1")
	page := `{"items":[{"number":3,"at":"2026-11-30T10:00:00.000Z","kind":"token.revoked","jti":"tok_1"}],"resources":["https://api.example.com"],"last":3,"more":false,"retention":86400}`
	var asked []string
	writ.set(feedPath, func(w http.ResponseWriter, r *http.Request) {
		if asked = append(asked, r.URL.RawQuery); len(asked) == 1 {
			w.WriteHeader(http.StatusGone)
		} else if r.Header.Get("Accept") == "text/event-stream" {
			<-r.Context().Done()
		} else {
			io.WriteString(w, page)
		}
	})
	writ.changes <- "event: gap\ndata: {}\n\n"
	eventually(t, "it knows what the feed says", func() bool {
		isRevoked, isCurrent, _ := guard.feed.judge(&Claims{ID: "tok_1"}, "es-1")
		return isRevoked && isCurrent
	})
	expect(t, "a revoked token", statusOf(guard, "Bearer "+token), 401)
}

func TestABoundTokenIsAdmittedWithAProofOfItsKeyAndOnce(t *testing.T) {
	writ := newServer(t)
	guard := newGuard(t, Options{Issuer: writ.URL})
	key, _ := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	thumbprint, _ := (&jose.JSONWebKey{Key: key.Public()}).Thumbprint(crypto.SHA256)
	writ.issue("bound", map[string]any{"cnf": map[string]string{"jkt": base64.RawURLEncoding.EncodeToString(thumbprint)}})
	writ.issue("free", nil)
	hash := sha256.Sum256([]byte("bound"))
	count := 0
	proofWith := func(changed map[string]any) string {
		count++
		claims := map[string]any{
			"jti": fmt.Sprint(count), "htm": "GET", "htu": resource + "/things", "iat": time.Now().Unix(),
			"ath": base64.RawURLEncoding.EncodeToString(hash[:]),
		}
		for name, value := range changed {
			claims[name] = value
		}
		return sign(t, key, (&jose.SignerOptions{EmbedJWK: true}).WithType("dpop+jwt"), claims)
	}
	good := proofWith(nil)
	expect(t, "a proof", statusOf(guard, "DPoP bound", "DPoP", good), 200)
	expect(t, "the same again", statusOf(guard, "DPoP bound", "DPoP", good), 401)
	expect(t, "another", statusOf(guard, "dpop bound", "DPoP", proofWith(nil)), 200)
	expect(t, "two", statusOf(guard, "DPoP bound", "DPoP", proofWith(nil), "DPoP", proofWith(nil)), 401)
	for name, changed := range map[string]map[string]any{
		"htm": {"htm": "POST"}, "htu": {"htu": resource + "/other"}, "iat": {"iat": time.Now().Unix() - 400}, "ath": {"ath": "x"},
		"jti": {"jti": ""}, "exp": {"exp": 1}, "type": {"iat": "now"},
	} {
		expect(t, name, statusOf(guard, "DPoP bound", "DPoP", proofWith(changed)), 401)
	}
	expect(t, "as Bearer", statusOf(guard, "Bearer bound"), 401)
	expect(t, "without a proof", statusOf(guard, "DPoP bound"), 401)
	expect(t, "a token that is not bound", statusOf(guard, "DPoP free", "DPoP", proofWith(map[string]any{"ath": "x"})), 401)
	stranger, _ := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	key = stranger
	expect(t, "another key", statusOf(guard, "DPoP bound", "DPoP", proofWith(nil)), 401)
}

func TestATokenOfACertificateIsAdmittedWithThatCertificate(t *testing.T) {
	writ := newServer(t)
	certificateFor := func(name string) tls.Certificate {
		key, _ := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
		template := &x509.Certificate{SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: name}, NotAfter: time.Now().Add(time.Hour)}
		der, err := x509.CreateCertificate(rand.Reader, template, template, key.Public(), key)
		if err != nil {
			t.Fatal(err)
		}
		return tls.Certificate{Certificate: [][]byte{der}, PrivateKey: key}
	}
	own, other := certificateFor("own"), certificateFor("other")
	hash := sha256.Sum256(own.Certificate[0])
	thumbprint := base64.RawURLEncoding.EncodeToString(hash[:])
	writ.issue("certified", map[string]any{"cnf": map[string]string{"x5t#S256": thumbprint}})
	writ.issue("empty", map[string]any{"cnf": map[string]string{"x5t#S256": ""}})
	writ.issue("both", map[string]any{"cnf": map[string]string{"x5t#S256": thumbprint, "jkt": "x"}})
	writ.issue("unknown", map[string]any{"cnf": map[string]string{"x5t#S256": thumbprint, "osc": "x"}})

	over := func(options Options, token string, certificates ...tls.Certificate) int {
		options.Issuer = writ.URL
		guard := newGuard(t, options)
		api := httptest.NewUnstartedServer(guard.Require(Needs{}, func(w http.ResponseWriter, _ *http.Request) {}))
		api.TLS = &tls.Config{ClientAuth: tls.RequestClientCert}
		api.StartTLS()
		defer api.Close()
		client := api.Client()
		client.Transport.(*http.Transport).TLSClientConfig.Certificates = certificates
		request, _ := http.NewRequest("GET", api.URL, nil)
		request.Header.Set("Authorization", "Bearer "+token)
		response, err := client.Do(request)
		if err != nil {
			t.Fatal(err)
		}
		response.Body.Close()
		return response.StatusCode
	}
	expect(t, "its certificate", over(Options{}, "certified", own), 200)
	expect(t, "another certificate", over(Options{}, "certified", other), 401)
	expect(t, "no certificate", over(Options{}, "certified"), 401)
	expect(t, "an empty thumbprint", over(Options{}, "empty"), 401)
	expect(t, "a key as well", over(Options{}, "both", own), 401)
	expect(t, "an unknown binding as well", over(Options{}, "unknown", own), 401)
	parsed, _ := x509.ParseCertificate(own.Certificate[0])
	stated := Options{CertificateOf: func(*http.Request) *x509.Certificate { return parsed }}
	expect(t, "the one that a proxy states", over(stated, "certified", other), 200)
	expect(t, "without TLS", statusOf(newGuard(t, Options{Issuer: writ.URL}), "Bearer certified"), 401)
}

func TestAMiddlewareHandsOnTheCallerAndServesTheMetadata(t *testing.T) {
	writ := newServer(t)
	writ.issue("token", map[string]any{"scope": "a b", "roles": []string{"editor"}})
	guard := newGuard(t, Options{Issuer: writ.URL, Scopes: []string{"a"}, Name: "Things"})
	handler := guard.ServeMetadata(guard.Require(Needs{Scope: "a"}, func(w http.ResponseWriter, r *http.Request) {
		writeJSON(w, http.StatusOK, CallerOf(r.Context()).Roles)
	}))
	get := func(path, authorization string) *httptest.ResponseRecorder {
		request := httptest.NewRequest("GET", path, nil)
		request.Header.Set("Authorization", authorization)
		response := httptest.NewRecorder()
		handler.ServeHTTP(response, request)
		return response
	}
	expect(t, "the caller", strings.TrimSpace(get("/", "Bearer token").Body.String()), `["editor"]`)
	refused := get("/", "Bearer nothing")
	expect(t, "status", refused.Code, 401)
	expect(t, "two tokens", statusOf(guard, "Bearer token", "Authorization", "Bearer other"), 401)
	expect(t, "body", strings.TrimSpace(refused.Body.String()), `{"error":"invalid_token","error_description":"`+notActive+`"}`)
	var metadata map[string]any
	json.NewDecoder(get("/.well-known/oauth-protected-resource", "").Body).Decode(&metadata)
	expect(t, "resource", metadata["resource"], resource)
	expect(t, "name", metadata["resource_name"], "Things")
	if CallerOf(context.Background()) != nil {
		t.Error("a request that was not admitted has a caller")
	}
	if _, err := New(Options{Issuer: writ.URL}); err == nil {
		t.Error("a guard without a client is created")
	}
}
