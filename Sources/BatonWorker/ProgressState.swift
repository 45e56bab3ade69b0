import BatonWire

/// Keeps an attempt's progress reports to one on its way and one waiting, into which newer ones are merged.
struct ProgressState: Sendable {
    private var isSending = false
    private var isClosed = false
    private var pending: Report.Progress?

    /// - Returns: what to send now.
    mutating func report(_ progress: Report.Progress) -> Report.Progress? {
        if isClosed { return nil }
        if isSending {
            pending = Self.merge(pending, progress)
            return nil
        }
        isSending = true
        return progress
    }

    /// What was on its way has arrived, or failed.
    mutating func sent() -> Report.Progress? {
        defer { pending = nil }
        isSending = pending != nil && !isClosed
        return isClosed ? nil : pending
    }

    /// The attempt has ended.
    ///
    /// - Returns: what has to go before the outcome, so that the next attempt finds the last checkpoint.
    mutating func close() -> Report.Progress? {
        defer { pending = nil }
        if isClosed { return nil }
        isClosed = true
        return pending?.checkpoint == nil ? nil : pending
    }

    private static func merge(_ older: Report.Progress?, _ newer: Report.Progress) -> Report.Progress {
        Report.Progress(
            fraction: newer.fraction ?? older?.fraction, message: newer.message ?? older?.message,
            checkpoint: newer.checkpoint ?? older?.checkpoint)
    }
}
