import JSONSchema
import Testing

@Suite("Sharing", .timeLimit(.minutes(1)))
struct ConcurrencyTests {
    @Test("one schema validates in many tasks at once, each with its own answer")
    func manyTasks() async throws {
        let schema = try Schema(
            ##"""
            {"properties":{"id":{"pattern":"^(x|y)[0-9]+$"},"n":{"maximum":100}},"patternProperties":{"_at$":{"type":"integer"}},
             "additionalProperties":{"$ref":"#"}}
            """##.utf8)
        let wrong = await withTaskGroup { group in
            for number in 0..<200 {
                group.addTask {
                    let expected = number > 100 ? ["/child/n"] : []
                    for round in 0..<20 {
                        let instance = #"{"id":"x\#(number)\#(round)","made_at":1,"child":{"id":"y1","n":\#(number)}}"#
                        guard let found = try? schema.validate(Array(instance.utf8)), found.map(\.path) == expected else { return 1 }
                    }
                    return 0
                }
            }
            return await group.reduce(0, +)
        }
        #expect(wrong == 0)
    }
}
