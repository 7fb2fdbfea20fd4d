import DualEnergyCT

/// The projection with coloured, numbered deposits, side marker, scale bar and orientation letters.
struct HandPicture {
    /// A deposit as it is drawn.
    struct Mark {
        var label: UInt16
        var name: String
        var colour: Colour
    }

    let projection: Projection
    /// Whether what is no deposit is coloured too: excluded regions, vessels and other mineral.
    let showsOthers: Bool
    /// By falling volume: where there is no room for all names the largest keep theirs.
    let marks: [Mark]
    /// `R`, `L`, or words when the side is not known; nil for a part of which there is one.
    let sideMarker: String?

    private static let nameColumn = 44.0
    private static let nameHeight = 17.0

    /// Width over height of the image in mm.
    var aspect: Double {
        Double(projection.width) * projection.pixelWidthMm / (Double(projection.height) * projection.pixelHeightMm)
    }

    /// Height of a frame of this width that the image fills.
    func height(forWidth width: Double) -> Double {
        (width - 2 * Self.nameColumn) / aspect + 60
    }

    /// Draws pictures side by side, the patient's right first.
    static func draw(_ pictures: [HandPicture], on canvas: Canvas, in frame: Rectangle) {
        let gap = 12.0
        let width = (frame.width - gap * Double(pictures.count - 1)) / Double(pictures.count)
        for (index, picture) in pictures.enumerated() {
            picture.draw(
                on: canvas,
                in: Rectangle(
                    x: frame.x + Double(index) * (width + gap), y: frame.y, width: width, height: frame.height))
        }
    }

    /// Draws into a rectangle of the canvas.
    func draw(on canvas: Canvas, in frame: Rectangle) {
        canvas.fill(frame, Palette.image)
        let room = Rectangle(
            x: frame.x + Self.nameColumn, y: frame.y + 24, width: frame.width - 2 * Self.nameColumn,
            height: frame.height - 60)
        let target = fitted(in: room)
        canvas.image(greyPixels(), width: projection.width, height: projection.height, in: target)
        canvas.image(overlayPixels(), width: projection.width, height: projection.height, in: target)
        drawNames(on: canvas, target: target, frame: frame)
        drawOrientation(on: canvas, frame: frame)
        drawScaleBar(on: canvas, target: target, frame: frame)
        canvas.stroke(frame.inset(by: 0.5), Palette.rule)
    }

    private func fitted(in room: Rectangle) -> Rectangle {
        var width = room.width
        var height = width / aspect
        if height > room.height {
            height = room.height
            width = height * aspect
        }
        return Rectangle(
            x: room.x + (room.width - width) / 2, y: room.y + (room.height - height) / 2, width: width, height: height)
    }

    // MARK: - Pixels

    private func greyPixels() -> [UInt32] {
        projection.grey.map { 0xFF00_0000 | UInt32($0) << 16 | UInt32($0) << 8 | UInt32($0) }
    }

    private func overlayPixels() -> [UInt32] {
        var colours: [UInt16: UInt32] = [:]
        if showsOthers {
            colours[SegmentLabel.excluded] = Self.premultiplied(Palette.excluded, opacity: 0.8)
            colours[SegmentLabel.vascular] = Self.premultiplied(Palette.otherMineral, opacity: 0.9)
            colours[SegmentLabel.otherCalcification] = colours[SegmentLabel.vascular]
        }
        for mark in marks { colours[mark.label] = Self.premultiplied(mark.colour, opacity: 0.9) }
        return projection.labels.map { colours[$0] ?? 0 }
    }

    private static func premultiplied(_ colour: Colour, opacity: Double) -> UInt32 {
        func part(_ value: Double) -> UInt32 { UInt32((value * opacity * 255).rounded()) }
        return part(1) << 24 | part(colour.red) << 16 | part(colour.green) << 8 | part(colour.blue)
    }

    // MARK: - Names

    private struct Callout {
        var mark: Mark
        var centre: (x: Double, y: Double)
        var radius: Double
        var y: Double
    }

    /// Names stand in the margins, in the order of their deposits from top to bottom, so that leader lines do not
    /// cross.
    private func drawNames(on canvas: Canvas, target: Rectangle, frame: Rectangle) {
        let callouts = callouts(target: target)
        let middle = target.x + target.width / 2
        for isLeft in [true, false] {
            // The side marker stands above the names at the left.
            let top = frame.y + (isLeft && sideMarker != nil ? 60 : 28)
            let capacity = Int((frame.bottom - 32 - top) / Self.nameHeight)
            let side = callouts.filter { ($0.centre.x < middle) == isLeft }.prefix(capacity)
            for callout in Self.spread(Array(side), top: top, bottom: frame.bottom - 44) {
                let size = 12.5
                let width = canvas.measure(callout.mark.name, size: size, .bold)
                let x = isLeft ? frame.x + 6 : frame.right - 6 - width
                let anchor = isLeft ? x + width + 3 : x - 3
                canvas.ring(centre: callout.centre, radius: callout.radius, callout.mark.colour)
                let reach = callout.centre.x + (isLeft ? -callout.radius : callout.radius)
                canvas.line(
                    from: (anchor, callout.y), to: (reach, callout.centre.y), callout.mark.colour, lineWidth: 0.8)
                canvas.text(
                    callout.mark.name, x: x, y: callout.y + size * 0.36, size: size, callout.mark.colour, .bold)
            }
        }
    }

    private func callouts(target: Rectangle) -> [Callout] {
        var sums: [UInt16: (x: Double, y: Double, count: Double)] = [:]
        for row in 0..<projection.height {
            for column in 0..<projection.width {
                let label = projection.labels[row * projection.width + column]
                guard label >= SegmentLabel.firstDeposit else { continue }
                let old = sums[label] ?? (0, 0, 0)
                sums[label] = (old.x + Double(column) + 0.5, old.y + Double(row) + 0.5, old.count + 1)
            }
        }
        let scaleX = target.width / Double(projection.width)
        let scaleY = target.height / Double(projection.height)
        return marks.compactMap { mark in
            guard let sum = sums[mark.label] else { return nil }
            let centre = (x: target.x + sum.x / sum.count * scaleX, y: target.y + sum.y / sum.count * scaleY)
            // Radius of a disc of the same area, and a little air.
            let radius = (sum.count * scaleX * scaleY / Double.pi).squareRoot() + 3.5
            return Callout(mark: mark, centre: centre, radius: radius, y: centre.y)
        }
    }

    /// Moves names apart until none covers another.
    private static func spread(_ callouts: [Callout], top: Double, bottom: Double) -> [Callout] {
        var result = callouts.sorted { $0.centre.y < $1.centre.y }
        var next = top
        for index in result.indices {
            result[index].y = max(result[index].centre.y, next)
            next = result[index].y + nameHeight
        }
        var limit = bottom
        for index in result.indices.reversed() {
            result[index].y = min(result[index].y, limit)
            limit = result[index].y - nameHeight
        }
        return result
    }

    // MARK: - Marks of the image

    private func drawOrientation(on canvas: Canvas, frame: Rectangle) {
        let size = 13.0
        func centred(_ letter: String, x: Double, y: Double) {
            let width = canvas.measure(letter, size: size)
            canvas.text(letter, x: x - width / 2, y: y, size: size, Palette.secondary)
        }
        let middle = frame.x + frame.width / 2
        centred(projection.topLetter, x: middle, y: frame.y + 17)
        centred(projection.bottomLetter, x: middle, y: frame.bottom - 24)
        centred(projection.leftLetter, x: frame.x + 12, y: frame.bottom - 24)
        centred(projection.rightLetter, x: frame.right - 12, y: frame.bottom - 24)

        if let sideMarker { canvas.sideMarker(sideMarker, x: frame.x + 8, y: frame.y + 8) }
    }

    private func drawScaleBar(on canvas: Canvas, target: Rectangle, frame: Rectangle) {
        let pixelsPerMm = target.width / (Double(projection.width) * projection.pixelWidthMm)
        canvas.scaleBar(
            x: frame.x + frame.width / 2, y: frame.bottom - 12, pixelsPerMm: pixelsPerMm,
            longest: frame.width * 0.35)
    }
}
