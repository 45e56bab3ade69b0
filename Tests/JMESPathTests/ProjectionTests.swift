import JMESPath
import Testing

@Suite("Projections", .timeLimit(.minutes(1)))
struct ProjectionTests {
    static let people = #"{"people":[{"name":"a","age":1},{"name":"b"},{"name":"c","age":3},4]}"#

    @Test(
        "'[*]' applies what follows to each item, and leaves out null",
        arguments: [
            Case("people[*].name", on: people, gives: #"["a","b","c"]"#),
            Case("people[*].age", on: people, gives: "[1,3]"),
            Case("people[*].none", on: people, gives: "[]"),
            Case("[*]", on: "[1,null,2]", gives: "[1,2]"),
            Case("[*][0]", on: "[[1,2],[3],[],4]", gives: "[1,3]"),
            Case("[*][*]", on: "[[1,2],3,[4]]", gives: "[[1,2],[4]]"),
            Case("[*].a.b", on: #"[{"a":{"b":1}},{"a":{}}]"#, gives: "[1]"),
            Case("[*].a[*].b", on: #"[{"a":[{"b":1},{"b":2}]},{"a":[{"b":3}]}]"#, gives: "[[1,2],[3]]"),
            Case("[*].length(@)", on: #"["a","bc"]"#, gives: "[1,2]"),
            Case("people[*]", on: "{}", gives: "null"),
            Case("[*]", on: #"{"a":1}"#, gives: "null"),
        ])
    func list(_ test: Case) throws { try test.check() }

    @Test(
        "'*' applies what follows to each value of an object, in order",
        arguments: [
            Case("*", on: #"{"b":1,"a":2,"n":null}"#, gives: "[1,2]"),
            Case("*.a", on: #"{"x":{"a":1},"y":{"a":2},"z":3}"#, gives: "[1,2]"),
            Case("o.*.a.b", on: #"{"o":{"x":{"a":{"b":1}},"y":{"a":{"b":2}}}}"#, gives: "[1,2]"),
            Case("*.*", on: #"{"x":{"a":1},"y":{"a":2}}"#, gives: "[[1],[2]]"),
            Case("*[0]", on: #"{"x":[1],"y":[2],"z":[]}"#, gives: "[1,2]"),
            Case("o.*", on: #"{"o":[1]}"#, gives: "null"),
            Case("*", on: "[1]", gives: "null"),
        ])
    func values(_ test: Case) throws { try test.check() }

    @Test(
        "'[]' puts the items of inner arrays in their place, one level deep",
        arguments: [
            Case("[]", on: "[[1,2],3,[[4]]]", gives: "[1,2,3,[4]]"),
            Case("[][]", on: "[[1,2],3,[[4]]]", gives: "[1,2,3,4]"),
            Case("[]", on: "[null,[null,1]]", gives: "[1]"),
            Case("[].a", on: #"[[{"a":1}],{"a":2}]"#, gives: "[1,2]"),
            Case("a[].b[].c", on: #"{"a":[{"b":[{"c":1},{"c":2}]},{"b":[{"c":3}]}]}"#, gives: "[1,2,3]"),
            Case("[*].a[]", on: #"[{"a":[1,2]},{"a":[3]}]"#, gives: "[1,2,3]"),
            Case("[]", on: #"{"a":[1]}"#, gives: "null"),
            Case("a[]", on: "{}", gives: "null"),
        ])
    func flatten(_ test: Case) throws { try test.check() }

    @Test(
        "'[?…]' keeps the items for which the condition holds",
        arguments: [
            Case("people[?age].name", on: people, gives: #"["a","c"]"#),
            Case("people[?age > `1`]", on: people, gives: #"[{"name":"c","age":3}]"#),
            Case("people[?name == 'a' || age == `3`].age", on: people, gives: "[1,3]"),
            Case("[?@]", on: #"[0,null,false,true,"","a",[],[0],{},{"a":null}]"#, gives: #"[0,true,"a",[0],{"a":null}]"#),
            Case("[?a[?b]]", on: #"[{"a":[{"b":1}]},{"a":[{"c":1}]}]"#, gives: #"[{"a":[{"b":1}]}]"#),
            Case("[?a][0]", on: #"[{"a":1}]"#, gives: "[]"),
            Case("a[?b].c[?d]", on: #"{"a":[{"b":1,"c":{"d":1}},{"b":1,"c":{"e":1}}]}"#, gives: #"[{"d":1}]"#),
            Case("[*].c[?d]", on: #"[{"c":[{"d":1}]},{"c":[{"e":1}]}]"#, gives: #"[[{"d":1}],[]]"#),
            Case("[?@ > `1`] | [0]", on: "[1,2,3]", gives: "2"),
            Case("[?a]", on: #"{"a":1}"#, gives: "null"),
        ])
    func filter(_ test: Case) throws { try test.check() }

    @Test(
        "a projection ends at a pipe, at a parenthesis, and at a flattening",
        arguments: [
            Case("[*].a | [0]", on: #"[{"a":1},{"a":2}]"#, gives: "1"),
            Case("([*].a)[0]", on: #"[{"a":1},{"a":2}]"#, gives: "1"),
            Case("[*].a[0]", on: #"[{"a":1},{"a":2}]"#, gives: "[]"),
            Case("[*].a | length(@)", on: #"[{"a":1},{"a":2}]"#, gives: "2"),
            Case("[*].a[] | [1]", on: #"[{"a":[1,2]},{"a":[3]}]"#, gives: "2"),
            Case("[*].a == `[1]`", on: #"[{"a":1}]"#, gives: "true"),
            Case("[*].b || 'none'", on: #"[{"a":1}]"#, gives: #""none""#),
            Case("[*].[a,b][0]", on: #"[{"a":1},{"a":2}]"#, gives: "[1,2]"),
            Case("[*].{x:a}.x", on: #"[{"a":1},{"a":2}]"#, gives: "[1,2]"),
            Case("a | b | c", on: #"{"a":{"b":{"c":1}}}"#, gives: "1"),
        ])
    func stops(_ test: Case) throws { try test.check() }

    @Test(
        "multi-selects build arrays and objects; of null they are null",
        arguments: [
            Case("[a, b]", on: #"{"a":1}"#, gives: "[1,null]"),
            Case("{y: a, x: b, z: `1`}", on: #"{"a":1,"b":2}"#, gives: #"{"y":1,"x":2,"z":1}"#),
            Case("{a: a, a: b}", on: #"{"a":1,"b":2}"#, gives: #"{"a":2}"#),
            Case("a.[b, c.d]", on: #"{"a":{"b":1,"c":{"d":2}}}"#, gives: "[1,2]"),
            Case("a.{b: b}", on: "{}", gives: "null"),
            Case("a.[b]", on: "{}", gives: "null"),
            Case("[a]", on: "null", gives: "null"),
            Case("[*].[a, b]", on: #"[{"a":1},{"b":2},null]"#, gives: "[[1,null],[null,2]]"),
            Case("[[a], {b: [a]}]", on: #"{"a":1}"#, gives: #"[[1],{"b":[1]}]"#),
            Case("[a[0], a[*], *]", on: #"{"a":[1]}"#, gives: "[1,[1],[[1]]]"),
        ])
    func multiselect(_ test: Case) throws { try test.check() }
}
