import BatonCoordinator
import BatonModel
import Hummingbird

extension Problem {
    private init(_ name: String, _ status: HTTPResponse.Status, _ title: String, _ detail: String) {
        self.init(type: "urn:baton:problem:\(name)", title: title, status: status.code, detail: detail)
    }

    static func badRequest(_ detail: String) -> Problem { Problem("badRequest", .badRequest, "Bad request", detail) }

    /// - Parameter what: what was to be sent, such as `a graph`.
    static func notADocument(_ detail: String, _ what: String) -> Problem {
        Problem("notADocument", .badRequest, "Not a document", "\(detail). Send \(what) as JSON or YAML")
    }

    static func tooManyDocuments(_ count: Int, limit: Int) -> Problem {
        Problem(
            "tooLarge", .contentTooLarge, "Too large",
            "the batch has \(count) documents, more than the limit batchDocuments of \(limit): send it in parts")
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

    static func wrongContentType(_ type: String, of what: String) -> Problem {
        Problem(
            "unsupportedMediaType", .unsupportedMediaType, "Unsupported content type",
            "'\(type)' is not a content type of \(what): send application/json or application/yaml")
    }

    static func foreignOrigin(_ origin: String) -> Problem {
        Problem(
            "foreignOrigin", .forbidden, "Foreign origin",
            "pages of '\(origin)' may not change anything here: send the request from a program, or from a page of this server")
    }

    /// - Parameter isInvalid: whether there were credentials, and they are no good.
    static func unauthenticated(_ why: String, isInvalid: Bool = false) -> Problem {
        Problem(
            isInvalid ? "invalidToken" : "unauthenticated", .unauthorized, "Not authenticated",
            "\(why). Send the header 'Authorization: Bearer TOKEN', with a token from whoever runs this coordinator "
                + "(--token or BATON_TOKEN for the command line)")
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
        case .frozen: self.init("frozen", .conflict, "Frozen", error.description)
        case .notCompleted: self.init("notCompleted", .conflict, "Not completed", error.description)
        case .denied: self.init("denied", .forbidden, "Denied", error.description)
        case .unavailable: self.init("unavailable", .serviceUnavailable, "Unavailable", error.description)
        }
    }

    /// A text that is no document at all is a bad request; a document with mistakes is an invalid graph.
    init(_ invalid: InvalidGraph) {
        self = Self.unread(invalid.problems, "a graph") ?? Problem(OperationError(invalid))
    }

    /// As that of a graph.
    init(_ invalid: InvalidSchedule) {
        let count = invalid.problems.count
        self =
            Self.unread(invalid.problems, "a schedule")
            ?? .invalidSchedule(count == 1 ? "\(invalid)" : "the schedule has \(count) problems", invalid.problems)
    }

    static func invalidSchedule(_ detail: String, _ problems: [GraphProblem]) -> Problem {
        var problem = Problem("invalidSchedule", .unprocessableContent, "Invalid schedule", detail)
        problem.problems = problems
        return problem
    }

    private static func unread(_ problems: [GraphProblem], _ what: String) -> Problem? {
        let notDocuments = ["the document is not JSON", "the document is not YAML", "the document is not UTF-8", "the document is empty"]
        guard problems.count == 1, let only = problems.first, only.path.isEmpty, notDocuments.contains(where: only.message.hasPrefix)
        else { return nil }
        return .notADocument(only.message, what)
    }
}
