import BatonModel
import BatonStore
import Testing

@Suite("Stored loops", .timeLimit(.minutes(1)))
struct LoopTests {
    /// A loop with the items, and a task for each of the numbers with that result.
    private func withLoop(
        _ items: [JSON], results: [Int: JSON], _ body: (any StoreTransaction, TaskKey) throws -> Void
    ) throws {
        try StoreKind.withStore { store, _ in
            try store.write { transaction in
                let loop = TaskKey(try transaction.insertRun([TaskState(status: .running)]), 0)
                try transaction.put(items: items, at: loop)
                for (place, (number, result)) in results.sorted(by: { $0.key > $1.key }).enumerated() {
                    let key = TaskKey(loop.run, place + 1)
                    try transaction.insert(Fixture.added(TaskID("i\(number)"), .item, for: 0, number: number), Fixture.ended(), at: key)
                    try transaction.put(result: result, at: key)
                }
                try body(transaction, loop)
            }
        }
    }

    @Test("items are found by their number, and stay when the loop starts anew")
    func items() throws {
        try withLoop([JSON("a"), JSON(["b": 1])], results: [:]) { transaction, loop in
            try transaction.put(LoopState(total: 2), at: loop)
            try transaction.clear(loop)
            #expect(try transaction.itemCount(of: loop) == 2)
            #expect(try transaction.item(1, of: loop) == JSON(["b": 1]) && transaction.item(2, of: loop) == nil)
            #expect(try transaction.load("r1")?.loops.isEmpty == true)
            #expect(try transaction.items(of: loop) == [JSON("a"), JSON(["b": 1])])
            try transaction.put(items: [JSON(1)], at: loop)
            #expect(try transaction.itemCount(of: loop) == 1 && transaction.item(0, of: loop) == JSON(1))
            try transaction.put(items: [], at: loop)
            #expect(try transaction.itemCount(of: loop) == 0)
        }
    }

    @Test("results are collected in the order of the items, with null where there is none, and with those of the moment")
    func collected() throws {
        let items = (0..<5).map { JSON(.integer($0)) }
        try withLoop(items, results: [0: JSON("zero"), 2: JSON(["two": 2]), 4: JSON("four")]) { transaction, loop in
            func collect(_ count: Int, _ results: [Int: JSON] = [:], limit: Int = 1000) throws -> String? {
                try transaction.collected(loop, count: count, adding: results, limit: limit)?.description
            }
            #expect(try collect(5) == #"["zero",null,{"two":2},null,"four"]"#)
            #expect(try collect(5, [3: JSON(3), 0: JSON(0)]) == #"[0,null,{"two":2},3,"four"]"#)
            #expect(try collect(3) == #"["zero",null,{"two":2}]"#)
            #expect(try collect(7, [9: JSON(9)]) == #"["zero",null,{"two":2},null,"four",null,null]"#)
            #expect(try collect(0) == "[]" && collect(0, limit: 1) == nil)
            let size = try collect(5)?.utf8.count ?? 0
            #expect(try collect(5, limit: size) != nil && collect(5, limit: size - 1) == nil)
            #expect(try collect(1_000_000_000, limit: 100) == nil)
        }
    }

    @Test("an item that ran again counts with its last task")
    func again() throws {
        try withLoop([JSON(1)], results: [0: JSON("old")]) { transaction, loop in
            let key = TaskKey(loop.run, 2)
            try transaction.insert(Fixture.added("i0-2", .item, for: 0, number: 0), Fixture.ended(.failed), at: key)
            #expect(try transaction.collected(loop, count: 1, adding: [:], limit: 100)?.description == "[null]")
            try transaction.put(result: JSON("new"), at: key)
            #expect(try transaction.collected(loop, count: 1, adding: [:], limit: 100)?.description == #"["new"]"#)
        }
    }
}
