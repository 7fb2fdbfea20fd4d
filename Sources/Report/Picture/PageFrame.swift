import DICOM
import DualEnergyCT

/// What every page after the first has around its pictures: the banner, what and whose it is, its number.
struct PageFrame {
    let model: ReportModel
    /// The patient in one line, where the site wants it on the pixels.
    let identity: String?
    let say: Phrases

    static let size = 1024
    static let margin = 22.0
    /// Where the pictures may stand.
    static let body = Rectangle(x: margin, y: 112, width: Double(size) - 2 * margin, height: Double(size) - 112 - 44)

    /// A page with its frame, ready to draw on.
    func page(_ title: String, number: Int, of count: Int, note: String) -> Canvas {
        let canvas = Canvas(width: Self.size, height: Self.size, background: Palette.background)
        Self.drawBanner(model.banner, on: canvas)
        canvas.text(title, x: Self.margin, y: 62, size: 20, Palette.text, .bold)
        Self.drawNumber(number, of: count, on: canvas)
        let line = [model.acquisition, identity].compactMap { $0 }.joined(separator: "   ")
        Self.drawFitting(line, on: canvas, y: 86, size: 13.5)
        Self.drawFitting(note, on: canvas, y: Double(Self.size) - 16, size: 12)
        return canvas
    }

    static func drawBanner(_ text: String, on canvas: Canvas) {
        let width = Double(canvas.width)
        canvas.fill(Rectangle(x: 0, y: 0, width: width, height: 30), Palette.banner)
        let textWidth = canvas.measure(text, size: 15, .bold)
        canvas.text(text, x: (width - textWidth) / 2, y: 20.5, size: 15, Palette.bannerText, .bold)
    }

    static func drawNumber(_ number: Int, of count: Int, on canvas: Canvas) {
        let page = "\(number) / \(count)"
        let width = canvas.measure(page, size: 14)
        canvas.text(page, x: Double(canvas.width) - margin - width, y: 62, size: 14, Palette.secondary)
    }

    /// A line in the size in which it fits between the margins.
    static func drawFitting(_ text: String, on canvas: Canvas, y: Double, size: Double) {
        let room = Double(canvas.width) - 2 * margin
        let needed = canvas.measure(text, size: size)
        canvas.text(
            text, x: margin, y: y, size: needed > room ? size * room / needed : size, Palette.secondary)
    }
}

extension Canvas {
    /// A bar of a round number of mm, centred at `x`.
    func scaleBar(x: Double, y: Double, pixelsPerMm: Double, longest: Double) {
        let lengthMm = [100.0, 50, 20, 10, 5, 2, 1].first { $0 * pixelsPerMm <= longest } ?? 1
        let length = lengthMm * pixelsPerMm
        let left = x - length / 2
        let name = "\(Int(lengthMm)) mm"
        // Bone behind it is as white as the bar.
        fill(
            Rectangle(x: left - 4, y: y - 9, width: length + 16 + measure(name, size: 12), height: 18), Palette.image,
            opacity: 0.6)
        for (a, b) in [
            ((left, y), (left + length, y)), ((left, y - 4), (left, y + 4)),
            ((left + length, y - 4), (left + length, y + 4)),
        ] {
            line(from: a, to: b, Palette.text, lineWidth: 1.5)
        }
        text(name, x: left + length + 8, y: y + 4, size: 12, Palette.text)
    }

    /// R or L in a box, as a marker on a radiograph; words in smaller type.
    func sideMarker(_ marker: String, x: Double, y: Double) {
        let size = marker.count == 1 ? 26.0 : 12.0
        let width = measure(marker, size: size, .bold)
        let box = Rectangle(x: x, y: y, width: width + 14, height: size + 8)
        fill(box, Palette.image)
        stroke(box.inset(by: 0.75), Palette.text, lineWidth: 1.5)
        text(marker, x: box.x + 7, y: box.bottom - 4 - size * 0.1, size: size, Palette.text, .bold)
    }

    /// A word on a dark plate, legible over any image.
    func plate(_ word: String, x: Double, y: Double, size: Double, _ colour: Colour, _ weight: Weight = .regular) {
        let width = measure(word, size: size, weight)
        fill(Rectangle(x: x - 3, y: y - size, width: width + 6, height: size * 1.3), Palette.image, opacity: 0.6)
        text(word, x: x, y: y, size: size, colour, weight)
    }
}
