package rp;

import java.util.Map;
import java.util.Objects;
import org.springframework.beans.factory.annotation.Value;
import org.springframework.boot.SpringApplication;
import org.springframework.boot.autoconfigure.SpringBootApplication;
import org.springframework.context.annotation.Bean;
import org.springframework.core.annotation.Order;
import org.springframework.security.config.Customizer;
import org.springframework.security.config.annotation.web.builders.HttpSecurity;
import org.springframework.security.core.Authentication;
import org.springframework.security.core.GrantedAuthority;
import org.springframework.security.core.annotation.AuthenticationPrincipal;
import org.springframework.security.oauth2.core.oidc.user.OidcUser;
import org.springframework.security.oauth2.jwt.JwtClaimValidator;
import org.springframework.security.oauth2.jwt.JwtDecoder;
import org.springframework.security.oauth2.jwt.JwtValidators;
import org.springframework.security.oauth2.jwt.NimbusJwtDecoder;
import org.springframework.security.oauth2.server.resource.authentication.JwtAuthenticationConverter;
import org.springframework.security.oauth2.server.resource.authentication.JwtGrantedAuthoritiesConverter;
import org.springframework.security.web.SecurityFilterChain;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.RestController;

/** A website that signs people in, and an API that verifies at+jwt access tokens, with what Spring Security configures. */
@SpringBootApplication
@RestController
public class RelyingParty {
  public static void main(String[] arguments) {
    SpringApplication.run(RelyingParty.class, arguments);
  }

  @GetMapping("/me")
  Map<String, Object> me(@AuthenticationPrincipal OidcUser user) {
    return Map.of(
        "id_token", user.getIdToken().getClaims(), "userinfo", user.getUserInfo().getClaims());
  }

  @GetMapping("/api/things")
  Map<String, Object> things(Authentication caller) {
    return Map.of(
        "sub",
        caller.getName(),
        "authorities",
        caller.getAuthorities().stream().map(GrantedAuthority::getAuthority).sorted().toList());
  }

  /** Accepts access tokens of RFC 9068, whose type is at+jwt; by default Spring accepts JWT only. */
  @Bean
  JwtDecoder accessTokens(
      @Value("${ISSUER}") String issuer, @Value("${RESOURCE}") String resource) {
    var decoder = NimbusJwtDecoder.withIssuerLocation(issuer).validateType(false).build();
    decoder.setJwtValidator(
        JwtValidators.createAtJwtValidator()
            .issuer(issuer)
            .audience(resource)
            .validators(
                required ->
                    required.put("client_id", new JwtClaimValidator<>("client_id", Objects::nonNull)))
            .build());
    return decoder;
  }

  @Bean
  @Order(1)
  SecurityFilterChain api(HttpSecurity http) throws Exception {
    var roles = new JwtGrantedAuthoritiesConverter();
    roles.setAuthoritiesClaimName("roles");
    roles.setAuthorityPrefix("ROLE_");
    var authorities = new JwtAuthenticationConverter();
    authorities.setJwtGrantedAuthoritiesConverter(roles);
    return http.securityMatcher("/api/**")
        .authorizeHttpRequests(requests -> requests.anyRequest().authenticated())
        .oauth2ResourceServer(
            server -> server.jwt(jwt -> jwt.jwtAuthenticationConverter(authorities)))
        .build();
  }

  @Bean
  SecurityFilterChain website(HttpSecurity http) throws Exception {
    return http.authorizeHttpRequests(requests -> requests.anyRequest().authenticated())
        .oauth2Login(Customizer.withDefaults())
        .build();
  }
}
