import BatonModel
import Foundation
import JWTKit

/// A key that JWTs are verified with, bound to the one algorithm it is for: what a token's header says chooses among keys, never
/// what is done with one.
struct JWTKey: Sendable {
    enum Algorithm: String, Sendable, CaseIterable { case HS256, RS256, ES256, EdDSA }

    private enum Material: Sendable {
        case secret(HMACKey)
        case rsa(Insecure.RSA.PublicKey)
        case ecdsa(ES256PublicKey)
        case eddsa(EdDSA.PublicKey)
    }

    let algorithm: Algorithm
    /// By which a token's header can name it.
    let id: String?
    private let material: Material

    /// - Throws: `AccessError` for one that could be found by trying.
    init(secret bytes: [UInt8]) throws(AccessError) {
        let secret = Array(bytes.reversed().drop { $0 == UInt8(ascii: "\n") || $0 == UInt8(ascii: "\r") }.reversed())
        guard secret.count >= 32 else {
            throw AccessError("a secret for HS256 has at least 32 bytes, but this one \(secret.count): make one with 'openssl rand -base64 48'")
        }
        self.init(.HS256, nil, .secret(HMACKey(from: secret)))
    }

    private init(_ algorithm: Algorithm, _ id: String?, _ material: Material) {
        self.algorithm = algorithm
        self.id = id
        self.material = material
    }

    func signed(_ text: [UInt8], _ signature: [UInt8]) async -> Bool {
        let collection = JWTKeyCollection()
        switch material {
        case .secret(let key): await collection.add(hmac: key, digestAlgorithm: .sha256)
        case .rsa(let key): await collection.add(rsa: key, digestAlgorithm: .sha256)
        case .ecdsa(let key): await collection.add(ecdsa: key)
        case .eddsa(let key): await collection.add(eddsa: key)
        }
        // It throws for signatures of the wrong form.
        return (try? await collection.getKey().verify(signature, signs: text)) ?? false
    }
}

// MARK: - Files of keys

extension JWTKey {
    private static let mostKeys = 100

    /// Reads a JWKS (RFC 7517), a single JWK, or public keys in PEM.
    ///
    /// - Throws: `AccessError`.
    static func keys(_ bytes: [UInt8]) throws(AccessError) -> [JWTKey] {
        guard let text = String(validating: bytes, as: UTF8.self) else { throw AccessError("it is not UTF-8") }
        let keys = text.contains("-----BEGIN") ? try pem(text) : try jwks(bytes)
        guard keys.count <= mostKeys else { throw AccessError("it has \(keys.count) keys, more than \(mostKeys)") }
        return keys
    }

    private static func jwks(_ bytes: [UInt8]) throws(AccessError) -> [JWTKey] {
        let document: JSONValue
        do throws(JSONError) { document = try JSON(parsing: bytes).value } catch {
            throw AccessError("it is neither PEM nor a JWKS: \(error)")
        }
        let list = document["keys"]?.array ?? (document["kty"] == nil ? [] : [document])
        var keys: [JWTKey] = []
        for (index, key) in list.enumerated() {
            do throws(AccessError) {
                if let key = try JWTKey(jwk: key) { keys.append(key) }
            } catch {
                throw AccessError("keys[\(index)]: \(error)")
            }
        }
        guard !keys.isEmpty else { throw AccessError("it has no key for RS256, ES256 or EdDSA: give a JWKS as its issuer publishes it") }
        return keys
    }

    /// - Returns: `nil` for keys that are for something else, of which a set may have some.
    private init?(jwk: JSONValue) throws(AccessError) {
        guard jwk["use"]?.string ?? "sig" == "sig" else { return nil }
        let id = jwk["kid"]?.string
        let algorithm = jwk["alg"]?.string
        func isFor(_ own: Algorithm) -> Bool { algorithm == nil || algorithm == own.rawValue }
        func field(_ name: String) throws(AccessError) -> String {
            guard let text = jwk[name]?.string else { throw AccessError("'\(name)' is missing") }
            return text
        }
        do {
            switch (jwk["kty"]?.string, jwk["crv"]?.string) {
            case ("RSA", _) where isFor(.RS256):
                self.init(.RS256, id, .rsa(try Insecure.RSA.PublicKey(modulus: field("n"), exponent: field("e"))))
            case ("EC", "P-256") where isFor(.ES256):
                self.init(.ES256, id, .ecdsa(try ES256PublicKey(parameters: (x: field("x"), y: field("y")))))
            case ("OKP", "Ed25519") where isFor(.EdDSA):
                self.init(.EdDSA, id, .eddsa(try EdDSA.PublicKey(x: field("x"), curve: .ed25519)))
            case ("oct", _):
                throw AccessError("is a secret: a set of public keys has none; give a secret for HS256 by --jwt-secret-file")
            default: return nil
            }
        } catch let error as AccessError {
            throw error
        } catch {
            throw AccessError("can't be used: \(error)")
        }
    }

    private static func pem(_ text: String) throws(AccessError) -> [JWTKey] {
        guard !text.contains("PRIVATE KEY-----") else {
            throw AccessError("it holds a private key, which has no business here: give the public one ('openssl pkey -pubout')")
        }
        var keys: [JWTKey] = []
        for part in text.components(separatedBy: "-----BEGIN PUBLIC KEY-----").dropFirst() {
            guard let end = part.range(of: "-----END PUBLIC KEY-----") else { throw AccessError("a key has no END PUBLIC KEY") }
            let block = "-----BEGIN PUBLIC KEY-----" + part[..<end.upperBound] + "\n"
            if let key = try? EdDSA.PublicKey(pem: block) {
                keys.append(JWTKey(.EdDSA, nil, .eddsa(key)))
            } else if let key = try? ES256PublicKey(pem: block) {
                keys.append(JWTKey(.ES256, nil, .ecdsa(key)))
            } else if let key = try? Insecure.RSA.PublicKey(pem: block) {
                keys.append(JWTKey(.RS256, nil, .rsa(key)))
            } else {
                throw AccessError("PUBLIC KEY \(keys.count + 1) is none of RSA with 2048 bits or more, P-256, Ed25519")
            }
        }
        guard !keys.isEmpty else { throw AccessError("it has no PUBLIC KEY") }
        return keys
    }
}
