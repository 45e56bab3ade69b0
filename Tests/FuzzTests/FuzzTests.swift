import BatonFuzzing
import Hummingbird
import Testing

@Suite("What reads from outside takes anything", .serialized, .timeLimit(.minutes(60)))
struct FuzzTests {
    static let targets = (FuzzTarget.all + FuzzTarget.inside).filter { FuzzSettings.shared.includes($0.name) }

    @Test("every input that is kept passes", arguments: targets)
    func corpus(target: FuzzTarget) async throws {
        let corpus = try Corpus(of: target)
        #expect(!corpus.inputs.isEmpty, "there is no corpus of \(target.name)")
        let trial = Trial(target: target, settings: .shared)
        for (name, bytes) in corpus.inputs { _ = await trial.run(bytes, name) }
    }

    @Test("mutations of what is kept pass", arguments: targets)
    func mutations(target: FuzzTarget) async throws {
        let count = await Trial(target: target, settings: .shared).mutations(of: try Corpus(of: target))
        if FuzzSettings.shared.duration != nil { print("fuzz: \(target.name) \(count) inputs, seed \(FuzzSettings.shared.seed)") }
        #expect(count > 0)
    }

    @Test("a token that is repeated thousands of times is read in little time", arguments: targets)
    func repetitions(target: FuzzTarget) async throws {
        let trial = Trial(target: target, settings: .shared)
        for (number, token) in target.tokens.enumerated() where !token.isEmpty {
            let bytes = Array(String(repeating: token, count: 8192 / token.utf8.count).utf8)
            guard await trial.run(bytes, "repeated-\(number)") else { return }
        }
    }

    /// If nothing got through, nothing would be found.
    @Test("requests of the corpus get through to the routes", arguments: [("submit", 503), ("yaml", 503), ("schedule", 503), ("list", 200), ("run", 404), ("patch", 404), ("batch", 200), ("origin", 403)])
    func requests(name: String, status: Int) async throws {
        let bytes = try #require(try Corpus(of: .http).inputs.first { $0.name == name }?.bytes)
        let response = try await RouteClient.shared.ask(try #require(RequestText(bytes)))
        #expect(Int(response.status.code) == status, "\(String(buffer: response.body))")
    }

    @Test("every folder of the corpus belongs to a target")
    func folders() throws {
        let names = Set((FuzzTarget.all + FuzzTarget.inside).map(\.name))
        #expect(try Corpus.folders().filter { !names.contains($0) } == [])
    }
}

extension FuzzTarget: CustomTestStringConvertible {
    public var testDescription: String { name }
}
