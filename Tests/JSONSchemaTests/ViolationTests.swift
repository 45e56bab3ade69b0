import JSONSchema
import Testing

@Suite("Reports", .timeLimit(.minutes(1)))
struct ViolationTests {
    @Test("each violation names its place as a JSON pointer")
    func places() throws {
        let schema = #"""
            {"required":["id"],"properties":{"age":{"minimum":0},"tags":{"items":{"type":"string"}},"a/b~c":false},
             "additionalProperties":true}
            """#
        let found = try violations(schema, #"{"age":-1,"tags":["x",2],"a/b~c":1}"#)
        #expect(
            found == [
                #"the value: lacks the required member "id""#, "/a~1b~0c: is not allowed here", "/age: is less than 0",
                "/tags/1: is of type integer; expected string",
            ])
    }

    @Test("branches that may fail leave no messages of their own")
    func quietBranches() throws {
        let schema = #"{"anyOf":[{"properties":{"a":{"type":"null"}}},{"type":"string"}],"not":{"required":["z"]},"if":false,"else":true}"#
        #expect(try violations(schema, #"{"a":1}"#) == ["the value: fits none of the 2 schemas of anyOf"])
        #expect(try violations(#"{"oneOf":[true,true]}"#, "1") == ["the value: fits more than one of the schemas of oneOf"])
    }

    @Test("at most twenty violations are reported")
    func most() throws {
        let instance = "[" + Array(repeating: "1", count: 1000).joined(separator: ",") + "]"
        let found = try violations(#"{"items":{"type":"string"}}"#, instance)
        #expect(found.count == Schema.maximumViolations)
        #expect(found.last == "/19: is of type integer; expected string")
    }

    @Test("values of the instance never reach a message")
    func secrecy() throws {
        let schema = #"{"items":[{"const":1},{"enum":[1]},{"pattern":"^a$"},{"maxLength":1},{"multipleOf":7},{"type":"null"}]}"#
        let found = try violations(schema, #"["tops3cret","tops3cret","tops3cret","tops3cret",31337,"tops3cret"]"#)
        #expect(found.count == 6)
        #expect(!found.joined().contains("s3cret") && !found.joined().contains("31337"))
    }

    @Test("a path or key of any length makes a short report")
    func longKeys() throws {
        let key = String(repeating: "ä", count: 100_000)
        let found = try Schema(#"{"additionalProperties":false,"propertyNames":{"maxLength":3}}"#.utf8).validate(Array("{\"\(key)\":1}".utf8))
        #expect(found.count == 2)
        #expect(found.allSatisfy { $0.description.utf8.count < 700 && !$0.description.contains("\u{FFFD}") })
    }
}

@Suite("Wrong schemas", .timeLimit(.minutes(1)))
struct WrongSchemaTests {
    @Test(
        "a wrong keyword is refused with its place",
        arguments: [
            (#"{"properties":{"a":{"type":"text"}}}"#, "/properties/a/type"), (#"{"type":["null",3]}"#, "/type/1"), (#"{"type":[]}"#, "/type"),
            (#"{"items":[true,{"minLength":-1}]}"#, "/items/1/minLength"), (#"{"maxItems":1.5}"#, "/maxItems"), (#"{"multipleOf":0}"#, "/multipleOf"),
            (#"{"minimum":"1"}"#, "/minimum"), (#"{"required":["a","a"]}"#, "/required/1"), (#"{"required":"a"}"#, "/required"),
            (#"{"anyOf":[]}"#, "/anyOf"), (#"{"allOf":{}}"#, "/allOf"), (#"{"not":3}"#, "/not"), (#"{"uniqueItems":1}"#, "/uniqueItems"),
            (#"{"properties":[]}"#, "/properties"), (#"{"dependencies":{"a/b":["x",1]}}"#, "/dependencies/a~1b/1"), (#"{"enum":1}"#, "/enum"),
            (#"{"definitions":{"unused":{"pattern":1}}}"#, "/definitions/unused/pattern"), (#"{"then":1}"#, "/then"), ("3", ""), ("[]", ""),
            (##"{"items":{"$ref":"#/definitions/a"}}"##, "/items/$ref"), (##"{"$ref":"#/a%zz"}"##, "/$ref"), (##"{"$ref":"#nobody"}"##, "/$ref"),
            (#"{"$ref":1}"#, "/$ref"), (##"{"$ref":"#/x","x":[]}"##, "/x"),
        ])
    func wrongKeyword(_ schema: String, _ path: String) {
        let error = refusal(schema)
        #expect(error?.code == .invalidSchema)
        #expect(error?.path == path)
    }

    @Test(
        "what is not supported is refused and says so",
        arguments: [
            (#"{"$schema":"https://json-schema.org/draft/2020-12/schema"}"#, "/$schema", "draft-07"),
            (#"{"$schema":"http://json-schema.org/draft-04/schema#"}"#, "/$schema", "draft-07"),
            (#"{"items":{"$ref":"http://127.0.0.1:9/x.json"}}"#, "/items/$ref", "never read"),
            (#"{"$ref":"file:///etc/passwd"}"#, "/$ref", "never read"), (#"{"$ref":"other.json#/a"}"#, "/$ref", "never read"),
            (#"{"pattern":"^(?=a)"}"#, "/pattern", "look-around"), (#"{"pattern":"(?<!a)b"}"#, "/pattern", "look-around"),
            (#"{"patternProperties":{"(a)\\1":true}}"#, "/patternProperties/(a)\\1", "back-references"), (#"{"pattern":"("}"#, "/pattern", "cannot be used"),
        ])
    func unsupported(_ schema: String, _ path: String, _ remedy: String) {
        let error = refusal(schema)
        #expect(error?.code == .unsupported)
        #expect(error?.path == path)
        #expect(error?.message.contains(remedy) == true)
    }

    @Test("drafts 6 and 7 are taken, with and without the fragment")
    func drafts() {
        for draft in ["draft-06/schema#", "draft-07/schema#", "draft-07/schema"] {
            #expect(refusal(#"{"$schema":"http://json-schema.org/\#(draft)"}"#) == nil)
        }
    }

    @Test(
        "a text that is not JSON, or means two things, is refused",
        arguments: [
            "", " ", "{", "{} {}", "nul", "01", "[1,]", "'a'", "\"\u{1}\"", #""\ud800""#, "1e400", "{}\u{0}", #"{"a":1,"a":2}"#, #"[{"a":{"b":1,"\u0062":2}}]"#,
            "NaN", "{\"a\":1}//",
        ])
    func malformed(_ text: String) throws {
        #expect(refusal(text)?.code == .malformed)
        #expect(refusal(try Schema("true".utf8), text)?.code == .malformed)
    }

    @Test("bytes that are not UTF-8 are refused")
    func encoding() throws {
        let schema = try Schema("true".utf8)
        for bytes: [UInt8] in [[0xFF], [0x22, 0xC0, 0x80, 0x22], [0x22, 0xED, 0xA0, 0x80, 0x22], [0x22, 0xE2, 0x82, 0x22]] {
            #expect(throws: SchemaError.self) { try schema.validate(bytes) }
            #expect(throws: SchemaError.self) { try Schema(bytes) }
        }
    }
}
