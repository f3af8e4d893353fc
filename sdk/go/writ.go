package guard

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strings"
)

// writ sends requests to Writ as the resource server.
type writ struct {
	issuer                 string
	clientID, clientSecret string
	http                   *http.Client
}

// statusError is a response with another status than 200.
type statusError struct {
	path   string
	status int
}

func (e *statusError) Error() string { return fmt.Sprintf("%s responded with %d", e.path, e.status) }

func (w *writ) url(path string) string { return strings.TrimSuffix(w.issuer, "/") + path }

// read decodes what everyone can read.
func (w *writ) read(ctx context.Context, path string, into any) error {
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, w.url(path), nil)
	if err != nil {
		return err
	}
	response, err := w.http.Do(request)
	if err != nil {
		return err
	}
	defer response.Body.Close()
	if response.StatusCode != http.StatusOK {
		return &statusError{path, response.StatusCode}
	}
	return json.NewDecoder(response.Body).Decode(into)
}

// open sends a request and returns its response if it is 200. The caller closes the body.
func (w *writ) open(ctx context.Context, client *http.Client, method, path, contentType, body string, headers map[string]string) (*http.Response, error) {
	request, err := http.NewRequestWithContext(ctx, method, w.url(path), strings.NewReader(body))
	if err != nil {
		return nil, err
	}
	if contentType != "" {
		request.Header.Set("Content-Type", contentType)
	}
	for name, value := range headers {
		request.Header.Set(name, value)
	}
	// RFC 6749 §2.3.1 encodes both, since the ID of an app's client has a colon.
	request.SetBasicAuth(url.QueryEscape(w.clientID), url.QueryEscape(w.clientSecret))
	response, err := client.Do(request)
	if err != nil {
		return nil, err
	}
	if response.StatusCode != http.StatusOK {
		io.Copy(io.Discard, io.LimitReader(response.Body, 1<<16))
		response.Body.Close()
		return nil, &statusError{path, response.StatusCode}
	}
	return response, nil
}

// ask sends a request and decodes the JSON of its response.
func (w *writ) ask(ctx context.Context, method, path, contentType, body string, into any) error {
	response, err := w.open(ctx, w.http, method, path, contentType, body, map[string]string{"Accept": "application/json"})
	if err != nil {
		return err
	}
	defer response.Body.Close()
	return json.NewDecoder(response.Body).Decode(into)
}
