import BatonModel
import Foundation
import Hummingbird

/// The query of a request, read strictly: a value that isn't allowed, or a name that means nothing here, is refused rather than
/// left out, since a filter that isn't applied shows things nobody asked for.
struct Query {
    private let values: [String: String]

    init(_ request: Request, allowing names: [String]) throws(Problem) {
        var values: [String: String] = [:]
        for (name, value) in request.uri.queryParameters {
            let name = name.removingPercentEncoding ?? String(name)
            guard names.contains(name) else {
                let known = names.isEmpty ? "it has none" : "it has \(names.joined(separator: ", "))"
                throw .badRequest("'\(request.uri.path)' has no parameter '\(name)': \(known)")
            }
            guard values.updateValue(String(value), forKey: name) == nil else {
                throw .badRequest("the parameter '\(name)' is given twice: give it once")
            }
        }
        self.values = values
    }

    /// An empty value counts as none.
    func text(_ name: String) -> String? {
        values[name].flatMap { $0.isEmpty ? nil : $0 }
    }

    func integer(_ name: String, in range: ClosedRange<Int>, default fallback: Int) throws(Problem) -> Int {
        guard let text = values[name] else { return fallback }
        guard let value = Int(text), range.contains(value) else {
            let allowed =
                range.upperBound == .max
                ? "a whole number from \(range.lowerBound)" : "a whole number from \(range.lowerBound) to \(range.upperBound)"
            throw .badRequest("the parameter '\(name)' is '\(text)', but must be \(allowed)")
        }
        return value
    }

    func limit(default fallback: Int) throws(Problem) -> Int { try integer("limit", in: 1...1000, default: fallback) }

    func choice<Choice: RawRepresentable<String> & CaseIterable>(_ name: String, _ type: Choice.Type) throws(Problem) -> Choice? {
        guard let text = values[name] else { return nil }
        if let choice = Choice(rawValue: text) { return choice }
        let known = Choice.allCases.map(\.rawValue).joined(separator: ", ")
        throw .badRequest("the parameter '\(name)' is '\(text)', but must be one of \(known)")
    }

    func flag(_ name: String) throws(Problem) -> Bool {
        switch values[name] {
        case nil, "false": return false
        case "true": return true
        case .some(let text): throw .badRequest("the parameter '\(name)' is '\(text)', but must be true or false")
        }
    }
}
