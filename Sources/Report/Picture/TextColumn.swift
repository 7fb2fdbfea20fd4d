/// Text set from top to bottom: the table and the sections of the report.
struct TextColumn {
    let canvas: Canvas
    let x: Double
    /// Where the next line begins.
    var y: Double
    let width: Double
    /// Type size relative to the normal one.
    let scale: Double

    /// How much room a table takes.
    static func height(of table: ReportModel.Table, width: Double, scale: Double) -> Double {
        var column = TextColumn(
            canvas: Canvas(width: 1, height: 1, background: Palette.background), x: 0, y: 0, width: width, scale: scale)
        column.draw(table)
        return column.y
    }

    mutating func draw(_ table: ReportModel.Table) {
        let headingSize = 14 * min(scale, 1)
        for line in canvas.wrap(table.heading, width: width, size: headingSize, .bold) {
            advance(line, size: headingSize, .bold, Palette.text)
        }
        y += 4
        let size = fittingSize(table)
        let columns = columnWidths(table, size: size)
        let gap = (width - columns.reduce(0, +)) / Double(max(1, columns.count - 1))
        let isText = columns.indices.map(table.isText)
        func drawRow(_ texts: [String], _ colour: Colour) {
            self.drawRow(texts, zip(columns, isText).map { ($0, $1) }, gap, size: size, colour)
        }
        drawRow(table.columns, Palette.secondary)
        y -= size * 0.35
        drawRow(table.units, Palette.secondary)
        canvas.line(from: (x, y), to: (x + width, y), Palette.rule)
        for (index, row) in table.rows.enumerated() {
            if index % 2 == 1 {
                canvas.fill(
                    Rectangle(x: x - 4, y: y, width: width + 8, height: size * 1.6), Palette.panel, opacity: 0.8)
            }
            drawRow(row, Palette.text)
        }
        y += 5
        for note in table.notes {
            for line in canvas.wrap(note, width: width, size: 11.5 * scale) {
                advance(line, size: 11.5 * scale, .regular, Palette.secondary)
            }
        }
        y += 10 * scale
    }

    mutating func draw(_ sections: [ReportModel.Section], hasDetails: Bool) {
        let indent = 104 * scale
        let size = 13 * scale
        for section in sections {
            let top = y
            for text in hasDetails ? section.allLines : section.lines {
                for line in canvas.wrap(text, width: width - indent, size: size) {
                    y += size * 1.42
                    canvas.text(line, x: x + indent, y: y - size * 0.3, size: size, Palette.text)
                }
            }
            let titleLines = canvas.wrap(section.title, width: indent - 8, size: 12 * scale, .bold)
            for (index, title) in titleLines.enumerated() {
                canvas.text(
                    title, x: x, y: top + size * 1.12 + Double(index) * 15 * scale, size: 12 * scale, Palette.secondary,
                    .bold)
            }
            y = max(y, top + Double(titleLines.count) * 15 * scale + 4)
            y += 7 * scale
        }
    }

    private mutating func advance(_ text: String, size: Double, _ weight: Canvas.Weight, _ colour: Colour) {
        y += size * 1.42
        canvas.text(text, x: x, y: y - size * 0.3, size: size, colour, weight)
    }

    /// Words stand at the left of their column, numbers end at its right edge.
    private mutating func drawRow(
        _ texts: [String], _ columns: [(width: Double, isText: Bool)], _ gap: Double, size: Double, _ colour: Colour
    ) {
        let baseLine = y + size * 1.15
        var left = x
        for (index, text) in texts.enumerated() {
            let weight: Canvas.Weight = index == 0 ? .bold : .regular
            let shift = columns[index].isText ? 0 : columns[index].width - canvas.measure(text, size: size, weight)
            canvas.text(text, x: left + shift, y: baseLine, size: size, colour, weight)
            left += columns[index].width + gap
        }
        y += size * 1.6
    }

    private func columnWidths(_ table: ReportModel.Table, size: Double) -> [Double] {
        table.columns.indices.map { column in
            ([table.columns, table.units] + table.rows).map {
                canvas.measure($0[column], size: size, column == 0 ? .bold : .regular)
            }.max() ?? 0
        }
    }

    /// The largest type at which the columns stand apart.
    private func fittingSize(_ table: ReportModel.Table) -> Double {
        let natural = 13 * min(scale, 1.1)
        let needed = columnWidths(table, size: natural).reduce(0, +)
        let room = width - 9 * Double(table.columns.count - 1)
        return needed <= room ? natural : natural * room / needed
    }
}
