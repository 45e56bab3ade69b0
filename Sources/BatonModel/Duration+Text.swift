extension Duration {
    /// Whole milliseconds, rounded towards zero; saturates.
    public var milliseconds: Int64 {
        let (seconds, attoseconds) = components
        let (scaled, overflow) = seconds.multipliedReportingOverflow(by: 1000)
        guard !overflow else { return seconds < 0 ? .min : .max }
        let (sum, overflowed) = scaled.addingReportingOverflow(attoseconds / 1_000_000_000_000_000)
        return overflowed ? (seconds < 0 ? .min : .max) : sum
    }

    /// Reads a duration of a graph document: a whole or decimal number and one of `ms`, `s`, `m`, `h`, `d`. Never negative;
    /// at most ten years.
    public init?(text: String) {
        let units: [(suffix: String, milliseconds: Double)] = [
            ("ms", 1), ("s", 1000), ("m", 60_000), ("h", 3_600_000), ("d", 86_400_000),
        ]
        guard let unit = units.first(where: { text.hasSuffix($0.suffix) }) else { return nil }
        let digits = text.dropLast(unit.suffix.count)
        guard !digits.isEmpty, digits.utf8.allSatisfy({ ($0 >= 48 && $0 <= 57) || $0 == 46 }), let number = Double(digits)
        else { return nil }
        let milliseconds = (number * unit.milliseconds).rounded()
        guard milliseconds <= Double(Self.longestMilliseconds) else { return nil }
        self = .milliseconds(Int64(milliseconds))
    }

    public static let textExplanation = "a duration such as 250ms, 30s, 5m, 1h or 2d, at most 3650d"
    private static let longestMilliseconds: Int64 = 3650 * 86_400_000

    /// The shortest text that reads back as the same number of milliseconds.
    public var text: String {
        let total = milliseconds
        for (suffix, factor) in [("d", Int64(86_400_000)), ("h", 3_600_000), ("m", 60_000), ("s", 1000)]
        where total != 0 && total % factor == 0 {
            return "\(total / factor)\(suffix)"
        }
        return "\(total)ms"
    }
}
