import BatonHTTP
import BatonModel
import Crypto
import CryptoExtras
import Foundation
import Hummingbird
import HummingbirdTesting
import Testing

@Suite("Access by JWTs over HTTP", .timeLimit(.minutes(1)))
struct JWTAccessTests {
    private static let secret = Array("a secret of more than thirty-two bytes, for tests".utf8)
    private static let p256 = P256.Signing.PrivateKey()
    private static let ed25519 = Curve25519.Signing.PrivateKey()
    private static let rsa = Result { try _RSA.Signing.PrivateKey(keySize: .bits2048) }

    typealias Sign = @Sendable ([UInt8]) throws -> [UInt8]
    private static let hs256: Sign = { Array(HMAC<SHA256>.authenticationCode(for: $0, using: SymmetricKey(data: secret))) }
    private static let es256: Sign = { Array(try p256.signature(for: $0).rawRepresentation) }
    private static let eddsa: Sign = { Array(try ed25519.signature(for: $0)) }
    private static let rs256: Sign = { Array(try rsa.get().signature(for: SHA256.hash(data: $0), padding: .insecurePKCS1v1_5).rawRepresentation) }

    @Test("a JWT of each algorithm says who asks")
    func algorithms() async throws {
        try await with(keys: Self.jwks(), secret: true) { client in
            for (name, sign) in [("HS256", Self.hs256), ("ES256", Self.es256), ("EdDSA", Self.eddsa), ("RS256", Self.rs256)] {
                let token = try Self.token(["alg": .string(name)], Self.claims(), sign)
                let answer = try await client.post("/v1/runs", orderDocument, type: "application/json", headers: Self.bearer(token))
                #expect(answer.status == .created, "\(name)")
                #expect(try answer.json["owner"] == "shop", "\(name)")
            }
        }
    }

    @Test("public keys can be PEM")
    func pem() async throws {
        let keys = Self.p256.publicKey.pemRepresentation + "\n" + (try Self.rsa.get().publicKey.pemRepresentation) + "\n"
        try await with(keys: keys) { client in
            for (name, sign) in [("ES256", Self.es256), ("RS256", Self.rs256)] {
                let token = try Self.token(["alg": .string(name)], Self.claims(), sign)
                #expect(try await client.get("/v1/runs", headers: Self.bearer(token)).status == .ok, "\(name)")
            }
        }
    }

    @Test("no header talks a key into what it isn't for")
    func confusion() async throws {
        let keys = Self.p256.publicKey.pemRepresentation
        try await with(keys: keys) { client in
            let publicKey = Array(keys.utf8)
            let byPublicKey: Sign = { Array(HMAC<SHA256>.authenticationCode(for: $0, using: SymmetricKey(data: publicKey))) }
            let forgeries: [(String, String)] = [
                (try Self.token(["alg": "none"], Self.claims()) { _ in [] }, "'none'"),
                (try Self.token(["alg": "None"], Self.claims()) { _ in [] }, "'None'"),
                (try Self.token(["alg": "none"], Self.claims(), Self.es256), "'none'"),
                (try Self.token([:], Self.claims(), Self.es256), "''"),
                (try Self.token(["alg": "HS256"], Self.claims(), byPublicKey), "no key for HS256"),
                (try Self.token(["alg": "EdDSA"], Self.claims(), Self.es256), "no key for EdDSA"),
                (try Self.token(["alg": "ES384"], Self.claims(), Self.es256), "'ES384'"),
                (try Self.token(["alg": "ES256"], Self.claims(), byPublicKey), "signature is wrong"),
                (try Self.token(["alg": "ES256"], Self.claims()) { _ in [] }, "signature is wrong"),
                (try Self.token(["alg": "ES256"], Self.claims()) { _ in [UInt8](repeating: 0, count: 64) }, "signature is wrong"),
                (try Self.token(["alg": "ES256", "crit": ["b64"], "b64": false], Self.claims(), Self.es256), "'crit'"),
            ]
            for (token, reason) in forgeries {
                let problem = try await client.get("/v1/runs", headers: Self.bearer(token)).problem(.unauthorized)
                #expect(problem.type == "urn:baton:problem:invalidToken")
                #expect(problem.detail.contains(reason), "\(problem.detail)")
            }
            // Another payload under the signature of this one.
            let parts = try Self.token(["alg": "ES256"], Self.claims(), Self.es256).split(separator: ".")
            let other = try Self.token(["alg": "ES256"], Self.claims(["role": "admin"]), Self.es256).split(separator: ".")
            let mixed = [parts[0], other[1], parts[2]].joined(separator: ".")
            _ = try await client.get("/v1/runs", headers: Self.bearer(mixed)).problem(.unauthorized)
            for broken in ["..", "a.b.c", "a.b", "a.b.c.d", mixed.dropLast(3) + "=="] {
                _ = try await client.get("/v1/runs", headers: Self.bearer(String(broken))).problem(.unauthorized)
            }
        }
    }

    @Test("what a token claims is held against time, issuer, audience and roles")
    func claims() async throws {
        try await with(keys: Self.jwks(), issuer: "https://issuer", audience: "baton") { client in
            let now = Int64(Date().timeIntervalSince1970)
            let good: [String: JSONValue] = ["iss": "https://issuer", "aud": ["other", "baton"]]
            func ask(_ change: [String: JSONValue]) async throws -> TestResponse {
                let claims = Self.claims(good).merging(change) { $1 }.filter { $0.value != .null }
                return try await client.get("/v1/runs", headers: Self.bearer(try Self.token(["alg": "ES256", "kid": "ec"], claims, Self.es256)))
            }
            #expect(try await ask([:]).status == .ok)
            #expect(try await ask(["aud": "baton"]).status == .ok)
            #expect(try await ask(["exp": .integer(now - 10)]).status == .ok)
            let wrong: [([String: JSONValue], String)] = [
                (["exp": .integer(now - 60)], "expired"), (["exp": .null], "no 'exp'"), (["exp": "tomorrow"], "no 'exp'"),
                (["nbf": .integer(now + 60)], "not valid yet"), (["iss": "https://other"], "issuer"), (["iss": .null], "issuer"),
                (["aud": "other"], "audience"), (["aud": .null], "audience"), (["role": .null], "'role'"), (["role": "boss"], "'role'"),
                (["sub": .null], "needs an owner"), (["sub": .string(String(repeating: "x", count: 256))], "255"), (["sub": 7], "255"),
            ]
            for (change, reason) in wrong {
                let problem = try await ask(change).problem(.unauthorized)
                #expect(problem.detail.contains(reason), "\(problem.detail)")
            }
            let unknown = try Self.token(["alg": "ES256", "kid": "gone"], Self.claims(good), Self.es256)
            #expect(try await client.get("/v1/runs", headers: Self.bearer(unknown)).problem(.unauthorized).detail.contains("'gone'"))
        }
    }

    @Test("the owner is the claim 'owner' before 'sub', and an administrator needs none")
    func owner() async throws {
        try await with(keys: Self.jwks()) { client in
            let named = try Self.token(["alg": "ES256"], Self.claims(["owner": "bank"]), Self.es256)
            #expect(try await client.post("/v1/runs", orderDocument, type: "application/json", headers: Self.bearer(named)).json["owner"] == "bank")
            let admin = try Self.token(["alg": "ES256"], Self.claims(["sub": .null, "role": "admin"]).filter { $0.value != .null }, Self.es256)
            #expect(try await client.get("/v1/runs/run-1", headers: Self.bearer(admin)).status == .ok)
            let shop = try Self.token(["alg": "ES256"], Self.claims(), Self.es256)
            #expect(try await client.get("/v1/runs/run-1", headers: Self.bearer(shop)).problem(.forbidden).detail.contains("'shop'"))
        }
    }

    @Test(
        "files of keys that can't be right are refused with the reason",
        arguments: [
            (#"{"keys": [{"kty": "oct", "k": "c2VjcmV0"}]}"#, "is a secret"), (#"{"keys": []}"#, "no key"), ("nonsense", "neither PEM nor a JWKS"),
            (#"{"keys": [{"kty": "EC", "crv": "P-256", "x": "AA"}]}"#, "'y' is missing"), (#"{"kty": "EC", "crv": "P-256", "x": "AA", "y": "AA"}"#, "can't be used"),
            ("-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----\n", "private key"),
            ("-----BEGIN PUBLIC KEY-----\nAAAA\n-----END PUBLIC KEY-----\n", "PUBLIC KEY 1"), ("-----BEGIN PUBLIC KEY-----\nAAAA\n", "no END"),
        ])
    func badKeys(content: String, reason: String) throws {
        try withFile(Array(content.utf8)) { path in
            var configuration = AccessConfiguration()
            configuration.keysFile = path
            let error = #expect(throws: AccessError.self) { try AccessControl(configuration) }
            #expect(error?.description.contains(reason) == true, "\(error?.description ?? "")")
        }
    }

    @Test("a short secret is refused, and so are an issuer or an audience without keys")
    func badConfiguration() throws {
        try withFile(Array("short\n".utf8)) { path in
            var configuration = AccessConfiguration()
            configuration.secretFile = path
            #expect(throws: AccessError.self) { try AccessControl(configuration) }
        }
        var configuration = AccessConfiguration()
        configuration.audience = "baton"
        #expect(throws: AccessError.self) { try AccessControl(configuration) }
    }

    // MARK: - Making tokens and keys

    private static func claims(_ more: [String: JSONValue] = [:]) -> [String: JSONValue] {
        ["sub": "shop", "role": "user", "exp": .integer(Int64(Date().timeIntervalSince1970) + 600)].merging(more) { $1 }
    }

    private static func token(_ header: [String: JSONValue], _ claims: [String: JSONValue], _ sign: Sign) throws -> String {
        let text = base64(JSON(.object(header)).bytes) + "." + base64(JSON(.object(claims)).bytes)
        return text + "." + base64(try sign(Array(text.utf8)))
    }

    private static func base64(_ bytes: some Sequence<UInt8>) -> String {
        Data(bytes).base64EncodedString().replacing("+", with: "-").replacing("/", with: "_").replacing("=", with: "")
    }

    private static func bearer(_ token: String) -> HTTPFields { [.authorization: "Bearer \(token)"] }

    private static func jwks() throws -> String {
        let point = p256.publicKey.rawRepresentation
        let rsa = try rsa.get().publicKey.getKeyPrimitives()
        let keys: JSONValue = [
            "keys": [
                ["kty": "EC", "crv": "P-256", "kid": "ec", "use": "sig", "x": .string(base64(point.prefix(32))), "y": .string(base64(point.suffix(32)))],
                ["kty": "OKP", "crv": "Ed25519", "kid": "ed", "alg": "EdDSA", "x": .string(base64(ed25519.publicKey.rawRepresentation))],
                ["kty": "RSA", "kid": "rsa", "alg": "RS256", "n": .string(base64(rsa.modulus)), "e": .string(base64(rsa.publicExponent))],
                ["kty": "RSA", "kid": "enc", "use": "enc", "alg": "RSA-OAEP", "n": "AA", "e": "AQAB"],
            ]
        ]
        return String(decoding: JSON(keys).bytes, as: UTF8.self)
    }

    private func with(
        keys: String, secret: Bool = false, issuer: String? = nil, audience: String? = nil,
        _ body: @escaping @Sendable (any TestClientProtocol) async throws -> Void
    ) async throws {
        let folder = FileManager.default.temporaryDirectory.appending(path: "jwt-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: folder) }
        try Data(keys.utf8).write(to: folder.appending(path: "keys"))
        try Data(Self.secret + [10]).write(to: folder.appending(path: "secret"))
        var configuration = AccessConfiguration()
        configuration.keysFile = folder.appending(path: "keys").path
        if secret { configuration.secretFile = folder.appending(path: "secret").path }
        (configuration.issuer, configuration.audience) = (issuer, audience)
        let server = try HTTPServer(operations: CannedOperations(), access: AccessControl(configuration))
        try await server.application.test(.router) { client in try await body(client) }
    }

    private func withFile(_ bytes: [UInt8], _ body: (String) throws -> Void) throws {
        let path = FileManager.default.temporaryDirectory.appending(path: "keys-\(UUID().uuidString)").path
        defer { try? FileManager.default.removeItem(atPath: path) }
        try Data(bytes).write(to: URL(filePath: path))
        try body(path)
    }
}
