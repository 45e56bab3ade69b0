import BatonModel
import Hummingbird

extension Request {
    /// The whole body, held in memory; one that is too large is refused before or while it is read.
    ///
    /// - Throws: `Problem`; `CancellationError`.
    func bytes(limit: Int, named name: String, advice: String) async throws -> [UInt8] {
        let tooLarge = Problem.tooLarge(limit: name, bytes: limit, advice: advice)
        let announced = headers[.contentLength].flatMap { Int($0) } ?? 0
        guard announced <= limit else { throw tooLarge }
        var bytes: [UInt8] = []
        bytes.reserveCapacity(min(max(announced, 0), 1 << 20))
        do {
            for try await part in body {
                guard bytes.count + part.readableBytes <= limit else { throw tooLarge }
                bytes.append(contentsOf: part.readableBytesView)
            }
        } catch let error where !(error is Problem || error is CancellationError) {
            // The client has gone away, or broke the protocol; where it still listens, it is told.
            throw Problem.badRequest("the body could not be read to its end: send the request again")
        }
        return bytes
    }

    /// A request with a large list of ids, or less.
    private static let requestBytes = 1 << 20

    /// The fields of the body, away from the pool that all requests share.
    ///
    /// - Parameter limits: where the body can hold a graph, or name each task of one.
    func object(allowing known: [String], form: String, limits: Limits? = nil) async throws -> RequestObject {
        let bytes =
            if let limits {
                try await bytes(limit: limits.documentBytes, named: "documentBytes", advice: "name fewer tasks, or raise the limit")
            } else {
                try await bytes(limit: Self.requestBytes, named: "requestBytes", advice: "ask for less at once")
            }
        return try await ReadingQueue.shared.read(bytes: bytes.count) { () throws(Problem) in
            try RequestObject(bytes, allowing: known, form: form)
        }
    }

    /// The reason in an optional body `{"reason": "…"}`.
    func cancelReason() async throws -> String? {
        let bytes = try await bytes(limit: 16 << 10, named: "cancelBytes", advice: "give a shorter reason")
        return try RequestObject(bytes, allowing: ["reason"], form: #"{"reason": "…"}, or no body"#).text("reason")
    }

    /// The key of an `Idempotency-Key` header.
    func idempotencyKey() throws(Problem) -> String? {
        guard let key = headers[.idempotencyKey] else { return nil }
        guard !key.isEmpty, key.utf8.count <= 255 else {
            throw .badRequest("the header Idempotency-Key must have 1 to 255 bytes")
        }
        return key
    }
}

extension Request {
    /// The trace that the request is part of.
    var trace: TraceContext? {
        guard let parent = headers[.traceparent] else { return nil }
        return TraceContext(traceparent: parent, tracestate: headers[.tracestate])
    }
}

extension HTTPFields.Element.Name {
    static let traceparent = HTTPFields.Element.Name("traceparent")!
    static let tracestate = HTTPFields.Element.Name("tracestate")!
    static let idempotencyKey = HTTPFields.Element.Name("Idempotency-Key")!
}
