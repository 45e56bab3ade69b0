/// What only some tasks have.
extension GraphReader {
    static let ruleFields = [
        "when", "routes", "route", "defaultRoute", "maxIterations", "forEach", "context", "onCompleted", "onFailed", "onCancelled",
        "compensate", "validators", "validationSteps", "retryDelay", "fallback", "schemas", "graph", "answer", "limit", "breaker",
        "cache", "round",
    ]

    /// - Returns: whether the name is one of a rule's.
    mutating func rule(
        _ name: String, _ place: String, _ rules: inout TaskRules, _ json: inout JSONReader
    ) throws(JSONError) -> Bool {
        switch name {
        case "when": rules.when = try expression(place, &json)
        case "routes": rules.routing = routing(rules).with(routes: try routes(place, &json))
        case "route":
            let expression = try expression(place, &json)
            rules.routing = routing(rules).with(expression: expression)
        case "defaultRoute":
            let route = try string(place, &json)
            rules.routing = routing(rules).with(defaultRoute: route)
        case "maxIterations": rules.maxIterations = try integer(place, &json, from: 1, to: 1_000_000)
        case "forEach": rules.loop = try loop(place, &json)
        case "context": rules.context = try context(place, &json)
        case "onCompleted": rules.continuations.onCompleted = try continuations(place, &json)
        case "onFailed": rules.continuations.onFailed = try continuations(place, &json)
        case "onCancelled": rules.continuations.onCancelled = try continuations(place, &json)
        case "compensate": rules.compensation = try compensation(place, &json)
        case "validators":
            let validators = try validators(place, &json)
            rules.guardrails = guardrails(rules).with { $0.validators = validators }
        case "validationSteps":
            guard let steps = try integer(place, &json, from: 0, to: 1000) else { break }
            rules.guardrails = guardrails(rules).with { $0.steps = steps }
        case "retryDelay":
            guard let delay = try duration(place, &json) else { break }
            rules.guardrails = guardrails(rules).with { $0.delay = delay }
        case "fallback": rules.fallback = HandlerName(try self.name(place, &json))
        case "schemas": rules.schemas = try schemas(place, &json)
        case "graph": rules.graph = try nested(place, &json) { (reader, json) throws(JSONError) in try reader.graph(place, &json) }
        case "answer": rules.answer = try answer(place, &json)
        case "limit": rules.limit = try sharedLimit(place, &json)
        case "breaker": rules.breaker = try breaker(place, &json)
        case "cache": rules.cache = try cache(place, &json)
        case "round": rules.round = try integer(place, &json, from: 1, to: Int(Int32.max)) ?? 1
        default: return false
        }
        return true
    }

    /// What is wrong between the rules of one task.
    mutating func finish(_ rules: inout TaskRules, _ seen: Set<String>, _ path: String) {
        if rules.routing != nil, !seen.contains("routes") {
            problems.add("\(path).routes", "is missing: 'route' and 'defaultRoute' choose among 'routes'")
            rules.routing = nil
        }
    }

    private func routing(_ rules: TaskRules) -> Routing { rules.routing ?? Routing([]) }
    private func guardrails(_ rules: TaskRules) -> Guardrails { rules.guardrails ?? Guardrails() }

    /// Graphs and tasks within tasks, down to a limit.
    private mutating func nested<Value>(
        _ path: String, _ json: inout JSONReader, _ body: (inout GraphReader, inout JSONReader) throws(JSONError) -> Value
    ) throws(JSONError) -> Value? {
        guard nesting < limits.nesting else {
            problems.add(path, "is nested deeper than the limit nesting of \(limits.nesting)")
            try json.skipValue()
            return nil
        }
        nesting += 1
        defer { nesting -= 1 }
        return try body(&self, &json)
    }

    private mutating func continuations(_ path: String, _ json: inout JSONReader) throws(JSONError) -> [TaskSpec] {
        try nested(path, &json) { (reader, json) throws(JSONError) in try reader.tasks(path, &json) } ?? []
    }

    /// `{approve: [ship, invoice], reject: draft}`
    private mutating func routes(_ path: String, _ json: inout JSONReader) throws(JSONError) -> [Routing.Route] {
        guard try json.peek() == .object else {
            try wrongType(path, "an object of routes, each with the tasks it leads to", &json)
            return []
        }
        var routes: [Routing.Route] = []
        var seen: Set<String> = []
        try json.readObject { (name, json) throws(JSONError) in
            guard once(name, &seen, path) else { return try json.skipValue() }
            let place = Self.join(path, name)
            if try json.peek() == .string {
                routes.append(Routing.Route(name, to: [TaskID(try self.name(place, &json))]))
            } else {
                var targets: [TaskID] = []
                let isList = try json.peek() == .array
                try list(place, &json, of: "tasks' ids") { (reader, place, json) throws(JSONError) in
                    targets.append(TaskID(try reader.name(place, &json)))
                }
                routes.append(Routing.Route(name, to: isList ? targets : [TaskID(Self.unread)]))
            }
        }
        if routes.isEmpty { problems.add(path, "is empty: name at least one route") }
        return routes
    }

    private mutating func loop(_ path: String, _ json: inout JSONReader) throws(JSONError) -> Loop? {
        var source: Loop.Source?
        var sources = 0
        var format = Loop.Format.list
        var loop = Loop(.stored)
        let known = ["items", "csv", "lines", "from", "format", "maxParallel", "as", "onItemFailure", "collect"]
        let seen = try object(path, &json, known: known) { (reader, name, place, json) throws(JSONError) in
            switch name {
            case "items", "csv", "lines", "from":
                sources += 1
                source = try reader.source(name, place, &json)
            case "format": format = try reader.choice(place, &json, Loop.Format.self) ?? .list
            case "maxParallel": loop.maxParallel = try reader.integer(place, &json, from: 1, to: 100_000) ?? 10
            case "as":
                loop.alias = try reader.string(place, &json) ?? loop.alias
                if loop.alias.isEmpty { reader.problems.add(place, "must not be empty") }
            case "onItemFailure": loop.onItemFailure = try reader.choice(place, &json, Loop.ItemFailure.self) ?? .stop
            case "collect": loop.collects = try reader.bool(place, &json) ?? true
            case "stored" where reader.isChecked: source = try reader.bool(place, &json) == true ? .stored : nil
            default: return false
            }
            return true
        }
        guard let seen else { return nil }
        if sources == 0, source != .stored { problems.add("\(path).items", "is missing: give one of items, csv, lines, from") }
        if sources > 1 { problems.add(path, "has several sources: give one of items, csv, lines, from") }
        if case .expression(let text, _) = source {
            source = .expression(text, format: format)
        } else if seen.contains("format") {
            problems.add("\(path).format", "belongs to 'from'")
        }
        guard let source else { return nil }
        loop.source = source
        return loop
    }

    private mutating func source(_ name: String, _ place: String, _ json: inout JSONReader) throws(JSONError) -> Loop.Source? {
        switch name {
        case "items":
            guard try json.peek() == .array else {
                try wrongType(place, "a list", &json)
                return nil
            }
            return .list(try json.readRaw())
        case "from": return try expression(place, &json).map { .expression($0, format: .list) }
        default:
            guard let text = try string(place, &json) else { return nil }
            let source: Loop.Source = name == "csv" ? .csv(text) : .lines(text)
            if let problem = checks.items(source) { problems.add(place, problem) }
            return source
        }
    }

    private mutating func context(_ path: String, _ json: inout JSONReader) throws(JSONError) -> ContextRule? {
        var rule = ContextRule()
        let seen = try object(path, &json, known: ["window", "compress"]) { (reader, name, place, json) throws(JSONError) in
            switch name {
            case "window": rule.window = try reader.integer(place, &json, from: 1, to: 100_000)
            case "compress":
                var handler: String?
                var limit: Int?
                let seen = try reader.object(place, &json, known: ["handler", "limit"]) { (reader, name, place, json) throws(JSONError) in
                    switch name {
                    case "handler": handler = try reader.name(place, &json)
                    case "limit": limit = try reader.integer(place, &json, from: 1, to: reader.limits.messageBytes)
                    default: return false
                    }
                    return true
                }
                guard let seen else { return true }
                if !seen.contains("handler") { reader.problems.add("\(place).handler", "is missing: name the handler that compresses") }
                if !seen.contains("limit") { reader.problems.add("\(place).limit", "is missing: say how many bytes it may have") }
                if let handler, let limit { rule.compressor = ContextRule.Compressor(HandlerName(handler), limit: limit) }
            default: return false
            }
            return true
        }
        return seen == nil ? nil : rule
    }

    private mutating func compensation(_ path: String, _ json: inout JSONReader) throws(JSONError) -> Compensation? {
        if try json.peek() == .string { return Compensation(HandlerName(try name(path, &json))) }
        var compensation = Compensation(HandlerName(Self.unread))
        let known = ["handler", "params", "queue", "retry", "timeouts"]
        let seen = try object(path, &json, known: known) { (reader, name, place, json) throws(JSONError) in
            switch name {
            case "handler": compensation.handler = HandlerName(try reader.name(place, &json))
            case "params": compensation.params = try reader.payload(&json)
            case "queue": compensation.queue = try reader.queue(place, &json)
            case "retry": compensation.retry = try reader.retry(place, &json)
            case "timeouts": compensation.timeouts = try reader.timeouts(place, &json)
            default: return false
            }
            return true
        }
        guard let seen else { return nil }
        if !seen.contains("handler") { problems.add("\(path).handler", "is missing: name the handler that undoes the task") }
        return compensation
    }

    private mutating func validators(_ path: String, _ json: inout JSONReader) throws(JSONError) -> [Guardrails.Validator] {
        var validators: [Guardrails.Validator] = []
        try list(path, &json, of: "handlers") { (reader, place, json) throws(JSONError) in
            if try json.peek() == .string {
                return validators.append(Guardrails.Validator(HandlerName(try reader.name(place, &json))))
            }
            var validator = Guardrails.Validator(HandlerName(Self.unread))
            let seen = try reader.object(place, &json, known: ["handler", "params"]) { (reader, name, place, json) throws(JSONError) in
                switch name {
                case "handler": validator.handler = HandlerName(try reader.name(place, &json))
                case "params": validator.params = try reader.payload(&json)
                default: return false
                }
                return true
            }
            if let seen, !seen.contains("handler") { reader.problems.add("\(place).handler", "is missing") }
            validators.append(validator)
        }
        return validators
    }

    private mutating func schemas(_ path: String, _ json: inout JSONReader) throws(JSONError) -> Schemas {
        var schemas = Schemas()
        _ = try object(path, &json, known: ["inputs", "result"]) { (reader, name, place, json) throws(JSONError) in
            switch name {
            case "inputs": schemas.inputs = try reader.payload(&json)
            case "result": schemas.result = try reader.payload(&json)
            default: return false
            }
            return true
        }
        return schemas
    }

    private mutating func answer(_ path: String, _ json: inout JSONReader) throws(JSONError) -> AnswerRule? {
        var rule = AnswerRule()
        let seen = try object(path, &json, known: ["deadline", "default"]) { (reader, name, place, json) throws(JSONError) in
            switch name {
            case "deadline": rule.deadline = try reader.limit(place, &json)
            case "default": rule.defaultResult = try json.readRaw()
            default: return false
            }
            return true
        }
        guard let seen else { return nil }
        if seen.contains("default"), !seen.contains("deadline") {
            problems.add("\(path).deadline", "is missing: a default is taken when the deadline passes")
        }
        return rule
    }

    private mutating func sharedLimit(_ path: String, _ json: inout JSONReader) throws(JSONError) -> SharedLimit? {
        var limit = SharedLimit()
        let seen = try object(path, &json, known: ["key", "concurrency", "rate"]) { (reader, name, place, json) throws(JSONError) in
            switch name {
            case "key": limit.key = try reader.expression(place, &json)
            case "concurrency": limit.concurrency = try reader.integer(place, &json, from: 1, to: 1_000_000)
            case "rate":
                var permits: Int?
                var period: Duration?
                let seen = try reader.object(place, &json, known: ["permits", "per"]) { (reader, name, place, json) throws(JSONError) in
                    switch name {
                    case "permits": permits = try reader.integer(place, &json, from: 1, to: 1_000_000)
                    case "per": period = try reader.limit(place, &json)
                    default: return false
                    }
                    return true
                }
                guard let seen else { return true }
                if !seen.contains("permits") { reader.problems.add("\(place).permits", "is missing: say how many starts") }
                if !seen.contains("per") { reader.problems.add("\(place).per", "is missing: say the period, such as 1s") }
                if let permits, let period { limit.rate = SharedLimit.Rate(permits, per: period) }
            default: return false
            }
            return true
        }
        guard let seen else { return nil }
        if !seen.contains("concurrency"), !seen.contains("rate") {
            problems.add(path, "limits nothing: give 'concurrency' or 'rate'")
        }
        return limit
    }

    private mutating func breaker(_ path: String, _ json: inout JSONReader) throws(JSONError) -> BreakerRule? {
        var rule = BreakerRule()
        let seen = try object(path, &json, known: ["failures", "reset"]) { (reader, name, place, json) throws(JSONError) in
            switch name {
            case "failures": rule.failures = try reader.integer(place, &json, from: 1, to: 1_000_000) ?? rule.failures
            case "reset": rule.reset = try reader.limit(place, &json) ?? rule.reset
            default: return false
            }
            return true
        }
        return seen == nil ? nil : rule
    }

    private mutating func cache(_ path: String, _ json: inout JSONReader) throws(JSONError) -> CacheRule? {
        var ttl: Duration?
        var version = "1"
        let seen = try object(path, &json, known: ["ttl", "version"]) { (reader, name, place, json) throws(JSONError) in
            switch name {
            case "ttl": ttl = try reader.limit(place, &json)
            case "version":
                version = try json.peek() == .number ? try json.readNumberText() : try reader.string(place, &json) ?? version
            default: return false
            }
            return true
        }
        guard let seen else { return nil }
        if !seen.contains("ttl") { problems.add("\(path).ttl", "is missing: say how long a result stays good, such as 1h") }
        return ttl.map { CacheRule(ttl: $0, version: version) }
    }
}

extension Routing {
    fileprivate func with(
        routes: [Route]? = nil, expression: String? = nil, defaultRoute: String? = nil
    ) -> Routing {
        Routing(routes ?? self.routes, by: expression ?? self.expression, default: defaultRoute ?? self.defaultRoute)
    }
}

extension Guardrails {
    fileprivate func with(_ change: (inout Guardrails) -> Void) -> Guardrails {
        var copy = self
        change(&copy)
        return copy
    }
}
