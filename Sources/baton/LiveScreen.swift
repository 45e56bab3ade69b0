import BatonModel
import Foundation

/// Lines at the bottom of the terminal that are drawn over in place.
struct LiveScreen {
    private let terminal: Terminal
    private var drawn = 0

    init(_ terminal: Terminal) { self.terminal = terminal }

    mutating func draw(_ board: RunBoard) {
        let size = terminal.size
        let lines = board.lines(width: size.width - 1, height: size.height, now: .now, style: terminal.style)
        let back = drawn == 0 ? "" : "\u{1B}[\(drawn)A\r"
        Terminal.write(back + "\u{1B}[J" + lines.joined(separator: "\n") + "\n", to: STDOUT_FILENO)
        drawn = lines.count
    }
}
