import BatonCoordinator
import BatonDrawing
import BatonModel
import Foundation
import Hummingbird

/// A run's graph and its timeline, as data and as pictures.
struct PictureRoutes: Sendable {
    let operations: any Operations

    var routes: [Route] {
        [
            .get("/v1/runs/{run}/graph") { request, context in
                let format = try format(of: request, from: PictureFormat.allCases)
                let graph = try await operations.graph(of: context.run)
                return try await Response(picture: format, of: graph.nodes.count) { () throws(PictureError) in
                    switch format {
                    case .json: ResponseText.encode(graph)
                    case .svg: Array(try GraphSVG(graph).text.utf8)
                    case .dot: Array(GraphDOT(graph).text.utf8)
                    case .mermaid: Array(try GraphMermaid(graph).text.utf8)
                    }
                }
            },
            .get("/v1/runs/{run}/timeline") { request, context in
                let format = try format(of: request, from: [.json, .svg])
                let timeline = try await operations.timeline(of: context.run)
                return try await Response(picture: format, of: timeline.bars.count) { () throws(PictureError) in
                    format == .svg ? Array(TimelineSVG(timeline).text.utf8) : ResponseText.encode(timeline)
                }
            },
        ]
    }

    /// By `format`; without it by what the client accepts, in its order; without that, JSON.
    private func format(of request: Request, from known: [PictureFormat]) throws(Problem) -> PictureFormat {
        let query = try Query(request, allowing: ["format"])
        if let format = try query.choice("format", PictureFormat.self) {
            if known.contains(format) { return format }
            let names = known.map(\.rawValue).joined(separator: ", ")
            throw .badRequest("the parameter 'format' is '\(format.rawValue)', but must be one of \(names)")
        }
        for accepted in request.headers[values: .accept].flatMap({ $0.split(separator: ",") }) {
            let type = accepted.split(separator: ";").first?.trimmingCharacters(in: .whitespaces).lowercased() ?? ""
            if let format = known.first(where: { $0.contentType == type }) { return format }
        }
        return .json
    }
}

extension Response {
    /// Large pictures take a while to draw, which is not for the threads that requests share.
    ///
    /// - Parameter count: of what is drawn.
    fileprivate init(picture format: PictureFormat, of count: Int, _ draw: @escaping @Sendable () throws(PictureError) -> [UInt8]) async throws {
        let drawn = try await ReadingQueue.shared.read(bytes: count * 1000) { () throws(Problem) in
            do throws(PictureError) {
                return try draw()
            } catch {
                throw .tooLargeToDraw(error.description)
            }
        }
        var headers: HTTPFields = [.contentType: format == .json ? format.contentType : "\(format.contentType); charset=utf-8"]
        // Nothing in a picture may run, or load anything, should a browser be sent to it.
        headers[.contentSecurityPolicy] = "default-src 'none'; style-src 'unsafe-inline'; sandbox"
        headers[.xContentTypeOptions] = "nosniff"
        self.init(status: .ok, headers: headers, body: ResponseBody(byteBuffer: ByteBuffer(bytes: drawn)))
    }
}

extension Problem {
    static func tooLargeToDraw(_ detail: String) -> Problem {
        Problem(
            type: "urn:baton:problem:tooLargeToDraw", title: "Too large to draw", status: HTTPResponse.Status.unprocessableContent.code,
            detail: detail)
    }
}
