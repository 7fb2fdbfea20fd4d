import DualEnergyCT

/// Page 1 of the picture series: the whole conclusion as text beside the projection of the scanned part.
struct SummaryPicture {
    static let width = 1024
    static let height = 1024
    private static let margin = 22.0

    let model: ReportModel
    /// One, or each hand's.
    let pictures: [HandPicture]
    /// The patient in one line, where the site wants it on the pixels.
    let identity: String?
    /// What the conclusion's colour bar says.
    let accent: Colour
    let legend: [(colour: Colour, name: String)]
    /// Pages of the series in this language.
    let pageCount: Int

    init(
        model: ReportModel, findings: Findings, pictures: [HandPicture], language: ReportLanguage, identity: String?,
        pageCount: Int
    ) {
        self.pageCount = pageCount
        let say = Phrases(language: language)
        self.model = model
        self.pictures = pictures
        self.identity = identity
        let claims = !model.isNotAnalysable
        accent =
            if !claims {
                Palette.banner
            } else if findings.deposits.contains(where: { $0.material == .hydroxyapatite }) {
                Palette.calcinosis
            } else {
                findings.deposits.first.map { Palette.material($0.material) } ?? Palette.clear
            }
        let hasOthers = (findings.otherMineral ?? []).contains { $0.count > 0 }
        legend = [
            (Palette.calcinosis, say("calcinosis", "calcinose")), (Palette.urate, say("urate", "urate")),
            (Palette.indeterminate, say("indeterminate", "indéterminé")),
            (
                Palette.otherMineral,
                say("vessel or other mineral, not counted", "vaisseau ou autre minéral, non compté")
            ),
            (Palette.excluded, say("excluded", "exclu")),
        ].filter { claims && (hasOthers || $0.0 != Palette.otherMineral) }
    }

    /// Draws the page in the largest type with which the text fits; details go before the type becomes small.
    func draw() -> Canvas {
        let sizes =
            [1.2, 1.1, 1.0, 0.94].map { Size(scale: $0, hasDetails: true) }
            + [1.2, 1.1, 1.0, 0.94, 0.88, 0.82, 0.76].map { Size(scale: $0, hasDetails: false) }
        let size = sizes.first { layout($0, draws: false).bottom <= Self.bottomLimit + 0.5 }
        return layout(size ?? Size(scale: 0.7, hasDetails: false), draws: true).canvas
    }

    private struct Size {
        var scale: Double
        var hasDetails: Bool
    }

    private static let bottomLimit = Double(height) - 62

    /// Lays the page out; without `draws` only to learn where the text ends.
    private func layout(_ size: Size, draws: Bool) -> (canvas: Canvas, bottom: Double) {
        let scale = size.scale
        let canvas = Canvas(width: Self.width, height: Self.height, background: Palette.background)
        let top = drawHead(on: canvas, scale: scale)
        let full = Rectangle(
            x: Self.margin, y: top, width: Double(Self.width) - 2 * Self.margin, height: Self.bottomLimit - top)
        // Picture and text side by side, the table across the page below them.
        let tableHeight = model.table.map { TextColumn.height(of: $0, width: full.width, scale: scale) } ?? 0
        let frame = pictureFrame(in: full, above: tableHeight)
        if draws { HandPicture.draw(pictures, on: canvas, in: frame) }
        var column = TextColumn(
            canvas: canvas, x: frame.right + 18, y: full.y, width: full.right - frame.right - 18, scale: scale)
        column.draw(model.sections, hasDetails: size.hasDetails)
        drawFoot(on: canvas)
        guard let table = model.table else { return (canvas, max(column.y, frame.bottom)) }
        var below = TextColumn(
            canvas: canvas, x: full.x, y: max(frame.bottom + 14, column.y), width: full.width, scale: scale)
        below.draw(table)
        return (canvas, below.y)
    }

    /// As tall as the table leaves room for, and no taller than the images fill.
    private func pictureFrame(in full: Rectangle, above tableHeight: Double) -> Rectangle {
        let isTall = pictures.count == 1 && pictures[0].aspect <= 1.15
        let width = isTall ? (model.table == nil ? 440.0 : 376) : 520
        let filled = pictures.map { $0.height(forWidth: width / Double(pictures.count)) }.max() ?? 0
        let room = full.height - (tableHeight > 0 ? tableHeight + 14 : 0)
        return Rectangle(x: full.x, y: full.y, width: width, height: max(300, min(room, max(filled, 360))))
    }

    /// Banner, title, acquisition and conclusion; returns where the body begins.
    private func drawHead(on canvas: Canvas, scale: Double) -> Double {
        let width = Double(Self.width)
        PageFrame.drawBanner(model.banner, on: canvas)
        canvas.text(model.title, x: Self.margin, y: 64, size: 22, Palette.text, .bold)
        PageFrame.drawNumber(1, of: pageCount, on: canvas)
        let line = [model.acquisition, identity].compactMap { $0 }.joined(separator: "   ")
        PageFrame.drawFitting(line, on: canvas, y: 88, size: 13.5)

        let inner = width - 2 * Self.margin - 36
        var lines: [(text: String, size: Double, weight: Canvas.Weight)] = []
        for (index, sentence) in model.conclusion.enumerated() {
            let size = (index == 0 ? 19.0 : 16.0) * min(max(scale, 0.88), 1)
            let weight: Canvas.Weight = index == 0 ? .bold : .regular
            lines += canvas.wrap(sentence, width: inner, size: size, weight).map { ($0, size, weight) }
        }
        let height = 30 + lines.reduce(0) { $0 + $1.size * 1.38 } + 10
        let box = Rectangle(x: Self.margin, y: 102, width: width - 2 * Self.margin, height: height)
        canvas.fill(box, Palette.panel)
        canvas.fill(Rectangle(x: box.x, y: box.y, width: 7, height: box.height), accent)
        canvas.text(model.conclusionTitle, x: box.x + 20, y: box.y + 21, size: 12.5, accent, .bold)
        var y = box.y + 28
        for line in lines {
            y += line.size * 1.38
            canvas.text(line.text, x: box.x + 20, y: y - line.size * 0.28, size: line.size, Palette.text, line.weight)
        }
        return box.bottom + 14
    }

    private func drawFoot(on canvas: Canvas) {
        let y = Double(Self.height) - 34
        var x = Self.margin
        for entry in legend {
            canvas.fill(Rectangle(x: x, y: y - 11, width: 13, height: 13), entry.colour)
            canvas.text(entry.name, x: x + 19, y: y, size: 13, Palette.text)
            x += 19 + canvas.measure(entry.name, size: 13) + 24
        }
        canvas.text(model.footer.last ?? "", x: Self.margin, y: y + 20, size: 12, Palette.secondary)
    }
}
