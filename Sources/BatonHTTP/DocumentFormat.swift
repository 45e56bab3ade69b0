import BatonModel

/// How the body of a submission is written, as its content type says.
enum DocumentFormat {
    case json
    case yaml
    /// JSON where it begins like JSON, else YAML: for what tools send when nobody named a type.
    case either

    /// - Throws: `Problem` for a type that documents are never written in.
    init(contentType: String?, of what: String = "graphs") throws(Problem) {
        let type = contentType?.prefix { $0 != ";" }.lowercased().filter { !$0.isWhitespace } ?? ""
        switch type {
        case "application/json", "text/json": self = .json
        case "application/yaml", "application/x-yaml", "text/yaml", "text/x-yaml", "text/vnd.yaml": self = .yaml
        case "", "application/octet-stream", "text/plain", "application/x-www-form-urlencoded", "*/*": self = .either
        default:
            if type.hasPrefix("application/"), type.hasSuffix("+json") {
                self = .json
            } else if type.hasPrefix("application/"), type.hasSuffix("+yaml") {
                self = .yaml
            } else {
                throw .wrongContentType(type, of: what)
            }
        }
    }

    func graph(_ bytes: [UInt8], limits: Limits, checks: SyntaxChecks) throws(Problem) -> Graph {
        do throws(InvalidGraph) {
            guard bytes.contains(where: { $0 > 0x20 }) else { throw InvalidGraph("the document is empty") }
            switch self {
            case .json: return try GraphReader.read(json: bytes, limits: limits, checks: checks)
            case .either: return try GraphReader.read(document: bytes, limits: limits, checks: checks)
            case .yaml:
                guard let text = String(validating: bytes, as: UTF8.self) else {
                    throw InvalidGraph("the document is not UTF-8")
                }
                return try GraphReader.read(yaml: text, limits: limits, checks: checks)
            }
        } catch {
            throw Problem(error)
        }
    }

    func schedule(_ bytes: [UInt8], limits: Limits, checks: SyntaxChecks) throws(Problem) -> Schedule {
        do throws(InvalidSchedule) {
            guard bytes.contains(where: { $0 > 0x20 }) else { throw InvalidSchedule("the document is empty") }
            switch self {
            case .json: return try ScheduleReader.read(json: bytes, limits: limits, checks: checks)
            case .either: return try ScheduleReader.read(document: bytes, limits: limits, checks: checks)
            case .yaml:
                guard let text = String(validating: bytes, as: UTF8.self) else {
                    throw InvalidSchedule("the document is not UTF-8")
                }
                return try ScheduleReader.read(yaml: text, limits: limits, checks: checks)
            }
        } catch {
            throw Problem(error)
        }
    }
}
