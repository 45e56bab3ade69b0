public import BatonModel

/// What a step comes after, and whether it runs at all.
extension Step {
    /// Runs after other steps have ended as they should. Only the order matters: their results aren't passed on.
    ///
    /// - Parameter condition: `completed`, `failed` or, for any end, `finished`. Where it isn't met, this step is skipped.
    @discardableResult
    public func after(_ steps: any GraphStep..., on condition: Dependency.Condition = .completed) -> Self {
        after(steps, on: condition)
    }

    /// Runs after all of a list of steps.
    @discardableResult
    public func after(_ steps: [any GraphStep], on condition: Dependency.Condition = .completed) -> Self {
        set { draft in
            for step in steps { draft.depend(on: step.handle.reference, condition) }
            if condition == .routed { draft.report("dependencies", "'routed' is what routes make: name this step in 'route'") }
        }
    }

    /// Runs only where the expression holds; else the step is skipped.
    @discardableResult
    public func when(_ expression: StepExpression) -> Self { set { $0.when = $0.waiting(for: expression) } }

    /// Shows the step below another one. Never affects when it runs.
    @discardableResult
    public func parent(_ step: any GraphStep) -> Self { set { $0.parent = step.handle.reference } }

    /// Starts the step a while after it could.
    @discardableResult
    public func delay(_ delay: Duration) -> Self { set { $0.spec.start = .after(delay) } }

    /// Starts the step not before a time.
    @discardableResult
    public func at(_ time: Timestamp) -> Self { set { $0.spec.start = .at(time) } }
}

/// Routes: which steps follow, depending on the result.
extension Step {
    /// Has the result choose the steps that run: all of those of the route that it names, and of no other.
    ///
    /// A result names a route as a text, as an enumeration of texts, or as an object with a field `route`, such as `Decision`. A
    /// route to a step that this one comes after runs that one again.
    @discardableResult
    public func route(_ name: String, to steps: any GraphStep...) -> Self {
        set { $0.routes.append((name, steps.map(\.handle.reference))) }
    }

    /// The route that is taken where the result names none; without one, that fails the step.
    @discardableResult
    public func defaultRoute(_ name: String) -> Self { set { $0.defaultRoute = name } }

    /// Has an expression over the result name the route.
    @discardableResult
    public func route(by expression: String) -> Self { set { $0.routeExpression = expression } }

    /// How often a route may lead back to this step.
    @discardableResult
    public func maxIterations(_ count: Int) -> Self { set { $0.spec.rules.maxIterations = count } }
}

extension Step where Output: RawRepresentable<String> {
    /// Has the result choose the steps that run.
    @discardableResult
    public func route(_ choice: Output, to steps: any GraphStep...) -> Self {
        set { $0.routes.append((choice.rawValue, steps.map(\.handle.reference))) }
    }

    @discardableResult
    public func defaultRoute(_ choice: Output) -> Self { defaultRoute(choice.rawValue) }
}

extension StepDraft {
    /// An expression, whose steps this one then waits for.
    mutating func waiting(for expression: StepExpression) -> StepExpression {
        for step in expression.steps { depend(on: step, nil) }
        return expression
    }
}
