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
    var handle: @Sendable (Request, BasicRequestContext) async throws -> Response

    static func get(_ path: String, _ handle: @escaping @Sendable (Request, BasicRequestContext) async throws -> Response) -> Route {
        Route(signature: Signature(method: .get, path: path), handle: handle)
    }

    static func post(_ path: String, _ handle: @escaping @Sendable (Request, BasicRequestContext) async throws -> Response) -> Route {
        Route(signature: Signature(method: .post, path: path), handle: handle)
    }
}

extension BasicRequestContext {
    var run: RunID { RunID(part("run")) }
    var task: TaskID { TaskID(part("task")) }

    private func part(_ name: String) -> String {
        let text = parameters.get(name) ?? ""
        return text.removingPercentEncoding ?? text
    }
}
