// An API in Go that authorizes requests with access tokens of Writ. It verifies JWTs itself and follows revocations; other tokens it asks
// Writ about. A revoked token is refused within a second.
package main

import (
	"cmp"
	"encoding/json"
	"log"
	"net/http"
	"os"
	"sync"

	"writ.example/guard"
)

type thing struct {
	Name string `json:"name"`
}

func main() {
	api, err := guard.New(guard.Options{
		Issuer:       os.Getenv("ISSUER"),
		Resource:     os.Getenv("RESOURCE"),
		ClientID:     os.Getenv("CLIENT_ID"),
		ClientSecret: os.Getenv("CLIENT_SECRET"),
		Offline:      true,
		Scopes:       []string{"things:read", "things:write"},
	})
	if err != nil {
		log.Fatal(err)
	}
	defer api.Close()

	var mutex sync.Mutex
	things := []thing{{Name: "hammer"}}

	mux := http.NewServeMux()
	reads := guard.Needs{Scope: "things:read", Permission: "things.read"}
	mux.Handle("GET /things", api.Require(reads, func(w http.ResponseWriter, r *http.Request) {
		mutex.Lock()
		defer mutex.Unlock()
		respond(w, http.StatusOK, map[string]any{"things": things, "sub": guard.CallerOf(r.Context()).Subject})
	}))
	writes := guard.Needs{Scope: "things:write", Permission: "things.write"}
	mux.Handle("POST /things", api.Require(writes, func(w http.ResponseWriter, r *http.Request) {
		var added thing
		if json.NewDecoder(r.Body).Decode(&added) != nil {
			respond(w, http.StatusBadRequest, map[string]string{"error": "invalid_request"})
			return
		}
		mutex.Lock()
		defer mutex.Unlock()
		things = append(things, added)
		respond(w, http.StatusCreated, added)
	}))
	log.Fatal(http.ListenAndServe(":"+cmp.Or(os.Getenv("PORT"), "8080"), api.ServeMetadata(mux)))
}

func respond(w http.ResponseWriter, status int, body any) {
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(status)
	json.NewEncoder(w).Encode(body)
}
