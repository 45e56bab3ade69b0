/// A JSON value: what an expression is evaluated on, and what it gives.
///
/// Integers that fit 64 bits stay exact; every other number is a `Double`. `1` and `1.0` are equal. Strings are equal when
/// their code points are.
public enum Value: Sendable {
    case null
    case bool(Bool)
    case integer(Int64)
    case number(Double)
    case string(String)
    case array([Value])
    case object(Object)

    /// The types of the specification, by the names that its function `type` gives.
    public enum Kind: String, Sendable, CaseIterable {
        case null, boolean, number, string, array, object
    }

    public var kind: Kind {
        switch self {
        case .null: .null
        case .bool: .boolean
        case .integer, .number: .number
        case .string: .string
        case .array: .array
        case .object: .object
        }
    }

    /// Whether a condition with this result holds: all but `null`, `false` and the empty string, array and object.
    ///
    /// The number 0 is true.
    public var isTruthy: Bool {
        switch self {
        case .null: false
        case .bool(let value): value
        case .integer, .number: true
        case .string(let text): !text.isEmpty
        case .array(let items): !items.isEmpty
        case .object(let fields): !fields.isEmpty
        }
    }

    /// A field of an object; `nil` where it is absent or this isn't an object.
    public subscript(name: String) -> Value? {
        if case .object(let fields) = self { fields[name] } else { nil }
    }

    /// An item of an array, from 0; `nil` where there is none or this isn't an array.
    public subscript(index: Int) -> Value? {
        if case .array(let items) = self, items.indices.contains(index) { items[index] } else { nil }
    }

    var isNull: Bool { if case .null = self { true } else { false } }
}

extension Value: ExpressibleByNilLiteral, ExpressibleByBooleanLiteral, ExpressibleByIntegerLiteral, ExpressibleByFloatLiteral,
    ExpressibleByStringLiteral, ExpressibleByArrayLiteral, ExpressibleByDictionaryLiteral
{
    public init(nilLiteral: ()) { self = .null }
    public init(booleanLiteral value: Bool) { self = .bool(value) }
    public init(integerLiteral value: Int64) { self = .integer(value) }
    public init(floatLiteral value: Double) { self = .number(value) }
    public init(stringLiteral value: String) { self = .string(value) }
    public init(arrayLiteral elements: Value...) { self = .array(elements) }
    public init(dictionaryLiteral elements: (String, Value)...) { self = .object(Object(elements)) }
}
