import ArgumentParser
import BatonClient
import BatonHTTP
import BatonModel
import BatonOperator
import Foundation

/// How the program ends. Scripts decide by these, so they are kept.
enum ExitStatus: Int32 {
    case done = 0
    /// The run failed or was cancelled, or the command could not be done.
    case failed = 1
    /// The command line or the document is wrong.
    case usage = 2
    case unreachable = 3

    init(of run: RunStatus) {
        self = run == .completed ? .done : .failed
    }

    init(of error: any Error) {
        switch error {
        case let error as ClientError:
            switch error.code {
            case .unreachable: self = .unreachable
            case .refused(let status, let problem): self.init(of: problem.refusal, status: status)
            case .invalidServer: self = .usage
            case .unreadable, .notCompleted: self = .failed
            }
        case is UsageError, is ListenAddressError, is AccessError: self = .usage
        case let error as OperatorError:
            switch error.code {
            case .unreachable: self = .unreachable
            case .invalid, .notFound: self = .usage
            case .denied, .busy, .other: self = .failed
            }
        case let error as ExitCode: self = ExitStatus(rawValue: error.rawValue) ?? .failed
        default:
            switch Baton.exitCode(for: error) {
            case .success: self = .done
            case .validationFailure: self = .usage
            default: self = .failed
            }
        }
    }

    /// - Parameter status: of HTTP.
    init(of refusal: Refusal, status: Int) {
        switch refusal {
        case .invalidGraph, .invalidSchedule, .notADocument, .badRequest, .notFound, .tooLarge: self = .usage
        // Another token is needed, not another time.
        case .unauthenticated, .invalidToken: self = .usage
        // The command is right, but can't be done as things stand.
        case .conflict, .frozen, .notCompleted, .denied: self = .failed
        case .unavailable: self = .unreachable
        case .other: self = status == 503 ? .unreachable : status >= 500 ? .failed : .usage
        }
    }

    /// Ends the program, having told the person why.
    func exit(reporting error: any Error) -> Never {
        switch error {
        case is ExitCode, is CancellationError: break
        case let error as ClientError: Terminal.standardError(Self.text(of: error))
        case let error as OperatorError: Terminal.standardError("baton: " + Terminal.clean(error.description))
        case let error as UsageError: Terminal.standardError("baton: \(error)")
        default:
            // The parser's own: help and the version are answers, everything else is a complaint.
            let text = Baton.fullMessage(for: error)
            if self == .done { Terminal.standardOutput(text) } else { Terminal.standardError(text) }
        }
        Foundation.exit(rawValue)
    }

    private static func text(of error: ClientError) -> String {
        guard let problems = error.problem?.problems, problems.count > 1 || problems.first?.path.isEmpty == false else {
            return "baton: " + Terminal.clean(error.message)
        }
        let subject = error.refusal == .invalidGraph || error.refusal == .invalidSchedule ? "the document was refused" : error.message
        let lines = problems.map { "  " + Terminal.clean("\($0)") }
        return (["baton: \(Terminal.clean(subject)):"] + lines).joined(separator: "\n")
    }
}

/// Something about the command line, or the files it names, that the person can mend.
struct UsageError: Error, CustomStringConvertible {
    let description: String

    init(_ description: String) { self.description = description }
}
