import Testing

@testable import BatonModel

@Suite("B4: damaged documents", .timeLimit(.minutes(1)))
struct B4HostileDocuments {
    /// A document is read, and then its graph reads back, or it is refused with words.
    private func hold(_ bytes: [UInt8], isObject: Bool = false) throws {
        switch Result(catching: { () throws(InvalidGraph) in try GraphReader.read(json: bytes, checks: RuleChecks.strict) }) {
        case .success(let graph):
            let again = Result(catching: { () throws(InvalidGraph) in try GraphReader.read(json: graph.document.bytes) })
            try #require(again == .success(graph), "\(graph.document)")
        case .failure(let error):
            #expect(!error.problems.isEmpty && error.problems.allSatisfy { !$0.message.isEmpty })
            if isObject { #expect(error.problems.allSatisfy { !$0.path.isEmpty || $0.message.hasPrefix("and ") }, "\(error)") }
        }
        for read in [{ _ = try? GraphReader.read(dispatch: bytes) }, { _ = try? GraphReader.read(checkedTask: bytes) }] { read() }
    }

    private func document(_ seed: Int) -> [UInt8] {
        var random = RandomGraph(seed: UInt64(seed))
        return random.graph().document.bytes
    }

    @Test("a document that ends anywhere is no JSON")
    func truncated() {
        let bytes = Array(FullGraph.json.utf8)
        for length in stride(from: 0, to: bytes.count - 1, by: 3) where bytes[length...].contains(where: { $0 > 0x20 }) {
            let found = problems(json: String(decoding: bytes.prefix(length), as: UTF8.self))
            #expect(found.count == 1 && found[0].message.contains("not JSON"))
        }
    }

    @Test("bytes that are changed, taken away or put in do no harm", arguments: 0..<4)
    func bytes(part: Int) throws {
        for seed in 0..<30 {
            let original = document(part * 100 + seed)
            var random = RandomGraph(seed: UInt64(seed))
            for _ in 0..<8 {
                var bytes = original
                for _ in 0..<random.number(1...3) where !bytes.isEmpty {
                    let place = random.number(0...bytes.count - 1)
                    switch random.number(0...4) {
                    case 0: bytes[place] ^= UInt8(1 << random.number(0...7))
                    case 1: bytes.remove(at: place)
                    case 2: bytes.insert(random.pick(Array("{}[]\",:0-\\ \u{0}".utf8) + [0xFF, 0xC3]), at: place)
                    case 3: bytes.removeSubrange(place..<min(bytes.count, place + random.number(1...40)))
                    default: bytes.insert(contentsOf: bytes[place..<min(bytes.count, place + random.number(1...40))], at: place)
                    }
                }
                try hold(bytes)
            }
        }
    }

    /// The value with one of its parts, at any depth, put in place of another type.
    private func swapped(_ value: JSONValue, _ random: inout RandomGraph) -> JSONValue {
        let inside = random.chance(0.85)
        switch value {
        case .object(var fields) where inside && !fields.isEmpty:
            let name = random.pick(fields.keys.sorted())
            switch random.number(0...8) {
            case 0: fields[name] = nil
            case 1: fields[name + "x"] = fields[name]
            default: fields[name] = swapped(fields[name] ?? .null, &random)
            }
            return .object(fields)
        case .array(var items) where inside && !items.isEmpty:
            let place = random.number(0...items.count - 1)
            if random.chance(0.1) { items.append(items[place]) } else { items[place] = swapped(items[place], &random) }
            return .array(items)
        default:
            return random.pick([
                nil, true, false, 0, -1, 7, 1.5, .number(1e300), .integer(.max), "", "?", "t0", "t1", "5s", "[[", "h", .string(String(repeating: "x", count: 300)), [],
                ["t0"], [[]], [:], ["handler": "h"], ["items": []], ["x": "t1"],
            ])
        }
    }

    @Test("values of other types give problems with paths, or mean something", arguments: 0..<4)
    func values(part: Int) throws {
        var read = 0
        for seed in 0..<40 {
            let original = try JSON(parsing: document(part * 100 + seed)).value
            var random = RandomGraph(seed: UInt64(seed))
            for _ in 0..<10 {
                var value = original
                for _ in 0..<random.number(1...3) { value = swapped(value, &random) }
                guard case .object = value else { continue }
                let bytes = JSON(value).bytes
                try hold(bytes, isObject: true)
                if (try? GraphReader.read(json: bytes)) != nil { read += 1 }
            }
        }
        #expect(read > 10)
    }

    @Test("damaged YAML does no harm")
    func yaml() {
        let original = Array(FullGraph.yaml.utf8)
        var random = RandomGraph(seed: 1)
        for _ in 0..<200 {
            var bytes = original
            for _ in 0..<random.number(1...4) {
                let place = random.number(0...bytes.count - 1)
                if random.chance(0.5) { bytes[place] = random.pick(Array("{}[]&*!|>'\"%@`#:-? \n\t".utf8)) } else { bytes.remove(at: place) }
            }
            do throws(InvalidGraph) { _ = try GraphReader.read(document: bytes) } catch {
                #expect(!error.problems.isEmpty && error.problems.allSatisfy { !$0.message.isEmpty })
            }
        }
    }

    @Test("long lists, long names and many mistakes are refused in bounded work and words")
    func large() {
        let many = Array(repeating: "5", count: 20_000).joined(separator: ",")
        for fields in [
            #""validators":[\#(many)]"#, #""onFailed":[\#(many)]"#, #""dependencies":[\#(many)]"#, #""routes":{"x":[\#(many)]}"#,
            #""retry":{"delays":[\#(many)]}"#, #""retry":{"only":[\#(many)]}"#,
        ] {
            #expect(problems(json: oneTask(fields)).count == 101)
        }
        let routes = (0..<10_000).map { #""r\#($0)":"a""# }.joined(separator: ",")
        #expect(problems(json: oneTask(#""routes":{\#(routes)},"defaultRoute":"none""#)).map(\.path) == ["tasks[0].defaultRoute"])
        var limits = Limits()
        limits.tasksPerGraph = 1000
        let items = Array(repeating: "1", count: 1001).joined(separator: ",")
        #expect(problems(json: oneTask(#""forEach":{"items":[\#(items)]}"#), limits: limits).map(\.path) == ["tasks[0].forEach.items"])
    }
}
