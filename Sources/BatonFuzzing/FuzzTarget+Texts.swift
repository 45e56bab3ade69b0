import AMQP
import BatonModel
import BatonWire

extension FuzzTarget {
    static let texts = FuzzTarget("texts", "durations, times, ids, owners, keys, traces, zones", tokens: Tokens.texts, longest: 256) { bytes in
        let text = String(decoding: bytes, as: UTF8.self)
        if let duration = Duration(text: text) {
            try expect(duration >= .zero && duration <= .seconds(3650 * 86_400), "\(duration) is no duration of a document")
            try expectEqual(Duration(text: duration.text), .milliseconds(duration.milliseconds), "a duration changes when its text is read")
        }
        if let time = Timestamp(text), time.milliseconds >= Timestamp("0000-01-01T00:00:00Z")?.milliseconds ?? 0,
            time.milliseconds <= Timestamp("9999-12-31T23:59:59.999Z")?.milliseconds ?? 0
        {
            try expectEqual(Timestamp(time.description), time, "a time changes when its text is read")
        }
        if let time = TimeOfDay(text: text) { try expectEqual(TimeOfDay(text: time.text), time, "a time of day changes when its text is read") }
        if let attempt = AttemptID(text) { try expectEqual(attempt.description, text, "two texts name one attempt") }
        if let trace = TraceContext(traceparent: text, tracestate: text) {
            let child = trace.child(of: AttemptID(run: "r", task: 0, number: 1))
            try expectEqual(child.traceID, trace.traceID, "a child is of another trace")
            try expectEqual(TraceContext(traceparent: child.traceparent)?.traceparent, child.traceparent, "a child is no trace")
        }
        try expectEqual(OwnerText.decode(OwnerText.encode(text)), text, "an owner changes when it is written")
        if let owner = OwnerText.decode(text) { try expectEqual(OwnerText.decode(OwnerText.encode(owner)), owner, "an owner changes when it is written") }
        try checkKey(text)
        if let zone = try? ScheduleZone(text) {
            try expectEqual(try? ScheduleZone(zone.name), zone, "a zone changes when its name is read")
        }
    }

    private static func checkKey(_ text: String) throws(Finding) {
        guard let key = try? SubmitKey(text) else { return }
        try expectEqual(try? SubmitKey(key.description), key, "a routing key changes when it is written")
    }

    static let address = FuzzTarget("address", "addresses of brokers", tokens: Tokens.address, longest: 1024) { bytes in
        let text = String(decoding: bytes, as: UTF8.self)
        do {
            let configuration = try ConnectionConfiguration(url: text)
            try expect((1...65_535).contains(configuration.port) && !configuration.host.isEmpty, "a configuration that can't be used")
            for part in [configuration.host, configuration.virtualHost, configuration.user, configuration.password] {
                try expect(!part.utf8.contains(0), "a zero byte")
            }
        } catch let error as AMQPError {
            try expect(error.code == .invalidArgument && !error.description.isEmpty, "refused without a reason")
            try expect(!error.description.contains(Self.password) || !mayHoldPassword(text), "the password is shown: \(error)")
        }
    }

    private static let password = "hunter2"

    /// Whether it stands between the user name and an `@`, also where it isn't written as it should be.
    private static func mayHoldPassword(_ text: String) -> Bool {
        guard let start = text.firstRange(of: password), let at = text.lastIndex(of: "@") else { return false }
        return start.upperBound <= at && text[..<start.lowerBound].contains(":")
    }
}
