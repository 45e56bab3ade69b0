/// Where a piece of work stands in a distributed trace: the headers `traceparent` and `tracestate` of W3C Trace Context, level 1.
public struct TraceContext: Sendable, Hashable {
    /// `<version>-<trace id>-<parent span id>-<flags>`, in lower-case hexadecimal digits.
    public let traceparent: String
    /// What tracing systems add, which is passed on as it is.
    public let tracestate: String?

    private static let length = 55
    private static let maximumState = 512

    /// `nil` for a `traceparent` that can't be read: the trace then ends here, as the specification has it. A `tracestate` that is
    /// over 512 bytes long is left out.
    public init?(traceparent: String, tracestate: String? = nil) {
        let digits = Array(traceparent.utf8)
        guard digits.count >= Self.length, digits.count == Self.length || digits[Self.length] == UInt8(ascii: "-"),
            digits.count <= Self.maximumState
        else { return nil }
        for (index, digit) in digits.prefix(Self.length).enumerated() {
            let isDash = index == 2 || index == 35 || index == 52
            guard isDash ? digit == UInt8(ascii: "-") : Self.isHex(digit) else { return nil }
        }
        let zero = UInt8(ascii: "0")
        let version = digits[0..<2]
        guard !version.elementsEqual("ff".utf8), digits.count == Self.length || !version.allSatisfy({ $0 == zero }),
            !digits[3..<35].allSatisfy({ $0 == zero }), !digits[36..<52].allSatisfy({ $0 == zero })
        else { return nil }
        self.traceparent = traceparent
        let isUsable = tracestate.map { !$0.isEmpty && $0.utf8.count <= Self.maximumState } ?? false
        self.tracestate = isUsable ? tracestate : nil
    }

    private static func isHex(_ digit: UInt8) -> Bool {
        (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(digit) || (UInt8(ascii: "a")...UInt8(ascii: "f")).contains(digit)
    }

    /// The same for all work of one trace.
    public var traceID: Substring { traceparent.dropFirst(3).prefix(32) }

    /// The context for what an attempt does: in the same trace, below a span that is the attempt's, and the same each time it is
    /// asked for.
    public func child(of attempt: AttemptID) -> TraceContext {
        // FNV-1a, 64 bits: any function that spreads will do.
        var hash: UInt64 = 0xCBF2_9CE4_8422_2325
        for byte in attempt.description.utf8 {
            hash ^= UInt64(byte)
            hash &*= 0x0000_0100_0000_01B3
        }
        let digits = String(max(hash, 1), radix: 16)
        let span = String(repeating: "0", count: 16 - digits.count) + digits
        let flags = traceparent.dropFirst(53).prefix(2)
        return TraceContext(traceparent: "00-\(traceID)-\(span)-\(flags)", tracestate: tracestate) ?? self
    }
}
