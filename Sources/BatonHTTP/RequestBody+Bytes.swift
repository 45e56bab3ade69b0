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
        bytes.reserveCapacity(min(announced, 1 << 20))
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

    /// The reason in an optional body `{"reason": "…"}`.
    func cancelReason() async throws -> String? {
        let limit = 16 << 10
        let bytes = try await bytes(limit: limit, named: "cancelBytes", advice: "give a shorter reason")
        guard bytes.contains(where: { $0 > 0x20 }) else { return nil }
        let form = #"send {"reason": "…"}, or no body"#
        let body: JSON
        do throws(JSONError) { body = try JSON(parsing: bytes) } catch {
            throw Problem.badRequest("the body is not JSON: \(error). Instead, \(form)")
        }
        guard body.isObject else { throw Problem.badRequest("the body must be an object: \(form)") }
        switch body.value["reason"] {
        case nil, .null: return nil
        case .string(let reason): return reason
        default: throw Problem.badRequest("the reason must be a text: \(form)")
        }
    }
}
