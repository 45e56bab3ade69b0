import BatonModel

/// Reads a stream of server-sent events, as the HTML standard defines it, from bytes in pieces of any size.
package struct EventParser {
    private var line: [UInt8] = []
    private var data: [UInt8] = []
    private var hasData = false
    private var afterReturn = false

    package init() {}

    /// Larger than any event: an endless line is not one.
    private static let largestEvent = 16 << 20

    /// The `data` of each event that the piece completes.
    ///
    /// - Throws: `ClientError` for an event that is too large.
    package mutating func read(_ piece: some Sequence<UInt8>) throws(ClientError) -> [[UInt8]] {
        var events: [[UInt8]] = []
        for byte in piece {
            let endedByReturn = afterReturn
            afterReturn = byte == UInt8(ascii: "\r")
            if byte == UInt8(ascii: "\n") || byte == UInt8(ascii: "\r") {
                if byte == UInt8(ascii: "\n"), endedByReturn { continue }
                if let event = endLine() { events.append(event) }
            } else {
                line.append(byte)
                guard line.count + data.count <= Self.largestEvent else {
                    throw ClientError(.unreadable, "the coordinator sent an event of more than \(Self.largestEvent) bytes")
                }
            }
        }
        return events
    }

    private mutating func endLine() -> [UInt8]? {
        defer { line.removeAll(keepingCapacity: true) }
        if line.isEmpty {
            defer { (data, hasData) = ([], false) }
            return hasData ? data : nil
        }
        let name = Array("data".utf8)
        guard line.starts(with: name), line.count == name.count || line[name.count] == UInt8(ascii: ":") else { return nil }
        var value = line.dropFirst(name.count + 1)
        if value.first == UInt8(ascii: " ") { value = value.dropFirst() }
        if hasData { data.append(UInt8(ascii: "\n")) }
        data += value
        hasData = true
        return nil
    }
}
