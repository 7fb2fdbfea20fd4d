extension ReportModel {
    /// The report for a terminal: at most 100 characters a line, ends with a line feed.
    public func renderPlainText() -> String {
        let width = 100
        var lines = [title, banner, acquisition, ""]
        lines += Self.labelled(conclusionTitle, conclusion, width: width)
        if let table {
            lines += ["", table.heading] + Self.aligned(table) + table.notes.map { "  \($0)" }
        }
        for section in sections {
            lines += [""] + Self.labelled(section.title, section.allLines, width: width)
        }
        lines += [""] + footer
        return lines.map { $0 + "\n" }.joined()
    }

    /// Lines under a title that stands in a column of its own.
    private static func labelled(_ title: String, _ lines: [String], width: Int) -> [String] {
        let indent = 12
        let wrapped = lines.flatMap { wrap($0, width: width - indent) }
        return wrapped.enumerated().map { index, line in
            pad(index == 0 ? title : "", to: indent) + line
        }
    }

    /// The first column and those of words to the left, numbers to the right.
    private static func aligned(_ table: Table) -> [String] {
        let rows = [table.columns, table.units] + table.rows
        let isText = table.columns.indices.map(table.isText)
        let widths = table.columns.indices.map { column in rows.map { $0[column].count }.max() ?? 0 }
        return rows.map { row in
            "  "
                + row.enumerated().map { column, text in
                    isText[column]
                        ? pad(text, to: widths[column])
                        : String(repeating: " ", count: widths[column] - text.count) + text
                }.joined(separator: "  ")
        }
    }

    private static func pad(_ text: String, to width: Int) -> String {
        text + String(repeating: " ", count: max(0, width - text.count))
    }

    /// Breaks at spaces only: a no-break space keeps its neighbours together.
    private static func wrap(_ text: String, width: Int) -> [String] {
        var lines: [String] = []
        var line = ""
        for word in text.split(separator: " ") {
            if !line.isEmpty, line.count + 1 + word.count > width {
                lines.append(line)
                line = ""
            }
            line += line.isEmpty ? String(word) : " \(word)"
        }
        return line.isEmpty ? lines : lines + [line]
    }
}
