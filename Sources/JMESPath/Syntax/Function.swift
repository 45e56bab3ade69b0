/// The functions of the specification.
enum Function: String, CaseIterable {
    case abs, avg, ceil, contains
    case endsWith = "ends_with"
    case floor, join, keys, length, map, max
    case maxBy = "max_by"
    case merge, min
    case minBy = "min_by"
    case notNull = "not_null"
    case reverse, sort
    case sortBy = "sort_by"
    case startsWith = "starts_with"
    case sum
    case toArray = "to_array"
    case toNumber = "to_number"
    case toString = "to_string"
    case type, values

    /// What a function takes as one of its arguments.
    enum Parameter: String {
        case any = "any value"
        case number = "a number"
        case string = "a string"
        case array = "an array"
        case object = "an object"
        case numbers = "an array of numbers"
        case strings = "an array of strings"
        case comparables = "an array of numbers or an array of strings"
        case arrayOrString = "an array or a string"
        case sized = "an array, an object or a string"
        case expression = "an expression"
    }

    struct Signature {
        let parameters: [Parameter]
        /// Whether the last parameter may be repeated.
        var isVariadic = false

        subscript(position: Int) -> Parameter { parameters[Swift.min(position, parameters.count - 1)] }

        func accepts(_ count: Int) -> Bool { isVariadic ? count >= parameters.count : count == parameters.count }

        var arity: String {
            "\(isVariadic ? "at least " : "")\(parameters.count) argument\(parameters.count == 1 ? "" : "s")"
        }
    }

    var signature: Signature {
        switch self {
        case .abs, .ceil, .floor: Signature(parameters: [.number])
        case .avg, .sum: Signature(parameters: [.numbers])
        case .contains: Signature(parameters: [.arrayOrString, .any])
        case .endsWith, .startsWith: Signature(parameters: [.string, .string])
        case .join: Signature(parameters: [.string, .strings])
        case .keys, .values: Signature(parameters: [.object])
        case .length: Signature(parameters: [.sized])
        case .map: Signature(parameters: [.expression, .array])
        case .max, .min, .sort: Signature(parameters: [.comparables])
        case .maxBy, .minBy, .sortBy: Signature(parameters: [.array, .expression])
        case .merge: Signature(parameters: [.object], isVariadic: true)
        case .notNull: Signature(parameters: [.any], isVariadic: true)
        case .reverse: Signature(parameters: [.arrayOrString])
        case .toArray, .toNumber, .toString, .type: Signature(parameters: [.any])
        }
    }
}
