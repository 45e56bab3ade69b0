// Swift compares strings by canonical equivalence; JSON and JMESPath compare them code point by code point. The order of
// UTF-8 bytes is the order of code points.
extension String {
    func hasSameCodePoints(as other: String) -> Bool {
        utf8.count == other.utf8.count && utf8.elementsEqual(other.utf8)
    }

    func precedesByCodePoints(_ other: String) -> Bool {
        utf8.lexicographicallyPrecedes(other.utf8)
    }

    /// Whether `part` occurs in this text, in time proportional to both lengths (Knuth, Morris and Pratt).
    func containsCodePoints(_ part: String) -> Bool {
        let part = Array(part.utf8)
        guard let first = part.first, part.count <= utf8.count else { return part.isEmpty }
        guard part.count > 1 else { return utf8.contains(first) }
        var borders = [Int](repeating: 0, count: part.count)
        var length = 0
        for index in 1..<part.count {
            while length > 0 && part[index] != part[length] { length = borders[length - 1] }
            if part[index] == part[length] { length += 1 }
            borders[index] = length
        }
        length = 0
        for byte in utf8 {
            while length > 0 && byte != part[length] { length = borders[length - 1] }
            if byte == part[length] { length += 1 }
            if length == part.count { return true }
        }
        return false
    }
}
