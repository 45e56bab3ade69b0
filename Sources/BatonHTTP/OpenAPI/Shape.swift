import BatonModel

/// What a value looks like, in JSON Schema 2020-12.
indirect enum Shape: Sendable {
    case text, word, integer, number, boolean, time, any, object
    case range(ClosedRange<Int>)
    case choice([String])
    case list(Shape)
    case map(Shape)
    case named(String)
    case either([Shape])
    /// Of an object: the fields, and whether each is always there.
    case fields([(name: String, shape: Shape, isRequired: Bool)])

    static func choice<Choice: RawRepresentable<String> & CaseIterable>(of type: Choice.Type) -> Shape {
        .choice(Choice.allCases.map(\.rawValue))
    }

    /// Reads `name: type, …`: a type is `text`, `integer`, `number`, `boolean`, `time`, `any`, `object` or a schema's name, in
    /// brackets for a list, in braces for a map; `!` after it means that the field is always there.
    init(fields text: String) {
        self = .fields(
            text.split(separator: ",").map { field in
                let parts = field.split(separator: ":").map { $0.filter { !$0.isWhitespace } }
                let type = parts[1].hasSuffix("!") ? String(parts[1].dropLast()) : parts[1]
                return (parts[0], Shape(type: type), parts[1].hasSuffix("!"))
            })
    }

    private init(type: String) {
        switch type {
        case "text": self = .text
        case "integer": self = .integer
        case "number": self = .number
        case "boolean": self = .boolean
        case "time": self = .time
        case "any": self = .any
        case "object": self = .object
        default:
            let inner = String(type.dropFirst().dropLast())
            self = type.hasPrefix("[") ? .list(Shape(type: inner)) : type.hasPrefix("{") ? .map(Shape(type: inner)) : .named(type)
        }
    }

    var schema: JSONValue {
        switch self {
        case .text: ["type": "string"]
        case .word: ["type": "string", "minLength": 1]
        case .integer: ["type": "integer"]
        case .number: ["type": "number"]
        case .boolean: ["type": "boolean"]
        case .time: ["type": "string", "format": "date-time"]
        case .any: true
        case .object: ["type": "object"]
        case .range(let range):
            range.upperBound == .max
                ? ["type": "integer", "minimum": .integer(Int64(range.lowerBound))]
                : ["type": "integer", "minimum": .integer(Int64(range.lowerBound)), "maximum": .integer(Int64(range.upperBound))]
        case .choice(let choices): ["type": "string", "enum": .array(choices.map { .string($0) })]
        case .list(let item): ["type": "array", "items": item.schema]
        case .map(let value): ["type": "object", "additionalProperties": value.schema]
        case .named(let name): ["$ref": .string("#/components/schemas/\(name)")]
        case .either(let shapes): ["anyOf": .array(shapes.map(\.schema))]
        case .fields(let fields):
            .object([
                "type": "object",
                "properties": .object(Dictionary(uniqueKeysWithValues: fields.map { ($0.name, $0.shape.schema) })),
                "required": .array(fields.filter(\.isRequired).map { .string($0.name) }),
            ])
        }
    }
}
