import JSONSchema
import Testing

/// A schema with instances on either side of it.
struct KeywordCase: Sendable, CustomTestStringConvertible {
    let schema: String
    let valid: [String]
    let invalid: [String]

    var testDescription: String { schema }

    init(_ schema: String, valid: [String], invalid: [String]) {
        self.schema = schema
        self.valid = valid
        self.invalid = invalid
    }

    static let general: [KeywordCase] = [
        .init("true", valid: ["1", "null", "{}"], invalid: []),
        .init("false", valid: [], invalid: ["1", "null", "{}"]),
        .init(#"{"type":"integer"}"#, valid: ["1", "1.0", "-3e2", "1e300"], invalid: ["1.5", #""1""#, "null", "true"]),
        .init(#"{"type":["number","null"]}"#, valid: ["1", "1.5", "null"], invalid: ["{}", "[]", "false"]),
        .init(#"{"enum":[1,"a",{"b":[2]}]}"#, valid: ["1.0", #""a""#, #"{"b":[2.0]}"#], invalid: ["true", #""1""#, #"{"b":2}"#]),
        .init(#"{"const":[0]}"#, valid: ["[0]", "[-0.0]"], invalid: ["[false]", "[null]", "[]"]),
        .init(#"{"const":9007199254740993}"#, valid: ["9007199254740993"], invalid: ["9007199254740992", "9007199254740992.0"]),
        .init(#"{"type":"object","format":"date","$comment":"c","x-other":1}"#, valid: ["{}"], invalid: ["1"]),
    ]

    static let numeric: [KeywordCase] = [
        .init(#"{"minimum":1,"maximum":2.5}"#, valid: ["1", "2.5", #""0""#], invalid: ["0.99", "3"]),
        .init(#"{"exclusiveMinimum":1,"exclusiveMaximum":2}"#, valid: ["1.5"], invalid: ["1", "2", "2.0"]),
        .init(#"{"maximum":18446744073709551615}"#, valid: ["18446744073709551615"], invalid: ["1e20"]),
        .init(#"{"minimum":9223372036854775807}"#, valid: ["9223372036854775807"], invalid: ["9223372036854775806"]),
        .init(#"{"multipleOf":3}"#, valid: ["9", "0", "-9", "9.0"], invalid: ["10", "9.5", "-9223372036854775808"]),
        .init(#"{"multipleOf":0.01}"#, valid: ["19.99", "1", "123456.78"], invalid: ["19.999", "0.001"]),
        .init(#"{"multipleOf":0.123456789}"#, valid: ["0.987654312"], invalid: ["1e308"]),
        .init(#"{"multipleOf":1e-300}"#, valid: ["0", "1e-300"], invalid: []),
    ]

    static let strings: [KeywordCase] = [
        .init(#"{"minLength":2,"maxLength":3.0}"#, valid: [#""äö""#, #""💧💧💧""#, "1", #""\u0000\u0000""#], invalid: [#""💧""#, #""abcd""#]),
        .init(#"{"pattern":"^a+$"}"#, valid: [#""aaa""#, "1"], invalid: [#""""#, #""aab""#, #""a\n""#]),
        .init(#"{"pattern":"b\\d"}"#, valid: [#""ab1c""#], invalid: [#""ab""#]),
        .init(#"{"pattern":"^[\\u0041-\\u0043]\\u00e9[^]$"}"#, valid: [#""Bé\n""#], invalid: [#""Dé\n""#, #""Bé""#]),
        .init(#"{"pattern":"^\\uD83D\\uDCA7\\/(?<year>[0-9]{4})$"}"#, valid: [#""💧/2024""#], invalid: [#""💧/24""#]),
    ]

    static let arrays: [KeywordCase] = [
        .init(#"{"minItems":1,"maxItems":2}"#, valid: ["[1]", "[1,2]", "{}"], invalid: ["[]", "[1,2,3]"]),
        .init(#"{"items":{"type":"string"},"additionalItems":false}"#, valid: ["[]", #"["a","b"]"#], invalid: ["[1]"]),
        .init(#"{"items":[{"type":"string"},true],"additionalItems":false}"#, valid: ["[]", #"["a",1]"#], invalid: ["[1]", #"["a",1,2]"#]),
        .init(#"{"items":[],"additionalItems":{"type":"null"}}"#, valid: ["[null]"], invalid: ["[1]"]),
        .init(#"{"contains":{"minimum":5}}"#, valid: ["[1,5]", "1"], invalid: ["[]", "[1,2]"]),
        .init(
            #"{"uniqueItems":true}"#, valid: [#"[1,true,"1",[1],{"1":1},{"1":"1"}]"#, #"[["a","b"],["a,b"]]"#],
            invalid: ["[1,2,1.0]", #"[{"a":1,"b":2},{"b":2,"a":1}]"#]),
    ]

    static let objects: [KeywordCase] = [
        .init(#"{"minProperties":1,"maxProperties":1}"#, valid: [#"{"a":1}"#, "[]"], invalid: ["{}", #"{"a":1,"b":2}"#]),
        .init(#"{"required":["a","b\u0000c"]}"#, valid: [#"{"a":1,"b\u0000c":2}"#], invalid: [#"{"a":1}"#, #"{"a":1,"b":2}"#]),
        .init(
            #"{"properties":{"a":{"type":"integer"}},"patternProperties":{"^x":{"type":"string"}},"additionalProperties":false}"#,
            valid: ["{}", #"{"a":1,"x1":"s"}"#], invalid: [#"{"a":"1"}"#, #"{"x1":1}"#, #"{"b":1}"#]),
        .init(#"{"additionalProperties":{"type":"null"}}"#, valid: [#"{"a":null}"#], invalid: [#"{"a":1}"#]),
        .init(#"{"propertyNames":{"maxLength":2}}"#, valid: [#"{"ab":1}"#], invalid: [#"{"abc":1}"#]),
        .init(
            #"{"dependencies":{"a":["b"],"c":{"required":["d"]},"e":false}}"#, valid: ["{}", #"{"a":1,"b":1}"#, #"{"c":1,"d":1}"#],
            invalid: [#"{"a":1}"#, #"{"c":1}"#, #"{"e":1}"#]),
    ]

    static let combined: [KeywordCase] = [
        .init(#"{"allOf":[{"minimum":1},{"maximum":2}]}"#, valid: ["1", "2"], invalid: ["0", "3"]),
        .init(#"{"anyOf":[{"type":"string"},{"minimum":2}]}"#, valid: [#""a""#, "2"], invalid: ["1"]),
        .init(#"{"oneOf":[{"minimum":1},{"maximum":3},{"const":9}]}"#, valid: ["0", "4"], invalid: ["2", "9"]),
        .init(#"{"not":{"type":"null"}}"#, valid: ["1"], invalid: ["null"]),
        .init(#"{"if":{"minimum":10},"then":{"multipleOf":10},"else":{"type":"integer"}}"#, valid: ["20", "3"], invalid: ["21", "3.5"]),
        .init(#"{"then":false,"else":false}"#, valid: ["1"], invalid: []),
    ]

    static let references: [KeywordCase] = [
        .init(##"{"definitions":{"a/b~c %":{"type":"null"}},"$ref":"#/definitions/a~1b~0c%20%25"}"##, valid: ["null"], invalid: ["1"]),
        .init(##"{"$defs":{"n":{"type":"null"}},"items":{"$ref":"#/$defs/n"}}"##, valid: ["[null]"], invalid: ["[1]"]),
        .init(##"{"type":"object","additionalProperties":{"$ref":"#"}}"##, valid: [#"{"a":{"b":{}}}"#], invalid: [#"{"a":{"b":1}}"#]),
        .init(##"{"minimum":5,"items":{"$ref":"#","type":"null"}}"##, valid: ["[5]"], invalid: ["[4]"]),
        .init(
            ##"{"definitions":{"t":{"$id":"#tree","items":{"$ref":"#tree"},"maximum":1}},"$ref":"#tree"}"##, valid: ["[[1],0]"],
            invalid: ["[[2]]"]),
        .init(
            ##"""
            {"$id":"http://example.com/a/root.json","definitions":{"x":{"$id":"b/item.json","definitions":{"n":{"type":"null"}},
            "items":{"$ref":"#/definitions/n"}}},"properties":{"p":{"$ref":"b/item.json"},"q":{"$ref":"/a/b/item.json#/definitions/n"}}}
            """##, valid: [#"{"p":[null],"q":null}"#], invalid: [#"{"p":[1]}"#, #"{"q":1}"#]),
    ]
}

@Suite("Keywords of draft 7", .timeLimit(.minutes(1)))
struct KeywordTests {
    @Test(
        "accepts the valid and reports the invalid instances",
        arguments: [
            KeywordCase.general, KeywordCase.numeric, KeywordCase.strings, KeywordCase.arrays, KeywordCase.objects, KeywordCase.combined,
            KeywordCase.references,
        ].flatMap(\.self))
    func keyword(_ example: KeywordCase) throws {
        let schema = try Schema(example.schema.utf8)
        for instance in example.valid { #expect(try schema.validate(Array(instance.utf8)) == [], "\(instance)") }
        for instance in example.invalid { #expect(try !schema.validate(Array(instance.utf8)).isEmpty, "\(instance)") }
    }
}
