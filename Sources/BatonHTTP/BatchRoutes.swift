import BatonCoordinator
import BatonModel
import Hummingbird

/// Submitting many documents in one request.
struct BatchRoutes: Sendable {
    static let mostDocuments = 1000
    /// Submissions under way at once: enough for the coordinator to store many together.
    private static let window = 64

    let operations: any Operations

    var routes: [Route] {
        [.post("/v1/runs/batch") { request, context in try await submit(request, context) }]
    }

    /// One outcome for each document, in their order. A wrong one is its own problem, and leaves the others alone.
    private func submit(_ request: Request, _ context: APIContext) async throws -> Response {
        _ = try Query(request, allowing: [])
        let type = request.headers[.contentType]
        if case .yaml = try DocumentFormat(contentType: type, of: "batches") {
            throw Problem.badRequest("a batch is a JSON list of documents: send application/json")
        }
        guard request.headers[.idempotencyKey] == nil else {
            throw Problem.badRequest("the header Idempotency-Key can't stand for many documents: give each document its own key")
        }
        let bytes = try await request.bytes(
            limit: operations.limits.documentBytes, named: "documentBytes", advice: "send the batch in parts, or raise the limit")
        let documents = try await ReadingQueue.shared.read(bytes: bytes.count) { () throws(Problem) in try Self.split(bytes) }
        let outcomes = try await withThrowingTaskGroup(of: (Int, BatchOutcome).self) { group in
            var outcomes = [BatchOutcome](repeating: BatchOutcome(), count: documents.count)
            for (index, document) in documents.enumerated() {
                if index >= Self.window, let (ended, outcome) = try await group.next() { outcomes[ended] = outcome }
                group.addTask { (index, try await outcome(of: document, request, context)) }
            }
            for try await (ended, outcome) in group { outcomes[ended] = outcome }
            return outcomes
        }
        return Response(json: Page(items: outcomes))
    }

    private func outcome(of document: JSON, _ request: Request, _ context: APIContext) async throws -> BatchOutcome {
        do {
            let (limits, checks) = (operations.limits, operations.checks)
            let graph = try await ReadingQueue.shared.read(bytes: document.bytes.count) { () throws(Problem) in
                try DocumentFormat.json.graph(document.bytes, limits: limits, checks: checks)
            }
            return BatchOutcome(run: try await operations.submit(graph))
        } catch let problem as Problem {
            return BatchOutcome(problem: problem)
        } catch let error as OperationError {
            return BatchOutcome(problem: Problem(error))
        } catch is CancellationError {
            throw CancellationError()
        } catch {
            // The others are known, and must not be lost for this one.
            return BatchOutcome(problem: .unexpected(error, in: request, context))
        }
    }

    private static func split(_ bytes: [UInt8]) throws(Problem) -> [JSON] {
        var documents: [JSON] = []
        var count = 0
        do throws(JSONError) {
            var reader = JSONReader(bytes)
            guard try reader.peek() == .array else { throw reader.error("the body must be a list of documents") }
            try reader.readArray { (reader) throws(JSONError) in
                count += 1
                if count <= mostDocuments { documents.append(try reader.readRaw()) } else { try reader.skipValue() }
            }
            try reader.finish()
        } catch {
            throw .badRequest("the batch can't be read: \(error). Send a JSON list of graph documents")
        }
        guard count <= mostDocuments else { throw .tooManyDocuments(count, limit: mostDocuments) }
        return documents
    }
}
