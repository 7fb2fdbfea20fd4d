/// On which line a key of a TOML file stands. The parser gives positions for its own errors only.
struct LineIndex {
    private var lines: [String: Int] = [:]

    /// Keys are named by their path: `service.port`, `destinations[0].host`; a section by its own: `service`.
    init(_ text: String) {
        var section = ""
        var counts: [String: Int] = [:]
        for (number, line) in text.split(separator: "\n", omittingEmptySubsequences: false).enumerated() {
            let content = line.drop { $0 == " " || $0 == "\t" }
            if content.hasPrefix("[["), let end = content.firstRange(of: "]]") {
                let name = Self.trimmed(content[content.index(content.startIndex, offsetBy: 2)..<end.lowerBound])
                section = "\(name)[\(counts[name, default: 0])]"
                counts[name, default: 0] += 1
                note(section, number)
                note(name, number)
            } else if content.hasPrefix("["), let end = content.firstIndex(of: "]") {
                section = Self.trimmed(content[content.index(after: content.startIndex)..<end])
                note(section, number)
            } else if !content.hasPrefix("#"), let equals = content.firstIndex(of: "=") {
                let key = Self.trimmed(content[..<equals])
                note(section.isEmpty ? key : "\(section).\(key)", number)
            }
        }
    }

    subscript(path: String) -> Int? { lines[path] }

    private mutating func note(_ path: String, _ number: Int) {
        if lines[path] == nil { lines[path] = number + 1 }
    }

    private static func trimmed(_ text: Substring) -> String {
        String(text.filter { $0 != " " && $0 != "\t" && $0 != "\"" && $0 != "'" && $0 != "\r" })
    }
}
