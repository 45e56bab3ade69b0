import Testing

@testable import BatonModel

@Suite("B4: documents with rules", .timeLimit(.minutes(1)))
struct B4RuleDocuments {
    @Test(
        "an unknown field inside a rule is refused at its path, and the known ones are said",
        arguments: [
            (#""forEach":{"items":[],"itmes":1}"#, "forEach.itmes", "items, csv, lines, from, format, maxParallel, as, onItemFailure, collect"),
            (#""forEach":{"items":[],"stored":true}"#, "forEach.stored", "items, csv, lines, from"),
            (#""context":{"windw":1}"#, "context.windw", "window, compress"),
            (#""context":{"compress":{"handler":"h","limit":5,"max":1}}"#, "context.compress.max", "handler, limit"),
            (#""compensate":{"handler":"h","inputs":{}}"#, "compensate.inputs", "handler, params, queue, retry, timeouts"),
            (#""compensate":{"handler":"h","retry":{"x":1}}"#, "compensate.retry.x", "maxAttempts"),
            (#""compensate":{"handler":"h","timeouts":{"x":1}}"#, "compensate.timeouts.x", "attempt, total, queued, heartbeat"),
            (#""validators":[{"handler":"h"},{"handler":"h","steps":1}]"#, "validators[1].steps", "handler, params"),
            (#""schemas":{"output":{}}"#, "schemas.output", "inputs, result"), (#""limit":{"concurrency":1,"rte":1}"#, "limit.rte", "key, concurrency, rate"),
            (#""limit":{"rate":{"permits":1,"per":"1s","x":1}}"#, "limit.rate.x", "permits, per"), (#""breaker":{"open":1}"#, "breaker.open", "failures, reset"),
            (#""cache":{"ttl":"1s","for":"1s"}"#, "cache.for", "ttl, version"), (#""onCompleted":[{"id":"x","handler":"h","hndler":1}]"#, "onCompleted[0].hndler", "handler"),
            (#""onFailed":[{"id":"x","handler":"h","cache":{"ttl":"1s","x":1}}]"#, "onFailed[0].cache.x", "ttl, version"),
        ])
    func unknownFields(fields: String, path: String, known: String) {
        let found = problems(json: oneTask(fields))
        #expect(found.map(\.path) == ["tasks[0].\(path)"])
        #expect(found.first?.message.contains("is not a field this version knows: ") == true && found.first?.message.contains(known) == true, "\(found)")
    }

    @Test("an unknown field inside a graph within a graph, a selection and an answer is refused too")
    func unknownNestedFields() {
        let nested = #"{"name":"g","tasks":[{"id":"a","graph":{"key":"k","tasks":[{"id":"b","handler":"h","x":1}]}},{"id":"c","answer":{"until":"1s"}}]}"#
        let found = problems(json: nested)
        #expect(Set(found.map(\.path)) == ["tasks[0].graph.key", "tasks[0].graph.tasks[0].x", "tasks[1].answer.until"])
        #expect(found.first { $0.path.hasSuffix("key") }?.message.contains("name, input, inputSchema, timeout, mode, onFailure, tasks") == true)
        #expect(found.first { $0.path.hasSuffix("until") }?.message.contains("deadline, default") == true)
        let selection = problems(json: tasks(("a", ""), ("b", #"{"task":"a","select":{"expression":"x","default":1}}"#)))
        #expect(selection.map(\.path) == ["tasks[1].dependencies[0].select.default"])
        #expect(selection[0].message.contains("expression, required"))
    }

    @Test(
        "a value of the wrong type, or beyond what it can be, is refused at its path, once",
        arguments: [
            (#""when":true"#, "when"), (#""when":null"#, "when"), (#""fallback":{}"#, "fallback"), (#""fallback":"a b""#, "fallback"), (#""fallback":"?""#, "fallback"),
            (#""maxIterations":0"#, "maxIterations"), (#""maxIterations":1.5"#, "maxIterations"), (#""maxIterations":"3""#, "maxIterations"),
            (#""maxIterations":1000001"#, "maxIterations"), (#""context":5"#, "context"), (#""context":{"window":0}"#, "context.window"),
            (#""context":{"window":"all"}"#, "context.window"), (#""context":{"compress":"h"}"#, "context.compress"),
            (#""context":{"compress":{"limit":5}}"#, "context.compress.handler"), (#""context":{"compress":{"handler":"h"}}"#, "context.compress.limit"),
            (#""context":{"compress":{"handler":"h","limit":0}}"#, "context.compress.limit"),
            (#""context":{"compress":{"handler":"h","limit":"1k"}}"#, "context.compress.limit"),
            (#""context":{"compress":{"handler":5,"limit":1}}"#, "context.compress.handler"),
            (#""context":{"compress":{"handler":"a/b","limit":1}}"#, "context.compress.handler"), (#""onCompleted":{}"#, "onCompleted"),
            (#""onFailed":"h""#, "onFailed"), (#""onCancelled":[5]"#, "onCancelled[0]"), (#""compensate":5"#, "compensate"), (#""compensate":{}"#, "compensate.handler"),
            (#""compensate":{"params":{}}"#, "compensate.handler"), (#""compensate":"""#, "compensate.handler"), (#""compensate":{"handler":7}"#, "compensate.handler"),
            (#""compensate":{"handler":"h","queue":"a b"}"#, "compensate.queue"), (#""compensate":{"handler":"h","queue":5}"#, "compensate.queue"),
            (#""compensate":{"handler":"h","retry":{"maxAttempts":0}}"#, "compensate.retry.maxAttempts"),
            (#""compensate":{"handler":"h","timeouts":{"attempt":"0s"}}"#, "compensate.timeouts.attempt"), (#""validators":"h""#, "validators"),
            (#""validators":["h",5]"#, "validators[1]"), (#""validators":[{"params":1}]"#, "validators[0].handler"), (#""validators":["a b"]"#, "validators[0]"),
            (#""validationSteps":-1"#, "validationSteps"), (#""validationSteps":1001"#, "validationSteps"), (#""validationSteps":null"#, "validationSteps"),
            (#""retryDelay":5"#, "retryDelay"), (#""retryDelay":"soon""#, "retryDelay"), (#""schemas":[]"#, "schemas"), (#""limit":1"#, "limit"),
            (#""limit":{}"#, "limit"), (#""limit":{"key":"x"}"#, "limit"), (#""limit":{"concurrency":0}"#, "limit.concurrency"),
            (#""limit":{"rate":5}"#, "limit.rate"), (#""limit":{"rate":{"permits":1}}"#, "limit.rate.per"), (#""limit":{"rate":{"per":"1s"}}"#, "limit.rate.permits"),
            (#""limit":{"rate":{"permits":0,"per":"1s"}}"#, "limit.rate.permits"), (#""limit":{"rate":{"permits":1,"per":"0s"}}"#, "limit.rate.per"),
            (#""limit":{"rate":{"permits":1,"per":60}}"#, "limit.rate.per"), (#""limit":{"concurrency":1,"key":5}"#, "limit.key"), (#""breaker":true"#, "breaker"),
            (#""breaker":{"failures":0}"#, "breaker.failures"), (#""breaker":{"reset":"0s"}"#, "breaker.reset"), (#""cache":"1h""#, "cache"), (#""cache":{}"#, "cache.ttl"),
            (#""cache":{"version":2}"#, "cache.ttl"), (#""cache":{"ttl":"0s"}"#, "cache.ttl"), (#""cache":{"ttl":3600}"#, "cache.ttl"),
            (#""cache":{"ttl":"1s","version":true}"#, "cache.version"), (#""round":0"#, "round"), (#""round":-1"#, "round"), (#""round":2147483648"#, "round"),
            (#""round":"1""#, "round"), (#""round":1.5"#, "round"),
        ])
    func wrongValues(fields: String, path: String) {
        let found = problems(json: oneTask(fields))
        #expect(found.map(\.path) == ["tasks[0].\(path)"], "\(found)")
        #expect(found.allSatisfy { !$0.message.isEmpty })
    }

    @Test(
        "an expression that doesn't parse is refused wherever one can stand",
        arguments: [
            (#""when":"[[""#, "when"), (#""routes":{"x":"b"},"route":"a[[""#, "route"), (#""forEach":{"from":"[["}"#, "forEach.from"),
            (#""limit":{"concurrency":1,"key":"[["}"#, "limit.key"), (#""dependencies":[{"task":"b","select":"[["}]"#, "dependencies[0].select"),
            (#""dependencies":[{"task":"b","select":{"expression":"[[","required":true}}]"#, "dependencies[0].select.expression"),
            (#""onCancelled":[{"id":"x","handler":"h","when":"[["}]"#, "onCancelled[0].when"),
            (#""onCompleted":[{"id":"x","graph":{"tasks":[{"id":"y","handler":"h","when":"[["}]}}]"#, "onCompleted[0].graph.tasks[0].when"),
        ])
    func expressions(fields: String, path: String) {
        let text = withTasks(fields, "b")
        #expect(problems(json: text, checks: RuleChecks.strict).map(\.path) == ["tasks[0].\(path)"])
        #expect(problems(json: text).isEmpty)
    }

    @Test("a schema that is none is refused wherever one can stand")
    func schemas() {
        let text = #"""
            {"name":"g","inputSchema":5,"tasks":[{"id":"a","handler":"h","schemas":{"inputs":"x","result":[]}},
             {"id":"b","graph":{"inputSchema":"x","tasks":[{"id":"c","handler":"h","onFailed":[{"id":"d","handler":"h","schemas":{"result":7}}]}]}}]}
            """#
        #expect(
            Set(problems(json: text, checks: RuleChecks.strict).map(\.path)) == [
                "inputSchema", "tasks[0].schemas.inputs", "tasks[0].schemas.result", "tasks[1].graph.inputSchema",
                "tasks[1].graph.tasks[0].onFailed[0].schemas.result",
            ])
        #expect(problems(json: text).isEmpty)
        #expect(problems(json: oneTask(#""schemas":{"inputs":{"type":"object"},"result":true}"#), checks: RuleChecks.strict).isEmpty)
    }

    @Test("everything wrong with the rules of one document is told at once")
    func together() {
        let text = #"""
            {"name":"g","onFailure":"continue","tasks":[
             {"id":"a","handler":"h","when":"[[","routes":{"x":["nowhere"]},"defaultRoute":"y","cache":{}},
             {"id":"b","handler":"h","graph":{"tasks":[{"id":"c","handler":"h","fallback":"a b"},{"id":"c","handler":"h"}]}},
             {"id":"d","handler":"h","forEach":{"items":5,"maxParallel":0},"compensate":{}},
             {"id":"e","answer":{"default":1},"limit":{"concurrency":1},"validators":[{}]},
             {"id":"f","handler":"h","onCompleted":[{"id":"x","handler":"h"},{"id":"x","handler":"h","dependencies":["a"]}]}]}
            """#
        #expect(
            Set(problems(json: text, checks: RuleChecks.strict).map(\.path)) == [
                "onFailure", "tasks[0].when", "tasks[0].routes.x", "tasks[0].defaultRoute", "tasks[0].cache.ttl", "tasks[1].graph",
                "tasks[1].graph.tasks[0].fallback", "tasks[1].graph.tasks[1].id", "tasks[2].forEach.items", "tasks[2].forEach.maxParallel",
                "tasks[2].compensate.handler", "tasks[3].answer.deadline", "tasks[3].limit", "tasks[3].validators[0].handler",
                "tasks[4].onCompleted[1].id", "tasks[4].onCompleted[1].dependencies[0]",
            ])
    }

    @Test("a rule's field given twice is refused")
    func twice() {
        for (fields, path) in [
            (#""when":"a","when":"b""#, "when"), (#""routes":{"x":"b","x":"b"}"#, "routes.x"), (#""cache":{"ttl":"1s","ttl":"2s"}"#, "cache.ttl"),
            (#""limit":{"rate":{"permits":1,"permits":1,"per":"1s"}}"#, "limit.rate.permits"), (#""forEach":{"items":[],"items":[]}"#, "forEach.items"),
        ] {
            #expect(problems(json: withTasks(fields, "b")).map(\.path) == ["tasks[0].\(path)"])
        }
    }

    @Test("what is too large is refused by the limit's name, inside rules too")
    func sizes() {
        var limits = Limits()
        limits.payloadBytes = 10
        limits.paramsBytes = 5
        for (fields, path, name) in [
            (#""compensate":{"handler":"h","params":"0123456789"}"#, "compensate.params", "paramsBytes"),
            (#""validators":["h",{"handler":"h","params":"0123456789"}]"#, "validators[1].params", "paramsBytes"),
            (#""onCompleted":[{"id":"x","handler":"h","inputs":"0123456789"}]"#, "onCompleted[0].inputs", "payloadBytes"),
            (#""onCompleted":[{"id":"x","graph":{"input":"0123456789","tasks":[{"id":"y","handler":"h"}]}}]"#, "onCompleted[0].graph.input", "payloadBytes"),
            (#""forEach":{"items":[1,"0123456789"]}"#, "forEach.items[1]", "payloadBytes"),
        ] {
            let found = problems(json: oneTask(fields), limits: limits)
            #expect(found.map(\.path) == ["tasks[0].\(path)"])
            #expect(found.first?.message.contains(name) == true)
        }
        let answer = #"{"name":"g","tasks":[{"id":"a","answer":{"deadline":"1s","default":"0123456789"}}]}"#
        #expect(problems(json: answer, limits: limits).map(\.path) == ["tasks[0].answer.default"])
        limits.tasksPerGraph = 3
        #expect(problems(json: oneTask(#""forEach":{"items":[1,2,3,4]}"#), limits: limits).map(\.path) == ["tasks[0].forEach.items"])
        #expect(problems(json: oneTask(#""forEach":{"items":[1,2,3]}"#), limits: limits).isEmpty)
    }

    @Test("a huge name is quoted in part, however often it is wrong")
    func quoting() {
        let name = String(repeating: "x", count: 100_000)
        let targets = (0..<200).map { "\"t\($0)\"" }.joined(separator: ",")
        let found = problems(json: oneTask("\"routes\":{\"\(name)\":[\(targets)]},\"\(name)\":1,\"fallback\":\"\(name)\""))
        #expect(found.count == 101)
        #expect(found.allSatisfy { $0.path.utf8.count < 2100 && $0.message.utf8.count < 2100 })
    }
}
