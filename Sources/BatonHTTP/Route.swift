import BatonModel
import Foundation
import Hummingbird

/// One method on one path, and what answers it.
struct Route: Sendable {
    struct Signature: Sendable, Hashable {
        var method: HTTPRequest.Method
        /// Parts in braces stand for anything: `/v1/runs/{run}`.
        var path: String

        func matches(path: String) -> Bool {
            let own = self.path.split(separator: "/")
            let asked = path.split(separator: "/")
            return own.count == asked.count && zip(own, asked).allSatisfy { $0.hasPrefix("{") || $0 == $1 }
        }
    }

    var signature: Signature
    var handle: Handle

    typealias Handle = @Sendable (Request, APIContext) async throws -> Response

    static func get(_ path: String, _ handle: @escaping Handle) -> Route { Route(.get, path, handle) }
    static func post(_ path: String, _ handle: @escaping Handle) -> Route { Route(.post, path, handle) }
    static func patch(_ path: String, _ handle: @escaping Handle) -> Route { Route(.patch, path, handle) }
    static func delete(_ path: String, _ handle: @escaping Handle) -> Route { Route(.delete, path, handle) }

    private init(_ method: HTTPRequest.Method, _ path: String, _ handle: @escaping Handle) {
        signature = Signature(method: method, path: path)
        self.handle = handle
    }
}

extension APIContext {
    var run: RunID { RunID(part("run")) }
    var task: TaskID { TaskID(part("task")) }
    /// The last part of paths that name a schedule, or whatever else has a name.
    var name: String { part("name") }

    /// - Throws: `Problem` for a text that can't be a queue's name.
    func queue() throws(Problem) -> QueueName {
        let text = part("queue")
        guard NameRule.allows(text) else {
            throw .badRequest("'\(text)' can't be the name of a queue, which has \(NameRule.explanation)")
        }
        return QueueName(text)
    }

    /// - Throws: `Problem` for a text that can't be a token.
    func token() throws(Problem) -> AttemptID {
        let text = part("token")
        guard let token = AttemptID(text) else {
            throw .notFound("'\(text)' is not the token of a task: take the one that the task shows while it waits for an answer")
        }
        return token
    }

    private func part(_ name: String) -> String {
        let text = parameters.get(name) ?? ""
        return text.removingPercentEncoding ?? text
    }
}
