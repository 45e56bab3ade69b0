import BatonModel

/// Keeps an attempt's log reports to one on its way; the lines that come meanwhile go with the next.
struct LogState: Sendable {
    private var isSending = false
    private var isClosed = false
    private var pending: [LogLine] = []
    private var count = 0

    /// - Returns: what to send now. Lines beyond those that are kept anyway are dropped, but for one that says so.
    mutating func add(_ line: LogLine) -> [LogLine]? {
        guard !isClosed, count <= LogLine.maximumLines else { return nil }
        count += 1
        pending.append(count > LogLine.maximumLines ? .truncated(at: line.at) : line)
        return isSending ? nil : next()
    }

    /// What was on its way has arrived, or failed.
    mutating func sent() -> [LogLine]? {
        isSending = false
        return isClosed || pending.isEmpty ? nil : next()
    }

    /// The attempt has ended.
    ///
    /// - Returns: what has to go before the outcome, by reports.
    mutating func close() -> [[LogLine]] {
        isClosed = true
        var parts: [[LogLine]] = []
        while !pending.isEmpty { parts.append(next()) }
        return parts
    }

    private mutating func next() -> [LogLine] {
        isSending = true
        let lines = Array(pending.prefix(LogLine.maximumLinesOfReport))
        pending.removeFirst(lines.count)
        return lines
    }
}
