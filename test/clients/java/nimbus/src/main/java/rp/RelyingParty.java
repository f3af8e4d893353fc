package rp;

import com.nimbusds.oauth2.sdk.AuthorizationCodeGrant;
import com.nimbusds.oauth2.sdk.AuthorizationRequest;
import com.nimbusds.oauth2.sdk.ErrorResponse;
import com.nimbusds.oauth2.sdk.PushedAuthorizationRequest;
import com.nimbusds.oauth2.sdk.PushedAuthorizationResponse;
import com.nimbusds.oauth2.sdk.ResponseType;
import com.nimbusds.oauth2.sdk.Scope;
import com.nimbusds.oauth2.sdk.TokenRequest;
import com.nimbusds.oauth2.sdk.auth.ClientSecretBasic;
import com.nimbusds.oauth2.sdk.auth.Secret;
import com.nimbusds.oauth2.sdk.id.ClientID;
import com.nimbusds.oauth2.sdk.id.Issuer;
import com.nimbusds.oauth2.sdk.id.State;
import com.nimbusds.oauth2.sdk.pkce.CodeChallengeMethod;
import com.nimbusds.oauth2.sdk.pkce.CodeVerifier;
import com.nimbusds.openid.connect.sdk.AuthenticationRequest;
import com.nimbusds.openid.connect.sdk.AuthenticationResponseParser;
import com.nimbusds.openid.connect.sdk.Nonce;
import com.nimbusds.openid.connect.sdk.OIDCTokenResponse;
import com.nimbusds.openid.connect.sdk.OIDCTokenResponseParser;
import com.nimbusds.openid.connect.sdk.UserInfoRequest;
import com.nimbusds.openid.connect.sdk.UserInfoResponse;
import com.nimbusds.openid.connect.sdk.op.OIDCProviderMetadata;
import com.nimbusds.openid.connect.sdk.validators.IDTokenValidator;
import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import net.minidev.json.JSONObject;

/** A website that signs people in with Nimbus' OAuth SDK: discovery, a pushed request, PKCE, ID token and userinfo. */
public class RelyingParty {
  private static final String ORIGIN = "http://127.0.0.1:" + System.getenv("PORT");
  private static final URI CALLBACK = URI.create(ORIGIN + "/callback");
  private static final State STATE = new State();
  private static final Nonce NONCE = new Nonce();
  private static final CodeVerifier VERIFIER = new CodeVerifier();

  public static void main(String[] arguments) throws Exception {
    var issuer = new Issuer(System.getenv("ISSUER"));
    var metadata = OIDCProviderMetadata.resolve(issuer);
    var client = new ClientID(System.getenv("CLIENT_ID"));
    var authentication = new ClientSecretBasic(client, new Secret(System.getenv("CLIENT_SECRET")));
    var website =
        HttpServer.create(new InetSocketAddress("127.0.0.1", Integer.parseInt(System.getenv("PORT"))), 0);
    website.createContext("/login", exchange -> answer(exchange, () -> login(metadata, client, authentication)));
    website.createContext(
        "/callback", exchange -> answer(exchange, () -> signIn(exchange.getRequestURI(), metadata, client, authentication)));
    website.start();
  }

  private interface Step {
    Object run() throws Exception;
  }

  @SuppressWarnings("unchecked")
  /** Redirects to a URI, or responds with an object as JSON. */
  private static void answer(HttpExchange exchange, Step step) throws IOException {
    var status = 200;
    var body = "";
    try {
      var result = step.run();
      if (result instanceof URI uri) {
        exchange.getResponseHeaders().set("Location", uri.toString());
        status = 302;
      } else {
        exchange.getResponseHeaders().set("Content-Type", "application/json");
        body = JSONObject.toJSONString((Map<String, ?>) result);
      }
    } catch (Exception problem) {
      status = 502;
      body = problem.toString();
    }
    var bytes = body.getBytes(StandardCharsets.UTF_8);
    exchange.sendResponseHeaders(status, bytes.length == 0 ? -1 : bytes.length);
    exchange.getResponseBody().write(bytes);
    exchange.close();
  }

  private static URI login(OIDCProviderMetadata metadata, ClientID client, ClientSecretBasic authentication)
      throws Exception {
    var request =
        new AuthenticationRequest.Builder(
                ResponseType.CODE, new Scope("openid", "profile", "email", "roles"), client, CALLBACK)
            .state(STATE)
            .nonce(NONCE)
            .codeChallenge(VERIFIER, CodeChallengeMethod.S256)
            .build();
    var pushed =
        PushedAuthorizationResponse.parse(
            new PushedAuthorizationRequest(
                    metadata.getPushedAuthorizationRequestEndpointURI(), authentication, request)
                .toHTTPRequest()
                .send());
    if (!pushed.indicatesSuccess()) throw refused(pushed.toErrorResponse());
    return new AuthorizationRequest.Builder(pushed.toSuccessResponse().getRequestURI(), client)
        .endpointURI(metadata.getAuthorizationEndpointURI())
        .build()
        .toURI();
  }

  private static Map<String, Object> signIn(
      URI callback, OIDCProviderMetadata metadata, ClientID client, ClientSecretBasic authentication)
      throws Exception {
    var response = AuthenticationResponseParser.parse(callback);
    if (!response.indicatesSuccess()) throw refused(response.toErrorResponse());
    if (!STATE.equals(response.getState()) || !metadata.getIssuer().equals(response.getIssuer()))
      throw new Exception("another state or issuer");
    var grant =
        new AuthorizationCodeGrant(
            response.toSuccessResponse().getAuthorizationCode(), CALLBACK, VERIFIER);
    var tokens =
        OIDCTokenResponseParser.parse(
            new TokenRequest.Builder(metadata.getTokenEndpointURI(), authentication, grant)
                .build()
                .toHTTPRequest()
                .send());
    if (!tokens.indicatesSuccess()) throw refused(tokens.toErrorResponse());
    var got = ((OIDCTokenResponse) tokens.toSuccessResponse()).getOIDCTokens();
    var validator =
        new IDTokenValidator(
            metadata.getIssuer(), client, com.nimbusds.jose.JWSAlgorithm.RS256, metadata.getJWKSetURI().toURL());
    var claims = validator.validate(got.getIDToken(), NONCE);
    var userinfo =
        UserInfoResponse.parse(
            new UserInfoRequest(metadata.getUserInfoEndpointURI(), got.getBearerAccessToken())
                .toHTTPRequest()
                .send());
    if (!userinfo.indicatesSuccess()) throw refused(userinfo.toErrorResponse());
    return Map.of(
        "id_token", claims.toJSONObject(),
        "userinfo", userinfo.toSuccessResponse().getUserInfo().toJSONObject(),
        "scope", got.getBearerAccessToken().getScope().toString());
  }

  private static Exception refused(ErrorResponse response) {
    return new Exception(response.getErrorObject().toJSONObject().toJSONString());
  }
}
