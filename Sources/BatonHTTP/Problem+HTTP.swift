import BatonCoordinator
import BatonModel
import Hummingbird

extension Problem {
    private init(_ name: String, _ status: HTTPResponse.Status, _ title: String, _ detail: String) {
        self.init(type: "urn:baton:problem:\(name)", title: title, status: status.code, detail: detail)
    }

    static func badRequest(_ detail: String) -> Problem { Problem("badRequest", .badRequest, "Bad request", detail) }

    static func notADocument(_ detail: String) -> Problem {
        Problem("notADocument", .badRequest, "Not a graph document", "\(detail). Send a graph as JSON or YAML")
    }

    static func notFound(_ detail: String) -> Problem { Problem("notFound", .notFound, "Not found", detail) }

    static func wrongMethod(_ method: HTTPRequest.Method, _ path: String, allowed: [String]) -> Problem {
        let list = allowed.joined(separator: ", ")
        return Problem(
            "methodNotAllowed", .methodNotAllowed, "Method not allowed", "\(path) doesn't answer \(method.rawValue): use \(list)")
    }

    static func tooLarge(limit: String, bytes: Int, advice: String) -> Problem {
        Problem("tooLarge", .contentTooLarge, "Too large", "the body is larger than the limit \(limit) of \(bytes) bytes: \(advice)")
    }

    static func wrongContentType(_ type: String) -> Problem {
        Problem(
            "unsupportedMediaType", .unsupportedMediaType, "Unsupported content type",
            "'\(type)' is not a content type of graphs: send application/json or application/yaml")
    }

    static func foreignOrigin(_ origin: String) -> Problem {
        Problem(
            "foreignOrigin", .forbidden, "Foreign origin",
            "pages of '\(origin)' may not change anything here: send the request from a program, or from a page of this server")
    }

    static let unexpected = Problem(
        "unexpected", .internalServerError, "Unexpected error",
        "the coordinator failed to answer; nothing is known about the outcome. Its log says more; ask again, or look at the run")

    init(_ error: OperationError) {
        switch error.code {
        case .invalid:
            self.init("invalidGraph", .unprocessableContent, "Invalid graph", error.description)
            problems = error.problems
        case .badRequest: self.init("badRequest", .badRequest, "Bad request", error.description)
        case .notFound: self.init("notFound", .notFound, "Not found", error.description)
        case .conflict: self.init("conflict", .conflict, "Conflict", error.description)
        case .unavailable: self.init("unavailable", .serviceUnavailable, "Unavailable", error.description)
        }
    }

    /// - Parameter invalid: a text that is no document at all is a bad request; a document with mistakes is an invalid graph.
    init(_ invalid: InvalidGraph) {
        let notDocuments = ["the document is not JSON", "the document is not YAML", "the document is not UTF-8", "the document is empty"]
        if invalid.problems.count == 1, let only = invalid.problems.first, only.path.isEmpty,
            notDocuments.contains(where: only.message.hasPrefix)
        {
            self = .notADocument(only.message)
        } else {
            self.init(OperationError(invalid))
        }
    }
}
