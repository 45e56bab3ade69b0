package import BatonModel
import Foundation

/// Compares another machine's clock, told in whole seconds, with this one's.
package struct ClockCheck: Sendable {
    private let check: String
    private let whose: String
    /// How far the other clock is ahead at least; negative where it is behind.
    package let skew: Duration

    /// - Parameters:
    ///   - time: what the other clock said, cut to the second.
    ///   - before: our time when it was asked.
    ///   - after: our time when it had answered.
    package init(_ check: String, _ whose: String, seconds time: Timestamp, between before: Timestamp, _ after: Timestamp) {
        self.check = check
        self.whose = whose
        let earliest = time.milliseconds
        let latest = earliest + 999
        skew =
            earliest > after.milliseconds
            ? .milliseconds(earliest - after.milliseconds)
            : latest < before.milliseconds ? .milliseconds(latest - before.milliseconds) : .zero
    }

    package var finding: Finding {
        let milliseconds = Int64(skew / .milliseconds(1))
        guard abs(milliseconds) >= 2000 else { return Finding(check, .ok, "the clock of \(whose) agrees with this machine's") }
        let direction = milliseconds > 0 ? "ahead of" : "behind"
        return Finding(
            check, abs(milliseconds) < 30_000 ? .warning : .problem,
            "the clock of \(whose) is \(abs(milliseconds) / 1000) s \(direction) this machine's: deadlines and schedules come at the wrong time",
            remedy: "let both machines take their time from the network (chrony or systemd-timesyncd)")
    }
}

extension Timestamp {
    static var now: Timestamp { Timestamp(milliseconds: Int64(Date().timeIntervalSince1970 * 1000)) }
}
