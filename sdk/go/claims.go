package guard

import (
	"encoding/json"
	"math"
	"slices"
	"strings"
	"time"
)

// Claims are those of a JWT, or an introspection response.
type Claims struct {
	Active               bool             `json:"active"`
	Issuer               string           `json:"iss"`
	Audience             audience         `json:"aud"`
	Subject              string           `json:"sub"`
	ClientID             string           `json:"client_id"`
	App                  string           `json:"app"`
	Scope                string           `json:"scope"`
	Roles                []string         `json:"roles"`
	Entitlements         []string         `json:"entitlements"`
	AuthorizationDetails []GrantedDetail  `json:"authorization_details"`
	ACR                  string           `json:"acr"`
	AuthTime             float64          `json:"auth_time"`
	ID                   string           `json:"jti"`
	GrantID              string           `json:"grant_id"`
	IssuedAt             float64          `json:"iat"`
	Expires              *float64         `json:"exp"`
	NotBefore            float64          `json:"nbf"`
	Epochs               map[string]int64 `json:"epochs"`
	Sources              []string         `json:"sources"`
	Confirmation         map[string]any   `json:"cnf"`
}

// GrantedDetail is one of the authorization details that a token is limited to (RFC 9396 §2).
type GrantedDetail map[string]any

func (d GrantedDetail) permits(wanted Detail) bool {
	for name := range d {
		// Members that mean nothing here cannot be ignored: that could allow more than was granted.
		if name != "type" && name != "identifier" && name != "actions" {
			return false
		}
	}
	identifier, isOfOne := d["identifier"]
	actions, isOfSome := d["actions"]
	list, _ := actions.([]any)
	return d["type"] == wanted.Type &&
		(!isOfOne || identifier == wanted.Identifier) &&
		(!isOfSome || slices.Contains(list, any(wanted.Action)))
}

// audience is a string or a list of strings.
type audience []string

func (a *audience) UnmarshalJSON(text []byte) error {
	var one string
	if json.Unmarshal(text, &one) == nil {
		*a = audience{one}
		return nil
	}
	return json.Unmarshal(text, (*[]string)(a))
}

// clockTolerance is how much the clocks of Writ and of the API can differ.
const clockTolerance = 5 * time.Second

// expires returns math.Inf for a token that does not.
func (c *Claims) expires() float64 {
	if c.Expires == nil {
		return math.Inf(1)
	}
	return *c.Expires
}

func (c *Claims) inForce() bool {
	now, tolerance := seconds(timeNow()), clockTolerance.Seconds()
	return c.expires() > now-tolerance && c.NotBefore <= now+tolerance
}

// timeNow is replaced by tests.
var timeNow = time.Now

func seconds(at time.Time) float64 { return float64(at.UnixMilli()) / 1000 }

// Caller is the authorized caller of a request.
type Caller struct {
	// ClientID is app:client for a client of an app.
	ClientID string
	// Subject is a person, or the client itself.
	Subject string
	// App is empty for other clients. If your data belongs to apps, find it by this, not only by a name in the path.
	App          string
	Scope        []string
	Roles        []string
	Entitlements []string
	// AuthorizationDetails are the single things that the token is limited to (RFC 9396); empty if it is not limited.
	AuthorizationDetails []GrantedDetail
	ACR                  string
	// SignedInAt is when the person signed in to the client; zero for a token without a login.
	SignedInAt time.Time
}

func callerOf(claims *Claims) *Caller {
	caller := &Caller{
		ClientID:             claims.ClientID,
		Subject:              claims.Subject,
		App:                  claims.App,
		Scope:                strings.Fields(claims.Scope),
		Roles:                claims.Roles,
		Entitlements:         claims.Entitlements,
		AuthorizationDetails: claims.AuthorizationDetails,
		ACR:                  claims.ACR,
	}
	if claims.AuthTime > 0 {
		caller.SignedInAt = time.Unix(int64(claims.AuthTime), 0)
	}
	return caller
}

// May reports whether the entitlements allow a permission, such as "things.read".
func (c *Caller) May(permission string) bool { return Allows(c.Entitlements, permission) }

// MayOn reports whether the token is not limited to other things. Authorization details only restrict: check scope and permission
// as well.
func (c *Caller) MayOn(detail Detail) bool {
	return len(c.AuthorizationDetails) == 0 || slices.ContainsFunc(c.AuthorizationDetails, func(granted GrantedDetail) bool {
		return granted.permits(detail)
	})
}
