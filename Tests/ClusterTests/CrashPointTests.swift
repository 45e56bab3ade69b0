import BatonModel
import Foundation
import Testing

extension ClusterTests {
    @Suite("Crash points") struct CrashPointTests {
        /// Every point; or those in `BATON_TEST_CRASH_POINTS`, as `NAME` or `NAME:N`, with commas between.
        static let plans: [CrashPlan] = {
            guard let named = ProcessInfo.processInfo.environment["BATON_TEST_CRASH_POINTS"] else {
                return CrashPoint.allCases.map { CrashPlan($0) }
            }
            return named.split(separator: ",").compactMap { CrashPlan($0) }
        }()

        @Test("A process that dies at any crash point loses nothing and records nothing twice", .timeLimit(.minutes(5)), arguments: plans)
        func crash(_ plan: CrashPlan) async throws {
            let outcome = try #require(Self.outcomes[plan])
            let mistakes = try await outcome.value
            #expect(mistakes == [])
        }

        /// So many clusters at a time: most of what they do is waiting.
        private static let lanes = 4

        /// The mistakes of each. Unstructured, since the cases of a serialized suite come one after the other; each awaits its own.
        private static let outcomes: [CrashPlan: Task<[String], any Error>] = {
            var outcomes: [CrashPlan: Task<[String], any Error>] = [:]
            for (position, plan) in plans.enumerated() {
                let before = position < lanes ? nil : outcomes[plans[position - lanes]]
                outcomes[plan] = Task {
                    _ = await before?.result
                    return try await mistakes(of: plan)
                }
            }
            return outcomes
        }()

        private static func mistakes(of plan: CrashPlan) async throws -> [String] {
            var mistakes: [String] = []
            try await withCluster(Cluster.Options(slots: 8, allowShell: true, isStarted: false, isFollowed: false)) { cluster in
                do {
                    mistakes = try await CrashScenario(plan, on: cluster).run()
                    if !mistakes.isEmpty { mistakes.append(cluster.logTails) }
                } catch {
                    throw Failure("\(plan): \(error)\n\(cluster.logTails)")
                }
            }
            return mistakes
        }
    }
}
