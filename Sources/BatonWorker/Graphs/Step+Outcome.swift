public import BatonModel

/// What follows from a step's end.
extension Step {
    /// Adds the tasks of the closure to the run when the step completes.
    ///
    /// They belong to a list of their own: they can wait for one another, not for the graph's steps.
    @discardableResult
    public func onCompleted(_ build: () throws -> Void) rethrows -> Self { try continuation(.onCompleted, build) }

    /// Adds the tasks of the closure to the run when the step has failed for good.
    @discardableResult
    public func onFailed(_ build: () throws -> Void) rethrows -> Self { try continuation(.onFailed, build) }

    /// Adds the tasks of the closure to the run when the step is cancelled.
    @discardableResult
    public func onCancelled(_ build: () throws -> Void) rethrows -> Self { try continuation(.onCancelled, build) }

    private func continuation(_ kind: StepDraft.Continuation, _ build: () throws -> Void) rethrows -> Self {
        let draft = try GraphDraft.collect(build)
        return set { $0.continuations.append((kind, draft)) }
    }

    /// Undoes the step, once it has completed, when its run fails or is cancelled.
    ///
    /// - Parameter handler: takes what the step had been given, and what it made of that.
    @discardableResult
    public func compensate<Handler: TaskHandler>(
        _ handler: Handler.Type, params: (any Encodable)? = nil, queue: QueueName? = nil, retry: RetryPolicy? = nil,
        timeouts: Timeouts = .none
    ) -> Self where Handler.Input == Undo<Input, Output>, Input: Codable & Sendable, Output: Codable & Sendable {
        compensate(Handler.name, params: params, queue: queue, retry: retry, timeouts: timeouts)
    }

    /// Undoes the step by a handler that this program needn't know.
    @discardableResult
    public func compensate(
        _ handler: HandlerName, params: (any Encodable)? = nil, queue: QueueName? = nil, retry: RetryPolicy? = nil,
        timeouts: Timeouts = .none
    ) -> Self {
        let params = EncodedValue(params)
        return set {
            let params = $0.take(params, for: "compensate.params")
            $0.spec.rules.compensation = Compensation(handler, params: params, queue: queue, retry: retry, timeouts: timeouts)
        }
    }

    /// Offers the task to another handler, of the same types, once its own has failed for good.
    @discardableResult
    public func fallback<Handler: TaskHandler>(_ handler: Handler.Type) -> Self
    where Handler.Input == Input, Handler.Output == Output {
        fallback(Handler.name)
    }

    /// Offers the task to a handler that this program needn't know.
    @discardableResult
    public func fallback(_ handler: HandlerName) -> Self { set { $0.spec.rules.fallback = handler } }

    /// Has a handler look at the result before it counts. Several look one after another, each at what the one before made of it.
    @discardableResult
    public func validator(_ handler: HandlerName, params: (any Encodable)? = nil) -> Self {
        let params = EncodedValue(params)
        return set { draft in
            let validator = Guardrails.Validator(handler, params: draft.take(params, for: "validators.params"))
            draft.guardrails { $0.validators.append(validator) }
        }
    }

    /// How often a rejected result is made anew, and after which wait.
    @discardableResult
    public func validation(steps: Int, delay: Duration = .zero) -> Self {
        set {
            $0.guardrails {
                $0.steps = steps
                $0.delay = delay
            }
        }
    }
}

extension StepDraft {
    fileprivate mutating func guardrails(_ change: (inout Guardrails) -> Void) {
        var guardrails = spec.rules.guardrails ?? Guardrails()
        change(&guardrails)
        spec.rules.guardrails = guardrails
    }
}
