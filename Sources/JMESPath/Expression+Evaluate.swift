extension Expression {
    /// Evaluates this expression on a value.
    ///
    /// Fails when a function meets a value of a type that it doesn't take, and when ``Limits/steps`` don't suffice. The result
    /// of an expression that builds arrays or objects is never deeper than ``Value/maximumDepth``, nor larger than the steps.
    public func evaluate(_ value: Value) throws(JMESPathError) -> Value {
        var steps = limits.steps
        return try evaluate(value, steps: &steps)
    }

    /// Evaluates this expression on a value, with a budget that several evaluations may share.
    ///
    /// `steps` is what is left, instead of ``Limits/steps``; what the evaluation needs is taken from it, also when it fails.
    public func evaluate(_ value: Value, steps: inout Int) throws(JMESPathError) -> Value {
        var evaluator = Evaluator(tree: tree, steps: steps)
        defer { steps = evaluator.steps }
        do throws(JMESPathError) {
            let result = try evaluator.evaluate(root, value)
            if tree.builds { try evaluator.measure(result) }
            return result
        } catch {
            throw error.located(in: text, at: nil)
        }
    }
}
