import JSONSchema
import Testing

/// SplitMix64 (Steele, Lea, Flood 2014): the same numbers for the same seed.
struct SeededGenerator: RandomNumberGenerator {
    var state: UInt64

    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var mixed = state
        mixed = (mixed ^ (mixed >> 30)) &* 0xBF58_476D_1CE4_E5B9
        mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
        return mixed ^ (mixed >> 31)
    }
}

@Suite("Mutations", .timeLimit(.minutes(1)))
struct MutationTests {
    static let examples = [
        KeywordCase.general, KeywordCase.numeric, KeywordCase.strings, KeywordCase.arrays, KeywordCase.objects, KeywordCase.combined,
        KeywordCase.references,
    ].flatMap(\.self)

    static func mutated(_ text: String, using generator: inout SeededGenerator) -> [UInt8] {
        var bytes = Array(text.utf8)
        for _ in 0..<Int.random(in: 1...3, using: &generator) where !bytes.isEmpty {
            let start = Int.random(in: 0..<bytes.count, using: &generator)
            let end = min(bytes.count, start + Int.random(in: 1...12, using: &generator))
            switch Int.random(in: 0..<5, using: &generator) {
            case 0: bytes[start] = UInt8.random(in: 0...255, using: &generator)
            case 1: bytes.removeSubrange(start..<end)
            case 2: bytes.insert(contentsOf: Array(bytes[start..<end]), at: Int.random(in: 0...bytes.count, using: &generator))
            case 3:
                let other = Array(examples.randomElement(using: &generator)?.schema.utf8 ?? "".utf8)
                bytes.replaceSubrange(start..<end, with: other)
            default:
                let tokens = ["{}", "[", "1e308", "-1", "\"$ref\":\"#\"", "null", "\\u0000", "(", "false", "9223372036854775808"]
                bytes.insert(contentsOf: Array((tokens.randomElement(using: &generator) ?? "").utf8), at: start)
            }
        }
        return bytes
    }

    @Test("mutated schemas and instances end in an answer or an error, the same each time", arguments: [1, 2, 3, 4] as [UInt64])
    func mutations(seed: UInt64) throws {
        var generator = SeededGenerator(state: seed)
        var compiled = 0
        for _ in 0..<2_000 {
            guard let example = Self.examples.randomElement(using: &generator) else { return }
            let text = Bool.random(using: &generator) ? Self.mutated(example.schema, using: &generator) : Array(example.schema.utf8)
            let instance = Self.mutated((example.valid + example.invalid).randomElement(using: &generator) ?? "{}", using: &generator)
            let schema: Schema
            do throws(SchemaError) {
                schema = try Schema(text)
                compiled += 1
            } catch {
                #expect(!error.message.isEmpty)
                continue
            }
            let first = Result { () throws(SchemaError) in try schema.validate(instance) }
            let second = Result { () throws(SchemaError) in try schema.validate(instance) }
            #expect(first == second)
        }
        #expect(compiled > 500)
    }
}
