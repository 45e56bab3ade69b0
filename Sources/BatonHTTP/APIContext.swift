import BatonCoordinator
import Hummingbird

/// What is known of a request, besides the request itself.
struct APIContext: RequestContext {
    var coreContext: CoreRequestContextStorage
    /// Who asks; `nil` where access control is off, and for the paths that are open to everybody.
    var identity: Identity?

    init(source: ApplicationRequestContextSource) {
        coreContext = CoreRequestContextStorage(source: source)
    }
}
