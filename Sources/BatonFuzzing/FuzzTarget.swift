/// Something that reads from outside, and what must hold of it whatever the bytes are.
///
/// That it doesn't crash or hang is the least; each target also checks what its readers promise, such as that what is read can be
/// written and read again.
package struct FuzzTarget: Sendable {
    package enum Check: Sendable {
        case now(@Sendable ([UInt8]) throws -> Void)
        case later(@Sendable ([UInt8]) async throws -> Void)
    }

    /// Also of the folder with its corpus.
    package let name: String
    /// What is read.
    package let summary: String
    /// What inputs are made of, beside bytes.
    package let tokens: [String]
    /// Longer inputs only take longer.
    package let longest: Int
    private let check: Check

    package init(_ name: String, _ summary: String, tokens: [String], longest: Int = 4096, _ check: @escaping @Sendable ([UInt8]) throws -> Void) {
        self.init(name, summary, tokens: tokens, longest: longest, check: .now(check))
    }

    package init(_ name: String, _ summary: String, tokens: [String], longest: Int = 4096, check: Check) {
        self.name = name
        self.summary = summary
        self.tokens = tokens
        self.longest = longest
        self.check = check
    }

    /// - Throws: `Finding` where something doesn't hold; any other error is one that the readers must not let out.
    package func run(_ bytes: [UInt8]) async throws {
        switch check {
        case .now(let check): try check(bytes)
        case .later(let check): try await check(bytes)
        }
    }

    /// The check, where it needs no waiting.
    package var checkNow: (@Sendable ([UInt8]) throws -> Void)? {
        if case .now(let check) = check { check } else { nil }
    }
}

/// Something that should hold, and doesn't.
package struct Finding: Error, CustomStringConvertible {
    package var description: String

    package init(_ description: String) { self.description = description }
}

package func expect(_ holds: Bool, _ message: @autoclosure () -> String) throws(Finding) {
    if !holds { throw Finding(message()) }
}

package func expectEqual<Value: Equatable>(_ left: Value, _ right: Value, _ message: @autoclosure () -> String) throws(Finding) {
    if left != right { throw Finding("\(message()):\n  \(left)\n  \(right)") }
}

/// Does what must not fail.
///
/// - Throws: `Finding` with what failed.
package func succeeds<Value>(_ what: @autoclosure () -> String, _ body: () throws -> Value) throws(Finding) -> Value {
    do {
        return try body()
    } catch let finding as Finding {
        throw finding
    } catch {
        throw Finding("\(what()): \(String(reflecting: error))")
    }
}
