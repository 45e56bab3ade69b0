#if DEBUG
    import Foundation
    import Synchronization

    #if canImport(Glibc)
        import Glibc
    #else
        import Darwin
    #endif

    /// Counts how often the process passes the point that its environment names, and kills it there.
    package final class CrashTrigger: Sendable {
        /// `nil` where the environment names no point.
        package static let shared = CrashTrigger(ProcessInfo.processInfo.environment["BATON_CRASH_AT"] ?? "")

        /// Enough for a link's thread to write what it was handed.
        private static let moment = 0.03

        private let point: CrashPoint
        private let passes: Int
        private let count = Atomic(0)

        /// - Parameter text: `NAME` or `NAME:N`. Anything else is told on the standard error, and is no point.
        private init?(_ text: String) {
            if text.isEmpty { return nil }
            let parts = text.split(separator: ":", omittingEmptySubsequences: false)
            guard parts.count <= 2, let point = CrashPoint(rawValue: String(parts[0])),
                let passes = parts.count == 1 ? 1 : Int(parts[1]), passes > 0
            else {
                let points = CrashPoint.allCases.map(\.rawValue).joined(separator: ", ")
                FileHandle.standardError.write(Data("BATON_CRASH_AT='\(text)' is not NAME or NAME:N with one of \(points)\n".utf8))
                return nil
            }
            self.point = point
            self.passes = passes
        }

        package func passed(_ point: CrashPoint, isLater: Bool) {
            guard point == self.point, count.add(1, ordering: .relaxed).newValue == passes else { return }
            guard isLater else { Self.die() }
            // A thread of its own, which nobody waits for: it ends the process.
            Thread.detachNewThread {
                Thread.sleep(forTimeInterval: Self.moment)
                Self.die()
            }
        }

        private static func die() -> Never {
            while true { kill(getpid(), SIGKILL) }
        }
    }
#endif
