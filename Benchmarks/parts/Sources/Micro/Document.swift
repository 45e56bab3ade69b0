import BatonEngine
import BatonModel
import Benchmark

/// What a submitted document needs before it is stored: to be read, held against all rules, and brought to what decisions know.
func registerDocument() {
    let document = Array(Graphs.document.utf8)

    Benchmark("Document: 1,000 tasks are read and checked", configuration: .counted()) { benchmark in
        try benchmark.counting { blackHole(try GraphReader.read(json: document, checks: .standard)) }
    }
    Benchmark("Document: 1,000 tasks are prepared", configuration: .counted()) { benchmark in
        let graph = try GraphReader.read(json: document, checks: .standard)
        try benchmark.counting { blackHole(try PreparedGraph(graph)) }
    }
}
