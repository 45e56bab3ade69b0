/// A time on the clock of a schedule's time zone, in whole seconds.
public struct TimeOfDay: Sendable, Hashable, Comparable {
    /// Since midnight, from 0 to 86399.
    public let secondOfDay: Int

    /// - Returns: `nil` for what no clock shows.
    public init?(hour: Int, minute: Int, second: Int = 0) {
        guard (0...23).contains(hour), (0...59).contains(minute), (0...59).contains(second) else { return nil }
        secondOfDay = hour * 3600 + minute * 60 + second
    }

    /// Reads `08:00` or `08:00:30`, on 24 hours.
    public init?(text: String) {
        let bytes = Array(text.utf8)
        guard bytes.count == 5 || bytes.count == 8 else { return nil }
        var parts: [Int] = []
        for start in stride(from: 0, to: bytes.count, by: 3) {
            guard start == 0 || bytes[start - 1] == UInt8(ascii: ":") else { return nil }
            let digits = bytes[start...(start + 1)].map { Int($0) - 48 }
            guard digits.allSatisfy((0...9).contains) else { return nil }
            parts.append(digits[0] * 10 + digits[1])
        }
        self.init(hour: parts[0], minute: parts[1], second: parts.count > 2 ? parts[2] : 0)
    }

    public var text: String {
        let two = { (value: Int) in value < 10 ? "0\(value)" : "\(value)" }
        let text = "\(two(secondOfDay / 3600)):\(two(secondOfDay / 60 % 60))"
        return secondOfDay % 60 == 0 ? text : "\(text):\(two(secondOfDay % 60))"
    }

    public static func < (left: TimeOfDay, right: TimeOfDay) -> Bool { left.secondOfDay < right.secondOfDay }

    static let explanation = "a time of day from 00:00 to 23:59, such as 08:00 or 17:30:15"
}
