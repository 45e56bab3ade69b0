import BatonModel
import Hummingbird

/// One method on one path, as the API's description tells it.
struct APIOperation: Sendable {
    /// What a body or an answer holds, by content type.
    enum Content: Sendable {
        case schema(String)
        /// One part of a longer list.
        case page(String)
        /// Any JSON value.
        case json
        /// Other than JSON: the content type.
        case text(String)
        case pictures([PictureFormat], schema: String)
        /// A graph or a schedule: JSON or YAML.
        case document(String)
    }

    struct Parameter: Sendable {
        var name: String
        var shape: Shape
        var text: String
        var place = "query"
    }

    var method: HTTPRequest.Method
    var path: String
    /// What programs made from the description call it.
    var id: String
    var summary: String
    var parameters: [Parameter] = []
    var body: Content?
    var bodyIsRequired = true
    /// What success answers, by status.
    var answers: [(status: Int, text: String, content: Content?)]
    /// Whether it answers without credentials too.
    var isOpen = false

    func with(_ parameters: Parameter...) -> APIOperation {
        var operation = self
        operation.parameters += parameters
        return operation
    }

    func taking(_ body: Content, required: Bool = true) -> APIOperation {
        var operation = self
        operation.body = body
        operation.bodyIsRequired = required
        return operation
    }

    func or(_ status: Int, _ text: String, _ content: Content? = nil) -> APIOperation {
        var operation = self
        operation.answers.append((status, text, content))
        return operation
    }

    var open: APIOperation {
        var operation = self
        operation.isOpen = true
        return operation
    }

    static func get(_ path: String, _ id: String, _ summary: String, _ content: Content?) -> APIOperation {
        APIOperation(method: .get, path: path, id: id, summary: summary, answers: [(200, "Done.", content)])
    }

    static func post(_ path: String, _ id: String, _ summary: String, _ content: Content?, status: Int = 200) -> APIOperation {
        APIOperation(method: .post, path: path, id: id, summary: summary, answers: [(status, "Done.", content)])
    }

    static func patch(_ path: String, _ id: String, _ summary: String, _ content: Content?) -> APIOperation {
        APIOperation(method: .patch, path: path, id: id, summary: summary, answers: [(200, "Done.", content)])
    }

    static func delete(_ path: String, _ id: String, _ summary: String) -> APIOperation {
        APIOperation(method: .delete, path: path, id: id, summary: summary, answers: [(204, "Done.", nil)])
    }
}

extension APIOperation.Parameter {
    static func text(_ name: String, _ text: String) -> Self { Self(name: name, shape: .word, text: text) }

    static func flag(_ name: String, _ text: String) -> Self { Self(name: name, shape: .boolean, text: text) }

    static func integer(_ name: String, in range: ClosedRange<Int>, _ text: String) -> Self {
        Self(name: name, shape: .range(range), text: text)
    }

    static func choice<Choice: RawRepresentable<String> & CaseIterable>(
        _ name: String, of type: Choice.Type, _ text: String
    ) -> Self {
        Self(name: name, shape: .choice(Choice.allCases.map(\.rawValue)), text: text)
    }

    static func header(_ name: String, _ text: String) -> Self { Self(name: name, shape: .word, text: text, place: "header") }

    static let limit = integer("limit", in: 1...1000, "How many of them.")
    static let cursor = text("cursor", "What the page before gave.")
}
