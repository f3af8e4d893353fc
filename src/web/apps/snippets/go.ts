import { urlOf } from '../../../oauth/issuer.ts';
import { endpoints } from '../../../oauth/paths.ts';
import { scopeTokens } from '../../../oauth/scope.ts';
import { type Connecting, quoted } from './connecting.ts';
import { exampleUser, exampleUserQuery, type TokenForUser } from './curl.ts';

/** A program for Go with golang.org/x/oauth2; undefined for code that runs in browsers. */
export const goCode = (connecting: Connecting): string | undefined =>
  ({
    server,
    agent: server,
    website_with_server: websiteWithServer,
    website: () => undefined,
    native,
    device,
  })[connecting.kind](connecting);

const server = ({ issuer, scope, resource }: Connecting): string => `\
package main

import (
	"context"
	"fmt"
	"log"${resource === undefined ? '' : '\n\t"net/url"'}
	"os"

	"golang.org/x/oauth2"
	"golang.org/x/oauth2/clientcredentials"
)

func main() {
	config := clientcredentials.Config{
${aligned(
  {
    ClientID: 'os.Getenv("OAUTH_CLIENT_ID")',
    ClientSecret: 'os.Getenv("OAUTH_CLIENT_SECRET")',
    TokenURL: quoted(urlOf(issuer, endpoints.token)),
    ...scopes(scope),
    ...(resource !== undefined && {
      EndpointParams: `url.Values{"resource": {${quoted(resource)}}}`,
    }),
    AuthStyle: 'oauth2.AuthStyleInParams',
  },
  '\t\t',
)}
	}
	// config.Client(ctx) returns an http.Client that sends the token, and gets a new one before it expires.
	token, err := config.Token(context.Background())
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(token.AccessToken)
}`;

const websiteWithServer = (connecting: Connecting): string => `\
package website

import (
	"context"
	"errors"
	"net/url"
	"os"

	"golang.org/x/oauth2"
)

var config = oauth2.Config{
${aligned({ ClientID: 'os.Getenv("OAUTH_CLIENT_ID")', ClientSecret: 'os.Getenv("OAUTH_CLIENT_SECRET")', ...webConfig(connecting) }, '\t')}
	${endpoint(connecting, '\t')}
}

// SignIn is kept per browser, in its session.
type SignIn struct{ Verifier, State string }

// Start begins a sign-in. Redirect the browser to the URL that it returns.
func Start(session *SignIn) string {
	session.Verifier, session.State = oauth2.GenerateVerifier(), oauth2.GenerateVerifier()
	return config.AuthCodeURL(session.State, ${authOptions(connecting, 'session.Verifier')})
}

// Finish ends it. Call it at the redirect URI, with the query of the request. It returns the tokens.
func Finish(ctx context.Context, session *SignIn, query url.Values) (*oauth2.Token, error) {
	if query.Get("state") != session.State {
		return nil, errors.New("this sign-in was started in another browser")
	}
	if code := query.Get("error"); code != "" {
		return nil, errors.New(code + ": " + query.Get("error_description"))
	}
	return config.Exchange(ctx, query.Get("code"), oauth2.VerifierOption(session.Verifier))
}`;

const native = (connecting: Connecting): string => `\
package main

import (
	"bufio"
	"context"
	"fmt"
	"log"
	"net/url"
	"os"
	"strings"

	"golang.org/x/oauth2"
)

func main() {
	config := oauth2.Config{
${aligned({ ClientID: quoted(connecting.clientId), ...webConfig(connecting) }, '\t\t')}
		${endpoint(connecting, '\t\t')}
	}
	verifier, state := oauth2.GenerateVerifier(), oauth2.GenerateVerifier()
	signIn := config.AuthCodeURL(state, ${authOptions(connecting, 'verifier')})
	fmt.Println("Open this URL in a browser:", signIn)

	// The system opens an installed app with the URL that the browser returns to. Here, paste it.
	fmt.Print("The URL that the browser returned to: ")
	line, err := bufio.NewReader(os.Stdin).ReadString('\\n')
	if err != nil {
		log.Fatal(err)
	}
	returned, err := url.Parse(strings.TrimSpace(line))
	if err != nil {
		log.Fatal(err)
	}
	if returned.Query().Get("state") != state {
		log.Fatal("this URL belongs to another sign-in")
	}
	token, err := config.Exchange(context.Background(), returned.Query().Get("code"), oauth2.VerifierOption(verifier))
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(token.AccessToken)
	// Keep token.RefreshToken where only your program can read it: config.TokenSource(ctx, token) gets new tokens with it.
}`;

const device = ({ issuer, clientId, scope, resource }: Connecting): string => `\
package main

import (
	"context"
	"fmt"
	"log"

	"golang.org/x/oauth2"
)

func main() {
	config := oauth2.Config{
${aligned({ ClientID: quoted(clientId), ...scopes(scope) }, '\t\t')}
		Endpoint: oauth2.Endpoint{
			DeviceAuthURL: ${quoted(urlOf(issuer, endpoints.device_authorization))},
			TokenURL:      ${quoted(urlOf(issuer, endpoints.token))},
			AuthStyle:     oauth2.AuthStyleInParams,
		},
	}
	ctx := context.Background()
	login, err := config.DeviceAuth(ctx${resource === undefined ? '' : `, ${resourceOption(resource)}`})
	if err != nil {
		log.Fatal(err)
	}
	fmt.Printf("Open %s and enter %s\\n", login.VerificationURI, login.UserCode)

	token, err := config.DeviceAccessToken(ctx, login)
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(token.AccessToken)
	// Keep token.RefreshToken where only your program can read it: config.TokenSource(ctx, token) gets new tokens with it.
}`;

const webConfig = ({ scope, redirectUri = '' }: Connecting): Record<string, string> => ({
  RedirectURL: quoted(redirectUri),
  ...scopes(scope),
});

const endpoint = ({ issuer }: Connecting, indent: string): string => `Endpoint: oauth2.Endpoint{
${aligned(
  {
    AuthURL: quoted(urlOf(issuer, endpoints.authorization)),
    TokenURL: quoted(urlOf(issuer, endpoints.token)),
    AuthStyle: 'oauth2.AuthStyleInParams',
  },
  `${indent}\t`,
)}
${indent}},`;

/** The fields of a composite literal, one per line, aligned as gofmt aligns them. */
function aligned(values: Record<string, string>, indent: string): string {
  const width = Math.max(...Object.keys(values).map((name) => name.length)) + 2;
  return Object.entries(values)
    .map(([name, value]) => `${indent}${`${name}:`.padEnd(width)}${value},`)
    .join('\n');
}

const authOptions = ({ resource }: Connecting, verifier: string): string =>
  [
    `oauth2.S256ChallengeOption(${verifier})`,
    ...(resource === undefined ? [] : [resourceOption(resource)]),
  ].join(', ');

const resourceOption = (resource: string): string =>
  `oauth2.SetAuthURLParam("resource", ${quoted(resource)})`;

/** The field for the scopes, if any is asked for. */
const scopes = (scope?: string): Record<string, string> =>
  scope ? { Scopes: `[]string{${scopeTokens(scope).map(quoted).join(', ')}}` } : {};

/** A program for a backend: creates a token for a user, lists the user's tokens, and can revoke them. */
export const tokensInGo = (issuer: string, { roles, ...token }: TokenForUser): string => `\
package main

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"log"
	"net/http"
	"os"
)

// call sends a request with the API key, and decodes the response into result.
func call(method, path string, body, result any) error {
	var content bytes.Buffer
	if body != nil {
		if err := json.NewEncoder(&content).Encode(body); err != nil {
			return err
		}
	}
	request, err := http.NewRequest(method, ${quoted(urlOf(issuer, '/api/v1'))}+path, &content)
	if err != nil {
		return err
	}
	request.Header.Set("Authorization", "Bearer "+os.Getenv("API_KEY"))
	request.Header.Set("Content-Type", "application/json")
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		return err
	}
	defer response.Body.Close()
	if response.StatusCode >= 300 {
		problem, _ := io.ReadAll(response.Body)
		return fmt.Errorf("%s: %s", response.Status, problem)
	}
	return json.NewDecoder(response.Body).Decode(result)
}

func main() {
	subject := map[string]string{"type": "${exampleUser.type}", "id": "${exampleUser.id}"}
	var created struct{ Token string }
	err := call("POST", "/tokens", map[string]any{
${aligned(
  {
    '"subject"': 'subject',
    '"name"': '"Laptop"',
    '"roles"': `[]string{${roles.map(quoted).join(', ')}}`,
    ...Object.fromEntries(
      Object.entries(token).flatMap(([name, value]) =>
        value === undefined ? [] : [[`"${name}"`, quoted(value)]],
      ),
    ),
  },
  '\t\t',
)}
	}, &created)
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(created.Token) // your user gets it now: it is not shown again

	var list struct{ Items []map[string]any }
	err = call("GET", "/tokens?${exampleUserQuery}", nil, &list)
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(len(list.Items), "active tokens")

	// Revokes all of them: call("POST", "/tokens/revoke", map[string]any{"subject": subject}, &struct{}{})
}`;
