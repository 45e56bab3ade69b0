import BatonEngine
import BatonModel
import BatonStore

/// What a task gets to see, by what it is for. Payloads are put together as text; only selections decode them.
enum TaskInputs {
    /// - Parameter origin: of a task that was added for another one, that one.
    /// - Throws: `TaskError` where a selection or a flat merge can't be made.
    static func inputs(of data: DispatchData, origin: DispatchData?) throws(TaskError) -> JSON? {
        switch data.role {
        case nil, .dispatched: return try merged(data)
        case .item: return try merged(data)
        case .continuation:
            let own = try merged(data)
            guard let origin, own == nil || own?.isObject == true else { return own }
            if own?.fields?.contains(where: { $0.name == "origin" }) == true { return own }
            let outcome = try self.outcome(of: data, origin)
            var writer = JSONWriter()
            writer.object { writer in
                for (name, value) in own?.fields ?? [] { writer.field(name, value) }
                writer.field("origin", outcome)
            }
            return writer.json
        case .onFailed, .onCancelled, .compensation:
            guard let origin else { return nil }
            return try outcome(of: data, origin)
        case .validator:
            let inputs: JSON?
            if let origin { inputs = try merged(origin) } else { inputs = nil }
            var writer = JSONWriter()
            writer.object { writer in
                writer.field("inputs", inputs)
                writer.field("result", data.origin?.draft?.fields?.first { $0.name == "result" }?.value ?? .null)
            }
            return writer.json
        case .compressor:
            guard let origin, let rule = origin.spec.rules.context else { return nil }
            let context = try context(of: origin)
            var writer = JSONWriter()
            writer.object { writer in
                writer.name("context")
                writer.object { writer in for (name, value) in context { writer.field(name, value) } }
                writer.field("limit", rule.compressor?.limit)
            }
            return writer.json
        }
    }

    /// The task's own inputs with the results of its dependencies; of a loop's item also what it is.
    static func merged(_ data: DispatchData) throws(TaskError) -> JSON? {
        let spec = spec(of: data)
        var own = spec.inputs
        if data.role == .item, let loop = spec.rules.loop {
            var writer = JSONWriter()
            writer.object { writer in
                for (name, value) in own?.fields ?? [] where name != loop.alias && name != "index" { writer.field(name, value) }
                writer.field(loop.alias, data.item ?? .null)
                writer.field("index", data.number)
            }
            own = writer.json
        }
        if data.dependencies.isEmpty { return own }
        return try MergedInputs.merge(own, context(of: data), isFlat: spec.mergesFlat)
    }

    /// The task as its document, or that of its loop, has it.
    static func spec(of data: DispatchData) -> TaskSpec {
        guard data.role == .item, var spec = data.origin?.spec else { return data.spec }
        spec.id = data.spec.id
        return spec
    }

    private static func context(of data: DispatchData) throws(TaskError) -> [(name: String, value: JSON)] {
        if let compressed = data.parts[.context] { return compressed.fields ?? [("context", compressed)] }
        let spec = spec(of: data)
        let parts = data.dependencies.map { input in
            MergedInputs.Part(
                input.dependency, status: input.status, finishedAt: input.finishedAt, result: input.result, error: input.error)
        }
        let visible = MergedInputs.visible(parts, isFlat: spec.mergesFlat)
        return try MergedInputs.context(MergedInputs.window(visible, spec.rules.context))
    }

    /// The task that ended, what it was given, and what came of it.
    private static func outcome(of data: DispatchData, _ origin: DispatchData) throws(TaskError) -> JSON {
        // Inputs that can't be made may be why it failed.
        let inputs = (try? merged(origin)) ?? origin.spec.inputs
        var writer = JSONWriter()
        writer.object { writer in
            writer.field("task", origin.spec.id.rawValue)
            writer.field("inputs", inputs)
            writer.field("result", data.origin?.result)
            writer.field("error", data.origin?.error?.json)
        }
        return writer.json
    }
}
