import BatonModel
import Hummingbird

/// The API's description, OpenAPI 3.1: what `/openapi.json` answers.
enum APIDescription {
    static let bytes: [UInt8] = JSON(document).bytes

    static var document: JSONValue {
        var paths: [String: JSONValue] = [:]
        for (path, operations) in Dictionary(grouping: operations, by: \.path) {
            var item: [String: JSONValue] = [:]
            for operation in operations { item[operation.method.rawValue.lowercased()] = operation.document }
            paths[path] = .object(item)
        }
        return [
            "openapi": "3.1.0",
            "info": [
                "title": "Baton", "version": "1", "summary": "Graphs of tasks on a cluster of workers over RabbitMQ.",
                "description": .string(introduction),
            ],
            "servers": [["url": "/", "description": "The coordinator that serves this document."]],
            "tags": .array(tags.map { ["name": .string($0.name), "description": .string($0.text)] }),
            "paths": .object(paths),
            "components": [
                "schemas": .object(schemas.mapValues(\.schema)),
                "securitySchemes": ["token": ["type": "http", "scheme": "bearer", "description": "An API token, or a JWT."]],
                "responses": [
                    "Problem": [
                        "description": "Nothing has changed. The detail says what to do.",
                        "content": ["application/problem+json": ["schema": ["$ref": "#/components/schemas/Problem"]]],
                    ]
                ],
            ],
            "security": [["token": []], [:]],
        ]
    }

    private static let introduction = """
        Times are ISO 8601 in UTC. Lists page by `cursor`: give what the page before gave; at the end there is none. A name in a \
        query or a body that means nothing is refused, not ignored. Errors are problem documents (RFC 9457): decide by `type`, read \
        `detail`. Where access control is on, every request but for the service's health and this document needs a token.
        """

    static let tags: [(name: String, text: String)] = [
        ("runs", "Graphs that are run."), ("tasks", "The tasks of a run."), ("attempts", "Answering tasks that wait for somebody outside."),
        ("reuse", "Having ended runs go on, and making new ones of them."), ("schedules", "Graphs that are run again and again."),
        ("cluster", "Workers, queues and handlers."), ("service", "The coordinator itself."),
    ]
}

extension APIOperation {
    private var tag: String {
        let parts = path.split(separator: "/")
        guard parts.first == "v1" else { return "service" }
        switch parts[1] {
        case "attempts", "schedules": return String(parts[1])
        case "workers", "queues", "handlers": return "cluster"
        default: break
        }
        if ["rerun", "copy", "link", "archive", "mixed"].contains(parts.last) { return "reuse" }
        return parts.contains("tasks") ? "tasks" : "runs"
    }

    var document: JSONValue {
        var fields: [String: JSONValue] = [
            "operationId": .string(id), "summary": .string(summary), "tags": [.string(tag)],
            "parameters": .array(pathParameters + parameters.map(\.document)),
            "responses": .object(responses),
        ]
        if let body {
            fields["requestBody"] = ["required": .bool(bodyIsRequired), "content": body.document]
        }
        if isOpen { fields["security"] = [[:]] }
        return .object(fields)
    }

    private var pathParameters: [JSONValue] {
        path.split(separator: "/").filter { $0.hasPrefix("{") }.map { part in
            let name = String(part.dropFirst().dropLast())
            return [
                "name": .string(name), "in": "path", "required": true, "schema": ["type": "string", "minLength": 1],
                "description": .string(Self.places[name] ?? "The name."),
            ]
        }
    }

    private static let places = [
        "run": "The run's id.", "task": "The task's id.", "queue": "The queue's name.",
        "token": "The token that the task shows while it waits for an answer.",
    ]

    private var responses: [String: JSONValue] {
        var responses: [String: JSONValue] = ["default": ["$ref": "#/components/responses/Problem"]]
        for answer in answers {
            var response: [String: JSONValue] = ["description": .string(answer.text)]
            if let content = answer.content { response["content"] = content.document }
            responses[String(answer.status)] = .object(response)
        }
        return responses
    }
}

extension APIOperation.Parameter {
    fileprivate var document: JSONValue {
        ["name": .string(name), "in": .string(place), "required": false, "schema": shape.schema, "description": .string(text)]
    }
}

extension APIOperation.Content {
    fileprivate var document: JSONValue {
        switch self {
        case .schema(let name): ["application/json": ["schema": Shape.named(name).schema]]
        case .page(let name):
            ["application/json": ["schema": Shape.fields([("items", .list(.named(name)), true), ("cursor", .text, false)]).schema]]
        case .json: ["application/json": ["schema": Shape.any.schema]]
        case .text(let type): .object([type: ["schema": Shape.text.schema]])
        case .pictures(let formats, let schema):
            .object(
                Dictionary(
                    uniqueKeysWithValues: formats.map { format in
                        (format.contentType, ["schema": format == .json ? Shape.named(schema).schema : Shape.text.schema])
                    }))
        case .document(let name):
            ["application/json": ["schema": Shape.named(name).schema], "application/yaml": ["schema": Shape.text.schema]]
        }
    }
}
