import BatonModel

/// Writes the bodies of requests, keeping payloads as they are: an encoder would round numbers it has no type for.
enum RequestText {
    static func reason(_ reason: String?) -> [UInt8]? {
        reason.map { JSON(.object(["reason": .string($0)])).bytes }
    }

    static func rerun(_ request: RerunRequest) -> [UInt8] {
        object { writer in
            writer.field("scope", request.scope?.rawValue)
            names(request.from, "from", &writer)
            writer.field("graph", request.graph)
            flag(request.force, "force", &writer)
        }
    }

    static func reuse(_ request: ReuseRequest) -> [UInt8] {
        object { writer in
            names(request.tasks, "tasks", &writer)
            flag(request.children, "children", &writer)
            flag(request.upstream, "upstream", &writer)
            flag(request.dependents, "dependents", &writer)
            names(request.link, "link", &writer)
            writer.field("name", request.name)
            writer.field("key", request.key)
            writer.field("owner", request.owner)
        }
    }

    static func cancel(_ request: CancelManyRequest) -> [UInt8] {
        object { writer in
            names(request.runs, "runs", &writer)
            if let tasks = request.tasks {
                writer.name("tasks")
                writer.array { writer in
                    for task in tasks {
                        writer.object { writer in
                            writer.field("run", task.run.rawValue)
                            writer.field("task", task.task.rawValue)
                        }
                    }
                }
            }
            writer.field("correlationId", request.correlationId)
            writer.field("name", request.name)
            writer.field("owner", request.owner)
            writer.field("status", request.status?.rawValue)
            writer.field("family", request.family?.rawValue)
            writer.field("reason", request.reason)
        }
    }

    static func change(_ change: ScheduleChange) -> [UInt8] {
        object { writer in flag(change.paused, "paused", &writer) }
    }

    static func batch(_ documents: [JSON]) -> [UInt8] {
        var writer = JSONWriter(reserving: documents.reduce(2) { $0 + $1.bytes.count + 1 })
        writer.array { writer in
            for document in documents { writer.write(document) }
        }
        return writer.bytes
    }

    private static func object(_ fields: (inout JSONWriter) -> Void) -> [UInt8] {
        var writer = JSONWriter()
        writer.object(fields)
        return writer.bytes
    }

    private static func names(_ names: [some Identifier]?, _ field: String, _ writer: inout JSONWriter) {
        guard let names else { return }
        writer.name(field)
        writer.array { writer in
            for name in names { writer.write(name.rawValue) }
        }
    }

    private static func flag(_ flag: Bool?, _ field: String, _ writer: inout JSONWriter) {
        guard let flag else { return }
        writer.name(field)
        writer.write(JSONValue.bool(flag))
    }
}
