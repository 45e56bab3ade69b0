import BatonModel

/// A JMESPath expression of a step, in which other steps stand for their results:
///
/// ```swift
/// Step(Ship.self, paid.result).when("\(order.result).isComplete && \(paid.result).total > `0`")
/// ```
///
/// A step that is named so is waited for. Beside these, expressions see the graph's `input` and the task's own `inputs`.
public struct StepExpression: Sendable, ExpressibleByStringInterpolation {
    enum Part: Sendable {
        case text(String)
        case result(StepReference, StepSelection?)
        case status(StepReference)
    }

    var parts: [Part]

    public init(_ text: String) { parts = [.text(text)] }
    public init(stringLiteral value: String) { parts = [.text(value)] }
    public init(stringInterpolation: StringInterpolation) { parts = stringInterpolation.parts }

    init<Value>(_ result: StepResult<Value>) { parts = [.init(result)] }

    public struct StringInterpolation: StringInterpolationProtocol {
        var parts: [Part] = []

        public init(literalCapacity: Int, interpolationCount: Int) {}
        public mutating func appendLiteral(_ literal: String) { parts.append(.text(literal)) }
        /// A piece of the expression.
        public mutating func appendInterpolation(_ text: String) { parts.append(.text(text)) }
        /// A step's result; null where it ended without one.
        public mutating func appendInterpolation<Value>(_ result: StepResult<Value>) { parts.append(.init(result)) }
        /// How a step ended: `'completed'`, `'failed'`, `'cancelled'` or `'skipped'`.
        public mutating func appendInterpolation<Input, Output>(statusOf step: Step<Input, Output>) {
            parts.append(.status(step.reference))
        }
    }

    /// The steps it names, in their order.
    var steps: [StepReference] {
        parts.compactMap { part in
            switch part {
            case .text: nil
            case .result(let step, _), .status(let step): step
            }
        }
    }

    /// - Parameter name: under which a step's result is seen.
    func text(_ name: (StepReference) -> String) -> String {
        parts.map { part in
            switch part {
            case .text(let text): text
            case .result(let step, nil): Self.identifier(name(step))
            case .result(let step, let select?): "(\(Self.identifier(name(step))) | \(select.expression))"
            case .status(let step): "status.\(Self.identifier(name(step)))"
            }
        }.joined()
    }

    /// A name as expressions write it: in quotes where it isn't made of letters, digits and underscores.
    static func identifier(_ name: String) -> String { isIdentifier(name) ? name : JSON(.string(name)).description }

    static func isIdentifier(_ name: String) -> Bool {
        guard let first = name.utf8.first, !(UInt8(ascii: "0")...UInt8(ascii: "9")).contains(first) else { return false }
        return name.utf8.allSatisfy { byte in
            switch byte {
            case UInt8(ascii: "A")...UInt8(ascii: "Z"), UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "0")...UInt8(ascii: "9"),
                UInt8(ascii: "_"):
                true
            default: false
            }
        }
    }
}

extension StepExpression.Part {
    fileprivate init<Value>(_ result: StepResult<Value>) { self = .result(result.step, result.selection) }
}
