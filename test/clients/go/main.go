// A website that signs people in with go-oidc and x/oauth2: discovery, authorization code with PKCE and nonce, ID token, userinfo
// and refresh. It answers at /callback with what it got, as JSON.
package main

import (
	"context"
	"encoding/json"
	"log"
	"net/http"
	"os"

	"github.com/coreos/go-oidc/v3/oidc"
	"golang.org/x/oauth2"
)

func main() {
	ctx := context.Background()
	origin := "http://127.0.0.1:" + os.Getenv("PORT")
	provider, err := oidc.NewProvider(ctx, os.Getenv("ISSUER"))
	if err != nil {
		log.Fatal(err)
	}
	config := oauth2.Config{
		ClientID:     os.Getenv("CLIENT_ID"),
		ClientSecret: os.Getenv("CLIENT_SECRET"),
		Endpoint:     provider.Endpoint(),
		RedirectURL:  origin + "/callback",
		Scopes:       []string{oidc.ScopeOpenID, "profile", "email", "roles", oidc.ScopeOfflineAccess},
	}
	verifier := provider.Verifier(&oidc.Config{ClientID: config.ClientID})
	pkce := oauth2.GenerateVerifier()
	const state, nonce = "a state of the website", "a nonce of the website"

	http.HandleFunc("/login", func(response http.ResponseWriter, request *http.Request) {
		url := config.AuthCodeURL(state, oidc.Nonce(nonce), oauth2.S256ChallengeOption(pkce))
		http.Redirect(response, request, url, http.StatusFound)
	})
	http.HandleFunc("/callback", func(response http.ResponseWriter, request *http.Request) {
		got, err := signIn(request, config, provider, verifier, state, nonce, pkce)
		if err != nil {
			http.Error(response, err.Error(), http.StatusBadGateway)
			return
		}
		response.Header().Set("Content-Type", "application/json")
		json.NewEncoder(response).Encode(got)
	})
	log.Fatal(http.ListenAndServe("127.0.0.1:"+os.Getenv("PORT"), nil))
}

func signIn(
	request *http.Request, config oauth2.Config, provider *oidc.Provider, verifier *oidc.IDTokenVerifier,
	state, nonce, pkce string,
) (map[string]any, error) {
	ctx := request.Context()
	query := request.URL.Query()
	if query.Get("state") != state {
		return nil, &oauth2.RetrieveError{ErrorCode: "another state", ErrorDescription: query.Encode()}
	}
	token, err := config.Exchange(ctx, query.Get("code"), oauth2.VerifierOption(pkce))
	if err != nil {
		return nil, err
	}
	raw, _ := token.Extra("id_token").(string)
	idToken, err := verifier.Verify(ctx, raw)
	if err != nil {
		return nil, err
	}
	if idToken.Nonce != nonce {
		return nil, &oauth2.RetrieveError{ErrorCode: "another nonce"}
	}
	if err := idToken.VerifyAccessToken(token.AccessToken); err != nil {
		return nil, err
	}
	// An expired token, so that the source refreshes it.
	fresh, err := config.TokenSource(ctx, &oauth2.Token{RefreshToken: token.RefreshToken}).Token()
	if err != nil {
		return nil, err
	}
	info, err := provider.UserInfo(ctx, oauth2.StaticTokenSource(fresh))
	if err != nil {
		return nil, err
	}
	var claims, userinfo map[string]any
	if err := idToken.Claims(&claims); err != nil {
		return nil, err
	}
	if err := info.Claims(&userinfo); err != nil {
		return nil, err
	}
	return map[string]any{"id_token": claims, "userinfo": userinfo, "scope": token.Extra("scope")}, nil
}
