import BatonEngine
import BatonModel
import BatonStore

/// An input that leads to a step which the state machine doesn't allow, or to something that can't be read.
struct FaultyInput: Error {
    enum Source: Equatable {
        case input(Int)
        case timer(TaskKey, TimerKind)
        case alarm(String)
        case schedule(String)
        /// It may be any of the batch.
        case several
    }

    var source: Source
    var error: any Error

    /// Tells what can't be decided on from a store that doesn't work.
    static func check(_ source: Source, _ body: () throws -> Void) throws {
        do {
            try body()
        } catch let error where isFault(error) {
            throw FaultyInput(source: source, error: error)
        }
    }

    static func isFault(_ error: any Error) -> Bool {
        error is IllegalTransition || error is InvalidGraph || error is InvalidSchedule || error is TaskError || error is OperationError
            || error is UnreadableItems || error is UnreadableSchedule
    }
}
