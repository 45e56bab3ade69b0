import BatonModel

/// What the coordinator tells workers: all of them, by the control exchange, or one, by its own queue.
public enum Control: Sendable, Hashable {
    /// These attempts must stop, or not start. The message's id is answered with `seen`.
    case cancel(attempts: [String], reason: String?)
    /// The leases are stored: the messages may be acknowledged, heartbeats keep the attempts alive from now on.
    case leased(attempts: [String])
    /// The answer to claims.
    case claimed(granted: [String], refused: [String])
    /// The answer to a worker's first announcement: the cancelled attempts whose messages may still be in queues.
    case welcome(cancelled: [String])
    /// All workers should announce themselves: the coordinator has just started.
    case announce
    /// The worker should finish what it runs and leave.
    case drain

    public func message(id: String? = nil) -> Message {
        var writer = JSONWriter()
        func list(_ name: String, _ items: [String], _ writer: inout JSONWriter) {
            writer.name(name)
            writer.array { for item in items { $0.write(item) } }
        }
        let type: String
        writer.object { writer in
            switch self {
            case .cancel(let attempts, let reason):
                list("attempts", attempts, &writer)
                writer.field("reason", reason)
            case .leased(let attempts): list("attempts", attempts, &writer)
            case .claimed(let granted, let refused):
                list("granted", granted, &writer)
                list("refused", refused, &writer)
            case .welcome(let cancelled): list("cancelled", cancelled, &writer)
            case .announce, .drain: break
            }
        }
        switch self {
        case .cancel: type = "cancel"
        case .leased: type = "leased"
        case .claimed: type = "claimed"
        case .welcome: type = "welcome"
        case .announce: type = "announce"
        case .drain: type = "drain"
        }
        return Message(
            type: type, messageID: id, contentType: ContentType.json, appID: "baton", isPersistent: false,
            headers: [HeaderName.version: .integer(WireVersion.current)], body: writer.bytes)
    }

    private static let types: Set<String> = ["cancel", "leased", "claimed", "welcome", "announce", "drain"]

    /// - Throws: `WireError`; `nil` for a type this version doesn't know, which is ignored.
    public static func read(_ message: Message) throws(WireError) -> Control? {
        try WireVersion.check(message)
        // What isn't known needn't be readable, and what says all by its type needs no body.
        guard let type = message.type, types.contains(type) else { return nil }
        let value: JSONValue
        do throws(JSONError) {
            value = message.body.isEmpty ? [:] : try JSON(parsing: message.body).value
        } catch {
            throw WireError("the body is not JSON: \(error)")
        }
        func list(_ name: String) -> [String] { (value[name]?.array ?? []).compactMap(\.string) }
        return switch type {
        case "cancel": .cancel(attempts: list("attempts"), reason: value["reason"]?.string)
        case "leased": .leased(attempts: list("attempts"))
        case "claimed": .claimed(granted: list("granted"), refused: list("refused"))
        case "welcome": .welcome(cancelled: list("cancelled"))
        case "announce": .announce
        case "drain": .drain
        default: nil
        }
    }
}
