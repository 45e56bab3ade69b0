public import BatonCoordinator
import BatonModel
import Crypto
import Foundation

/// One line of a file of tokens: `<name> <owner or -> <role> sha256:<hash in hexadecimal>`.
///
/// The token itself is nowhere in it, and can't be had from the hash: tokens are 256 random bits.
public struct TokenEntry: Sendable, Hashable {
    public var identity: Identity
    let hash: [UInt8]

    /// Makes a token that nobody has had before.
    ///
    /// - Returns: the token, to be given to whom it is for, and kept nowhere else; and what the file needs.
    /// - Throws: `AccessError` where the identity can't be one.
    public static func create(_ identity: Identity) throws(AccessError) -> (token: String, entry: TokenEntry) {
        var generator = SystemRandomNumberGenerator()
        let secret = Data((0..<32).map { _ in UInt8.random(in: .min ... .max, using: &generator) })
        let text = secret.base64EncodedString().replacing("+", with: "-").replacing("/", with: "_").replacing("=", with: "")
        let token = "baton_" + text
        return (token, try TokenEntry(identity, hash: Self.hash(token)))
    }

    init(_ identity: Identity, hash: [UInt8]) throws(AccessError) {
        guard NameRule.allows(identity.name) else {
            throw AccessError("'\(identity.name)' is not a name: \(NameRule.explanation)")
        }
        if let owner = identity.owner, owner.isEmpty || owner.utf8.count > 255 { throw AccessError("an owner must have 1 to 255 bytes") }
        if let owner = identity.owner, !PlainText.allows(owner) { throw AccessError("an owner \(PlainText.explanation)") }
        guard identity.role != .user || identity.owner != nil else {
            throw AccessError("the role 'user' needs an owner: name one, or choose the role viewer or admin")
        }
        self.identity = identity
        self.hash = hash
    }

    /// Reads a line.
    init(_ line: String) throws(AccessError) {
        let words = line.split { $0.isWhitespace }.map(String.init)
        guard words.count == 4 else {
            throw AccessError("a line has a name, an owner or '-', a role and a hash, but this one \(words.count) words: make one with 'baton token create'")
        }
        guard let owner = OwnerText.decode(words[1]) else { throw AccessError("'\(words[1])' is not an owner: a % needs two digits behind it") }
        guard let role = Role(rawValue: words[2]) else {
            throw AccessError("'\(words[2])' is not a role: it is one of \(Role.allCases.map(\.rawValue).joined(separator: ", "))")
        }
        guard words[3].hasPrefix("sha256:"), let hash = Self.bytes(words[3].dropFirst(7)), hash.count == SHA256.byteCount else {
            throw AccessError("the last word must be 'sha256:' and 64 hexadecimal digits: it is the hash of the token, never the token itself")
        }
        try self.init(Identity(name: words[0], owner: words[1] == "-" ? nil : owner, role: role), hash: hash)
    }

    /// As it stands in the file.
    public var line: String {
        let digits = Array("0123456789abcdef")
        let text = String(hash.flatMap { [digits[Int($0 >> 4)], digits[Int($0 & 15)]] })
        return "\(identity.name) \(identity.owner.map(OwnerText.encode) ?? "-") \(identity.role.rawValue) sha256:\(text)"
    }

    static func hash(_ token: String) -> [UInt8] { Array(SHA256.hash(data: Array(token.utf8))) }

    private static func bytes(_ text: Substring) -> [UInt8]? {
        let digits = text.compactMap(\.hexDigitValue)
        guard digits.count == text.count, digits.count.isMultiple(of: 2) else { return nil }
        return stride(from: 0, to: digits.count, by: 2).map { UInt8(digits[$0] << 4 | digits[$0 + 1]) }
    }
}

/// A file of tokens. Empty lines and what follows a `#` at a line's beginning are for people.
struct TokenList: Sendable {
    private let entries: [TokenEntry]

    /// - Throws: `AccessError` that names the line.
    init(_ bytes: [UInt8]) throws(AccessError) {
        guard let text = String(validating: bytes, as: UTF8.self) else { throw AccessError("it is not UTF-8") }
        var entries: [TokenEntry] = []
        var places: [[UInt8]: Int] = [:]
        for (number, line) in text.split(omittingEmptySubsequences: false, whereSeparator: \.isNewline).enumerated() {
            let line = line.trimmingCharacters(in: .whitespaces)
            if line.isEmpty || line.hasPrefix("#") { continue }
            let entry: TokenEntry
            do throws(AccessError) { entry = try TokenEntry(line) } catch { throw AccessError("line \(number + 1): \(error)") }
            if let other = places.updateValue(number + 1, forKey: entry.hash) {
                throw AccessError("line \(number + 1) has the same token as line \(other): one token stands for one identity")
            }
            entries.append(entry)
        }
        self.entries = entries
    }

    /// Takes the same time whichever entry it is, and whether it is any.
    func identity(of token: String) -> Identity? {
        let hash = TokenEntry.hash(token)
        var found = -1
        for (index, entry) in entries.enumerated() {
            var difference: UInt8 = 0
            for (own, other) in zip(entry.hash, hash) { difference |= own ^ other }
            if difference == 0 { found = index }
        }
        return found < 0 ? nil : entries[found].identity
    }
}
