/// Makes new inputs of known ones: by bytes, by the tokens of a language, and by the values and lines that a text consists of.
package struct Mutator {
    private let tokens: [[UInt8]]
    private let longest: Int

    package init(_ target: FuzzTarget) {
        tokens = (target.tokens + Tokens.everywhere).map { Array($0.utf8) }
        longest = target.longest
    }

    /// - Parameter other: an input to take parts from.
    package func mutate(_ bytes: [UInt8], with other: [UInt8], using generator: inout some RandomNumberGenerator) -> [UInt8] {
        var result = bytes
        for _ in 0..<Int.random(in: 1...4, using: &generator) {
            change(&result, other, using: &generator)
            if result.count > longest { result.removeLast(result.count - longest) }
        }
        return result
    }

    private func change(_ bytes: inout [UInt8], _ other: [UInt8], using generator: inout some RandomNumberGenerator) {
        guard !bytes.isEmpty else { return bytes = other.isEmpty ? token(using: &generator) : other }
        let place = Int.random(in: 0..<bytes.count, using: &generator)
        switch Int.random(in: 0..<16, using: &generator) {
        case 0: bytes[place] ^= 1 << UInt8.random(in: 0..<8, using: &generator)
        case 1: bytes[place] = UInt8.random(in: 0...255, using: &generator)
        case 2, 3, 4: bytes.insert(contentsOf: token(using: &generator), at: place)
        case 5, 6: bytes.replaceSubrange(word(at: place, in: bytes), with: token(using: &generator))
        case 7: bytes.removeSubrange(part(of: bytes, using: &generator))
        case 8: bytes.insert(contentsOf: bytes[part(of: bytes, using: &generator)], at: place)
        case 9: repeatPart(of: &bytes, using: &generator)
        case 10: bytes.insert(contentsOf: other[part(of: other, using: &generator)], at: place)
        case 11: splice(&bytes, other, using: &generator)
        case 12, 13: replaceValue(in: &bytes, other, using: &generator)
        case 14: wrapValue(in: &bytes, using: &generator)
        default: moveLine(in: &bytes, using: &generator)
        }
    }

    private func token(using generator: inout some RandomNumberGenerator) -> [UInt8] {
        tokens.randomElement(using: &generator) ?? []
    }

    /// Short ones more often than long ones.
    private func part(of bytes: [UInt8], using generator: inout some RandomNumberGenerator) -> Range<Int> {
        guard !bytes.isEmpty else { return 0..<0 }
        let start = Int.random(in: 0..<bytes.count, using: &generator)
        let longest = Bool.random(using: &generator) ? 8 : bytes.count
        return start..<min(bytes.count, start + Int.random(in: 1...longest, using: &generator))
    }

    /// What lies between two signs.
    private func word(at place: Int, in bytes: [UInt8]) -> Range<Int> {
        func isPart(_ byte: UInt8) -> Bool {
            (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte) || (UInt8(ascii: "A")...UInt8(ascii: "Z")).contains(byte & 0xDF) || byte >= 0x80
        }
        var (start, end) = (place, place + 1)
        guard isPart(bytes[place]) else { return start..<end }
        while start > 0, isPart(bytes[start - 1]) { start -= 1 }
        while end < bytes.count, isPart(bytes[end]) { end += 1 }
        return start..<end
    }

    /// What is cheap once can be dear a thousand times.
    private func repeatPart(of bytes: inout [UInt8], using generator: inout some RandomNumberGenerator) {
        let range = part(of: bytes, using: &generator)
        guard !range.isEmpty else { return }
        let copies = min(1 << Int.random(in: 1...10, using: &generator), max(0, longest - bytes.count) / range.count)
        let copy = Array(bytes[range])
        bytes.insert(contentsOf: (0..<max(copies, 0)).flatMap { _ in copy }, at: range.upperBound)
    }

    private func splice(_ bytes: inout [UInt8], _ other: [UInt8], using generator: inout some RandomNumberGenerator) {
        guard !other.isEmpty else { return }
        bytes.removeLast(bytes.count - Int.random(in: 0...bytes.count, using: &generator))
        bytes += other[Int.random(in: 0..<other.count, using: &generator)...]
    }

    // MARK: - By the values of JSON, which YAML and expressions know too

    private func replaceValue(in bytes: inout [UInt8], _ other: [UInt8], using generator: inout some RandomNumberGenerator) {
        guard let range = ValueFinder.random(in: bytes, using: &generator) else { return }
        let replacement: [UInt8] =
            switch Int.random(in: 0..<4, using: &generator) {
            case 0: ValueFinder.random(in: other, using: &generator).map { Array(other[$0]) } ?? []
            case 1: ValueFinder.random(in: bytes, using: &generator).map { Array(bytes[$0]) } ?? []
            default: Array((Tokens.values.randomElement(using: &generator) ?? "").utf8)
            }
        bytes.replaceSubrange(range, with: replacement)
    }

    private func wrapValue(in bytes: inout [UInt8], using generator: inout some RandomNumberGenerator) {
        guard let range = ValueFinder.random(in: bytes, using: &generator) else { return }
        let (open, close) = [("[", "]"), (#"{"a":"#, "}"), ("\"", "\""), ("(", ")"), ("`", "`")].randomElement(using: &generator) ?? ("", "")
        let depth = Bool.random(using: &generator) ? 1 : 1 << Int.random(in: 0...9, using: &generator)
        guard (open.utf8.count + close.utf8.count) * depth <= longest else { return }
        bytes.insert(contentsOf: String(repeating: close, count: depth).utf8, at: range.upperBound)
        bytes.insert(contentsOf: String(repeating: open, count: depth).utf8, at: range.lowerBound)
    }

    private func moveLine(in bytes: inout [UInt8], using generator: inout some RandomNumberGenerator) {
        var lines = bytes.split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false)
        let from = Int.random(in: 0..<lines.count, using: &generator)
        let to = Int.random(in: 0..<lines.count, using: &generator)
        switch Int.random(in: 0..<3, using: &generator) {
        case 0: lines.swapAt(from, to)
        case 1: lines.insert(lines[from], at: to)
        default: lines.remove(at: from)
        }
        bytes = Array(lines.joined(separator: [UInt8(ascii: "\n")]))
    }
}

/// Finds what looks like a value of JSON in any bytes.
private enum ValueFinder {
    static func random(in bytes: [UInt8], using generator: inout some RandomNumberGenerator) -> Range<Int>? {
        guard !bytes.isEmpty else { return nil }
        let begin = Int.random(in: 0..<bytes.count, using: &generator)
        for start in Array(begin..<bytes.count) + Array(0..<begin) {
            let closing: UInt8
            switch bytes[start] {
            case UInt8(ascii: "{"): closing = UInt8(ascii: "}")
            case UInt8(ascii: "["): closing = UInt8(ascii: "]")
            case UInt8(ascii: "\""), UInt8(ascii: "'"), UInt8(ascii: "`"):
                guard let end = bytes[(start + 1)...].firstIndex(of: bytes[start]) else { return nil }
                return start..<(end + 1)
            case UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "-"):
                let end = bytes[start...].firstIndex { !"0123456789.eE+-".utf8.contains($0) } ?? bytes.count
                return start..<end
            default: continue
            }
            var depth = 0
            for place in start..<bytes.count {
                if bytes[place] == bytes[start] { depth += 1 } else if bytes[place] == closing { depth -= 1 }
                if depth == 0 { return start..<(place + 1) }
            }
            return nil
        }
        return nil
    }
}
