import Foundation
import Synchronization

/// Where text for people goes, and what it can show.
struct Terminal: Sendable {
    /// Whether lines can be drawn over.
    let isInteractive: Bool
    let style: Style

    init() {
        let name = Environment.text("TERM")
        isInteractive = isatty(STDOUT_FILENO) == 1 && name != nil && name != "dumb"
        style = Style(colours: isInteractive && Environment.text("NO_COLOR") == nil)
    }

    /// In characters; 80 where nobody knows.
    var size: (width: Int, height: Int) {
        var size = winsize()
        guard ioctl(STDOUT_FILENO, UInt(TIOCGWINSZ), &size) == 0, size.ws_col > 0, size.ws_row > 0 else { return (80, 24) }
        return (Int(size.ws_col), Int(size.ws_row))
    }

    static func standardOutput(_ text: String) { write(text + "\n", to: STDOUT_FILENO) }
    static func standardError(_ text: String) { write(text + "\n", to: STDERR_FILENO) }

    private static let order = Mutex<Void>(())

    /// Writes at once, whole; gives up where nobody reads any more.
    static func write(_ text: String, to file: Int32) {
        let bytes = Array(text.utf8)
        order.withLock { _ in
            var start = 0
            while start < bytes.count {
                let count = bytes[start...].withUnsafeBytes { Foundation.write(file, $0.baseAddress, $0.count) }
                if count > 0 {
                    start += count
                } else if errno != EINTR {
                    return
                }
            }
        }
    }

    /// Text from outside without what a terminal would obey.
    static func clean(_ text: String) -> String {
        guard text.unicodeScalars.contains(where: { $0.properties.generalCategory == .control }) else { return text }
        return String(
            String.UnicodeScalarView(text.unicodeScalars.map { $0.properties.generalCategory == .control ? " " : $0 }))
    }
}
