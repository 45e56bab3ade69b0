import BatonBroker
import BatonModel
import BatonWire

extension WorkerCore {
    /// Unstructured, since each attempt is cancelled by itself, and one that ignores its cancellation must not keep the worker
    /// from leaving. The worker's `run` waits for all of them, for as long as it may.
    func start(_ attempt: Attempt) {
        attempt.attach(Task { await self.run(attempt) })
    }

    private func run(_ attempt: Attempt) async {
        if attempt.isClaimed { await confirmStart(attempt) }
        let result: Result<JSON, any Error>
        do {
            if attempt.stopCause != nil { throw CancellationError() }
            guard let handler = registry[attempt.message.handler] else {
                throw AttemptOutcome.unknownHandler(attempt.message.handler, known: registry.names)
            }
            let context = TaskContext(attempt, logger: logger, log: { self.sendLog($0, attempt) }, send: { self.sendProgress($0, attempt) })
            CrashPoint.beforeHandler.pass()
            result = .success(try await handler.run(attempt.message, context))
        } catch {
            result = .failure(error)
        }
        CrashPoint.handlerDone.pass()
        ended(attempt, result)
    }

    /// Somebody else may have the same attempt: the coordinator has to know of this start before anything happens.
    private func confirmStart(_ attempt: Attempt) async {
        var tries = 1
        while attempt.stopCause == nil {
            let message = attempt.report(.started, by: id)
            do {
                try await publishing.publish(
                    Publication(exchange: topology.reports.name, routingKey: attempt.message.replyTo, message: message))
                CrashPoint.startConfirmed.pass()
                return
            } catch {
                logger.debug("the start was not confirmed", metadata: [LogKey.attempt: "\(attempt.key)", LogKey.error: "\(error)"])
            }
            do { try await time.sleep(time.now() + ReportRetries.delay(after: tries)) } catch { return }
            tries += 1
        }
    }

    /// The handler has returned: its slot is free at once, and its message goes when the outcome is confirmed.
    private func ended(_ attempt: Attempt, _ result: Result<JSON, any Error>) {
        let dispatch = attempt.dispatches.close()
        act { state in
            let now = time.now()
            defer { state.apply(state.intake.slotFreed(ran: now - attempt.began, now: now), self) }
            guard var entry = state.active[attempt.key], entry.attempt === attempt else { return }
            entry.hasEnded = true
            state.active[attempt.key] = entry
            if entry.isReported {
                if entry.isConfirmed { state.forget(attempt.key) }
                return
            }
            switch AttemptOutcome(result, dispatch: dispatch, cause: attempt.stopCause, isGraceOver: entry.isGraceOver) {
            case .report(let content): state.report(content, attempt)
            case .giveBack: state.giveUp(attempt.key)
            }
        }
    }

    /// The outcome has reached the broker.
    func confirmed(_ attempt: Attempt) {
        CrashPoint.reportConfirmed.pass()
        act { state in
            state.intake.unconfirmed -= 1
            if let entry = state.active[attempt.key], entry.attempt === attempt {
                if let delivery = entry.delivery { state.effects.append(.acknowledge(delivery)) }
                state.active[attempt.key]?.delivery = nil
                state.active[attempt.key]?.isConfirmed = true
                if entry.hasEnded { state.forget(attempt.key) }
            }
            state.apply(state.intake.eased(), self)
        }
        CrashPoint.taskAcknowledged.passSoon()
    }
}

extension WorkerState {
    mutating func report(_ content: Report.Content, _ attempt: Attempt) {
        active[attempt.key]?.isReported = true
        active[attempt.key]?.timeline.reported()
        intake.unconfirmed += 1
        effects.append(.outcome(content, attempt))
    }

    /// The worker leaves without an outcome: somebody else should run it.
    mutating func giveUp(_ key: String) {
        guard let entry = active[key], !entry.isReported else { return }
        if let delivery = entry.delivery {
            effects.append(.giveBack(delivery))
            forget(key)
        } else {
            // Leased: there is no message to give back.
            let error = TaskError(type: TaskError.Kind.workerLost, message: "the worker stopped while the attempt ran")
            report(.failed(error), entry.attempt)
        }
    }

    mutating func forget(_ key: String) {
        active.removeValue(forKey: key)
        if case .no = drain { return }
        if active.isEmpty { effects.append(.finished) }
    }
}
