import BatonModel

/// Stands for the coordinator's checks: expressions must not have `[[`, schemas must be objects or booleans, CSV must not have `§`.
enum RuleChecks {
    static let strict = SyntaxChecks(
        expression: { $0.contains("[[") ? "'\($0)' is not an expression" : nil },
        schema: { $0.isObject || $0 == JSON(true) || $0 == JSON(false) ? nil : "is not a JSON Schema" },
        items: { source in
            guard case .csv(let text) = source, text.contains("§") else { return nil }
            return "the text is not CSV"
        })
}

/// A document with a task `a` with these fields, and plain tasks with the other ids.
func withTasks(_ fields: String, _ others: String...) -> String {
    let more = others.map { #",{"id":"\#($0)","handler":"h"}"# }.joined()
    return #"{"name":"g","tasks":[{"id":"a","handler":"h",\#(fields)}\#(more)]}"#
}

/// A document with these graph fields around these tasks.
func graph(_ fields: String, tasks: String) -> String { #"{"name":"g",\#(fields),"tasks":[\#(tasks)]}"# }
