import Synchronization

/// What has been submitted, when it was meant to be, and when its outcome came: each exactly once, or it is a mistake.
final class Answers: Sendable {
    private struct State {
        var sent: [UInt64] = []
        var took: [UInt64?] = []
        var missing = 0
        var mistake: String?
    }

    private let state = Mutex(State())

    /// - Parameter moment: from which the time until the outcome counts.
    /// - Returns: the number of the submission, from 0.
    func submitted(at moment: UInt64) -> Int {
        state.withLock { state in
            state.sent.append(moment)
            state.took.append(nil)
            state.missing += 1
            return state.sent.count - 1
        }
    }

    func outcome(_ number: Int?, type: String?, at moment: UInt64) {
        state.withLock { state in
            guard let number, state.sent.indices.contains(number) else { return state.mistake = "an answer to nothing that was submitted" }
            guard type == "completed" else { return state.mistake = "submission \(number) was answered by '\(type ?? "")'" }
            guard state.took[number] == nil else { return state.mistake = "submission \(number) has two outcomes" }
            state.took[number] = moment - state.sent[number]
            state.missing -= 1
        }
    }

    func fail(_ mistake: String) { state.withLock { $0.mistake = mistake } }

    var count: Int { state.withLock { $0.sent.count } }
    var answered: Int { state.withLock { $0.sent.count - $0.missing } }

    /// Nanoseconds to the outcomes of these submissions, where all are there; `nil` as long as one is not.
    ///
    /// - Throws: `Mistake`.
    func times(from first: Int) throws -> [UInt64]? {
        try state.withLock { state in
            if let mistake = state.mistake { throw Mistake(mistake) }
            return state.missing > 0 ? nil : state.took[first...].compactMap { $0 }
        }
    }
}

/// What was measured is wrong, so there is no figure.
struct Mistake: Error, CustomStringConvertible {
    let description: String
    init(_ description: String) { self.description = description }
}
