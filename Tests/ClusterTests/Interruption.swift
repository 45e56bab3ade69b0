import Foundation
import Synchronization

#if canImport(Glibc)
    import Glibc
#else
    import Darwin
#endif

/// Kills what tests have started when the tests themselves are told to end: each program is a process group of its own, which
/// no signal to the tests' group would reach.
enum Interruption {
    private static let capacity = 256

    /// Read by the signal handler, which may neither lock nor allocate; 0 where a place is free. Written under the lock.
    private nonisolated(unsafe) static let table: UnsafeMutablePointer<pid_t> = {
        let table = UnsafeMutablePointer<pid_t>.allocate(capacity: capacity)
        table.initialize(repeating: 0, count: capacity)
        return table
    }()

    private static let isWatching = Mutex(false)

    static func add(_ id: pid_t) {
        isWatching.withLock { isWatching in
            if let place = (0..<capacity).first(where: { table[$0] == 0 }) { table[place] = id }
            guard !isWatching else { return }
            isWatching = true
            for number in [SIGTERM, SIGINT, SIGHUP] {
                signal(number) { number in
                    for place in 0..<Interruption.capacity where Interruption.table[place] != 0 {
                        kill(Interruption.table[place], SIGKILL)
                    }
                    signal(number, SIG_DFL)
                    raise(number)
                }
            }
        }
    }

    static func remove(_ id: pid_t) {
        isWatching.withLock { _ in
            for place in 0..<capacity where table[place] == id { table[place] = 0 }
        }
    }
}
