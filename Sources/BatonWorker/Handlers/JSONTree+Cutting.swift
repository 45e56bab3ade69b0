import BatonModel

extension JSONTree {
    /// The greatest length in bytes to which strings can be cut so that the text has at most `limit`; `nil` where even the
    /// shortest strings leave too much.
    func longestString(within limit: Int) -> Int? {
        var lengths: [Int] = []
        collectStrings(&lengths)
        let rest = bytes - lengths.reduce(0, +)
        func fits(_ length: Int) -> Bool { lengths.reduce(rest) { $0 + min($1, length) } <= limit }
        guard fits(StringCut.shortest) else { return nil }
        var low = StringCut.shortest
        var high = max(low, lengths.max() ?? low)
        while low < high {
            let middle = low + (high - low + 1) / 2
            if fits(middle) { low = middle } else { high = middle - 1 }
        }
        return low
    }

    /// Lengths as text, without the quotes.
    private func collectStrings(_ lengths: inout [Int]) {
        switch content {
        case .atom: break
        case .string: lengths.append(bytes - 2)
        case .array(let items): for item in items { item.collectStrings(&lengths) }
        case .object(let fields): for field in fields { field.value.collectStrings(&lengths) }
        }
    }

    /// - Parameter length: in bytes of text, at least `StringCut.shortest`.
    func cuttingStrings(to length: Int) -> JSONTree {
        switch content {
        case .atom: self
        case .string(let json): bytes - 2 <= length ? self : JSONTree(string: StringCut.cut(json, to: length))
        case .array(let items): JSONTree(items.map { $0.cuttingStrings(to: length) })
        case .object(let fields): JSONTree(fields.map { ($0.name, $0.value.cuttingStrings(to: length)) })
        }
    }

    /// As much of it as fits into so many bytes; `nil` where nothing does.
    func fitting(_ limit: Int) -> JSONTree? {
        if bytes <= limit { return self }
        switch content {
        case .atom: return nil
        case .string(let json):
            return limit < StringCut.shortest + 2 ? nil : JSONTree(string: StringCut.cut(json, to: limit - 2))
        case .array(let items): return limit < 2 ? nil : JSONTree(Self.first(of: items, within: limit - 2))
        case .object(let fields): return limit < 2 ? nil : JSONTree(Self.shares(of: fields, within: limit - 2))
        }
    }

    /// Items from the front, the last one perhaps in part, but not as an empty shell. A comma is counted for each.
    private static func first(of items: [JSONTree], within limit: Int) -> [JSONTree] {
        var kept: [JSONTree] = []
        var left = limit
        for item in items {
            guard let part = item.fitting(left - 1), part.bytes == item.bytes || part.bytes > 2 else { break }
            kept.append(part)
            left -= part.bytes + 1
            if part.bytes < item.bytes { break }
        }
        return kept
    }

    /// Smaller fields first, each with an equal share of what is left, so that a large one can't take the room of the others.
    private static func shares(
        of fields: [(name: String, value: JSONTree)], within limit: Int
    ) -> [(name: String, value: JSONTree)] {
        let costs = fields.map { bytes(ofName: $0.name) + 1 }
        let order = fields.indices.sorted { (costs[$0] + fields[$0].value.bytes, $0) < (costs[$1] + fields[$1].value.bytes, $1) }
        var parts = [JSONTree?](repeating: nil, count: fields.count)
        var left = limit
        for (position, index) in order.enumerated() {
            let share = left / (order.count - position)
            // Where the shares are too small for anything, the smaller fields are better than none.
            guard let part = fields[index].value.fitting(share - costs[index]) ?? fields[index].value.fitting(left - costs[index])
            else { continue }
            parts[index] = part
            left -= part.bytes + costs[index]
        }
        return fields.indices.compactMap { index in parts[index].map { (fields[index].name, $0) } }
    }
}

/// Cuts strings by the bytes they have as JSON text, never within a character.
enum StringCut {
    static let mark = "…"
    /// The bytes of the mark alone.
    static let shortest = mark.utf8.count

    /// As `JSONWriter` writes it, without quotes.
    static func bytes(_ text: some StringProtocol) -> Int { text.utf8.reduce(0) { $0 + bytes($1) } }

    private static func bytes(_ byte: UInt8) -> Int {
        switch byte {
        case UInt8(ascii: "\""), UInt8(ascii: "\\"): 2
        case 0..<0x20: 6
        default: 1
        }
    }

    /// - Parameters:
    ///   - string: longer than `length`.
    ///   - length: of the text with its mark and without its quotes, at least `shortest`.
    static func cut(_ string: JSON, to length: Int) -> JSON {
        let text = string.value.string ?? ""
        var end = text.startIndex
        var left = length - shortest
        while end < text.endIndex {
            let next = text.index(after: end)
            left -= bytes(text[end..<next])
            if left < 0 { break }
            end = next
        }
        return JSON(.string(text[..<end] + mark))
    }
}
