package guard

import "time"

// change is an item of /api/v1/revocations.
type change struct {
	Number   int64     `json:"number"`
	At       time.Time `json:"at"`
	Kind     string    `json:"kind"`
	TokenID  string    `json:"jti"`
	ClientID string    `json:"client_id"`
	GrantID  string    `json:"grant_id"`
	Subject  string    `json:"sub"`
	App      string    `json:"app"`
	KeyID    string    `json:"kid"`
	Epoch    *int64    `json:"epoch"`
}

// party is what epochs are of.
type party struct{ kind, id string }

func partiesOf(grantID, subject, clientID, app string) []party {
	var found []party
	for _, each := range []party{{"grant", grantID}, {"account", subject}, {"client", clientID}, {"app", app}} {
		if each.id != "" {
			found = append(found, each)
		}
	}
	return found
}

type knownEpoch struct {
	epoch int64
	at    time.Time
}

// revocations are the changes that were read since the feed was last read from its beginning. sdk/vectors of Writ has examples.
type revocations struct {
	tokens map[string]time.Time
	keys   map[string]bool
	epochs map[party]knownEpoch
}

func newRevocations() *revocations {
	return &revocations{map[string]time.Time{}, map[string]bool{}, map[party]knownEpoch{}}
}

// apply learns of a change. Changes can come twice.
func (r *revocations) apply(c change) {
	if c.Kind == "token.revoked" && c.TokenID != "" {
		r.tokens[c.TokenID] = c.At
	}
	if c.Kind == "key.revoked" && c.KeyID != "" {
		r.keys[c.KeyID] = true
	}
	// A change that names several parties is about the first.
	if parties := partiesOf(c.GrantID, c.Subject, c.ClientID, c.App); c.Epoch != nil && len(parties) > 0 {
		r.epochs[parties[0]] = knownEpoch{max(r.epochs[parties[0]].epoch, *c.Epoch), c.At}
	}
}

// revokes reports whether a JWT with these claims, signed by this key, is revoked.
func (r *revocations) revokes(claims *Claims, keyID string) bool {
	if _, revoked := r.tokens[claims.ID]; revoked || r.keys[keyID] {
		return true
	}
	for _, each := range partiesOf(claims.GrantID, claims.Subject, claims.ClientID, claims.App) {
		if claims.Epochs[each.kind] < r.epochs[each].epoch {
			return true
		}
	}
	return false
}

// prune forgets changes that are older than every JWT that is checked.
func (r *revocations) prune(before time.Time) {
	for id, at := range r.tokens {
		if at.Before(before) {
			delete(r.tokens, id)
		}
	}
	for each, known := range r.epochs {
		if known.at.Before(before) {
			delete(r.epochs, each)
		}
	}
}
