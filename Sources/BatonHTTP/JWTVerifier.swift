import BatonCoordinator
import BatonModel
import Foundation
import Logging

/// Reads JWTs (RFC 7519) and says who shows them.
///
/// A token is verified with the keys for the algorithm that its header names, and only the four algorithms of `JWTKey` have any; so
/// `none` has no key, and a public key is never taken for a secret.
struct JWTVerifier: Sendable {
    /// By how much clocks may differ.
    static let leeway: Duration = .seconds(30)

    private let secret: WatchedFile<JWTKey>?
    private let keys: WatchedFile<[JWTKey]>?
    private let configuration: AccessConfiguration
    private let now: @Sendable () -> Timestamp

    /// - Returns: `nil` where there are no keys.
    init?(
        _ configuration: AccessConfiguration, logger: Logger, now: @escaping @Sendable () -> Timestamp = { .now }
    ) throws {
        guard configuration.secretFile != nil || configuration.keysFile != nil else {
            guard configuration.issuer == nil, configuration.audience == nil else {
                throw AccessError("an issuer or an audience of JWTs is given, but nothing to verify them with: give --jwt-keys or --jwt-secret-file")
            }
            return nil
        }
        secret = try configuration.secretFile.map { try WatchedFile($0, logger: logger) { try JWTKey(secret: $0) } }
        keys = try configuration.keysFile.map { try WatchedFile($0, logger: logger) { try JWTKey.keys($0) } }
        self.configuration = configuration
        self.now = now
    }

    /// Tokens of the file have no dots.
    static func looksLikeOne(_ token: String) -> Bool { token.utf8.contains(UInt8(ascii: ".")) }

    /// - Throws: `AccessError` that says why not.
    func identity(_ token: String) async throws(AccessError) -> Identity {
        let parts = token.utf8.split(separator: UInt8(ascii: "."), omittingEmptySubsequences: false)
        guard parts.count == 3 else { throw AccessError("it doesn't have three parts") }
        let header = try object(parts[0], "header")
        guard let signature = Self.decode(parts[2]) else { throw AccessError("its signature is not base64url") }
        try await verify(header, Array(token.utf8.prefix(parts[0].count + 1 + parts[1].count)), signature)
        let claims = try object(parts[1], "payload")
        try check(claims)
        return try identity(claims)
    }

    private func verify(_ header: [String: JSONValue], _ text: [UInt8], _ signature: [UInt8]) async throws(AccessError) {
        guard header["crit"] == nil else { throw AccessError("its header asks for extensions ('crit') that aren't known here") }
        let name = header["alg"]?.string ?? ""
        guard let algorithm = JWTKey.Algorithm(rawValue: name) else {
            throw AccessError("its algorithm is '\(name.prefix(16))', not one of \(JWTKey.Algorithm.allCases.map(\.rawValue).joined(separator: ", "))")
        }
        let id = header["kid"]?.string
        let known = (secret.map { [$0.value] } ?? []) + (keys?.value ?? [])
        let candidates = known.filter { $0.algorithm == algorithm && (id == nil || $0.id == nil || $0.id == id) }
        guard !candidates.isEmpty else {
            throw AccessError("there is no key for \(algorithm.rawValue)" + (id.map { " with the id '\($0.prefix(64))'" } ?? ""))
        }
        for key in candidates where await key.signed(text, signature) { return }
        throw AccessError("its signature is wrong")
    }

    private func check(_ claims: [String: JSONValue]) throws(AccessError) {
        let now = Double(now().milliseconds) / 1000
        let leeway = Double(Self.leeway.milliseconds) / 1000
        guard let end = claims["exp"]?.double else { throw AccessError("it has no 'exp': a token must say when it ends") }
        guard now < end + leeway else { throw AccessError("it has expired: get a new one") }
        if let begin = claims["nbf"] {
            guard let begin = begin.double else { throw AccessError("its 'nbf' is not a number") }
            guard now >= begin - leeway else { throw AccessError("it is not valid yet ('nbf')") }
        }
        if let issuer = configuration.issuer {
            guard claims["iss"]?.string == issuer else { throw AccessError("its issuer ('iss') is not '\(issuer)'") }
        }
        if let audience = configuration.audience {
            let named = claims["aud"]?.array?.compactMap(\.string) ?? (claims["aud"]?.string).map { [$0] } ?? []
            guard named.contains(audience) else { throw AccessError("it is not for the audience ('aud') '\(audience)'") }
        }
    }

    private func identity(_ claims: [String: JSONValue]) throws(AccessError) -> Identity {
        let subject = try text(claims, "sub")
        let owner: String?
        if let claim = configuration.ownerClaim {
            owner = try text(claims, claim)
        } else {
            owner = try text(claims, "owner") ?? subject
        }
        guard let word = try text(claims, configuration.roleClaim), let role = Role(rawValue: word) else {
            let roles = Role.allCases.map(\.rawValue).joined(separator: ", ")
            throw AccessError("its claim '\(configuration.roleClaim)' must be one of \(roles)")
        }
        guard role != .user || owner != nil else { throw AccessError("the role 'user' needs an owner: give it one in 'owner' or 'sub'") }
        return Identity(name: subject ?? owner ?? "jwt", owner: owner, role: role)
    }

    /// Held to the same size as owners elsewhere.
    private func text(_ claims: [String: JSONValue], _ name: String) throws(AccessError) -> String? {
        guard let value = claims[name], value != .null else { return nil }
        guard let text = value.string, !text.isEmpty, text.utf8.count <= 255 else {
            throw AccessError("its claim '\(name)' must be a text of 1 to 255 bytes")
        }
        guard PlainText.allows(text) else { throw AccessError("its claim '\(name)' \(PlainText.explanation)") }
        return text
    }

    private func object(_ part: Substring.UTF8View, _ name: String) throws(AccessError) -> [String: JSONValue] {
        guard let bytes = Self.decode(part), let object = (try? JSON(parsing: bytes))?.value.object else {
            throw AccessError("its \(name) is not JSON in base64url")
        }
        return object
    }

    private static func decode(_ part: Substring.UTF8View) -> [UInt8]? {
        var text = Data()
        for byte in part {
            switch byte {
            case UInt8(ascii: "-"): text.append(UInt8(ascii: "+"))
            case UInt8(ascii: "_"): text.append(UInt8(ascii: "/"))
            case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"), UInt8(ascii: "0")...UInt8(ascii: "9"):
                text.append(byte)
            default: return nil
            }
        }
        text.append(contentsOf: [UInt8](repeating: UInt8(ascii: "="), count: (4 - text.count % 4) % 4))
        return Data(base64Encoded: text).map { Array($0) }
    }
}
