import BatonCoordinator
import BatonModel
public import Logging

/// Who may ask a coordinator for what: by tokens of a file, and by JWTs of somebody who is trusted to say who is who.
///
/// The files are looked at again when they change, a second later at most, without a restart. A file that can't be read any more
/// leaves things as they were, with an error in the log: a slip of the pen must not lock everybody out.
public final class AccessControl: Sendable {
    private let tokens: WatchedFile<TokenList>?
    private let jwt: JWTVerifier?

    /// - Returns: `nil` where the configuration asks for no access control.
    /// - Throws: `AccessError` that names the file, the line and the remedy.
    public convenience init?(_ configuration: AccessConfiguration, logger: Logger = Logger(label: "baton.access")) throws {
        try self.init(configuration, logger: logger, now: { .now })
    }

    /// - Parameter now: by what clock the list of tokens is looked at again.
    package init?(
        _ configuration: AccessConfiguration, logger: Logger = Logger(label: "baton.access"),
        now: @escaping @Sendable () -> ContinuousClock.Instant
    ) throws {
        tokens = try configuration.tokensFile.map { try WatchedFile($0, logger: logger, now: now) { try TokenList($0) } }
        jwt = try JWTVerifier(configuration, logger: logger)
        if tokens == nil, jwt == nil { return nil }
    }

    /// - Parameter authorization: the values of the header.
    /// - Throws: `Problem` with the status 401.
    func identity(authorization: [String]) async throws -> Identity {
        guard let header = authorization.first else { throw Problem.unauthenticated("the request has no credentials") }
        guard authorization.count == 1 else { throw Problem.unauthenticated("the header Authorization is given twice") }
        let words = header.split(separator: " ", omittingEmptySubsequences: true)
        guard words.count == 2, words[0].lowercased() == "bearer" else {
            throw Problem.unauthenticated("the header Authorization is not 'Bearer' and a token")
        }
        let token = String(words[1])
        guard token.utf8.count <= Self.longestToken else { throw Problem.unauthenticated("the token is too long", isInvalid: true) }
        if JWTVerifier.looksLikeOne(token) {
            guard let jwt else {
                throw Problem.unauthenticated("this coordinator takes no JWTs: it was started without keys for them", isInvalid: true)
            }
            do throws(AccessError) {
                return try await jwt.identity(token)
            } catch {
                throw Problem.unauthenticated("the JWT is refused: \(error)", isInvalid: true)
            }
        }
        guard let identity = tokens?.value.identity(of: token) else {
            throw Problem.unauthenticated("the token is not known here: it may be mistyped, or have been taken off the list", isInvalid: true)
        }
        return identity
    }

    private static let longestToken = 16 << 10
}

/// What access control goes by. Nothing of it: there is none.
public struct AccessConfiguration: Sendable, Hashable {
    /// The file with the hashes of tokens; see `TokenEntry`.
    public var tokensFile: String?
    /// The file with the secret of JWTs by HS256: 32 bytes at least.
    public var secretFile: String?
    /// The file with the public keys of JWTs: a JWKS, or PEM.
    public var keysFile: String?
    /// What a JWT's `iss` has to be.
    public var issuer: String?
    /// What a JWT's `aud` has to be, or has to have in it.
    public var audience: String?
    /// The claim with the owner; by default `owner`, else `sub`.
    public var ownerClaim: String?
    /// The claim with the role.
    public var roleClaim = "role"

    public init() {}
}

/// What is wrong with what access control goes by, or with a token; with the remedy.
public struct AccessError: Error, Sendable, Hashable, CustomStringConvertible {
    public let description: String

    init(_ description: String) { self.description = description }
}
