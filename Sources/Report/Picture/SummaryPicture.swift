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

    init(
        model: ReportModel, findings: Findings, pictures: [HandPicture], language: ReportLanguage, identity: String?
    ) {
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
        legend = [
            (Palette.calcinosis, say("calcinosis", "calcinose")), (Palette.urate, say("urate", "urate")),
            (Palette.indeterminate, say("indeterminate", "indéterminé")),
            (Palette.excluded, say("excluded", "exclu")),
        ].filter { _ in claims }
    }

    /// Draws the page in the largest type with which the text fits.
    func draw() -> Canvas {
        let scale = [1.2, 1.1, 1.0, 0.94, 0.88, 0.82, 0.76].first {
            layout(scale: $0, draws: false).bottom <= Self.bottomLimit
        }
        return layout(scale: scale ?? 0.7, draws: true).canvas
    }

    private static let bottomLimit = Double(height) - 62

    /// Lays the page out; without `draws` only to learn where the text ends.
    private func layout(scale: Double, draws: Bool) -> (canvas: Canvas, bottom: Double) {
        let canvas = Canvas(width: Self.width, height: Self.height, background: Palette.background)
        let top = drawHead(on: canvas, scale: scale)
        let full = Rectangle(
            x: Self.margin, y: top, width: Double(Self.width) - 2 * Self.margin, height: Self.bottomLimit - top)
        let bottom: Double
        if let picture = pictures.first, pictures.count == 1, picture.aspect <= 1.15 {
            // Tall, as one hand: picture to the left, text to the right.
            let height = min(full.height, picture.height(forWidth: 376))
            let frame = Rectangle(x: full.x, y: full.y, width: 376, height: height)
            if draws { picture.draw(on: canvas, in: frame) }
            var column = TextColumn(
                canvas: canvas, x: frame.right + 18, y: full.y, width: full.right - frame.right - 18, scale: scale)
            column.draw(model.table)
            column.draw(model.sections)
            bottom = column.y
        } else {
            // Wide, as two hands or a trunk: picture above, table and text below side by side.
            let frame = Rectangle(x: full.x, y: full.y, width: full.width, height: 380)
            if draws { HandPicture.draw(pictures, on: canvas, in: frame) }
            let y = frame.bottom + 14
            let tableWidth = model.table == nil ? 0 : 585.0
            var left = TextColumn(canvas: canvas, x: full.x, y: y, width: tableWidth, scale: scale)
            left.draw(model.table)
            let x = full.x + (tableWidth > 0 ? tableWidth + 22 : 0)
            var right = TextColumn(canvas: canvas, x: x, y: y, width: full.right - x, scale: scale)
            right.draw(model.sections)
            bottom = max(left.y, right.y)
        }
        drawFoot(on: canvas)
        return (canvas, bottom)
    }

    /// Banner, title, acquisition and conclusion; returns where the body begins.
    private func drawHead(on canvas: Canvas, scale: Double) -> Double {
        let width = Double(Self.width)
        PageFrame.drawBanner(model.banner, on: canvas)
        canvas.text(model.title, x: Self.margin, y: 64, size: 22, Palette.text, .bold)
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
