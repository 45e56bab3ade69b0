import ArgumentParser
import BatonHTTP

/// Who may ask the coordinator for what. With any of the files, every request has to show who asks.
struct AccessOptions: ParsableArguments {
    @Option(help: "A file with the hashes of tokens, made by 'baton token create': turns access control on. (BATON_TOKENS)")
    var tokens: String?

    @Option(help: "A file with the public keys of JWTs (RS256, ES256, EdDSA), as JWKS or PEM: turns access control on. (BATON_JWT_KEYS)")
    var jwtKeys: String?

    @Option(help: "A file with the secret of JWTs by HS256: turns access control on. (BATON_JWT_SECRET_FILE)")
    var jwtSecretFile: String?

    @Option(help: "What the claim 'iss' of JWTs must be. (BATON_JWT_ISSUER)")
    var jwtIssuer: String?

    @Option(help: "What the claim 'aud' of JWTs must be or have in it. (BATON_JWT_AUDIENCE)")
    var jwtAudience: String?

    @Option(help: "The claim with the owner. (BATON_JWT_OWNER_CLAIM; default: owner, else sub)")
    var jwtOwnerClaim: String?

    @Option(help: "The claim with the role. (BATON_JWT_ROLE_CLAIM; default: role)")
    var jwtRoleClaim: String?

    @Flag(
        help: """
            Take the owner of a submission by AMQP from its routing key alone, as always with access control. \
            (BATON_REQUIRE_OWNER=true)
            """)
    var requireOwner = false

    var requiresOwner: Bool { requireOwner || Environment.text("BATON_REQUIRE_OWNER") == "true" }

    var configuration: AccessConfiguration {
        var configuration = AccessConfiguration()
        configuration.tokensFile = tokens ?? Environment.text("BATON_TOKENS")
        configuration.keysFile = jwtKeys ?? Environment.text("BATON_JWT_KEYS")
        configuration.secretFile = jwtSecretFile ?? Environment.text("BATON_JWT_SECRET_FILE")
        configuration.issuer = jwtIssuer ?? Environment.text("BATON_JWT_ISSUER")
        configuration.audience = jwtAudience ?? Environment.text("BATON_JWT_AUDIENCE")
        configuration.ownerClaim = jwtOwnerClaim ?? Environment.text("BATON_JWT_OWNER_CLAIM")
        configuration.roleClaim = jwtRoleClaim ?? Environment.text("BATON_JWT_ROLE_CLAIM") ?? configuration.roleClaim
        return configuration
    }
}
