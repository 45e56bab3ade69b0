import BatonModel

extension String {
    /// At most so many characters, what is too much taken out of the middle: names differ at their ends.
    func shortened(to limit: Int) -> String {
        guard count > limit, limit > 3 else { return self }
        let tail = (limit - 1) / 3
        return "\(prefix(limit - 1 - tail))…\(suffix(tail))"
    }
}

extension Int {
    /// With commas, as in 10,000.
    var grouped: String {
        var digits = Array(String(magnitude))
        var position = digits.count - 3
        while position > 0 {
            digits.insert(",", at: position)
            position -= 3
        }
        return (self < 0 ? "-" : "") + String(digits)
    }
}

extension Duration {
    /// As people say it.
    var short: String {
        let milliseconds = Swift.max(0, self.milliseconds)
        switch milliseconds {
        case ..<1000: return "\(milliseconds) ms"
        case ..<60_000:
            let tenths = milliseconds / 100
            return tenths % 10 == 0 ? "\(tenths / 10) s" : "\(tenths / 10).\(tenths % 10) s"
        case ..<3_600_000: return "\(milliseconds / 60_000) min \(milliseconds / 1000 % 60) s"
        case ..<172_800_000: return "\(milliseconds / 3_600_000) h \(milliseconds / 60_000 % 60) min"
        default: return "\(milliseconds / 86_400_000) d \(milliseconds / 3_600_000 % 24) h"
        }
    }
}

extension [String: Int] {
    /// Such as `9,998 completed, 2 failed`.
    var statuses: String {
        TaskStatus.allCases.compactMap { status in self[status.rawValue].map { "\($0.grouped) \(status.rawValue)" } }.joined(separator: ", ")
    }
}
