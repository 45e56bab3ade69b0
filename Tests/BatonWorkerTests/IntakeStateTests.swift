import BatonModel
import Testing

@testable import BatonWorker

@Suite
struct IntakeStateTests {
    typealias State = IntakeState<Int>

    private func started(_ actions: [State.Action]) -> [Int] {
        actions.compactMap { if case .start(let item) = $0 { item } else { nil } }
    }

    private func givenBack(_ actions: [State.Action]) -> [Int] {
        actions.compactMap { if case .giveBack(let item) = $0 { item } else { nil } }.sorted()
    }

    /// Open, all queues found empty, subscribed.
    private func pushing(slots: Int) -> State {
        var state = State(slots: slots)
        _ = state.open()
        #expect(state.nextCommand() == .sweep)
        state.swept()
        #expect(state.nextCommand() == .subscribe)
        state.subscribed()
        #expect(state.nextCommand() == nil)
        return state
    }

    @Test func nothingHappensBeforeTheWelcome() {
        var state = State(slots: 2)
        #expect(state.nextCommand() == nil)
        #expect(started(state.arrived(1, priority: .normal, now: .zero)).isEmpty)
        #expect(started(state.open()) == [1])
    }

    @Test func theMostUrgentStartsFirstAndWithinAPriorityTheOldest() {
        var state = pushing(slots: 1)
        #expect(started(state.arrived(0, priority: .low, now: .zero)) == [0])
        for (item, priority) in [(1, Priority.normal), (2, .low), (3, .normal), (4, .urgent), (5, .high)] {
            #expect(started(state.arrived(item, priority: priority, now: .zero)).isEmpty)
        }
        var order: [Int] = []
        for _ in 0..<5 { order += started(state.slotFreed(ran: .seconds(1), now: .seconds(1))) }
        #expect(order == [4, 5, 1, 3, 2])
    }

    @Test func fullSlotsGiveBackWhatWaits() {
        var state = pushing(slots: 1)
        _ = state.arrived(0, priority: .normal, now: .zero)
        _ = state.arrived(1, priority: .normal, now: .milliseconds(100))
        _ = state.arrived(2, priority: .normal, leave: .granted, now: .milliseconds(50))
        #expect(state.nextTick == .milliseconds(600))
        #expect(givenBack(state.tick(now: .milliseconds(599))).isEmpty)
        #expect(givenBack(state.tick(now: .milliseconds(600))).isEmpty)
        #expect(state.mode == .pull)
        #expect(state.nextCommand() == .unsubscribe)
        _ = state.arrived(3, priority: .urgent, now: .milliseconds(610))
        #expect(givenBack(state.unsubscribed()) == [1, 3])
        #expect(state.nextCommand() == nil)
        // The granted one stays, and is next.
        #expect(started(state.slotFreed(ran: .seconds(1), now: .seconds(1))) == [2])
        #expect(state.wanted == 0)
        _ = state.slotFreed(ran: .seconds(1), now: .seconds(2))
        #expect(state.nextCommand() == .sweep)
        #expect(state.wanted == 1)
        state.swept()
        #expect(state.mode == .push)
    }

    @Test func noMoreIsClaimedThanCanStart() {
        func claims(_ actions: [State.Action]) -> [Int] {
            actions.compactMap { if case .claim(let item) = $0 { item } else { nil } }
        }
        var state = pushing(slots: 2)
        #expect(claims(state.arrived(1, priority: .normal, leave: .needed, now: .zero)) == [1])
        #expect(claims(state.arrived(2, priority: .normal, leave: .needed, now: .zero)) == [2])
        #expect(claims(state.arrived(3, priority: .normal, leave: .needed, now: .zero)).isEmpty)
        // Both slots are kept.
        #expect(started(state.arrived(4, priority: .urgent, now: .zero)).isEmpty)
        #expect(state.nextTick == .milliseconds(500))
        state.claiming = 1
        #expect(started(state.arrived(1, priority: .normal, leave: .granted, now: .zero)) == [1])
        state.claiming = 0
        #expect(started(state.eased()) == [4])
        #expect(claims(state.slotFreed(ran: nil, now: .zero)) == [3])
        #expect(claims(state.slotFreed(ran: nil, now: .zero)).isEmpty)
    }

    @Test("nothing is fetched for the slots that are kept for claims")
    func claimsLimitFetching() {
        var state = State(slots: 3)
        _ = state.open()
        #expect(state.wanted == 3)
        _ = state.arrived(1, priority: .normal, leave: .needed, now: .zero)
        _ = state.arrived(2, priority: .normal, leave: .needed, now: .zero)
        #expect(state.wanted == 1)
        _ = state.arrived(3, priority: .normal, leave: .needed, now: .zero)
        #expect(state.wanted == 0)
        #expect(state.nextCommand() == nil)
        // All slots are kept, which doesn't mean that the queues are empty.
        state.swept()
        #expect(state.mode == .pull)
        state.claiming = 2
        #expect(state.nextCommand() == .sweep)
    }

    @Test("a granted claim never finds all slots taken, whatever came in between", arguments: 0..<50)
    func grantedStarts(seed: UInt64) {
        var generator = SplitMix(seed: seed)
        let slots = Int.random(in: 1...4, using: &generator)
        var state = State(slots: slots)
        _ = state.open()
        var claims: [Int] = []
        var running = 0
        func note(_ actions: [State.Action]) {
            for action in actions {
                switch action {
                case .start: running += 1
                case .claim(let item): claims.append(item)
                case .giveBack, .wake: break
                }
            }
        }
        for step in 0..<500 {
            let now = Duration.milliseconds(step * 50)
            let priority = Priority.allCases.randomElement(using: &generator) ?? .normal
            switch Int.random(in: 0..<10, using: &generator) {
            case 0...2: note(state.arrived(step, priority: priority, now: now))
            case 3...5: note(state.arrived(step, priority: priority, leave: .needed, now: now))
            case 6 where running > 0:
                running -= 1
                note(state.slotFreed(ran: .milliseconds(20), now: now))
            case 7 where !claims.isEmpty:
                claims.removeFirst()
                state.claiming = claims.count
                note(state.eased())
            case 8 where !claims.isEmpty:
                let item = claims.removeFirst()
                state.claiming = claims.count
                let actions = state.arrived(item, priority: priority, leave: .granted, now: now)
                #expect(started(actions).contains(item))
                note(actions)
            case 9: note(state.tick(now: now))
            default: break
            }
            #expect(running + claims.count <= slots)
            #expect(state.claiming == claims.count)
        }
    }

    @Test func shortAttemptsAreWorthFetchingAhead() {
        var state = State(slots: 1)
        _ = state.open()
        for step in 1...8 {
            #expect(state.mode == .pull)
            _ = state.arrived(step, priority: .normal, now: .zero)
            _ = state.slotFreed(ran: .milliseconds(5), now: .milliseconds(5 * step))
        }
        #expect(state.mode == .push)
    }

    @Test func changingItsMindTooOftenKeepsItInPull() {
        var state = State(slots: 1)
        _ = state.open()
        var now = Duration.zero
        var stays: [Duration] = []
        for _ in 0..<4 {
            let left = now
            while state.mode == .pull {
                _ = state.arrived(0, priority: .normal, now: now)
                now += .milliseconds(10)
                _ = state.slotFreed(ran: .milliseconds(1), now: now)
            }
            stays.append(now - left)
            state.subscribed()
            _ = state.arrived(1, priority: .normal, now: now)
            _ = state.arrived(2, priority: .low, now: now)
            now += .milliseconds(500)
            _ = state.tick(now: now)
            #expect(givenBack(state.unsubscribed()) == [2])
            _ = state.slotFreed(ran: .milliseconds(1), now: now)
        }
        #expect(stays[1] >= .seconds(2))
        #expect(stays[2] >= .seconds(4))
        #expect(stays[3] >= .seconds(8))
    }

    @Test func unconfirmedReportsStopTheIntake() {
        var state = State(slots: 1, maximumUnconfirmed: 2)
        _ = state.open()
        state.unconfirmed = 2
        #expect(started(state.arrived(0, priority: .normal, leave: .granted, now: .zero)).isEmpty)
        state.unconfirmed = 1
        #expect(started(state.eased()) == [0])
    }

    @Test func aLostLinkVoidsWhatIsHeldAndADrainGivesItBack() {
        var state = pushing(slots: 1)
        for item in 0..<3 { _ = state.arrived(item, priority: .normal, now: .zero) }
        var lost = state
        lost.lost()
        #expect(lost.heldCount == 0)
        #expect(started(lost.slotFreed(ran: nil, now: .zero)).isEmpty)
        #expect(givenBack(state.drain()) == [1, 2])
        #expect(state.nextCommand() == .unsubscribe)
        #expect(givenBack(state.arrived(9, priority: .urgent, now: .zero)) == [9])
        #expect(started(state.slotFreed(ran: nil, now: .zero)).isEmpty)
    }

    @Test func whatMatchesIsTakenOut() {
        var state = pushing(slots: 1)
        for item in 0..<4 { _ = state.arrived(item, priority: .normal, now: .zero) }
        let removed = state.remove { $0 == 2 }
        let again = state.remove { $0 == 2 }
        #expect(removed == [2] && again.isEmpty)
        #expect(started(state.slotFreed(ran: nil, now: .zero)) == [1])
        #expect(started(state.slotFreed(ran: nil, now: .zero)) == [3])
    }
}
