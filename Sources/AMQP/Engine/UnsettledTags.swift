import DequeModule

/// The delivery tags of one channel that are neither acknowledged nor rejected.
///
/// Keeps a second acknowledgement of the same delivery from the broker, which would end the channel for it; and finds
/// runs that one acknowledgement can settle.
struct UnsettledTags {
    private enum State: UInt8 { case settled, unsettled, toAcknowledge }

    private var states: Deque<State> = []
    private var firstTag: UInt64 = 1
    private var toAcknowledge: [UInt64] = []

    var isEmpty: Bool { states.isEmpty }

    mutating func delivered(_ tag: UInt64) {
        if states.isEmpty { firstTag = tag }
        // Tags of a channel count up by one; a gap would be the broker's mistake and is taken as settled.
        while firstTag + UInt64(states.count) < tag, states.count < 1_000_000 { states.append(.settled) }
        states.append(.unsettled)
    }

    private func position(_ tag: UInt64) -> Int? {
        guard tag >= firstTag, tag - firstTag < UInt64(states.count) else { return nil }
        return Int(tag - firstTag)
    }

    /// - Returns: false when the delivery was settled before.
    mutating func reject(_ tag: UInt64) -> Bool {
        guard let position = position(tag), states[position] == .unsettled else { return false }
        states[position] = .settled
        trim()
        return true
    }

    mutating func acknowledge(_ tag: UInt64) {
        guard let position = position(tag), states[position] == .unsettled else { return }
        states[position] = .toAcknowledge
        toAcknowledge.append(tag)
    }

    /// Tells the acknowledgements to send for what `acknowledge` collected.
    mutating func flush(_ send: (_ tag: UInt64, _ multiple: Bool) throws(AMQPError) -> Void) throws(AMQPError) {
        guard !toAcknowledge.isEmpty else { return }
        var run = 0
        var last: UInt64 = 0
        for (offset, state) in states.enumerated() {
            if state == .unsettled { break }
            if state == .toAcknowledge {
                run += 1
                last = firstTag + UInt64(offset)
            }
        }
        if run > 0 { try send(last, run > 1) }
        for tag in toAcknowledge {
            if tag > last { try send(tag, false) }
            if let position = position(tag) { states[position] = .settled }
        }
        toAcknowledge.removeAll(keepingCapacity: true)
        trim()
    }

    private mutating func trim() {
        while states.first == .settled {
            states.removeFirst()
            firstTag += 1
        }
    }
}
