// An API that asks the authorization server about each token (RFC 7662), with the standard library only.
// A token that is revoked, or whose client loses a role, is refused with the next request.
package main

import (
	"context"
	"encoding/json"
	"fmt"
	"log"
	"net/http"
	"net/url"
	"os"
	"strings"
	"sync"
	"time"
)

var (
	issuer       = os.Getenv("ISSUER")
	resource     = os.Getenv("RESOURCE")
	clientID     = os.Getenv("CLIENT_ID")
	clientSecret = os.Getenv("CLIENT_SECRET")
	writ         = &http.Client{Timeout: 5 * time.Second}
)

// Claims is what introspection returns about an active token. Others have Active false and nothing else.
type Claims struct {
	Active       bool            `json:"active"`
	Audience     string          `json:"aud"`
	Subject      string          `json:"sub"`
	Scope        string          `json:"scope"`
	Entitlements []string        `json:"entitlements"`
	Confirmation json.RawMessage `json:"cnf"`
}

type contextKey struct{}

// requires admits requests whose token has the scope, and whose roles give the permission.
func requires(scope, permission string, next http.HandlerFunc) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		scheme, token, _ := strings.Cut(r.Header.Get("Authorization"), " ")
		token = strings.TrimSpace(token)
		if !strings.EqualFold(scheme, "Bearer") || token == "" {
			refuse(w, http.StatusUnauthorized, "", "", "")
			return
		}
		claims, err := introspect(r.Context(), token)
		if err != nil {
			log.Print(err)
			w.Header().Set("Retry-After", "1")
			respond(w, http.StatusServiceUnavailable, map[string]string{"error": "temporarily_unavailable"})
			return
		}
		switch {
		// Confirmation: the token is bound to a key (RFC 9449), whose proof this API does not check.
		case !claims.Active || claims.Audience != resource || claims.Confirmation != nil:
			refuse(w, http.StatusUnauthorized, "invalid_token", "The token is not active, or not for this API.", "")
		case !contains(strings.Fields(claims.Scope), scope):
			refuse(w, http.StatusForbidden, "insufficient_scope", "The token lacks the scope "+scope+".", scope)
		case !allows(claims.Entitlements, permission):
			refuse(w, http.StatusForbidden, "insufficient_scope", "No role gives "+permission+".", "")
		default:
			next(w, r.WithContext(context.WithValue(r.Context(), contextKey{}, claims)))
		}
	}
}

func introspect(ctx context.Context, token string) (*Claims, error) {
	form := strings.NewReader(url.Values{"token": {token}}.Encode())
	request, err := http.NewRequestWithContext(ctx, http.MethodPost, issuer+"/connect/introspect", form)
	if err != nil {
		return nil, err
	}
	request.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	request.SetBasicAuth(url.QueryEscape(clientID), url.QueryEscape(clientSecret))
	response, err := writ.Do(request)
	if err != nil {
		return nil, err
	}
	defer response.Body.Close()
	if response.StatusCode != http.StatusOK {
		return nil, fmt.Errorf("introspection returned %s", response.Status)
	}
	claims := &Claims{}
	return claims, json.NewDecoder(response.Body).Decode(claims)
}

// allows reports whether one of the patterns that a token carries matches a permission: docs/permissions.md.
func allows(entitlements []string, permission string) bool {
	names := strings.Split(permission, ".")
	for _, pattern := range entitlements {
		parts := strings.Split(pattern, ".")
		matches := len(parts) <= len(names)
		for i := 0; matches && i < len(parts); i++ {
			if strings.HasPrefix(parts[i], "^") {
				matches = !contains(strings.Split(parts[i][1:], "|"), names[i])
			} else {
				matches = parts[i] == "*" || contains(strings.Split(parts[i], "|"), names[i])
			}
		}
		if matches {
			return true
		}
	}
	return false
}

func contains(list []string, wanted string) bool {
	for _, item := range list {
		if item == wanted {
			return true
		}
	}
	return false
}

// refuse responds as RFC 6750 §3 wants it. A request without a token learns no error code.
func refuse(w http.ResponseWriter, status int, code, description, scope string) {
	challenge, body := fmt.Sprintf(`Bearer realm="%s"`, resource), map[string]string{}
	if code != "" {
		challenge += fmt.Sprintf(`, error="%s", error_description="%s"`, code, description)
		body = map[string]string{"error": code, "error_description": description}
	}
	if scope != "" {
		challenge += fmt.Sprintf(`, scope="%s"`, scope)
	}
	w.Header().Set("WWW-Authenticate", challenge)
	respond(w, status, body)
}

func respond(w http.ResponseWriter, status int, body any) {
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(status)
	json.NewEncoder(w).Encode(body)
}

type thing struct {
	Name string `json:"name"`
}

func main() {
	var mutex sync.Mutex
	things := []thing{{Name: "hammer"}}

	read := requires("things:read", "things.read", func(w http.ResponseWriter, r *http.Request) {
		mutex.Lock()
		defer mutex.Unlock()
		claims := r.Context().Value(contextKey{}).(*Claims)
		respond(w, http.StatusOK, map[string]any{"things": things, "sub": claims.Subject})
	})
	write := requires("things:write", "things.write", func(w http.ResponseWriter, r *http.Request) {
		var added thing
		if json.NewDecoder(r.Body).Decode(&added) != nil {
			respond(w, http.StatusBadRequest, map[string]string{"error": "invalid_request"})
			return
		}
		mutex.Lock()
		defer mutex.Unlock()
		things = append(things, added)
		respond(w, http.StatusCreated, added)
	})
	http.HandleFunc("/things", func(w http.ResponseWriter, r *http.Request) {
		switch r.Method {
		case http.MethodGet:
			read(w, r)
		case http.MethodPost:
			write(w, r)
		default:
			w.Header().Set("Allow", "GET, POST")
			w.WriteHeader(http.StatusMethodNotAllowed)
		}
	})

	port := os.Getenv("PORT")
	if port == "" {
		port = "8080"
	}
	log.Fatal(http.ListenAndServe(":"+port, nil))
}
