import DualEnergyCT

/// A deposit in three planes through it, with its outline: axial, coronal and sagittal in the patient, whatever the
/// scan's grid.
struct KeyPicture {
    let image: Volume<Int16>
    let labels: Volume<UInt16>
    let deposits: [Deposit]
    let say: Phrases

    /// Bone window: deposits, bone and soft tissue in one picture.
    static let window = (centre: 500.0, width: 2200.0)

    private struct Plane {
        var name: String
        /// Where the picture's columns and rows run, as unit vectors.
        var right: PatientVector
        var down: PatientVector
    }

    private var planes: [Plane] {
        [
            Plane(
                name: say("axial", "axial"), right: PatientVector(1, 0, 0), down: PatientVector(0, 1, 0)),
            Plane(name: say("coronal", "coronal"), right: PatientVector(1, 0, 0), down: PatientVector(0, 0, -1)),
            Plane(name: say("sagittal", "sagittal"), right: PatientVector(0, 1, 0), down: PatientVector(0, 0, -1)),
        ]
    }

    /// Draws one deposit's planes side by side under two lines that say what it is.
    func draw(
        _ deposit: Deposit, name: String, caption: (what: String, numbers: String), on canvas: Canvas,
        in frame: Rectangle
    ) {
        let colour = Palette.material(deposit.material)
        canvas.fill(Rectangle(x: frame.x, y: frame.y, width: 6, height: 36), colour)
        canvas.text(name, x: frame.x + 14, y: frame.y + 24, size: 18, colour, .bold)
        let x = frame.x + 14 + canvas.measure(name, size: 18, .bold) + 16
        for (line, y) in [(caption.what, frame.y + 13), (caption.numbers, frame.y + 32)] {
            let (room, needed) = (frame.right - x, canvas.measure(line, size: 14))
            canvas.text(line, x: x, y: y, size: needed > room ? 14 * room / needed : 14, Palette.text)
        }
        let gap = 10.0
        let width = (frame.width - 2 * gap) / 3
        let centre = nearestVoxel(of: deposit)
        for (index, plane) in planes.enumerated() {
            let panel = Rectangle(
                x: frame.x + Double(index) * (width + gap), y: frame.y + 40, width: width, height: frame.height - 40)
            draw(plane, of: deposit, around: centre, on: canvas, in: panel)
        }
    }

    private func draw(
        _ plane: Plane, of deposit: Deposit, around centre: PatientVector, on canvas: Canvas, in panel: Rectangle
    ) {
        // Wide enough for the deposit and what it lies in.
        let heightMm = min(max(32, 1.5 * deposit.largestDiameterMm), 160)
        let pixelsPerMm = panel.height / heightMm
        let pitch = heightMm / 140
        let (columns, rows) = (Int(panel.width / pixelsPerMm / pitch), 140)
        let corner =
            centre - (Double(columns - 1) / 2 * pitch) * plane.right - (Double(rows - 1) / 2 * pitch) * plane.down
        let (right, down) = (pitch * plane.right, pitch * plane.down)
        let values = Resampler(image).plane(
            origin: corner, right: right, down: down, columns: columns, rows: rows, outside: -1000)
        let low = Self.window.centre - Self.window.width / 2
        let grey = values.map { UInt32((255 * min(max(($0 - low) / Self.window.width, 0), 1)).rounded()) }
        canvas.image(
            grey.map { 0xFF00_0000 | $0 << 16 | $0 << 8 | $0 }, width: columns, height: rows, in: panel)
        let scale = panel.width / Double(columns)
        for other in deposits {
            let mask = mask(of: other, around: centre, reachMm: heightMm)
            guard let mask else { continue }
            let inside = Resampler(mask).plane(
                origin: corner, right: right, down: down, columns: columns, rows: rows, outside: 0)
            let lines = ContourLines.trace(inside, columns: columns, rows: rows, level: 50)
            canvas.segments(
                lines.map { line in
                    func place(_ p: (x: Double, y: Double)) -> (x: Double, y: Double) {
                        (panel.x + (p.x + 0.5) * scale, panel.y + (p.y + 0.5) * scale)
                    }
                    return (place(line.from), place(line.to))
                }, Palette.material(other.material), lineWidth: other.number == deposit.number ? 2 : 1, in: panel)
        }
        drawMarks(plane, pixelsPerMm: pixelsPerMm, on: canvas, in: panel)
    }

    private func drawMarks(_ plane: Plane, pixelsPerMm: Double, on canvas: Canvas, in panel: Rectangle) {
        let (middle, centre) = (panel.x + panel.width / 2, panel.y + panel.height / 2)
        canvas.plate(View.letter(-1 * plane.down), x: middle - 5, y: panel.y + 15, size: 13, Palette.text)
        canvas.plate(View.letter(plane.down), x: middle - 5, y: panel.bottom - 6, size: 13, Palette.text)
        canvas.plate(View.letter(-1 * plane.right), x: panel.x + 6, y: centre + 5, size: 13, Palette.text)
        canvas.plate(View.letter(plane.right), x: panel.right - 16, y: centre + 5, size: 13, Palette.text)
        canvas.plate(plane.name, x: panel.x + 6, y: panel.y + 15, size: 13, Palette.text)
        canvas.scaleBar(x: panel.right - 100, y: panel.bottom - 12, pixelsPerMm: pixelsPerMm, longest: 84)
        canvas.stroke(panel.inset(by: 0.5), Palette.rule)
    }

    // MARK: - Places

    /// Centre of the deposit's voxel that is nearest to its centre of mass, which may lie outside a bent deposit.
    private func nearestVoxel(of deposit: Deposit) -> PatientVector {
        let geometry = labels.geometry
        let label = SegmentLabel.firstDeposit + UInt16(deposit.number - 1)
        var best: (distance: Double, point: PatientVector)?
        forVoxels(around: deposit.centre, reachMm: deposit.largestDiameterMm + 3) { i, j, k in
            guard labels.voxels[geometry.index(i, j, k)] == label else { return }
            let point = geometry.position(Double(i), Double(j), Double(k))
            let distance = (point - deposit.centre).length
            if distance < best?.distance ?? .infinity { best = (distance, point) }
        }
        return best?.point ?? deposit.centre
    }

    /// 100 where a deposit is, on its own small grid; nil where nothing of it is near.
    private func mask(of deposit: Deposit, around centre: PatientVector, reachMm: Double) -> Volume<Int16>? {
        guard (deposit.centre - centre).length < reachMm + deposit.largestDiameterMm else { return nil }
        let geometry = labels.geometry
        let label = SegmentLabel.firstDeposit + UInt16(deposit.number - 1)
        let box = box(around: deposit.centre, reachMm: deposit.largestDiameterMm + 3)
        guard !box.columns.isEmpty, !box.rows.isEmpty, !box.slices.isEmpty else { return nil }
        var result = Volume<Int16>(geometry: geometry.cropped(to: box), repeating: 0)
        var index = 0
        for k in box.slices {
            for j in box.rows {
                for i in box.columns {
                    if labels.voxels[geometry.index(i, j, k)] == label { result.voxels[index] = 100 }
                    index += 1
                }
            }
        }
        return result
    }

    private func forVoxels(around centre: PatientVector, reachMm: Double, _ body: (Int, Int, Int) -> Void) {
        let box = box(around: centre, reachMm: reachMm)
        for k in box.slices {
            for j in box.rows {
                for i in box.columns { body(i, j, k) }
            }
        }
    }

    private func box(around centre: PatientVector, reachMm: Double) -> VoxelBox {
        let geometry = labels.geometry
        let middle = Resampler.index(centre, in: geometry)
        func range(_ middle: Double, _ spacingMm: Double, _ count: Int) -> Range<Int> {
            let reach = reachMm / spacingMm + 1
            let low = min(max(0, Int((middle - reach).rounded(.down))), count)
            return low..<min(max(low, Int((middle + reach).rounded(.up)) + 1), count)
        }
        return VoxelBox(
            columns: range(middle.i, geometry.columnSpacingMm, geometry.columns),
            rows: range(middle.j, geometry.rowSpacingMm, geometry.rows),
            slices: range(middle.k, geometry.sliceSpacingMm, geometry.slices))
    }
}
