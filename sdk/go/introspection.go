package guard

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"sync"
	"sync/atomic"
)

// Bounds of one request, as the endpoint has them.
const (
	maxTokens   = 100
	maxBytes    = 50_000
	maxInFlight = 2
)

type answer struct {
	claims *Claims
	err    error
	done   chan struct{}
}

// introspection asks Writ about tokens (RFC 7662). While two requests are open, further tokens wait and share the next
// one.
type introspection struct {
	writ       *writ
	lacksBatch atomic.Bool
	mutex      sync.Mutex
	waiting    map[string]*answer
	order      []string
	inFlight   int
}

func (i *introspection) ask(ctx context.Context, token string) (*Claims, error) {
	i.mutex.Lock()
	waiting, known := i.waiting[token]
	if !known {
		waiting = &answer{done: make(chan struct{})}
		if i.waiting == nil {
			i.waiting = map[string]*answer{}
		}
		i.waiting[token] = waiting
		i.order = append(i.order, token)
		if i.inFlight < maxInFlight {
			i.inFlight++
			go i.sendWaiting()
		}
	}
	i.mutex.Unlock()
	select {
	case <-waiting.done:
		return waiting.claims, waiting.err
	case <-ctx.Done():
		return nil, ctx.Err()
	}
}

// sendWaiting sends requests until no token waits.
func (i *introspection) sendWaiting() {
	for {
		tokens, answers := i.nextBatch()
		if len(tokens) == 0 {
			return
		}
		found, err := i.askAll(tokens)
		for index, each := range answers {
			if each.err = err; err == nil {
				each.claims = found[index]
			}
			close(each.done)
		}
	}
}

func (i *introspection) nextBatch() (tokens []string, answers []*answer) {
	i.mutex.Lock()
	defer i.mutex.Unlock()
	size := 0
	for len(i.order) > 0 && len(tokens) < maxTokens {
		token := i.order[0]
		if size += len(token) + 3; len(tokens) > 0 && size > maxBytes {
			break
		}
		tokens, answers = append(tokens, token), append(answers, i.waiting[token])
		delete(i.waiting, token)
		i.order = i.order[1:]
	}
	if len(tokens) == 0 {
		i.inFlight--
	}
	return tokens, answers
}

func (i *introspection) askAll(tokens []string) ([]*Claims, error) {
	if len(tokens) > 1 && !i.lacksBatch.Load() {
		body, err := json.Marshal(map[string][]string{"tokens": tokens})
		if err != nil {
			return nil, err
		}
		var response struct {
			Tokens []*Claims `json:"tokens"`
		}
		err = i.writ.ask(context.Background(), http.MethodPost, "/connect/guard/introspect", "application/json", string(body), &response)
		var unexpected *statusError
		if !errors.As(err, &unexpected) || unexpected.status != http.StatusNotFound {
			if err == nil && (len(response.Tokens) != len(tokens) || slices.Contains(response.Tokens, nil)) {
				err = fmt.Errorf("introspection of %d tokens returned %d", len(tokens), len(response.Tokens))
			}
			return response.Tokens, err
		}
		// An older Writ introspects one by one.
		i.lacksBatch.Store(true)
	}
	found := make([]*Claims, len(tokens))
	for index, token := range tokens {
		found[index] = &Claims{}
		form := url.Values{"token": {token}}.Encode()
		err := i.writ.ask(context.Background(), http.MethodPost, "/connect/introspect", "application/x-www-form-urlencoded", form, found[index])
		if err != nil {
			return nil, err
		}
	}
	return found, nil
}
