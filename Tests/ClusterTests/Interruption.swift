import Dispatch
import Foundation
import Synchronization

/// Ends the programs that tests have started when the tests are told to end themselves: each is a process group of its own,
/// which no signal to the tests' group would reach.
enum Interruption {
    private struct State {
        var programs: [pid_t: @Sendable () -> Void] = [:]
        var sources: [any DispatchSourceSignal] = []
    }

    private static let state = Mutex(State())

    static func add(_ id: pid_t, _ end: @escaping @Sendable () -> Void) {
        state.withLock { state in
            if state.sources.isEmpty { state.sources = [SIGTERM, SIGINT, SIGHUP].map(watch) }
            state.programs[id] = end
        }
    }

    static func remove(_ id: pid_t) { state.withLock { $0.programs[id] = nil } }

    private static func watch(_ number: Int32) -> any DispatchSourceSignal {
        signal(number, SIG_IGN)
        let source = DispatchSource.makeSignalSource(signal: number, queue: .global())
        source.setEventHandler {
            for end in state.withLock({ Array($0.programs.values) }) { end() }
            // Brokers of the tests' own are stopped on the way out.
            exit(128 + number)
        }
        source.resume()
        return source
    }
}
