import BatonModel
import BatonWire
import Testing

@Suite("Routing keys of submissions", .timeLimit(.minutes(1)))
struct SubmitKeyTests {
    @Test(
        "the owner stands before the first dot",
        arguments: [
            ("-.order", nil, "order"), ("shop.order", "shop", "order"), ("shop.order.eu", "shop", "order.eu"), ("order", nil, "order"),
            ("", nil, ""), (".order", nil, "order"), ("ada@example%2Ecom.x", "ada@example.com", "x"), ("%2D.x", "-", "x"),
            ("%C3%A9.x", "é", "x"), ("a%20b.x", "a b", "x"), ("--.x", "--", "x"),
        ] as [(String, String?, String)])
    func reading(_ key: String, _ owner: String?, _ name: String) throws {
        #expect(try SubmitKey(key) == SubmitKey(owner: owner, name: name))
    }

    @Test("what can't be an owner is refused", arguments: ["%.x", "%2.x", "%zz.x", "a%FF.x", "%C3.x", "%+1.x"])
    func refusal(_ key: String) {
        #expect(throws: WireError.self) { try SubmitKey(key) }
    }

    @Test("any owner comes back as it was, and as one word", arguments: ["shop", "-", "a.b", "a b", "100%", "é", "a/b#c*", "ada+x@example.com"])
    func writing(_ owner: String) throws {
        let key = SubmitKey(owner: owner, name: "order")
        #expect(try SubmitKey(key.description) == key)
        #expect(key.description.split(separator: ".").count == 2)
        #expect(Topology(namespace: "n").replyPrefix(of: owner) == "n-reply.\(OwnerText.encode(owner)).")
    }
}
