import BatonModel

/// The routing key of a submission: `<owner or ->.<name>`.
///
/// Topic permissions of the broker hold a producer to keys that begin with its own owner, so what a key says of the owner can be
/// relied on where they are set. The owner stands before the first dot; in it, dots, blanks and whatever else a key can't hold
/// are written as in addresses: `ada@example%2Ecom.order`.
public struct SubmitKey: Sendable, Hashable, CustomStringConvertible {
    /// `nil` for `-`.
    public var owner: String?
    /// For people and bindings; Baton doesn't look at it.
    public var name: String

    public init(owner: String?, name: String) {
        self.owner = owner
        self.name = name
    }

    /// Reads a key. One without a dot has no owner.
    ///
    /// - Throws: `WireError` where the part before the dot can't be an owner.
    public init(_ key: String) throws(WireError) {
        guard let dot = key.utf8.firstIndex(of: UInt8(ascii: ".")) else {
            self.init(owner: nil, name: key)
            return
        }
        let word = key[..<dot]
        let name = String(key[key.utf8.index(after: dot)...])
        guard word != "-", !word.isEmpty else {
            self.init(owner: nil, name: name)
            return
        }
        guard let owner = OwnerText.decode(word), !owner.isEmpty else {
            throw WireError("the routing key's owner '\(word)' can't be read: write it with %XX for what isn't a letter, digit, or one of _@:+-")
        }
        self.init(owner: owner, name: name)
    }

    public var description: String { "\(owner.map(OwnerText.encode) ?? "-").\(name)" }
}
