import DualEnergyCT

/// The page of one part's virtual radiograph: as it is, and beside it without the deposits.
struct RadiographPage {
    let radiograph: Radiograph
    let sideMarker: String?
    let say: Phrases

    func draw(on canvas: Canvas, in body: Rectangle) {
        let grey = radiograph.grey
        let pictures = [
            (grey.asScanned, say("as scanned", "tel quel")),
            (grey.withoutDeposits ?? [], say("deposits removed", "dépôts retirés")),
        ].filter { !$0.0.isEmpty }
        let gap = 14.0
        let width = (body.width - gap * Double(pictures.count - 1)) / Double(pictures.count)
        for (index, picture) in pictures.enumerated() {
            let frame = Rectangle(
                x: body.x + Double(index) * (width + gap), y: body.y, width: width, height: body.height)
            draw(picture.0, picture.1, on: canvas, in: frame)
        }
    }

    private func draw(_ grey: [UInt8], _ name: String, on canvas: Canvas, in frame: Rectangle) {
        canvas.fill(frame, Palette.image)
        let room = Rectangle(
            x: frame.x + 24, y: frame.y + 48, width: frame.width - 48, height: frame.height - 48 - 46)
        let scale = min(room.width / Double(radiograph.width), room.height / Double(radiograph.height))
        let (width, height) = (scale * Double(radiograph.width), scale * Double(radiograph.height))
        let target = Rectangle(
            x: room.x + (room.width - width) / 2, y: room.y + (room.height - height) / 2, width: width, height: height)
        canvas.image(
            grey.map { 0xFF00_0000 | UInt32($0) << 16 | UInt32($0) << 8 | UInt32($0) }, width: radiograph.width,
            height: radiograph.height, in: target)
        let nameWidth = canvas.measure(name, size: 15, .bold)
        canvas.text(name, x: frame.right - 10 - nameWidth, y: frame.y + 24, size: 15, Palette.text, .bold)
        if let sideMarker { canvas.sideMarker(sideMarker, x: frame.x + 8, y: frame.y + 8) }
        let letters = radiograph.letters
        let middle = frame.x + frame.width / 2
        canvas.text(letters.top, x: middle - 5, y: frame.y + 42, size: 14, Palette.secondary)
        canvas.text(letters.bottom, x: middle - 5, y: frame.bottom - 32, size: 14, Palette.secondary)
        canvas.text(letters.left, x: frame.x + 8, y: frame.bottom - 32, size: 14, Palette.secondary)
        canvas.text(letters.right, x: frame.right - 18, y: frame.bottom - 32, size: 14, Palette.secondary)
        canvas.scaleBar(
            x: middle, y: frame.bottom - 16, pixelsPerMm: scale / radiograph.pixelMm, longest: frame.width * 0.35)
        canvas.stroke(frame.inset(by: 0.5), Palette.rule)
    }
}
