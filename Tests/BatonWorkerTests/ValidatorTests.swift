import BatonModel
import BatonWire
import Testing

@testable import BatonWorker

@Suite("Validators", .timeLimit(.minutes(1)))
struct ValidatorTests {
    struct Review: Codable, Sendable, Equatable { var text: String }

    private func verdict(on inputs: JSONValue?) async throws -> Report.Content {
        let outcomes = Journal<Report.Content>()
        try await withWorker(prepare: { (harness: Harness) async throws in
            harness.worker.registerValidator("tone") { (review: Review, context: TaskContext) in
                switch review.text {
                case "good": return .pass
                case "loud": return .change(Review(text: "quiet"))
                default: return .reject(feedback: "\(review.text) of \(context.inputs.value["inputs"]?.string ?? "-")")
                }
            }
        }) { (harness: Harness) async throws in
            outcomes.append(try await harness.outcome(harness.submit(0, "tone", inputs)))
        }
        return try await outcomes.first()
    }

    @Test("C6: a validator passes, changes or rejects a result", arguments: [
        ("good", ["verdict": "pass"]), ("loud", ["verdict": "change", "result": ["text": "quiet"]]),
        ("bad", ["verdict": "reject", "feedback": "bad of me"]),
    ] as [(String, JSONValue)])
    func verdicts(text: String, expected: JSONValue) async throws {
        let content = try await verdict(on: ["inputs": "me", "result": ["text": .string(text)]])
        guard case .completed(let result, []) = content else { throw Harness.Unexpected() }
        #expect(result.value == expected)
    }

    @Test("a result that a validator can't read fails it at once, and the error names the place", arguments: [
        (["result": ["text": 5]], "result: text is not of type"), (["inputs": 1], "'result'"), (nil, "'result'"), ([1], "'result'"),
        (["result": nil], "result: "),
    ] as [(JSONValue?, String)])
    func unreadable(inputs: JSONValue?, says: String) async throws {
        guard case .failed(let error) = try await verdict(on: inputs) else { throw Harness.Unexpected() }
        #expect(error.type == "invalidInputs")
        #expect(error.retryable == false)
        #expect(error.message.contains(says), "\(error.message)")
    }

    @Test("a validator of JSON sees and changes a result as it is written")
    func raw() async throws {
        let json = try JSON(parsing: #"{"result":{"b":1.50,"a":[]}}"#)
        try await withWorker(prepare: { (harness: Harness) async throws in
            harness.worker.registerValidator("raw") { (result: JSON, context: TaskContext) in .change(result) }
        }) { (harness: Harness) async throws in
            let attempt = harness.submit(0, "raw") { $0.body.inputs = json }
            guard case .completed(let result, _) = try await harness.outcome(attempt) else { throw Harness.Unexpected() }
            #expect(result.description == #"{"verdict":"change","result":{"b":1.50,"a":[]}}"#)
        }
    }
}
