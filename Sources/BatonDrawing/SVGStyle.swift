import BatonModel

/// How pictures look: colours that can be read on light and on dark, with shapes and words beside them.
enum SVGStyle {
    /// No font is loaded from anywhere, and nothing else either.
    static let sheet: StaticString = """
        text{font-family:system-ui,-apple-system,"Segoe UI","DejaVu Sans",Helvetica,Arial,sans-serif;fill:#1f2328}
        .bg{fill:#ffffff}.id{font-size:13px;font-weight:600}.sub,.note,.tick{font-size:11px;fill:#59636e}.head{font-size:16px;font-weight:600}
        .label{font-size:10.5px;fill:#59636e;paint-order:stroke;stroke:#ffffff;stroke-width:4px;stroke-linejoin:round}
        .box{stroke-width:1.4}.glyph{fill:none;stroke-width:1.8;stroke-linecap:round;stroke-linejoin:round}.grid{stroke:#d1d9e0;stroke-width:1}
        .edge{fill:none;stroke:#818b98;stroke-width:1.4}.tip{fill:#818b98}.faint{opacity:.35}
        .finished{stroke-dasharray:6 4}.onfail{stroke:#cf222e;stroke-dasharray:8 3 2 3}.route{stroke:#8250df}.back{stroke:#8250df;stroke-dasharray:2 4;stroke-linecap:round}
        .continuation{stroke-dasharray:2 3}.compensation{stroke:#9a6700;stroke-dasharray:6 3}.check{stroke-dasharray:1 3}
        .completed{fill:#eaf7ee;stroke:#1a7f37}.failed{fill:#fdecec;stroke:#cf222e}.running{fill:#e5f1fd;stroke:#0969da}
        .queued{fill:#f1effb;stroke:#6e5fc9}.retrying{fill:#fff4d6;stroke:#9a6700}.scheduled{fill:#e6f6f7;stroke:#0f7b86}
        .pending{fill:#f6f8fa;stroke:#818b98}.cancelled{fill:#f7eef7;stroke:#8a3a8f}.skipped{fill:#ffffff;stroke:#818b98;stroke-dasharray:4 3}
        .bar.completed{fill:#4ac26b}.bar.failed,.bar.lost{fill:#f47067;stroke:#cf222e}.bar.running{fill:#54aeff}.bar.cancelled{fill:#d29ad6}.bar.queued{fill:#e4e0f7;stroke:#8a7fd1;stroke-dasharray:3 2}
        .bar{stroke-width:1}.glyph.solid{stroke-dasharray:none}
        @media (prefers-color-scheme:dark){text{fill:#e6edf3}.bg{fill:#0d1117}.sub,.note,.tick{fill:#9198a1}.label{fill:#9198a1;stroke:#0d1117}
        .grid{stroke:#2a313c}.edge{stroke:#7d8590}.tip{fill:#7d8590}.onfail{stroke:#ff7b72}.route,.back{stroke:#b391f5}.compensation{stroke:#d4a72c}
        .completed{fill:#11251a;stroke:#3fb950}.failed{fill:#2e1517;stroke:#ff7b72}.running{fill:#0f2136;stroke:#58a6ff}.queued{fill:#1d1a33;stroke:#9d8ff0}
        .retrying{fill:#2b220d;stroke:#d4a72c}.scheduled{fill:#0d2629;stroke:#39b6c3}.pending{fill:#161b22;stroke:#7d8590}.cancelled{fill:#271a29;stroke:#cf8ad4}
        .skipped{fill:#0d1117;stroke:#7d8590}.bar.completed{fill:#2ea043}.bar.failed,.bar.lost{fill:#b62324;stroke:#ff7b72}.bar.running{fill:#1f6feb}
        .bar.cancelled{fill:#7a3f80}.bar.queued{fill:#1d1a33;stroke:#9d8ff0}}
        """

    /// A sign of the status on a place of 14 by 14, whose strokes take the class's colour.
    static func glyph(_ status: TaskStatus) -> String {
        switch status {
        case .completed: "M2 7.5L5.5 11L12 3.5"
        case .failed: "M3 3L11 11M11 3L3 11"
        case .running: "M4 2.5L11.5 7L4 11.5Z"
        case .queued: "M2 3.5H12M2 7H12M2 10.5H8"
        case .retrying: "M11.5 4.2A5.2 5.2 0 1 0 12.2 7.6M11.8 1.2V4.6H8.4"
        case .scheduled: "M7 1.5A5.5 5.5 0 1 1 6.9 1.5M7 4V7.3L9.3 8.7"
        case .pending: "M7 2.2A4.8 4.8 0 1 1 6.9 2.2"
        case .cancelled: "M7 1.5A5.5 5.5 0 1 1 6.9 1.5M3.2 3.2L10.8 10.8"
        case .skipped: "M2.5 3L6.5 7L2.5 11M7.5 3L11.5 7L7.5 11"
        }
    }
}

extension XMLText {
    /// A whole picture: title, description, style, background, and what the body draws.
    mutating func picture(width: Double, height: Double, title: String, description: String, _ body: (inout XMLText) -> Void) {
        let (w, h) = (Self.number(width), Self.number(height))
        element(
            "svg",
            [
                ("xmlns", "http://www.w3.org/2000/svg"), ("viewBox", "0 0 \(w) \(h)"), ("width", w), ("height", h), ("role", "img"),
                ("aria-labelledby", "baton-title baton-description"),
            ]
        ) { xml in
            xml.element("title", [("id", "baton-title")], text: title)
            xml.element("desc", [("id", "baton-description")], text: description)
            xml.element("style") { $0.write(raw: SVGStyle.sheet) }
            xml.element("rect", [("class", "bg"), ("width", w), ("height", h)])
            body(&xml)
        }
    }

    mutating func words(_ content: String, _ style: String, x: Double, y: Double, anchor: String? = nil) {
        var attributes = [("class", style), ("x", Self.number(x)), ("y", Self.number(y))]
        if let anchor { attributes.append(("text-anchor", anchor)) }
        element("text", attributes, text: content)
    }

    mutating func glyph(_ status: TaskStatus, x: Double, y: Double) {
        element(
            "path",
            [
                ("class", "\(status.rawValue) glyph solid"), ("transform", "translate(\(Self.number(x)) \(Self.number(y)))"),
                ("d", SVGStyle.glyph(status)), ("style", "fill:none"),
            ])
    }
}
