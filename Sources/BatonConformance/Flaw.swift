import BatonModel

/// Something that a worker must not do, and did with an attempt.
struct Flaw: Hashable, CustomStringConvertible {
    var attempt: String
    /// What is said of the attempt.
    var cause: String

    var description: String { "\(attempt) \(cause)" }
}

extension [Flaw] {
    /// Each cause once, with the first attempt it was seen of and how often it was seen.
    var inWords: [String] {
        var order: [String] = []
        var attempts: [String: [String]] = [:]
        for flaw in self {
            if attempts[flaw.cause] == nil { order.append(flaw.cause) }
            attempts[flaw.cause, default: []].append(flaw.attempt)
        }
        return order.map { cause in
            let all = attempts[cause] ?? []
            return "\(all.first ?? "") \(cause)" + (all.count > 1 ? " (the first of \(all.count))" : "")
        }
    }
}

extension Duration {
    /// In seconds, to a thousandth where that is needed: the one unit of what is found.
    var inSeconds: String {
        var digits = String(String(milliseconds % 1000 + 1000).dropFirst())
        while digits.hasSuffix("0") { digits.removeLast() }
        return "\(milliseconds / 1000)\(digits.isEmpty ? "" : "." + digits) s"
    }
}
