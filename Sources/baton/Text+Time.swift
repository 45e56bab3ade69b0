import BatonModel
import Foundation

extension Duration {
    /// For people: `0.2 s`, `12 s`, `3 min 5 s`, `2 h 10 min`.
    var forPeople: String {
        let milliseconds = max(0, milliseconds)
        let seconds = Int(milliseconds / 1000)
        switch milliseconds {
        case ..<1000: return milliseconds < 100 ? "\(milliseconds) ms" : "0.\(milliseconds / 100) s"
        case ..<10_000: return "\(milliseconds / 1000).\(milliseconds % 1000 / 100) s"
        case ..<60_000: return "\(seconds) s"
        case ..<3_600_000: return "\(seconds / 60) min \(seconds % 60) s"
        default: return "\(seconds / 3600) h \(seconds % 3600 / 60) min"
        }
    }
}

extension Timestamp {
    static var now: Timestamp { Timestamp(milliseconds: Int64(Date().timeIntervalSince1970 * 1000)) }

    /// The time of day here: `12:00:01`.
    var timeOfDay: String {
        let parts = Calendar.current.dateComponents([.hour, .minute, .second], from: date)
        return [parts.hour, parts.minute, parts.second].map { Self.twoDigits($0 ?? 0) }.joined(separator: ":")
    }

    /// Here: `2026-12-01 12:00:01`.
    var dateAndTime: String {
        let parts = Calendar.current.dateComponents([.year, .month, .day], from: date)
        return "\(parts.year ?? 0)-\(Self.twoDigits(parts.month ?? 0))-\(Self.twoDigits(parts.day ?? 0)) \(timeOfDay)"
    }

    private static func twoDigits(_ number: Int) -> String { number < 10 ? "0\(number)" : "\(number)" }
}
