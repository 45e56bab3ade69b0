import BatonCoordinator
import BatonModel
import Hummingbird

/// Lets through only who can show who they are.
struct AccessMiddleware: RouterMiddleware {
    /// What anybody may ask for: whether the service is well, and how it is to be talked to.
    static let open: Set<String> = ["/healthz", "/readyz", "/openapi.json"]

    let access: AccessControl

    @concurrent func handle(
        _ request: Request, context: APIContext, next: @concurrent (Request, APIContext) async throws -> Response
    ) async throws -> Response {
        if Self.open.contains(request.uri.path), request.method == .get || request.method == .head {
            return try await next(request, context)
        }
        var context = context
        let identity = try await access.identity(authorization: request.headers[values: .authorization])
        context.identity = identity
        context.logger[metadataKey: "caller"] = "\(identity.name)"
        return try await next(request, context)
    }
}
