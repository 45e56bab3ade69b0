public import BatonModel

/// One execution of a step for each of many items, at most `maxParallel` at a time. Its result is the list of theirs, in the
/// items' order; so what needs the types of one execution, as `compensate` and `fallback` do, is said before.
extension Step {
    /// - Parameters:
    ///   - property: the input that becomes the item.
    ///   - items: encoded now.
    ///   - name: the input's name in JSON, where coding keys give it another one than the property's.
    @discardableResult
    public func forEach<Item: Encodable>(
        _ property: KeyPath<Input, Item>, in items: [Item], maxParallel: Int = 10, named name: String? = nil
    ) -> Step<Input, [Output]> {
        loop(maxParallel, items) { $0.inputName(property, name) }
    }

    /// - Parameters:
    ///   - property: the input that becomes the item.
    ///   - items: for which the step waits.
    ///   - name: the input's name in JSON, where coding keys give it another one than the property's.
    @discardableResult
    public func forEach<Item>(
        _ property: KeyPath<Input, Item>, in items: StepResult<[Item]>, maxParallel: Int = 10, named name: String? = nil
    ) -> Step<Input, [Output]> {
        loop(maxParallel, StepExpression(items)) { $0.inputName(property, name) }
    }

    /// Items of any type, under a name that nothing checks.
    @discardableResult
    public func forEach(_ items: [some Encodable], as name: String = "item", maxParallel: Int = 10) -> Step<Input, [Output]> {
        loop(maxParallel, items) { _ in name }
    }

    /// Items that an expression gives: a list, or a text in the format named.
    @discardableResult
    public func forEach(
        from expression: StepExpression, format: Loop.Format = .list, as name: String = "item", maxParallel: Int = 10
    ) -> Step<Input, [Output]> {
        loop(maxParallel, expression, format) { _ in name }
    }

    /// The rows of a text, as objects of texts. The first row names the columns.
    @discardableResult
    public func forEach(csv text: String, as name: String = "item", maxParallel: Int = 10) -> Step<Input, [Output]> {
        loop(.csv(text), maxParallel) { _ in name }
    }

    /// The lines of a text, without their ends.
    @discardableResult
    public func forEach(lines text: String, as name: String = "item", maxParallel: Int = 10) -> Step<Input, [Output]> {
        loop(.lines(text), maxParallel) { _ in name }
    }

    private func loop(
        _ source: Loop.Source, _ maxParallel: Int, _ name: (inout StepDraft) -> String?
    ) -> Step<Input, [Output]> {
        reference.change {
            if $0.spec.rules.loop != nil { $0.report("forEach", "is given twice: a step has one list of items") }
            $0.spec.rules.loop = Loop(source, maxParallel: maxParallel, as: name(&$0) ?? "item")
        }
        return Step<Input, [Output]>(reference)
    }

    private func loop(
        _ maxParallel: Int, _ items: some Encodable, _ name: (inout StepDraft) -> String?
    ) -> Step<Input, [Output]> {
        let items = EncodedValue(items)
        var list: JSON?
        reference.change { list = $0.take(items, for: "forEach.items") }
        return loop(.list(list ?? JSON([])), maxParallel, name)
    }

    private func loop(
        _ maxParallel: Int, _ expression: StepExpression, _ format: Loop.Format = .list, _ name: (inout StepDraft) -> String?
    ) -> Step<Input, [Output]> {
        reference.change { $0.loop = ($0.waiting(for: expression), format) }
        // Stands there until the steps in the expression have names.
        return loop(.expression("", format: format), maxParallel, name)
    }

    /// Goes on with the other items where one fails: the result has null in its place.
    @discardableResult
    public func continueOnItemFailure<Item>() -> Step<Input, [Item?]> where Output == [Item] {
        onLoop("onItemFailure") { $0.onItemFailure = .continue }
        return Step<Input, [Item?]>(reference)
    }

    /// Gives the number of items instead of their results.
    @discardableResult
    public func countOnly<Item>() -> Step<Input, Int> where Output == [Item] {
        onLoop("collect") { $0.collects = false }
        return Step<Input, Int>(reference)
    }

    private func onLoop(_ field: String, _ change: (inout Loop) -> Void) {
        reference.change {
            guard var loop = $0.spec.rules.loop else { return $0.report("forEach.\(field)", "belongs to a step that runs for each of many") }
            change(&loop)
            $0.spec.rules.loop = loop
        }
    }
}
