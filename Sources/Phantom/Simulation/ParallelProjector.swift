/// Parallel rays through a slice of cells, and back.
///
/// Joseph's method: along the axis that a ray follows more closely, every row is sampled once between two cells.
/// Reference: Joseph, IEEE Trans Med Imaging 1982;1:192.
struct ParallelProjector: Sendable {
    let columns: Int
    let rows: Int
    /// Size of a cell and distance between rays, in mm.
    let cellMm: Float
    let rayMm: Float
    let views: Int
    let bins: Int

    init(columns: Int, rows: Int, cellMm: Float, rayMm: Float, views: Int) {
        self.columns = columns
        self.rows = rows
        self.cellMm = cellMm
        self.rayMm = rayMm
        self.views = views
        let diagonal = Float(columns * columns + rows * rows).squareRoot() * cellMm
        bins = Int((diagonal / rayMm).rounded(.up)) + 8
    }

    func angle(_ view: Int) -> (cosine: Float, sine: Float) {
        let angle = Double.pi * (Double(view) + 0.25) / Double(views)
        return (Float(cosine(angle)), Float(sine(angle)))
    }

    /// Line integrals in cm of all rays of a view.
    ///
    /// - Parameters:
    ///   - cells: `rows` lines of `columns` cells; `transposed` the same with rows and columns exchanged.
    func project(
        _ cells: ProjectedPlane, transposed: ProjectedPlane, view: Int,
        into lines: UnsafeMutableBufferPointer<SIMD4<Float>>
    ) {
        lines.update(repeating: .zero)
        let (c, s) = angle(view)
        if abs(c) >= abs(s) {
            march(cells, major: c, minor: s, lines)
        } else {
            march(transposed, major: s, minor: c, lines)
        }
        let scale = 0.1 * cellMm / max(abs(c), abs(s))
        for bin in 0..<bins { lines[bin] *= scale }
    }

    /// A ray at distance t obeys `x * major + y * minor = t`; y runs over the lines, x between two cells of each.
    private func march(
        _ plane: ProjectedPlane, major: Float, minor: Float, _ lines: UnsafeMutableBufferPointer<SIMD4<Float>>
    ) {
        let step = rayMm / (cellMm * major)
        let middle = 0.5 * Float(plane.across - 1)
        let firstRay = -0.5 * Float(bins - 1)
        for line in 0..<plane.along {
            let filled = plane.filled[line]
            guard !filled.isEmpty else { continue }
            let y = Float(line) - 0.5 * Float(plane.along - 1)
            let start = middle + firstRay * step - y * minor / major
            // Rays that meet the line between its first and its last cell, and of those the ones that meet more than
            // air.
            let first = max(0, Float(filled.lowerBound) - 2)
            let last = min(Float(plane.across) - 1.001, Float(filled.upperBound) + 1)
            let atFirst = (first - start) / step
            let atLast = (last - start) / step
            let low = max(0, Int(min(atFirst, atLast).rounded(.up)))
            let high = min(bins - 1, Int(max(atFirst, atLast).rounded(.down)))
            guard low <= high else { continue }
            let row = plane.cells + line * plane.across
            for bin in low...high {
                let x = max(start + Float(bin) * step, 0)
                let i = Int32(x)
                let share = x - Float(i)
                let a = row[Int(i)]
                lines[bin] += a + share * (row[Int(i) + 1] - a)
            }
        }
    }

    /// Adds a filtered view to an image of pixels `pixelMm` wide, centred on the same axis.
    func backproject(
        _ line: UnsafePointer<SIMD2<Float>>, view: Int, pixelMm: Float, pixelColumns: Int, pixelRows: Int,
        into image: UnsafeMutablePointer<SIMD2<Float>>
    ) {
        let (c, s) = angle(view)
        let step = pixelMm * c / rayMm
        let middle = 0.5 * Float(bins - 1)
        for j in 0..<pixelRows {
            let y = (Float(j) - 0.5 * Float(pixelRows - 1)) * pixelMm
            let start = middle + y * s / rayMm - 0.5 * Float(pixelColumns - 1) * step
            let row = image + j * pixelColumns
            for i in 0..<pixelColumns {
                let t = start + Float(i) * step
                let bin = Int32(t)
                let share = t - Float(bin)
                let a = line[Int(bin)]
                row[i] += a + share * (line[Int(bin) + 1] - a)
            }
        }
    }
}

/// The lines of a slice that rays march over, each with the part that is not air.
struct ProjectedPlane {
    let cells: UnsafePointer<SIMD4<Float>>
    let along: Int
    let across: Int
    /// From the first to behind the last cell of each line that attenuates.
    let filled: [Range<Int>]

    init(_ cells: UnsafePointer<SIMD4<Float>>, along: Int, across: Int) {
        self.cells = cells
        self.along = along
        self.across = across
        filled = (0..<along).map { line in
            let row = UnsafeBufferPointer(start: cells + line * across, count: across)
            guard let first = row.firstIndex(where: { $0 != .zero }),
                let last = row.lastIndex(where: { $0 != .zero })
            else { return 0..<0 }
            return first..<(last + 1)
        }
    }
}
