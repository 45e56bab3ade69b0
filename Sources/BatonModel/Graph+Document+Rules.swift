/// The rules of a task, as they stand in a document.
extension TaskRules {
    func write(to writer: inout JSONWriter) {
        writer.field("when", when)
        routing?.write(to: &writer)
        writer.field("maxIterations", maxIterations)
        writer.object("forEach", loop) { loop, writer in
            switch loop.source {
            case .list(let items): writer.field("items", items)
            case .csv(let text): writer.field("csv", text)
            case .lines(let text): writer.field("lines", text)
            case .expression(let text, let format):
                writer.field("from", text)
                if format != .list { writer.field("format", format.rawValue) }
            case .stored: writer.field("stored", true)
            }
            if loop.maxParallel != 10 { writer.field("maxParallel", loop.maxParallel) }
            if loop.alias != "item" { writer.field("as", loop.alias) }
            if loop.onItemFailure != .stop { writer.field("onItemFailure", loop.onItemFailure.rawValue) }
            if !loop.collects { writer.field("collect", false) }
        }
        writer.object("context", context) { context, writer in
            writer.field("window", context.window)
            writer.object("compress", context.compressor) { compressor, writer in
                writer.field("handler", compressor.handler.rawValue)
                writer.field("limit", compressor.limit)
            }
        }
        writer.tasks("onCompleted", continuations.onCompleted)
        writer.tasks("onFailed", continuations.onFailed)
        writer.tasks("onCancelled", continuations.onCancelled)
        writer.object("compensate", compensation) { compensation, writer in
            writer.field("handler", compensation.handler.rawValue)
            writer.field("params", compensation.params)
            writer.field("queue", compensation.queue?.rawValue)
            writer.field("retry", compensation.retry?.document)
            if compensation.timeouts != .none { writer.field("timeouts", compensation.timeouts.document) }
        }
        if let guardrails { guardrails.write(to: &writer) }
        writer.field("fallback", fallback?.rawValue)
        if schemas != Schemas() {
            writer.object("schemas", schemas) { schemas, writer in
                writer.field("inputs", schemas.inputs)
                writer.field("result", schemas.result)
            }
        }
        if let graph { writer.field("graph", graph.document) }
        writer.object("answer", answer) { answer, writer in
            writer.field("deadline", answer.deadline?.text)
            writer.field("default", answer.defaultResult)
        }
        writer.object("limit", limit) { limit, writer in
            writer.field("key", limit.key)
            writer.field("concurrency", limit.concurrency)
            writer.object("rate", limit.rate) { rate, writer in
                writer.field("permits", rate.permits)
                writer.field("per", rate.period.text)
            }
        }
        writer.object("breaker", breaker) { breaker, writer in
            writer.field("failures", breaker.failures)
            writer.field("reset", breaker.reset.text)
        }
        writer.object("cache", cache) { cache, writer in
            writer.field("ttl", cache.ttl.text)
            writer.field("version", cache.version)
        }
        if round > 1 { writer.field("round", round) }
    }
}

extension Routing {
    fileprivate func write(to writer: inout JSONWriter) {
        writer.name("routes")
        writer.object { writer in
            for route in routes {
                writer.name(route.name)
                writer.array { for target in route.targets { $0.write(target.rawValue) } }
            }
        }
        writer.field("route", expression)
        writer.field("defaultRoute", defaultRoute)
    }
}

extension Guardrails {
    fileprivate func write(to writer: inout JSONWriter) {
        writer.name("validators")
        writer.array { writer in
            for validator in validators {
                writer.object {
                    $0.field("handler", validator.handler.rawValue)
                    $0.field("params", validator.params)
                }
            }
        }
        writer.field("validationSteps", steps)
        if delay > .zero { writer.field("retryDelay", delay.text) }
    }
}

extension JSONWriter {
    mutating func field(_ name: String, _ value: Bool) {
        self.name(name)
        write(JSONValue.bool(value))
    }

    fileprivate mutating func object<Value>(_ name: String, _ value: Value?, _ body: (Value, inout JSONWriter) -> Void) {
        guard let value else { return }
        self.name(name)
        object { body(value, &$0) }
    }

    fileprivate mutating func tasks(_ name: String, _ tasks: [TaskSpec]) {
        guard !tasks.isEmpty else { return }
        self.name(name)
        array { for task in tasks { task.write(to: &$0) } }
    }
}
