import Testing

@testable import BatonModel

/// One graph with every field set, in both languages of the document.
enum FullGraph {
    static let json = #"""
        {"name":"order","key":"order-42","correlationId":"cart-7","owner":"user123","input":{"orderId": 42},"timeout":"1h",
         "mode":"graph","onFailure":"cancel","tasks":[
          {"id":"validate","handler":"orders.validate","inputs":{"orderId": 12345678901234567890123, "x": 1.0}},
          {"id":"quote","handler":"q"},
          {"id":"charge","handler":"payments.charge","parent":"validate","merge":"flat","queue":"money","priority":1,"delay":"5m",
           "dependencies":["validate",{"task":"quote","required":false,"as":"price"}],
           "retry":{"maxAttempts":5,"backoff":"linear","delay":"2s","factor":3,"maxDelay":"1m","jitter":0.5,"only":["a"],"never":["b","c"]},
           "timeouts":{"attempt":"30s","total":"10m","queued":"1h","heartbeat":"10s"},"params":{"region":"eu"},"critical":false},
          {"id":"late","handler":"h","at":"2026-12-01T08:00:00.001Z","dependencies":[{"task":"charge","on":"failed"}],
           "retry":{"delays":["1s","90s"]}}]}
        """#
    static let yaml = """
        name: order
        key: order-42
        correlationId: cart-7
        owner: user123
        input: {orderId: 42}
        timeout: 1h
        mode: graph
        onFailure: cancel
        tasks:
          - id: validate
            handler: orders.validate
            inputs: {orderId: 12345678901234567890123, x: 1.0}
          - {id: quote, handler: q}
          - id: charge
            handler: payments.charge
            parent: validate
            merge: flat
            queue: money
            priority: 1
            delay: 5m
            dependencies:
              - validate
              - {task: quote, required: false, as: price}
            retry: {maxAttempts: 5, backoff: linear, delay: 2s, factor: 3, maxDelay: 1m, jitter: 0.5, only: [a], never: [b, c]}
            timeouts: {attempt: 30s, total: 10m, queued: 1h, heartbeat: 10s}
            params: {region: eu}
            critical: false
          - id: late
            handler: h
            at: 2026-12-01T08:00:00.001Z
            dependencies: [{task: charge, on: failed}]
            retry: {delays: [1s, 90s]}
        """
    static func graph() throws -> Graph {
        Graph(
            name: "order", key: "order-42", correlationID: "cart-7", owner: "user123", input: try JSON(parsing: #"{"orderId":42}"#),
            timeout: .seconds(3600), onFailure: .cancel,
            tasks: [
                TaskSpec(
                    id: "validate", handler: "orders.validate",
                    inputs: try JSON(parsing: #"{"orderId":12345678901234567890123,"x":1.0}"#)),
                TaskSpec(id: "quote", handler: "q"),
                TaskSpec(
                    id: "charge", handler: "payments.charge", params: try JSON(parsing: #"{"region":"eu"}"#), parent: "validate",
                    dependencies: [Dependency("validate"), Dependency("quote", on: .finished, as: "price")], mergesFlat: true,
                    queue: "money", priority: .high, start: .after(.seconds(300)),
                    retry: RetryPolicy(
                        maxAttempts: 5, backoff: .linear, delay: .seconds(2), factor: 3, maxDelay: .seconds(60), jitter: 0.5,
                        only: ["a"], never: ["b", "c"]),
                    timeouts: Timeouts(attempt: .seconds(30), total: .seconds(600), queued: .seconds(3600), heartbeat: .seconds(10)),
                    critical: false),
                TaskSpec(
                    id: "late", handler: "h", dependencies: [Dependency("charge", on: .failed)],
                    start: .at(try #require(Timestamp("2026-12-01T08:00:00.001Z"))),
                    retry: RetryPolicy(backoff: .explicit([.seconds(1), .seconds(90)]))),
            ])
    }
}

@Suite("Graph documents", .timeLimit(.minutes(1)))
struct GraphReaderTests {
    @Test("every field is read, in JSON and in YAML alike")
    func everyField() throws {
        let expected = try FullGraph.graph()
        #expect(try GraphReader.read(json: Array(FullGraph.json.utf8)) == expected)
        #expect(try GraphReader.read(yaml: FullGraph.yaml) == expected)
        #expect(try GraphReader.read(document: Array(FullGraph.json.utf8)) == expected)
        #expect(try GraphReader.read(document: Array(FullGraph.yaml.utf8)) == expected)
    }

    @Test("A7: a graph's own document reads back as the same graph, and equal graphs give one text")
    func document() throws {
        for text in [FullGraph.json, #"{"name":"g","tasks":[{"id":"a","handler":"h"}]}"#, oneTask(#""retry":{}"#), oneTask(#""delay":"0s""#)] {
            let graph = try GraphReader.read(json: Array(text.utf8))
            let again = try GraphReader.read(json: graph.document.bytes)
            #expect(again == graph)
            #expect(again.document == graph.document)
            #expect(try JSON(parsing: graph.document.bytes) == graph.document)
        }
        #expect(try GraphReader.read(yaml: FullGraph.yaml).document == FullGraph.graph().document)
    }

    @Test("what is left out has its default")
    func defaults() throws {
        let graph = try GraphReader.read(json: Array(#"{"name":"g","tasks":[{"id":"a","handler":"h","inputs":null}]}"#.utf8))
        #expect(graph == Graph(name: "g", tasks: [TaskSpec(id: "a", handler: "h")]))
        #expect(graph.tasks[0].priority == .normal)
        #expect(graph.tasks[0].queue == .default)
        #expect(graph.tasks[0].critical)
        #expect(graph.onFailure == .stop)
    }

    @Test(
        "B4: a value of the wrong type is refused at its path, once",
        arguments: [
            (#""id":5"#, "id"), (#""handler":{}"#, "handler"), (#""parent":1"#, "parent"), (#""dependencies":"a""#, "dependencies"),
            (#""dependencies":[5]"#, "dependencies[0]"), (#""dependencies":[{"task":5}]"#, "dependencies[0].task"),
            (#""dependencies":[{}]"#, "dependencies[0].task"), (#""merge":true"#, "merge"), (#""merge":"deep""#, "merge"),
            (#""queue":7"#, "queue"), (#""priority":"high""#, "priority"), (#""priority":7"#, "priority"), (#""priority":-1"#, "priority"),
            (#""priority":1.5"#, "priority"), (#""priority":1e999"#, "priority"), (#""priority":null"#, "priority"), (#""delay":5"#, "delay"),
            (#""delay":"soon""#, "delay"), (#""delay":"-5s""#, "delay"), (#""at":"tomorrow""#, "at"), (#""at":0"#, "at"),
            (#""retry":3"#, "retry"), (#""retry":{"maxAttempts":0}"#, "retry.maxAttempts"), (#""retry":{"maxAttempts":"3"}"#, "retry.maxAttempts"),
            (#""retry":{"backoff":"random"}"#, "retry.backoff"), (#""retry":{"backoff":"explicit"}"#, "retry.delays"),
            (#""retry":{"backoff":"fixed","delays":["1s"]}"#, "retry.delays"), (#""retry":{"delays":["1s",2]}"#, "retry.delays[1]"),
            (#""retry":{"delay":1}"#, "retry.delay"), (#""retry":{"factor":0.5}"#, "retry.factor"), (#""retry":{"factor":"2"}"#, "retry.factor"),
            (#""retry":{"maxDelay":[]}"#, "retry.maxDelay"), (#""retry":{"jitter":2}"#, "retry.jitter"), (#""retry":{"only":"x"}"#, "retry.only"),
            (#""retry":{"never":["x",1]}"#, "retry.never[1]"), (#""timeouts":"1s""#, "timeouts"), (#""timeouts":{"attempt":"0s"}"#, "timeouts.attempt"),
            (#""timeouts":{"total":1}"#, "timeouts.total"), (#""timeouts":{"queued":"x"}"#, "timeouts.queued"),
            (#""timeouts":{"heartbeat":null}"#, "timeouts.heartbeat"), (#""critical":"yes""#, "critical"), (#""queue":"a b""#, "queue"),
            (#""queue":"?""#, "queue"), (#""id":"?""#, "id"), (#""id":"""#, "id"), (#""handler":"?""#, "handler"), (#""handler":"a/b""#, "handler"),
        ])
    func wrongTypes(field: String, path: String) {
        var object = #""id":"a","handler":"h","#
        for name in ["id", "handler"] where field.hasPrefix("\"\(name)\"") {
            object = name == "id" ? #""handler":"h","# : #""id":"a","#
        }
        let found = problems(json: #"{"name":"g","tasks":[{\#(object)\#(field)}]}"#)
        #expect(found.map(\.path) == ["tasks[0].\(path)"], "\(found)")
    }

    @Test(
        "B4: the graph's own fields are checked too",
        arguments: [
            (#""key":1"#, "key"), (#""key":"""#, "key"), (#""correlationId":[]"#, "correlationId"), (#""owner":false"#, "owner"),
            (#""timeout":60"#, "timeout"), (#""timeout":"0s""#, "timeout"), (#""mode":"parallel""#, "mode"), (#""mode":null"#, "mode"),
            (#""onFailure":"continue""#, "onFailure"), (#""onFailure":"ignore""#, "onFailure"), (#""nmae":"x""#, "nmae"),
        ])
    func graphFields(field: String, path: String) {
        #expect(problems(json: #"{"name":"g",\#(field),"tasks":[{"id":"a","handler":"h"}]}"#).map(\.path) == [path])
    }

    @Test("B4: what a graph needs is asked for by name")
    func missing() {
        #expect(Set(problems(json: "{}").map(\.path)) == ["name", "tasks"])
        #expect(problems(json: #"{"name":"g","tasks":[]}"#).map(\.path) == ["tasks"])
        #expect(Set(problems(json: #"{"name":"","tasks":[]}"#).map(\.path)) == ["name", "tasks"])
        #expect(problems(json: #"{"name":"?","tasks":[{"id":"a","handler":"h"}]}"#).map(\.path) == ["name"])
        #expect(problems(json: #"{"name":"g","tasks":{}}"#).map(\.path) == ["tasks"])
        #expect(problems(json: #"{"name":"g","tasks":[7]}"#).map(\.path) == ["tasks[0]"])
        #expect(problems(json: #"{"name":"g","tasks":[{}]}"#).map(\.path) == ["tasks[0].id", "tasks[0].handler"])
        for text in ["[]", "1", "null", "\"g\""] { #expect(problems(json: text).map(\.path) == [""]) }
        for text in ["", "{", #"{"name":"g","tasks":[}"#, "{} {}"] { #expect(problems(json: text)[0].message.contains("line")) }
    }

    @Test("fields of later versions are refused by name, and the known ones are said", arguments: ["unheard-of", "onComplete", "When", ""])
    func unknownFields(name: String) {
        let found = problems(json: oneTask("\"\(name)\":[{}]"))
        #expect(found.map(\.path) == ["tasks[0].\(name)"])
        #expect(found.first?.message.contains("not a field") == true)
        for known in GraphReader.taskFields + GraphReader.ruleFields { #expect(found.first?.message.contains(known) == true) }
    }

    @Test("unknown fields inside a dependency, a retry policy and timeouts are refused by name")
    func unknownInnerFields() {
        #expect(problems(json: tasks(("a", ""), ("b", #"{"task":"a","selct":"x"}"#))).map(\.path) == ["tasks[1].dependencies[0].selct"])
        #expect(problems(json: oneTask(#""retry":{"max":1}"#)).map(\.path) == ["tasks[0].retry.max"])
        #expect(problems(json: oneTask(#""timeouts":{"all":"1s"}"#)).map(\.path) == ["tasks[0].timeouts.all"])
    }

    @Test("a field given twice is refused")
    func twice() {
        #expect(problems(json: oneTask(#""queue":"a","queue":"b""#)).map(\.path) == ["tasks[0].queue"])
        #expect(problems(json: #"{"name":"g","name":"h","tasks":[{"id":"a","handler":"h"}]}"#).map(\.path) == ["name"])
        #expect(problems(json: oneTask(#""delay":"1s","at":"2026-12-01T08:00:00Z""#)).map(\.path) == ["tasks[0].delay"])
    }

    @Test("B3: required and on say what is waited for, and may not contradict one another")
    func conditions() throws {
        func read(_ dependency: String) throws -> Dependency? {
            try GraphReader.read(json: Array(tasks(("a", ""), ("b", dependency)).utf8)).tasks[1].dependencies.first
        }
        #expect(try read(#""a""#) == Dependency("a"))
        #expect(try read(#"{"task":"a","required":true}"#) == Dependency("a"))
        #expect(try read(#"{"task":"a","required":false}"#) == Dependency("a", on: .finished))
        #expect(try read(#"{"task":"a","on":"failed"}"#) == Dependency("a", on: .failed))
        #expect(try read(#"{"task":"a","required":false,"on":"failed"}"#) == Dependency("a", on: .failed))
        #expect(problems(json: tasks(("a", ""), ("b", #"{"task":"a","required":true,"on":"failed"}"#))).map(\.path) == ["tasks[1].dependencies[0].on"])
        #expect(Dependency.Condition.finished.isMet(by: .skipped))
        #expect(!Dependency.Condition.failed.isMet(by: .cancelled))
        #expect(!Dependency.Condition.finished.isMet(by: .running))
    }

    @Test("B4: all mistakes of one document are reported, each with its path")
    func several() {
        let text = #"""
            {"name":"a b","tasks":[{"id":"a","handler":"h","priority":7,"dependencies":[5,"nope","",{"task":"a"}]},
             {"id":"a","handler":"","whne":"x","when":5},{"handler":"h","retry":{"only":[1,2]}}]}
            """#
        #expect(
            Set(problems(json: text).map(\.path)) == [
                "name", "tasks[0].priority", "tasks[0].dependencies[0]", "tasks[0].dependencies[1]", "tasks[0].dependencies[2]",
                "tasks[0].dependencies[3]", "tasks[1].id", "tasks[1].handler", "tasks[1].whne", "tasks[1].when", "tasks[2].id", "tasks[2].retry.only[0]",
                "tasks[2].retry.only[1]",
            ])
    }

    @Test("B4: a refusal lists so many mistakes and counts the rest; with no room for any it is still a refusal")
    func manyMistakes() {
        let items = (0..<50).map { #"{"id":"t\#($0)","handler":"h","priority":9}"# }.joined(separator: ",")
        var limits = Limits()
        limits.reportedProblems = 10
        let found = problems(json: #"{"name":"g","tasks":[\#(items)]}"#, limits: limits)
        #expect(found.count == 11)
        #expect(found.last?.message == "and 40 more")
        limits.reportedProblems = 0
        #expect(problems(json: #"{"name":"g","tasks":[\#(items)]}"#, limits: limits).count == 1)
    }

    @Test("B4: sizes beyond the limits are refused by the limit's name")
    func sizes() {
        var limits = Limits()
        limits.tasksPerGraph = 2
        limits.payloadBytes = 10
        limits.paramsBytes = 5
        limits.dependenciesPerTask = 1
        let many = problems(json: tasks(("a", ""), ("b", #""c""#), ("c", "")), limits: limits)
        #expect(many.map(\.path) == ["tasks"])
        #expect(many.first?.message.contains("tasksPerGraph") == true)
        let inputs = problems(json: oneTask(#""inputs":{"a":"0123456789"},"params":[1,2,3]"#), limits: limits)
        #expect(inputs.map(\.path) == ["tasks[0].inputs", "tasks[0].params"])
        #expect(inputs.first?.message.contains("payloadBytes") == true)
        #expect(inputs.last?.message.contains("paramsBytes") == true)
        #expect(problems(json: oneTask(#""inputs":[ 1, 2, 3, 4]"#), limits: limits).isEmpty)
        limits.tasksPerGraph = 9
        let dependencies = problems(json: tasks(("a", ""), ("b", ""), ("c", #""a","b""#)), limits: limits)
        #expect(dependencies.map(\.path) == ["tasks[2].dependencies"])
        #expect(problems(json: #"{"name":"g","input":"0123456789","tasks":[{"id":"a","handler":"h"}]}"#, limits: limits).map(\.path) == ["input"])
    }

    @Test("payloads nested as deep as allowed survive the document; deeper ones are refused")
    func deepPayloads() throws {
        let deep = String(repeating: "[", count: JSON.deepest) + String(repeating: "]", count: JSON.deepest)
        let graph = Graph(name: "g", tasks: [TaskSpec(id: "a", handler: "h", inputs: try JSON(parsing: deep))])
        #expect(try GraphReader.read(json: graph.document.bytes) == graph)
        let deeper = String(repeating: "[", count: 300) + String(repeating: "]", count: 300)
        #expect(problems(json: oneTask("\"inputs\":\(deeper)"))[0].message.contains("nested deeper"))
    }
}
