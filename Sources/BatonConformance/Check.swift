/// What a worker is held against. The raw values are part of the specification, and are kept.
package enum Check: String, Sendable, CaseIterable {
    case takesTask = "takes-a-task"
    case returnsResult = "returns-the-result"
    case namesAttempt = "names-the-attempt"
    case publishesSafely = "publishes-safely"
    case reportsFailure = "reports-a-failure"
    case ignoresUnknown = "ignores-the-unknown"
    case survivesBadInput = "survives-bad-input"
    case acknowledgesLast = "acknowledges-after-the-confirm"
    case keepsUnconfirmed = "keeps-what-is-not-confirmed"
    case usesOwnAttempt = "reports-the-attempt-at-hand"
    case comesBack = "comes-back"

    case echoesHeaders = "echoes-headers"
    case sendsHeartbeats = "sends-heartbeats"
    case sendsProgress = "sends-sound-progress"
    case takesPriorities = "takes-every-priority"
    case refusesHigherProtocol = "refuses-a-higher-protocol"

    case announcesItself = "announces-itself"
    case waitsForWelcome = "waits-for-the-welcome"
    case answersAnnounce = "answers-announce"
    case cancelsRunning = "cancels-what-runs"
    case answersCancel = "answers-a-cancel"
    case dropsCancelled = "drops-what-is-cancelled"
    case heedsWelcome = "heeds-the-welcome"
    case asksBeforeStart = "asks-before-it-starts"
    case leases = "leases-long-tasks"

    /// The level of conformance that asks for it.
    package var level: Int {
        switch self {
        case .takesTask, .returnsResult, .namesAttempt, .publishesSafely, .reportsFailure, .ignoresUnknown, .survivesBadInput,
            .acknowledgesLast, .keepsUnconfirmed, .usesOwnAttempt, .comesBack:
            1
        case .echoesHeaders, .sendsHeartbeats, .sendsProgress, .takesPriorities, .refusesHigherProtocol: 2
        case .announcesItself, .waitsForWelcome, .answersAnnounce, .cancelsRunning, .answersCancel, .dropsCancelled, .heedsWelcome,
            .asksBeforeStart, .leases:
            3
        }
    }

    package static let highestLevel = 3
}

/// How one check went.
package struct CheckResult: Sendable, Hashable {
    package var check: Check
    package var isPassed: Bool
    /// In words, for people.
    package var seen: String
}

/// How all went.
package struct ConformanceReport: Sendable {
    /// In the order of the specification. Checks above the level after the reached one are not made.
    package var results: [CheckResult]

    /// The highest level whose checks, and those of all levels below, were passed; 0 for none.
    package var level: Int {
        var level = 0
        while level < Check.highestLevel, Self.isPassed(level + 1, results) { level += 1 }
        return level
    }

    static func isPassed(_ level: Int, _ results: [CheckResult]) -> Bool {
        Check.allCases.filter { $0.level == level }.allSatisfy { check in results.first { $0.check == check }?.isPassed == true }
    }
}
