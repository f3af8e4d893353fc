package guard

import (
	"fmt"
	"net/url"
	"regexp"
	"strconv"
	"strings"
)

// Metadata is what clients read about the API (RFC 9728 §2). It is public.
type Metadata struct {
	Resource             string   `json:"resource"`
	AuthorizationServers []string `json:"authorization_servers"`
	Scopes               []string `json:"scopes_supported,omitempty"`
	BearerMethods        []string `json:"bearer_methods_supported"`
	DPoPAlgorithms       []string `json:"dpop_signing_alg_values_supported"`
	Name                 string   `json:"resource_name,omitempty"`
	Documentation        string   `json:"resource_documentation,omitempty"`
}

// metadataURL is where the metadata of a resource is (RFC 9728 §3.1); nil if its identifier is not an http or https URL.
func metadataURL(resource string) *url.URL {
	at, err := url.Parse(resource)
	if err != nil || (at.Scheme != "http" && at.Scheme != "https") || at.Host == "" {
		return nil
	}
	path := at.EscapedPath()
	if path == "/" {
		path = ""
	}
	suffix := ""
	if at.RawQuery != "" {
		suffix = "?" + at.RawQuery
	}
	found, err := url.Parse(fmt.Sprintf("%s://%s/.well-known/oauth-protected-resource%s%s", at.Scheme, at.Host, path, suffix))
	if err != nil {
		return nil
	}
	return found
}

// parameters of a challenge; empty ones are left out.
type parameters struct {
	realm, code, description, scope, acrValues, resourceMetadata string
	maxAge                                                       *int
}

// challenge is that of the scheme that the request has used, else of Bearer (RFC 6750 §3, RFC 9449 §7.1, RFC 9470 §3). A request
// without a token learns no error code.
func challenge(authorization string, given parameters) string {
	scheme, _, _ := strings.Cut(authorization, " ")
	isDPoP := strings.EqualFold(scheme, "DPoP")
	if !isDPoP && !strings.EqualFold(scheme, "Bearer") {
		given.code, given.description = "", ""
	}
	maxAge, algorithms, name := "", "", "Bearer"
	if given.maxAge != nil {
		maxAge = strconv.Itoa(*given.maxAge)
	}
	if isDPoP {
		algorithms, name = strings.Join(dpopAlgorithms, " "), "DPoP"
	}
	var listed []string
	for _, each := range [][2]string{
		{"realm", given.realm},
		{"error", given.code},
		{"error_description", given.description},
		{"scope", given.scope},
		{"acr_values", given.acrValues},
		{"max_age", maxAge},
		{"resource_metadata", given.resourceMetadata},
		{"algs", algorithms},
	} {
		if each[1] != "" {
			listed = append(listed, fmt.Sprintf(`%s="%s"`, each[0], unquotable.ReplaceAllString(each[1], "?")))
		}
	}
	return name + " " + strings.Join(listed, ", ")
}

var unquotable = regexp.MustCompile(`[^\x20\x21\x23-\x5B\x5D-\x7E]`)
