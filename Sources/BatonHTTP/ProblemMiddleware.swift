import BatonCoordinator
import BatonModel
import Hummingbird

/// Turns whatever goes wrong into a problem document, so that a client never has to read anything else.
struct ProblemMiddleware: RouterMiddleware {
    let known: [Route.Signature]

    @concurrent func handle(
        _ request: Request, context: APIContext,
        next: @concurrent (Request, APIContext) async throws -> Response
    ) async throws -> Response {
        do {
            if let problem = foreignOrigin(of: request) { throw problem }
            return try await next(request, context)
        } catch let problem as Problem {
            return response(problem)
        } catch let error as OperationError {
            return response(Problem(error))
        } catch let error as any HTTPResponseError {
            if error.status == .notFound { return unknown(request) }
            return response(.badRequest("\(error)"), status: error.status)
        } catch {
            return response(.unexpected(error, in: request, context))
        }
    }

    private func unknown(_ request: Request) -> Response {
        let path = request.uri.path
        // A path that is spelt out isn't also the name of something: there is no run 'batch'.
        let literal = known.filter { $0.path == path }
        var allowed = (literal.isEmpty ? known.filter { $0.matches(path: path) } : literal).map(\.method.rawValue)
        guard !allowed.isEmpty else {
            return response(
                .notFound("there is no \(request.method.rawValue) \(path): the API is under /v1, such as GET /v1/runs"))
        }
        if allowed.contains("GET") { allowed.append("HEAD") }
        var response = response(.wrongMethod(request.method, path, allowed: allowed))
        response.headers[.allow] = allowed.joined(separator: ", ")
        return response
    }

    /// A page of some other site must not be able to start work through the browser of somebody who can reach this server.
    private func foreignOrigin(of request: Request) -> Problem? {
        guard request.method != .get, request.method != .head, let origin = request.headers[.origin], let host = request.head.authority else { return nil }
        return origin == "http://\(host)" || origin == "https://\(host)" ? nil : .foreignOrigin(origin)
    }

    private func response(_ problem: Problem, status: HTTPResponse.Status? = nil) -> Response {
        var problem = problem
        if let status { problem.status = status.code }
        let body = ResponseText.encode(problem)
        var headers: HTTPFields = [.contentType: "application/problem+json"]
        if problem.status == 401 {
            // RFC 6750: what is wrong is said only to who has shown something.
            let error = problem.type.hasSuffix(":invalidToken") ? #", error="invalid_token""# : ""
            headers[.wwwAuthenticate] = #"Bearer realm="baton""# + error
        }
        if problem.status == 503 { headers[.retryAfter] = "1" }
        return Response(
            status: HTTPResponse.Status(code: problem.status), headers: headers, body: ResponseBody(byteBuffer: ByteBuffer(bytes: body)))
    }
}

extension Problem {
    /// For what nobody expected; the log says what it was.
    static func unexpected(_ error: any Error, in request: Request, _ context: APIContext) -> Problem {
        if !Task.isCancelled {
            context.logger.error(
                "a request failed", metadata: ["path": "\(request.uri.path)", "error": "\(String(reflecting: error))"])
        }
        return .unexpected
    }
}
