import BatonDrawing
import BatonModel
import Foundation
import Testing

#if canImport(FoundationXML)
import FoundationXML
#endif

@Suite("K7 pictures of a graph", .timeLimit(.minutes(1)))
struct K7GraphPictures {
    @Test("an SVG is well-formed, tells what it shows, and runs and loads nothing")
    func svg() throws {
        let text = try GraphSVG(Pictures.order).text
        let elements = try Elements(text)
        #expect(elements.names.isSubset(of: ["svg", "title", "desc", "style", "rect", "g", "path", "text", "defs", "marker"]))
        #expect(elements.texts.contains("Run order is running"))
        for id in ["validate", "reserve", "charge", "ship", "confirm"] { #expect(elements.texts.contains(id)) }
        for status in ["completed", "retrying", "pending"] { #expect(elements.texts.contains(status), "the legend") }
        #expect(text.contains("role=\"img\"") && text.contains("prefers-color-scheme:dark"))
    }

    @Test("tasks stand to the right of what they depend on, and never on one another")
    func layers() throws {
        let boxes = try Boxes(GraphSVG(Pictures.order).text)
        let x = { (id: String) in boxes.all[id]?.x ?? -1 }
        #expect(x("validate") < x("reserve") && x("reserve") == x("charge") && x("charge") < x("ship") && x("ship") < x("confirm"))
        for (name, box) in boxes.all {
            for (other, against) in boxes.all where other != name {
                let apart = box.x + box.width <= against.x || against.x + against.width <= box.x || box.y + box.height <= against.y
                    || against.y + against.height <= box.y
                #expect(apart, "\(name) and \(other)")
            }
        }
    }

    @Test("two chains that cross in the document are drawn without a crossing")
    func crossings() throws {
        let nodes = ["a1", "b1", "b2", "a2"].map { Pictures.node(TaskID($0)) }
        let boxes = try Boxes(GraphSVG(Pictures.graph(nodes, [Pictures.edge("a1", "a2"), Pictures.edge("b1", "b2")])).text).all
        let y = { (id: String) in boxes[id]?.y ?? -1 }
        #expect((y("a1") < y("b1")) == (y("a2") < y("b2")))
    }

    @Test("names can't be anything but text", arguments: ["svg", "dot", "mermaid", "json"])
    func hostile(_ format: String) throws {
        let graph = Pictures.hostileGraph()
        switch format {
        case "svg":
            let elements = try Elements(try GraphSVG(graph).text)
            #expect(elements.names.isSubset(of: ["svg", "title", "desc", "style", "rect", "g", "path", "text", "defs", "marker"]))
            #expect(!elements.attributes.contains { $0.hasPrefix("on") || $0.hasSuffix("href") })
        case "dot":
            let text = GraphDOT(graph).text
            // Outside quotes there is only what the program writes.
            let lines = Self.withoutQuoted(text).split(separator: "\n")
            #expect(lines.count == 6 + graph.nodes.count + graph.edges.count)
            #expect(lines.dropFirst(5).dropLast().allSatisfy { $0.wholeMatch(of: /\s\sn\d+( -> n\d+)? \[[a-z=, ]*\];/) != nil })
        case "mermaid":
            let text = try GraphMermaid(graph).text
            let lines = text.split(separator: "\n")
            #expect(lines.count == 1 + graph.nodes.count + graph.edges.count + 1)
            let node = /\s\sn\d+\["[A-Za-z0-9 .,\-_\/~@#;]*<br\/>[A-Za-z0-9 .,\-_\/~@#;]*"\]:::failed/
            let edge = /\s\sn\d+ -->\|"[A-Za-z0-9 .,\-_\/~@#;]*"\| n\d+/
            #expect(lines.dropFirst().dropLast().allSatisfy { $0.wholeMatch(of: node) != nil || $0.wholeMatch(of: edge) != nil })
        default:
            #expect(try JSONDecoder().decode(RunGraph.self, from: JSONEncoder().encode(graph)) == graph)
        }
    }

    private static func withoutQuoted(_ text: String) -> String {
        var rest = ""
        var isQuoted = false
        var isEscaped = false
        for character in text {
            if isEscaped {
                isEscaped = false
            } else if isQuoted, character == "\\" {
                isEscaped = true
            } else if character == "\"" {
                isQuoted.toggle()
            } else if !isQuoted {
                rest.append(character)
            }
        }
        #expect(!isQuoted && !isEscaped)
        return rest
    }

    @Test("ten thousand alike become one node that counts them")
    func fan() throws {
        let graph = Pictures.fan(10_000, failed: 2)
        let collapsed = graph.collapsed()
        #expect(collapsed.nodes.map(\.count) == [nil, 10_000, nil] && collapsed.edges.count == 2)
        #expect(collapsed.nodes[1].counts == ["completed": 9998, "failed": 2] && collapsed.nodes[1].status == .failed)
        let texts = try Elements(GraphSVG(graph).text).texts
        #expect(texts.contains("10,000 × core.noop") && texts.contains { $0.contains("9,998 completed, 2 failed") })
        #expect(try GraphMermaid(graph).text.contains("10#44;000") == false)
        #expect(GraphDOT(graph).text.split(separator: "\n").count == 6 + 10_002 + 20_000, "every task has its own")
    }

    @Test("chains that are alike become one chain; what has another place, or leads back, stays apart")
    func chains() {
        var nodes = [Pictures.node("s")]
        var edges: [RunGraph.Edge] = []
        for number in 0..<300 {
            nodes += [Pictures.node(TaskID("a\(number)"), handler: "a"), Pictures.node(TaskID("b\(number)"), handler: "b")]
            edges += [Pictures.edge("s", TaskID("a\(number)")), Pictures.edge(TaskID("a\(number)"), TaskID("b\(number)"))]
        }
        nodes.append(Pictures.node("odd", handler: "b"))
        edges.append(Pictures.edge("b0", "odd"))
        edges.append(Pictures.edge("b1", "a1", .back))
        let collapsed = Pictures.graph(nodes, edges).collapsed()
        #expect(collapsed.nodes.compactMap(\.count) == [298, 298])
        #expect(Set(collapsed.nodes.filter { $0.count == nil }.map(\.id)) == ["s", "a0", "b0", "a1", "b1", "odd"])
        #expect(Pictures.fan(150).collapsed().nodes.count == 152, "small graphs stay as they are")
    }

    @Test("what no picture would show is refused, with what to do")
    func refused() throws {
        // Each has a place of its own.
        let nodes = (0..<2500).map { Pictures.node(TaskID("t\($0)")) }
        let edges = (1..<2500).map { Pictures.edge(TaskID("t\($0 - 1)"), TaskID("t\($0)")) }
        let graph = Pictures.graph(nodes, edges)
        let error = #expect(throws: PictureError.self) { try GraphSVG(graph) }
        #expect(error?.description.contains("format=json") == true)
        #expect(throws: PictureError.self) { try GraphMermaid(graph) }
        #expect(GraphDOT(graph).text.contains("n2499"))
    }

    @Test("circles, edges into nothing and an empty graph do no harm")
    func odd() throws {
        let circle = Pictures.graph(
            [Pictures.node("a"), Pictures.node("b"), Pictures.node("c")],
            [Pictures.edge("a", "b"), Pictures.edge("b", "a"), Pictures.edge("b", "b"), Pictures.edge("c", "gone"), Pictures.edge("b", "a", .back)])
        _ = try Elements(GraphSVG(circle).text)
        _ = try Elements(GraphSVG(Pictures.graph([], [])).text)
        #expect(GraphDOT(circle).text.contains("n0 -> n1") && !GraphDOT(circle).text.contains("gone"))
    }

    @Test("large graphs are laid out at once", .timeLimit(.minutes(1)))
    func speed() throws {
        // 1,999 nodes in 20 layers, each after five of the layer before.
        var nodes: [RunGraph.Node] = []
        var edges: [RunGraph.Edge] = []
        for number in 0..<1999 {
            nodes.append(Pictures.node(TaskID("t\(number)"), handler: HandlerName("h\(number)")))
            guard number >= 100 else { continue }
            for step in 0..<5 { edges.append(Pictures.edge(TaskID("t\((number / 100 - 1) * 100 + (number * 7 + step * 13) % 100)"), TaskID("t\(number)"))) }
        }
        let graph = Pictures.graph(nodes, edges)
        let time = try ContinuousClock().measure { _ = try GraphSVG(graph).text }
        #expect(time < .seconds(20))
        let fan = Pictures.fan(100_000)
        #expect(fan.collapsed().nodes.count == 3)
    }
}

/// What an XML text is made of, as a parser reads it.
struct Elements {
    var names: Set<String> = []
    var attributes: Set<String> = []
    var texts: [String] = []

    init(_ text: String) throws {
        let reader = Reader()
        let parser = XMLParser(data: Data(text.utf8))
        parser.delegate = reader
        guard parser.parse() else { throw parser.parserError ?? CocoaError(.fileReadCorruptFile) }
        names = reader.names
        attributes = reader.attributes
        texts = reader.texts
    }

    private final class Reader: NSObject, XMLParserDelegate {
        var names: Set<String> = []
        var attributes: Set<String> = []
        var texts: [String] = []
        private var current = ""

        func parser(_ parser: XMLParser, didStartElement name: String, namespaceURI: String?, qualifiedName: String?, attributes: [String: String]) {
            names.insert(name)
            self.attributes.formUnion(attributes.keys)
            current = ""
        }

        func parser(_ parser: XMLParser, foundCharacters string: String) { current += string }

        func parser(_ parser: XMLParser, didEndElement name: String, namespaceURI: String?, qualifiedName: String?) {
            texts.append(current)
            current = ""
        }
    }
}

/// The boxes of a picture by the names in them.
struct Boxes {
    var all: [String: (x: Double, y: Double, width: Double, height: Double)] = [:]

    init(_ text: String) {
        let box = /<rect class="[a-z]+ box" x="([\d.-]+)" y="([\d.-]+)" width="([\d.]+)" height="([\d.]+)"/
        for group in text.components(separatedBy: "<g><title>").dropFirst() {
            guard let found = group.firstMatch(of: box), let name = group.firstMatch(of: /class="id"[^>]*>([^<]*)</) else { continue }
            all[String(name.1)] = (Double(found.1) ?? 0, Double(found.2) ?? 0, Double(found.3) ?? 0, Double(found.4) ?? 0)
        }
    }
}
