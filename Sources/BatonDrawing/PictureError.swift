public import BatonModel

/// Why there is no picture.
public struct PictureError: Error, Sendable, CustomStringConvertible {
    public var format: PictureFormat
    /// How many nodes the picture would have, and of how many tasks.
    public var nodes: Int
    public var tasks: Int

    init(_ format: PictureFormat, nodes: Int, of tasks: Int) {
        self.format = format
        self.nodes = nodes
        self.tasks = tasks
    }

    public var description: String {
        "the \(tasks.grouped) tasks of the run make \(nodes.grouped) nodes, even with those as one that are alike; as \(format.rawValue) at most "
            + "\(GraphSVG.mostNodes.grouped) are drawn: ask for format=json or format=dot"
    }
}
