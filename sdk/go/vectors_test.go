package guard

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http/httptest"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/go-jose/go-jose/v4"
)

// read decodes a file of the repository.
func read(t *testing.T, path string, into any) {
	t.Helper()
	text, err := os.ReadFile(path)
	if err == nil {
		err = json.Unmarshal(text, into)
	}
	if err != nil {
		t.Fatal(err)
	}
}

func TestPermissions(t *testing.T) {
	var file struct {
		Allows []struct {
			Granted    []string
			Permission string
			Allowed    bool
		}
	}
	read(t, "../../docs/permissions.json", &file)
	for _, each := range file.Allows {
		if Allows(each.Granted, each.Permission) != each.Allowed {
			t.Errorf("%q and %q: %v", each.Granted, each.Permission, !each.Allowed)
		}
	}
	if len(file.Allows) == 0 {
		t.Error("no examples")
	}
}

func TestTokens(t *testing.T) {
	var file struct {
		Issuer, Audience string
		Now              int64
		JWKS             *jose.JSONWebKeySet
		Cases            []struct {
			Name, Token string
			Valid       bool
		}
	}
	read(t, "../vectors/tokens.json", &file)
	if len(file.Cases) == 0 {
		t.Error("no examples")
	}
	for _, each := range file.Cases {
		t.Run(each.Name, func(t *testing.T) {
			verifier := &jwts{issuer: file.Issuer, resource: file.Audience, fetch: func(context.Context) (*jose.JSONWebKeySet, error) {
				return file.JWKS, nil
			}}
			at(t, file.Now)
			_, _, err := verifier.verify(t.Context(), each.Token)
			if (err == nil) != each.Valid || (err != nil && !errors.Is(err, errInvalidToken)) {
				t.Error(err)
			}
			at(t, file.Now+7_200)
			if _, _, err := verifier.verify(t.Context(), each.Token); !errors.Is(err, errInvalidToken) {
				t.Error("the token is valid after it has expired:", err)
			}
		})
	}
}

func TestFeeds(t *testing.T) {
	var file struct {
		Cases []struct {
			Name   string
			Items  []change
			Checks []struct {
				Name, Kid string
				Claims    *Claims
				Revoked   bool
			}
		}
	}
	read(t, "../vectors/feeds.json", &file)
	if len(file.Cases) == 0 {
		t.Error("no examples")
	}
	for _, each := range file.Cases {
		state := newRevocations()
		for _, item := range each.Items {
			state.apply(item)
		}
		for _, check := range each.Checks {
			t.Run(each.Name+": "+check.Name, func(t *testing.T) {
				if state.revokes(check.Claims, check.Kid) != check.Revoked {
					t.Error("revoked:", !check.Revoked)
				}
			})
		}
		state.prune(time.Date(2027, 1, 16, 0, 0, 0, 0, time.UTC))
		if len(state.tokens)+len(state.epochs) > 0 {
			t.Error("it keeps what is older than every token")
		}
	}
}

func TestDecisions(t *testing.T) {
	type decision struct {
		Name   string
		Claims *Claims
		Needs  struct {
			Scope, Permission, Role string
			Detail                  *Detail
			SignIn                  struct {
				ACR    string
				MaxAge int64
			}
		}
		Status       int
		Error, Scope string
		ACRValues    string `json:"acr_values"`
		MaxAge       string `json:"max_age"`
	}
	var file struct {
		Now   int64
		Cases []decision
	}
	read(t, "../vectors/decisions.json", &file)
	if len(file.Cases) == 0 {
		t.Error("no examples")
	}
	at(t, file.Now)
	guard := newGuard(t, Options{})
	request := httptest.NewRequest("GET", "/", nil)
	request.Header.Set("Authorization", "Bearer x")
	for _, each := range file.Cases {
		t.Run(each.Name, func(t *testing.T) {
			needs := Needs{
				Scope: each.Needs.Scope, Permission: each.Needs.Permission, Role: each.Needs.Role, Detail: each.Needs.Detail,
				ACR: each.Needs.SignIn.ACR, MaxAge: time.Duration(each.Needs.SignIn.MaxAge) * time.Second,
			}
			refusal := guard.Check(request, callerOf(each.Claims), needs)
			if refusal == nil {
				if each.Status != 200 {
					t.Error("it is admitted")
				}
				return
			}
			if refusal.Status != each.Status || refusal.Code != each.Error {
				t.Error(refusal.Status, refusal.Code)
			}
			header := refusal.Header.Get("WWW-Authenticate")
			for name, value := range map[string]string{"scope": each.Scope, "acr_values": each.ACRValues, "max_age": each.MaxAge} {
				if shown := fmt.Sprintf(`, %s="%s"`, name, value); value != "" && !strings.Contains(header, shown) {
					t.Errorf("%s lacks %s", header, shown)
				}
			}
		})
	}
}
