import BatonBroker
import BatonModel
import ServiceLifecycle

extension WorkerCore {
    /// Runs the worker's parts until it has drained, its task is cancelled, or one part fails.
    func serve() async throws {
        let connections = connections()
        defer { abandon() }
        let pulse = time.watchesGaps ? Pulse { self.act { $0.pulsedAt = self.time.now() } } : nil
        defer { pulse?.stop() }
        try await withGracefulShutdownHandler {
            try await withThrowingTaskGroup(of: Bool.self) { group in
                group.addTask { try await self.publishing.run(); return false }
                group.addTask { try await self.consuming.run(); return false }
                group.addTask { try await self.runSession(connections); return false }
                group.addTask { try await self.runIntake(); return false }
                group.addTask { await self.runTimers(); return false }
                group.addTask { await self.finished.wait(); return true }
                while let isFinished = try await group.next(), !isFinished {}
                if Task.isCancelled {
                    await stopNow()
                } else {
                    // The link sends what was handed over before it closes.
                    announce(.stopped, running: [])
                    logger.info("stopped")
                }
                group.cancelAll()
                while !group.isEmpty { _ = try? await group.next() }
            }
        } onGracefulShutdown: {
            self.drain()
        }
    }

    func drain() { act { $0.beginDrain(self) } }

    /// The task of `run` is cancelled: handlers get the time of grace to stop. In a task of its own, since nothing can wait in a
    /// cancelled one.
    func stopNow() async {
        let isIdle = act { state in
            state.beginDrain(self)
            state.stopAll(now: time.now(), self)
            return state.active.values.allSatisfy(\.hasEnded)
        }
        if isIdle { return }
        await Task {
            await stopped.wait(until: time.now() + configuration.cancelGrace, time)
        }.value
    }

    /// Whatever ended `serve`, no handler goes on as if nobody had told it.
    private func abandon() {
        act { state in
            for entry in state.active.values where !entry.hasEnded {
                entry.attempt.stop(.workerStopping)
                state.effects.append(.cancelTask(entry.attempt))
            }
        }
    }
}
