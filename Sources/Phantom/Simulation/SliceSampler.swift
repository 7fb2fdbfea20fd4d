import Dispatch
import DualEnergyCT

/// Turns shapes into slices of up to four values a cell: planes are painted finely and averaged in plane and over the
/// slice sensitivity profile.
struct SliceSampler: Sendable {
    let object: any PaintedObject
    let frame: ScanFrame
    /// Sample points a pixel, each way.
    let fine = 2
    /// Cells a pixel, each way: 1 or `fine`.
    let cellsPerPixel: Int
    /// The value of each label.
    let table: [SIMD4<Float>]

    private let planesPerSpacing = 2

    /// Offsets from the slice's centre, in planes, and weights that sum to 1.
    private var profile: [(offset: Int, weight: Float)] {
        let step = frame.scan.sliceSpacingMm / Double(planesPerSpacing)
        let sigma = frame.scan.sliceThicknessMm / 2.3548
        let reach = max(1, Int((1.3 * frame.scan.sliceThicknessMm / step).rounded(.up)))
        let weights = (-reach..<reach).map { q -> Double in
            let z = (Double(q) + 0.5) * step / sigma
            return exponential(-0.5 * z * z)
        }
        let sum = weights.reduce(0, +)
        return zip(-reach..<reach, weights).map { ($0, Float($1 / sum)) }
    }

    var cellColumns: Int { frame.pixelBox.columns.count * cellsPerPixel }
    var cellRows: Int { frame.pixelBox.rows.count * cellsPerPixel }

    /// Calls `body` for every slice with its cells, row by row; slices come from several threads in no order.
    func forEachSlice(
        _ body: @escaping @Sendable (_ slice: Int, _ cells: UnsafeMutableBufferPointer<SIMD4<Float>>) -> Void
    ) {
        let chunk = 8
        let slices = frame.geometry.slices
        DispatchQueue.concurrentPerform(iterations: (slices + chunk - 1) / chunk) { part in
            sample(part * chunk..<min(slices, (part + 1) * chunk), body)
        }
    }

    private func sample(
        _ slices: Range<Int>, _ body: (_ slice: Int, _ cells: UnsafeMutableBufferPointer<SIMD4<Float>>) -> Void
    ) {
        let profile = profile
        let cells = cellColumns * cellRows
        let firstPlane = slices.lowerBound * planesPerSpacing + profile[0].offset
        let lastPlane = (slices.upperBound - 1) * planesPerSpacing + profile[profile.count - 1].offset
        let sums = UnsafeMutableBufferPointer<SIMD4<Float>>.allocate(capacity: cells * slices.count)
        let plane = UnsafeMutableBufferPointer<SIMD4<Float>>.allocate(capacity: cells)
        sums.initialize(repeating: .zero)
        plane.initialize(repeating: .zero)
        let fineColumns = frame.pixelBox.columns.count * fine
        let labels = UnsafeMutableBufferPointer<UInt8>.allocate(
            capacity: fineColumns * frame.pixelBox.rows.count * fine)
        labels.initialize(repeating: 0)
        defer {
            sums.deallocate()
            plane.deallocate()
            labels.deallocate()
        }
        for p in firstPlane...lastPlane {
            let z = (Double(p) + 0.5) / Double(planesPerSpacing) * frame.scan.sliceSpacingMm
            object.paint(frame.grid(z: z, fine: fine), into: labels)
            bin(labels, columns: fineColumns, into: plane)
            for k in slices {
                let offset = p - k * planesPerSpacing
                guard let entry = profile.first(where: { $0.offset == offset }) else { continue }
                let target = sums.baseAddress! + (k - slices.lowerBound) * cells
                for c in 0..<cells { target[c] += entry.weight * plane[c] }
            }
        }
        for k in slices {
            body(
                k,
                UnsafeMutableBufferPointer(
                    rebasing: sums[(k - slices.lowerBound) * cells..<(k - slices.lowerBound + 1) * cells]))
        }
    }

    private func bin(
        _ labels: UnsafeMutableBufferPointer<UInt8>, columns: Int, into plane: UnsafeMutableBufferPointer<SIMD4<Float>>
    ) {
        let group = fine / cellsPerPixel
        let share = 1 / Float(group * group)
        table.withUnsafeBufferPointer { table in
            for j in 0..<cellRows {
                for i in 0..<cellColumns {
                    var sum = SIMD4<Float>.zero
                    for b in 0..<group {
                        for a in 0..<group { sum += table[Int(labels[(j * group + b) * columns + i * group + a])] }
                    }
                    plane[j * cellColumns + i] = share * sum
                }
            }
        }
    }
}

/// Where the object lies in the scanner: between hand coordinates, patient coordinates and voxels.
struct ScanFrame: Sendable {
    let scan: ScanParameters
    let geometry: GridGeometry
    /// Voxels that may hold anything but air.
    private(set) var pixelBox: (columns: Range<Int>, rows: Range<Int>)
    /// Patient coordinates are `(mirror * x, y, z) + offset` of the object's.
    let mirror: Double
    private(set) var offset: PatientVector

    /// - Parameters:
    ///   - lowestZ: Height of the first slice in object coordinates, in mm.
    ///   - patientZ: Height of the object's origin in patient coordinates, in mm.
    init(object: any PaintedObject, scan: ScanParameters, lowestZ: Double, patientZ: Double, mirrored: Bool) {
        self.scan = scan
        mirror = mirrored ? -1 : 1
        let spacing = scan.pixelSpacingMm
        let top = lowestZ + Double(scan.slices - 1) * scan.sliceSpacingMm
        let box = object.box(z: Float(lowestZ - 1)...Float(top + 1))
        // The object is centred on whole pixels, so that a parameter that moves nothing else moves no sample point.
        let middleX = (0.5 * Double(box.low.x + box.high.x) / spacing).rounded() * spacing
        let middleY = (0.5 * Double(box.low.y + box.high.y) / spacing).rounded() * spacing
        offset = PatientVector(-mirror * middleX, -middleY, patientZ)
        let origin = PatientVector(
            -0.5 * Double(scan.columns - 1) * spacing, -0.5 * Double(scan.rows - 1) * spacing, lowestZ + patientZ)
        geometry = GridGeometry(
            columns: scan.columns, rows: scan.rows, slices: scan.slices, columnSpacingMm: spacing,
            rowSpacingMm: spacing, sliceSpacingMm: scan.sliceSpacingMm, origin: origin)
        func pixels(_ half: Double, _ count: Int) -> Range<Int> {
            let margin = 6
            let first = Int(((0.5 * Double(count - 1) * spacing - half) / spacing).rounded(.down)) - margin
            return max(0, first)..<min(count, count - first)
        }
        pixelBox = (
            pixels(0.5 * Double(box.high.x - box.low.x) + spacing, scan.columns),
            pixels(0.5 * Double(box.high.y - box.low.y) + spacing, scan.rows)
        )
    }

    /// The same images of an object that lies elsewhere and may have bent a little.
    ///
    /// - Parameter roomMm: how far parts of it may have gone besides.
    func moved(by shiftMm: SIMD3<Double>, roomMm: Double = 0) -> ScanFrame {
        guard shiftMm != .zero || roomMm > 0 else { return self }
        var result = self
        result.offset = offset + PatientVector(shiftMm.x, shiftMm.y, shiftMm.z)
        func widened(_ range: Range<Int>, _ shift: Double, _ count: Int) -> Range<Int> {
            let margin = Int(((abs(shift) + roomMm) / scan.pixelSpacingMm).rounded(.up))
            return max(0, range.lowerBound - margin)..<min(count, range.upperBound + margin)
        }
        result.pixelBox = (
            widened(pixelBox.columns, shiftMm.x, scan.columns), widened(pixelBox.rows, shiftMm.y, scan.rows)
        )
        return result
    }

    /// A point of the object in patient coordinates, in mm.
    func patient(_ p: Point) -> PatientVector {
        PatientVector(mirror * Double(p.x), Double(p.y), Double(p.z)) + offset
    }

    /// The sample points of the plane at `z` mm above the first slice's centre.
    func grid(z: Double, fine: Int) -> PlaneGrid {
        let step = scan.pixelSpacingMm / Double(fine)
        let shift = -0.5 * scan.pixelSpacingMm + 0.5 * step
        let first = geometry.position(Double(pixelBox.columns.lowerBound), Double(pixelBox.rows.lowerBound), 0) - offset
        return PlaneGrid(
            x0: Float(mirror * (first.x + shift)), y0: Float(first.y + shift), z: Float(first.z + z),
            stepX: Float(mirror * step), stepY: Float(step), nx: pixelBox.columns.count * fine,
            ny: pixelBox.rows.count * fine)
    }
}
