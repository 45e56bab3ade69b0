/// A value in a header or argument table.
///
/// The other integer widths, 32-bit floats and decimals that AMQP knows are widened on arrival; a long string that isn't
/// UTF-8 arrives as `bytes`.
public enum FieldValue: Sendable, Equatable {
    case string(String)
    case int(Int64)
    case bool(Bool)
    case double(Double)
    case bytes([UInt8])
    /// Seconds since 1970.
    case timestamp(UInt64)
    case array([FieldValue])
    case table(Headers)
    case null

    /// The text of a `string`, else nil.
    public var string: String? {
        if case .string(let value) = self { value } else { nil }
    }

    /// The number of an `int`, else nil.
    public var int: Int64? {
        if case .int(let value) = self { value } else { nil }
    }

    /// The value of a `bool`, else nil.
    public var bool: Bool? {
        if case .bool(let value) = self { value } else { nil }
    }
}

extension FieldValue: ExpressibleByStringLiteral, ExpressibleByIntegerLiteral, ExpressibleByBooleanLiteral,
    ExpressibleByFloatLiteral
{
    public init(stringLiteral value: String) { self = .string(value) }
    public init(integerLiteral value: Int64) { self = .int(value) }
    public init(booleanLiteral value: Bool) { self = .bool(value) }
    public init(floatLiteral value: Double) { self = .double(value) }
}
